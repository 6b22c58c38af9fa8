"""Training: every engine against a plain loop, masks, determinism, divergence, records, stopping."""

import ast
import graphlib
import importlib
import os
import subprocess
import sys
from dataclasses import replace
from math import comb, log
from pathlib import Path

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from scipy.stats import binomtest
from training_oracles import OPTIMIZERS, Data, plainly_trained, tasks

import noprune_theory.solvers.training as training_folder
from noprune_theory.models import MLP
from noprune_theory.models.losses import sample_losses
from noprune_theory.solvers import Adam, GradientDescent, Training, train, train_networks
from noprune_theory.solvers.training import Recorder, checked_task, train_one
from noprune_theory.solvers.training.engines import DenseEngine, ListsEngine, choose_engine, lanes_fit


def trained_by(engine, network, data, training, rng=None):
    task = checked_task(
        network, network.weights[None], data.X, data.y, training, network.mask, None, None if rng is None else [rng]
    )
    return train_one(engine(task, 0), Recorder(task), 0)[0]


@given(tasks())
@settings(max_examples=60)
def test_all_engines_take_the_steps_of_the_definition(task):
    network, data, training = task
    expected = plainly_trained(network, data, training)
    for engine in (ListsEngine, DenseEngine):
        np.testing.assert_allclose(trained_by(engine, network, data, training), expected, rtol=1e-9, atol=1e-11)
    result = train(network, data, training)
    np.testing.assert_allclose(result.weights[0], expected, rtol=1e-9, atol=1e-11)
    assert result.epochs[0] == training.epochs
    assert result.diverged_at[0] == 0


@given(st.integers(0, 2**32 - 1), st.sampled_from(OPTIMIZERS), st.sampled_from(["mse", "binary_cross_entropy"]))
def test_repeated_samples_count_as_often_as_they_occur(seed, optimizer, loss):
    # Tiny networks train once on a repeated sample, with its multiplicity; equal inputs may carry different labels.
    rng = np.random.default_rng(seed)
    networks, n = 19, 7
    template = MLP.draw(rng, (2, 3, 1))
    X = rng.choice([-1.0, 1.0], (networks, n, 2))
    y = rng.choice([-1.0, 1.0], (networks, n))
    weights = np.stack([MLP.draw(rng, (2, 3, 1)).weights for _ in range(networks)])
    training = Training(10, loss, optimizer, record_every=5)
    noise = rng.standard_normal((networks, n))
    result = train_networks(template, weights, X, y, training, noise=noise)
    for k in range(networks):
        network = template.with_weights(weights[k])
        expected = plainly_trained(network, Data(X[k], y[k]), training)
        np.testing.assert_allclose(result.weights[k], expected, rtol=1e-9, atol=1e-11)
        outputs = network.outputs(X[k])
        assert result.losses[k, 0] == pytest.approx(sample_losses(loss, outputs, y[k]).mean(), rel=1e-12)
        centred = outputs[:, 0] - outputs[:, 0].mean()
        assert result.noise_correlations[k, 0] == pytest.approx(np.mean(centred * noise[k]), rel=1e-9, abs=1e-13)


@given(tasks(), st.integers(1, 40), st.sampled_from([0.0, 0.1]), st.integers(0, 2**32 - 1))
def test_small_batches_and_noise_take_the_steps_of_the_definition(task, batch_size, level, seed):
    network, data, training = task
    training = replace(training, epochs=min(training.epochs, 3), batch_size=batch_size, gradient_noise=level)
    rng, batches, noise = np.random.default_rng(seed), [], []
    for _ in range(training.epochs):
        order = rng.permutation(len(data.y))
        epoch = [order[i : i + batch_size] for i in range(0, len(order), min(batch_size, len(order)))]
        batches += epoch
        if level:
            noise += list(level * rng.standard_normal((len(epoch), network.n_weights)))
    expected = plainly_trained(network, data, replace(training, epochs=0), batches, noise or None)
    for engine in (ListsEngine, DenseEngine):
        weights = trained_by(engine, network, data, training, np.random.default_rng(seed))
        np.testing.assert_allclose(weights, expected, rtol=1e-9, atol=1e-11)


