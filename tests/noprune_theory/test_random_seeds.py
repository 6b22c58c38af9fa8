"""SPEC 7: every function that draws takes `rng`, a generator or a seed; a seed gives what its generator draws."""

import importlib
import inspect

import numpy as np
import pytest

import noprune_theory
from noprune_theory import (
    class_stability,
    covariates,
    information,
    lipschitz,
    models,
    networks,
    pruning,
    solvers,
    tasks,
)
from noprune_theory._validation import check_generator
from noprune_theory.models.parameters import initial_parameters
from noprune_theory.solvers import Training
from noprune_theory.verifier import FiniteModel, climb, random_models, selection_model

SEEDS = [
    7,
    np.int64(7),
    [7, 2**40],
    (7,),
    range(3),
    np.array([1, 2]),
    np.random.SeedSequence(5, spawn_key=(1,)),
    2**100,
]


@pytest.mark.parametrize("seed", SEEDS, ids=str)
def test_a_seed_gives_the_generator_of_numpy(seed):
    given = list(seed) if isinstance(seed, range) else seed
    assert check_generator("rng", seed).integers(2**60) == np.random.default_rng(given).integers(2**60)


def test_a_generator_is_used_and_a_bit_generator_goes_on():
    generator, bits = np.random.default_rng(0), np.random.PCG64(3)
    assert check_generator("rng", generator) is generator
    assert check_generator("rng", bits).bit_generator is bits


@pytest.mark.parametrize(
    ("wrong", "error", "said"),
    [
        (None, TypeError, "got NoneType"),
        (np.random.RandomState(0), TypeError, "got RandomState"),
        (np.random, TypeError, "got module"),
        (3.0, TypeError, "got float"),
        ("3", TypeError, "got str"),
        (b"3", TypeError, "got bytes"),
        ([], TypeError, "got list"),
        (range(65), TypeError, "at most 64 integers"),
        (np.zeros((1, 1), dtype=int), TypeError, "got ndarray"),
        (True, TypeError, "got bool"),
        (np.timedelta64(3, "s"), TypeError, "got timedelta64"),
        ([1, 2.5], TypeError, "got list"),
        ([[1], [2]], TypeError, "got list"),
        (np.array([0.5]), TypeError, "got ndarray"),
        (np.array([True]), TypeError, "got ndarray"),
        (-1, ValueError, r"rng must be made of integers in \[0, 2\^256\), got -1"),
        ([3, -1], ValueError, r"got \[3, -1\]"),
        (2**256, ValueError, "got <integer of 257 bits>"),
    ],
)
def test_what_is_no_seed_is_refused_by_name(wrong, error, said):
    with pytest.raises(error, match=said):
        check_generator("rng", wrong)


def network():
    return models.MLP.draw(1, (2, 3, 1))


def data():
    return tasks.random_signs(covariates.Gaussian(2), 2, 8)