@given(tasks(), st.booleans(), st.integers(0, 2**32 - 1))
def test_masked_weights_stay_exactly_zero(task, noisy, seed):
    network, data, training = task
    if noisy:
        training = replace(training, gradient_noise=0.5)
    for engine in (ListsEngine, DenseEngine):
        weights = trained_by(engine, network, data, training, np.random.default_rng(seed))
        assert not weights[~network.mask].any()
    result = train(network, data, training, rng=np.random.default_rng(seed))
    assert not result.weights[0, ~network.mask].any()
    assert np.array_equal(result.model().mask, network.mask)


@pytest.mark.parametrize("widths", [(3, 4, 1), (12, 24, 24, 1)])
def test_a_network_does_not_depend_on_its_batch_its_place_or_the_workers(widths):
    rng = np.random.default_rng(5)
    networks = 29
    template = MLP.draw(rng, widths)
    weights = np.stack([MLP.draw(rng, widths).weights for _ in range(networks)])
    masks = rng.random(weights.shape) < 0.6
    X, y = rng.standard_normal((networks, 9, widths[0])), rng.standard_normal((networks, 9))
    training = Training(20, record_every=7)
    weights *= masks
    together = train_networks(template, weights, X, y, training, masks=masks)
    assert lanes_fit(checked_task(template, weights, X, y, training, masks, None, None)) == (widths[0] == 3)
    order = rng.permutation(networks)
    shuffled = train_networks(template, weights[order], X[order], y[order], training, masks=masks[order], workers=3)
    assert np.array_equal(together.weights[order], shuffled.weights)
    assert np.array_equal(together.losses[order], shuffled.losses)
    for k in (0, 8, 28):
        alone = train_networks(template, weights[k : k + 1], X[k], y[k], training, masks=masks[k])
        assert np.array_equal(alone.weights[0], together.weights[k])
        assert np.array_equal(alone.losses[0], together.losses[k])


def test_random_training_depends_on_the_networks_own_generator_only():
    rng = np.random.default_rng(6)
    template = MLP.draw(rng, (4, 5, 1))
    weights = np.stack([MLP.draw(rng, (4, 5, 1)).weights for _ in range(5)])
    X, y = rng.standard_normal((20, 4)), rng.standard_normal(20)
    training = Training(3, batch_size=6, gradient_noise=0.1)
    streams = [np.random.default_rng([7, k]) for k in range(5)]
    together = train_networks(template, weights, X, y, training, rngs=streams, workers=2)
    alone = train_networks(template, weights[3:4], X, y, training, rngs=[np.random.default_rng([7, 3])])
    assert np.array_equal(alone.weights[0], together.weights[3])
    for wrong, error, name in [
        (None, ValueError, "rngs must hold a generator a network"),
        (streams[:2], ValueError, "rngs must hold a generator a network, 5; got 2"),
        (5, TypeError, "rngs must be"),
        ([*streams[:4], 7.0], TypeError, r"rngs\[4\] must be a numpy"),
    ]:
        with pytest.raises(error, match=name):
            train_networks(template, weights, X, y, training, rngs=wrong)


@pytest.mark.parametrize("widths", [(2, 3, 1), (40, 30, 30, 1)])
def test_divergence_stops_that_network_only_and_is_recorded(widths):
    rng = np.random.default_rng(8)
    template = MLP.draw(rng, widths)
    weights = np.stack([MLP.draw(rng, widths).weights for _ in range(9)])
    X = rng.standard_normal((9, 6, widths[0]))
    y = rng.standard_normal((9, 6))
    X[4] *= 1e8
    training = Training(60, optimizer=GradientDescent(0.01), record_every=1)
    calm = train_networks(template, np.delete(weights, 4, 0), np.delete(X, 4, 0), np.delete(y, 4, 0), training)
    result = train_networks(template, weights, X, y, training)
    assert np.array_equal(np.delete(result.weights, 4, 0), calm.weights)
    assert (np.delete(result.diverged_at, 4) == 0).all()
    step = result.diverged_at[4]
    assert 1 <= step < 60
    assert result.epochs[4] == step - 1
    assert np.isfinite(result.weights).all()
    assert np.isnan(result.losses[4, step:]).all()
    # The last finite weights: one step more from there is not finite.
    again = train_networks(template, weights[4:5], X[4], y[4], replace(training, epochs=int(step) - 1))
    assert again.diverged_at[0] == 0
    assert np.array_equal(again.weights[0], result.weights[4])


@pytest.mark.parametrize("engine", [ListsEngine, DenseEngine])
def test_divergence_in_single_engines(engine):
    rng = np.random.default_rng(8)
    network = MLP.draw(rng, (3, 4, 1))
    task = checked_task(
        network, network.weights[None], 1e9 * rng.standard_normal((6, 3)), np.ones(6),
        Training(50, optimizer=GradientDescent(1.0)), None, None, None,
    )  # fmt: skip
    one = engine(task, 0)
    one.advance(50)
    assert 1 <= one.diverged_at <= 50
    assert one.epochs_done == one.steps_done == one.diverged_at - 1
    assert np.isfinite(one.weights()).all()


@given(tasks(), st.integers(1, 5))
def test_records_are_taken_from_the_weights_of_their_epoch(task, every):
    network, data, training = task
    training = replace(training, record_every=every)
    noise = np.linspace(-1.0, 2.0, len(data.y)) if network.n_outputs == 1 else None
    result = train(network, data, training, noise=noise)
    assert result.recorded_epochs[0] == 0
    assert result.recorded_epochs[-1] == training.epochs
    for column, epoch in enumerate(result.recorded_epochs):
        shorter = replace(training, epochs=int(epoch), record_every=None)
        outputs = train(network, data, shorter).model().outputs(data.X)
        losses = sample_losses(training.loss, outputs, data.y)
        assert result.losses[0, column] == pytest.approx(losses.mean(), rel=1e-9)
        far = np.abs(losses - training.memorised_below) > 1e-9
        if far.all():
            assert result.memorised[0, column] == np.mean(losses < log(2) / 10)
        if noise is not None:
            centred = outputs[:, 0] - outputs[:, 0].mean()
            assert result.noise_correlations[0, column] == pytest.approx(np.mean(centred * noise), rel=1e-8, abs=1e-12)


def test_recording_does_not_change_the_training():
    rng = np.random.default_rng(2)
    for widths in ((3, 4, 1), (30, 24, 24, 1), (50, 100, 100, 1)):
        network = MLP.draw(rng, widths)
        data = Data(rng.standard_normal((33, widths[0])), rng.standard_normal(33))
        plain = train(network, data, Training(10))
        assert np.array_equal(plain.weights, train(network, data, Training(10, record_every=1)).weights)
        watched = train(network, data, Training(10, record_every=3, stop_below=0.0))
        np.testing.assert_allclose(watched.weights, plain.weights, rtol=1e-12)


def test_stopping_rules():
    rng = np.random.default_rng(4)
    network = MLP.draw(rng, (5, 16, 1))
    data = Data(rng.standard_normal((12, 5)), rng.choice([-1.0, 1.0], 12))
    training = Training(2000, "binary_cross_entropy", Adam(0.02), record_every=1, stop_below=0.01)
    result = train(network, data, training)
    end = result.epochs[0]
    assert 0 < end < 2000
    assert result.losses[0, end] < 0.01 <= result.losses[0, end - 1]
    assert np.isnan(result.losses[0, end + 1 :]).all()
    patient = train(network, data, replace(training, stop_below=None, stop_unchanged=3))
    end = patient.epochs[0]
    assert end >= 3
    assert len(set(patient.accuracies[0, end - 3 : end + 1])) == 1
    windows = [len(set(patient.accuracies[0, k - 3 : k + 1])) for k in range(3, end)]
    assert all(count > 1 for count in windows)
    hasty = train(network, data, replace(training, stop_below=None, stop_unchanged=3, unchanged_within=0.09))
    spreads = [np.ptp(hasty.accuracies[0, k - 3 : k + 1]) for k in range(3, hasty.epochs[0] + 1)]
    assert spreads[-1] <= 0.09 < min(spreads[:-1])
    assert spreads[-1] > 0
    assert hasty.epochs[0] < end