SMALL = Training(2, batch_size=3)
TEACHER = models.LinearModel([1.0, 1.0])
FEATURES = models.RandomFeatures.draw(3, 12, 2, offset_scale=1.0).with_weights(np.linspace(-1, 1, 12))
W, B = [np.ones((3, 2)), np.ones((1, 3))], [np.ones(3), np.zeros(1)]
#: What every public function draws, as arrays, texts and numbers.
DRAWS = {
    "Gaussian.sample": lambda rng: covariates.Gaussian(3).sample(rng, 4).X,
    "Sphere.sample": lambda rng: covariates.Sphere(3).sample(rng, 4).X,
    "SolidCube.sample": lambda rng: covariates.SolidCube(3).sample(rng, 4).X,
    "DiscreteCube.sample": lambda rng: covariates.DiscreteCube(3).sample(rng, 9).X,
    "GaussianMixture.sample": lambda rng: covariates.GaussianMixture([0.5, 0.5], np.eye(2)).sample(rng, 9).X,
    "SphereMixture.sample": lambda rng: covariates.SphereMixture([0.5, 0.5], np.eye(2)).sample(rng, 9).X,
    "random_signs": lambda rng: np.c_[(d := tasks.random_signs(covariates.Gaussian(2), rng, 9)).X, d.y],
    "noisy_labels": lambda rng: (
        tasks.noisy_labels(
            covariates.Gaussian(2), rng, 9, signal=lambda X: np.zeros(len(X)), noise_scale=0.5, noise="uniform"
        ).y
    ),
    "student_teacher": lambda rng: tasks.student_teacher(covariates.Gaussian(2), rng, 9, teacher=TEACHER).y,
    "MLP.draw": lambda rng: models.MLP.draw(rng, (2, 3, 1)).weights,
    "initial_parameters": lambda rng: initial_parameters(rng, (2, 3, 1)),
    "RandomFeatures.draw": lambda rng: models.RandomFeatures.draw(rng, 5, 2).directions,
    "prune_random": lambda rng: pruning.prune_random(network(), keep=4, rng=rng).mask,
    "prune_iterative_magnitude": lambda rng: (
        pruning.prune_iterative_magnitude(network(), data(), keep=2, rng=rng, training=SMALL, rewind_epochs=1).mask
    ),
    "iterative_magnitude_rounds": lambda rng: [
        found.trained.weights
        for found in pruning.iterative_magnitude_rounds(
            network(), network().weights[None], data().X, data().y, SMALL, [5, 3], rngs=[rng], rewind_epochs=1
        )
    ],
    "prune_magnitude_after": lambda rng: (
        pruning.prune_magnitude_after(network(), data(), keep=3, rng=rng, training=SMALL).scores
    ),
    "prune_exhaustive": lambda rng: pruning.prune_exhaustive(network(), data(), keep=1, rng=rng, training=SMALL).mask,
    "train": lambda rng: solvers.train(network(), data(), SMALL, rng=rng).weights,
    "train_networks": lambda rng: (
        solvers.train_networks(
            network(), np.tile(network().weights, (2, 1)), data().X, data().y, SMALL, rngs=[rng, 4]
        ).weights
    ),
    "interpolation_robustness": lambda rng: (
        solvers.interpolation_robustness(FEATURES, data().X, data().y, max_mse=0.2, rng=rng).lipschitz.lower
    ),
    "smoothest_random_features_fit": lambda rng: (
        solvers.smoothest_random_features_fit(FEATURES, data().X, data().y, max_mse=0.2, rng=rng).lipschitz.upper
    ),
    "lipschitz.bracket": lambda rng: lipschitz.bracket(FEATURES, rng=rng).lower,
    "activation_ascent_lower": lambda rng: lipschitz.activation_ascent_lower(W, B, rng=rng, starts=2)[0],
    "great_circle_lower": lambda rng: lipschitz.great_circle_lower(W[0], W[1][0], B[0], rng=rng, starts=2)[0],
    "branch_and_bound": lambda rng: lipschitz.branch_and_bound(W[0], W[1][0], rng=rng).lower,
    "exact_one_hidden": lambda rng: lipschitz.exact_one_hidden(W[0], W[1][0], rng=rng).lower,
    "class_stability.bracket": lambda rng: class_stability.bracket(network(), data().X, rng=rng).margins,
    "networks.report": lambda rng: networks.report(network(), rng=rng).lipschitz.lower,
    "coverage_study": lambda rng: [
        row.bias for row in information.coverage_study({"a": [0.5, 0.5]}, [9], repetitions=3, rng=rng)
    ],
    "gaussian_mask_bracket": lambda rng: (
        information.gaussian_mask_bracket(4, 9, 2, "correlation", n_runs=2, rng=rng).explained
    ),
    "toy_curve": lambda rng: (
        information.toy_curve("snip", width=2, n_init=1, rng=rng, kept=[4], distinct_inputs=True).information
    ),
    "random_models": lambda rng: [model.kernel for model in random_models(rng, 2, largest=2)][-1],
    "climb": lambda rng: climb(lambda model: float(model.data[0]), selection_model(2, 0.9), rng, 3)[0],
}


@pytest.mark.parametrize("name", DRAWS)
def test_a_seed_draws_what_its_generator_draws(name):
    draw = DRAWS[name]
    seeded, drawn = draw(11), draw(np.random.default_rng(11))
    # Searches that look at the clock stop within their rtol, not at the same bits.
    np.testing.assert_allclose(np.ravel(seeded), np.ravel(drawn), rtol=1e-3)
    with pytest.raises(ValueError, match=r"rng(s\[0\])? must be made of integers in .*, got -1"):
        draw(-1)


def public_functions():
    """Return all public callables: functions, and the methods of public classes."""
    for room in noprune_theory.__all__:
        module = importlib.import_module(f"noprune_theory.{room}")
        for name in module.__all__:
            value = getattr(module, name)
            members = vars(value).items() if inspect.isclass(value) else [("", value)]
            for member, function in members:
                if not member.startswith("_"):
                    function = getattr(function, "__func__", function)
                    if inspect.isfunction(function):
                        yield f"{room}.{name}.{member}".rstrip("."), function


def test_randomness_comes_in_by_one_name():
    """No `seed`, `random_state` or `generator`; only a sweep has `seeds`, part of the keys of its cells."""
    others = {"seed", "random_state", "generator", "prng", "random_seed"}
    named = {name: set(inspect.signature(function).parameters) for name, function in public_functions()}
    assert {name: found & others for name, found in named.items() if found & others} == {}
    assert [name for name, found in named.items() if "seeds" in found] == ["sweeps.run_sweep"]
    # Each of them is drawn above, but the methods of pruning that are deterministic and a protocol.
    drawing = {name for name, found in named.items() if found & {"rng", "rngs"}}
    rest = {name.split(".", 1)[1] for name in drawing} - set(DRAWS) - {name.split(".")[-1] for name in DRAWS}
    deterministic = {f"prune_{name}" for name in ("magnitude_initial", "correlation", "snip", "grasp", "synflow")}
    assert rest == deterministic | {"prune_best_subset", "prune_data_encoding", "Covariate.sample"}
    assert isinstance(next(random_models(0, 1)), FiniteModel)