@pytest.mark.parametrize("widths", [(5, 16, 1), (60, 100, 100, 1)])
@pytest.mark.parametrize("batch_size", [None, 5])
@pytest.mark.parametrize("rule", [{"stop_below": 0.3}, {"stop_unchanged": 3}])
def test_stopping_rules_are_looked_at_every_epoch_whatever_is_recorded(widths, batch_size, rule):
    rng = np.random.default_rng(4)
    network = MLP.draw(rng, widths)
    data = Data(rng.standard_normal((12, widths[0])), rng.choice([-1.0, 1.0], 12))
    base = Training(300, "binary_cross_entropy", Adam(0.003), batch_size=batch_size, **rule)
    every = train(network, data, replace(base, record_every=1), rng=np.random.default_rng(1))
    end = every.epochs[0]
    assert 0 < end < 300
    for record_every in (None, 7):
        result = train(network, data, replace(base, record_every=record_every), rng=np.random.default_rng(1))
        assert result.epochs[0] == end
        assert np.array_equal(result.weights, every.weights)
        # The last record is the network's state when it stopped, in the column of the next recorded epoch.
        column = int(np.searchsorted(result.recorded_epochs, end))
        assert result.losses[0, column] == every.losses[0, end]
        assert result.accuracies[0, column] == every.accuracies[0, end]
        assert np.isnan(result.losses[0, column + 1 :]).all()
        earlier = result.recorded_epochs[:column]
        assert np.array_equal(result.losses[0, :column], every.losses[0, earlier])


def test_engine_choice_follows_the_surviving_weights():
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((1000, 50)), rng.standard_normal(1000)
    student = MLP.draw(rng, (50, 100, 100, 100, 100, 1))

    def engine(mask):
        task = checked_task(student, (student.weights * mask)[None], X, y, Training(1), mask, None, None)
        return type(choose_engine(task, 0))

    assert engine(np.ones(student.n_weights, dtype=bool)) is DenseEngine
    assert engine(rng.random(student.n_weights) < 0.05) is ListsEngine


def test_dead_connections_are_not_visited():
    # Unit 0 has no way to the output, unit 1 no way from the inputs and no bias, unit 2 is alive.
    mask = np.array([1, 1, 1, 0, 0, 0, 1, 0, 1, 0, 1, 1, 1], dtype=bool)
    network = MLP.draw(np.random.default_rng(0), (2, 3, 1)).masked(mask)
    task = checked_task(network, network.weights[None], np.ones((4, 2)), np.ones(4), Training(5), mask, None, None)
    lists = ListsEngine(task, 0).lists
    assert lists.parameters.tolist() == [6, 11, 8, 12]
    assert lists.inputs.tolist() == [0]
    assert lists.sources.tolist() == [0, 1]
    assert lists.biases.tolist() == [2, 3]


def _separable(X, y):
    """Whether a w with y_i <w, x_i> >= 1 for all i exists."""
    n, d = X.shape
    return linprog(np.zeros(d), A_ub=-y[:, None] * X, b_ub=-np.ones(n), bounds=(None, None)).status == 0


@pytest.mark.parametrize("n", [4, 6, 8])
def test_memorised_fraction_of_a_linear_model_is_covers(n):
    # n points in general position in R^3 with random labels are separable with probability
    # 2^(1-n) sum_{k<3} C(n-1, k) (Cover 1965): 1/2 at n = 2d = 6.
    d, sets = 3, 2000
    rng = np.random.default_rng(n)
    X, y = rng.standard_normal((sets, n, d)), rng.choice([-1.0, 1.0], (sets, n))
    template = MLP((d, 1), np.zeros(d), biases=False)
    training = Training(4000, "binary_cross_entropy", Adam(1.0))
    result = train_networks(template, np.zeros((sets, d)), X, y, training)
    memorised = int((result.memorised[:, -1] == 1).sum())
    separable = 2.0 ** (1 - n) * sum(comb(n - 1, k) for k in range(d))
    interval = binomtest(memorised, sets).proportion_ci(0.999)
    assert interval.low <= separable <= interval.high
    sample = range(0, sets, 20)
    assert all(result.memorised[k, -1] < 1 or _separable(X[k], y[k]) for k in sample)


def test_bad_arguments_are_named():
    rng = np.random.default_rng(0)
    network = MLP.draw(rng, (3, 2, 1))
    data = Data(rng.standard_normal((4, 3)), rng.standard_normal(4))
    for build, name in [
        (lambda: Training(-1), "epochs"),
        (lambda: Training(1, "hinge"), "loss"),
        (lambda: Training(1, batch_size=0), "batch_size"),
        (lambda: Training(1, gradient_noise=-1.0), "gradient_noise"),
        (lambda: Training(1, stop_unchanged=3), "stop_unchanged"),
        (lambda: Training(1, unchanged_within=-0.1), "unchanged_within"),
        (lambda: Adam(0.0), "learning_rate"),
        (lambda: Adam(beta2=1.0), "beta2"),
        (lambda: GradientDescent(0.1, momentum=1.0), "momentum"),
        (lambda: train(network, Data(data.X, np.full(4, np.nan)), Training(1)), "y"),
        (lambda: train(network, Data(data.X[:, :2], data.y), Training(1)), "X"),
        (lambda: train(network, Data(data.X, data.y[:3]), Training(1)), "y"),
        (lambda: train(network, data, Training(1), noise=np.ones(3)), "noise"),
        (lambda: train_networks(network, network.weights, data.X, data.y, Training(1)), "weights"),
        (lambda: train_networks(network, network.weights[None], data.X, data.y, Training(1), workers=0), "workers"),
    ]:
        with pytest.raises(ValueError, match=name):
            build()
    for build, name in [
        (lambda: train(5, data, Training(1)), "model must be an MLP"),
        (lambda: train(network, 5, Training(1)), r"data must be a SupervisedData \(anything with X, y\)"),
        (lambda: train(network, (data.X, data.y), Training(1)), "data must be"),
        (lambda: train(network, data, 5), "training must be a Training"),
        (lambda: train(network, data, Training(1), rng=5.0), "rng must be a numpy"),
        (lambda: train_networks(5, network.weights[None], data.X, data.y, Training(1)), "template must be an MLP"),
        (lambda: train_networks(network, network.weights[None], data.X, data.y, None), "training must be a Training"),
        (lambda: train_networks(network, None, data.X, data.y, Training(1)), "weights must be"),
        (lambda: train_networks(network, network.weights[None], None, data.y, Training(1)), "X must be"),
        (lambda: train_networks(network, network.weights[None], data.X, None, Training(1)), "y must be"),
    ]:
        with pytest.raises(TypeError, match=name):
            build()
    with pytest.raises(TypeError, match="optimizer"):
        Training(1, optimizer="adam")
    with pytest.raises(TypeError, match="masks"):
        train_networks(network, network.weights[None], data.X, data.y, Training(1), masks=np.ones(11))


PLAIN = """
import numpy as np
from noprune_theory.models import MLP
from noprune_theory.solvers import Adam, Training, train_networks
rng = np.random.default_rng(0)
for widths, loss, batch_size, activation in [
    ((2, 3, 1), "mse", None, "relu"), ((2, 3, 3), "cross_entropy", None, "tanh"), ((2, 3, 1), "mse", 3, "tanh"),
    ((2, 2, 1), "binary_cross_entropy", 4, "relu"),
]:
    template = MLP.draw(rng, widths, activation=activation)
    weights = np.stack([template.weights, MLP.draw(rng, widths).weights])
    y = rng.integers(0, 2, 5) * 2.0 - 1.0 if widths[-1] == 1 else rng.integers(0, 3, 5) * 1.0
    rngs = [np.random.default_rng(k) for k in range(2)]
    training = Training(2, loss, Adam(0.1), batch_size=batch_size)
    result = train_networks(template, weights, rng.standard_normal((5, 2)), y, training, rngs=rngs)
    print(*result.weights.ravel().tolist())
"""


def test_kernels_do_the_same_without_compilation():
    runs = []
    for disabled in ("0", "1"):
        environment = {**os.environ, "NUMBA_DISABLE_JIT": disabled}
        done = subprocess.run(
            [sys.executable, "-c", PLAIN], env=environment, capture_output=True, text=True, check=True, timeout=120
        )
        runs.append(np.array(done.stdout.split(), dtype=float))
    assert runs[0].size > 40
    # The compiled products are fused, the plain ones are not.
    np.testing.assert_allclose(runs[0], runs[1], rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("engine", ["lanes", ListsEngine, DenseEngine])
@given(
    outputs=st.lists(
        st.one_of(st.floats(-5, 5), st.floats(-650, 650), st.sampled_from([1e16, -1e16, 1e300])), min_size=1, max_size=4
    ),
    label=st.integers(0, 3),
)
def test_the_derivatives_of_certain_samples_keep_their_digits(engine, outputs, label):
    # Every output has a weight that holds its value and one of 0, which after a step of length 1 is minus the
    # derivative of the loss with respect to the output.
    classes = len(outputs)
    weights = np.column_stack([outputs, np.zeros(classes)]).ravel()
    network = MLP((2, classes), weights, biases=False)
    loss = "cross_entropy" if classes > 1 else "binary_cross_entropy"
    y = float(label % classes) if classes > 1 else 2.0 * (label % 2) - 1
    data, training = Data(np.ones((1, 2)), np.array([y])), Training(1, loss, GradientDescent(1.0))
    if engine == "lanes":
        task = checked_task(network, network.weights[None], data.X, data.y, training, None, None, None)
        assert lanes_fit(task)
        trained = train(network, data, training).weights[0]
    else:
        trained = trained_by(engine, network, data, training)
    with mpmath.workprec(2300):
        if classes == 1:
            odds = mpmath.exp(-mpmath.mpf(y) * mpmath.mpf(outputs[0]))
            expected = [-y * odds / (1 + odds)]
        else:
            decays = [mpmath.exp(mpmath.mpf(f) - mpmath.mpf(max(outputs))) for f in outputs]
            expected = [decay / sum(decays) - (j == int(y)) for j, decay in enumerate(decays)]
        # Decays exp(-t) above the smallest float64 numbers carry the rounding of t <= 700.
        rounding = 2.0**-52 * (8 + min(max(outputs) - min(outputs), 700.0))
        for got, right in zip(trained[1::2].tolist(), expected, strict=True):
            assert abs(got + right) <= rounding * abs(right) + 1e-300


# --- The folder -------------------------------------------------------------------------------------------------------


def _imports(path):
    """Names of the modules of the folder that a file imports, wherever the import stands."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom):
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return found


def test_no_module_of_the_folder_imports_itself_through_others():
    folder = Path(training_folder.__file__).parent
    names = {}
    for path in folder.rglob("*.py"):
        parts = path.relative_to(folder).with_suffix("").parts
        inner = parts[:-1] if parts[-1] == "__init__" else parts
        names[".".join((training_folder.__name__, *inner))] = path
    graph = {name: _imports(path) & set(names) - {name} for name, path in names.items()}
    assert len(graph) >= 10
    assert len(list(graphlib.TopologicalSorter(graph).static_order())) == len(graph)


def test_the_former_place_of_the_engines_warns_and_gives_the_same():
    sys.modules.pop("noprune_theory.solvers.training_engines", None)
    with pytest.warns(DeprecationWarning, match=r"has moved to noprune_theory\.solvers\.training\.engines"):
        former = importlib.import_module("noprune_theory.solvers.training_engines")
    assert former.DenseEngine is DenseEngine
    assert former.choose_engine is choose_engine
