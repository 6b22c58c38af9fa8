"""MLP: value, derivatives, masks, the constants of Theorem 4."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from noprune_theory.models import MLP, passes
from noprune_theory.models.losses import checked_labels, loss_curvature, loss_gradient, sample_losses
from noprune_theory.models.parameters import initial_parameters, layer_matrices, parameter_count
from noprune_theory.models.passes import activations

STEP = 1e-30


@st.composite
def tasks(draw, loss=None):
    """A drawn network with a mask, data and labels for a loss."""
    loss = loss or draw(st.sampled_from(["mse", "binary_cross_entropy", "cross_entropy"]))
    outputs = draw(st.integers(2, 4)) if loss == "cross_entropy" else 1
    widths = (draw(st.integers(1, 4)), *draw(st.lists(st.integers(1, 5), max_size=3)), outputs)
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    network = MLP.draw(
        rng,
        widths,
        activation=draw(st.sampled_from(["relu", "tanh"])),
        biases=draw(st.booleans()),
        initialisation=draw(st.sampled_from(["pytorch", "he"])),
    )
    network = network.masked(rng.random(network.n_weights) < 0.8)
    n = draw(st.integers(1, 5))
    X = rng.standard_normal((n, widths[0]))
    y = rng.integers(0, outputs, n).astype(float) if outputs > 1 else rng.choice([-1.0, 1.0], n)
    return network, X, y, loss, rng


def complex_loss(network, parameters, X, y, loss, temperature=1.0):
    """The mean loss written out for complex arguments, independently of the library's formulas."""
    layers = layer_matrices(parameters, network.widths, network.biases)
    outputs = activations(layers, X.astype(complex), network.activation)[-1] / temperature
    if loss == "mse":
        return np.mean((outputs[:, 0] - y) ** 2)
    if loss == "binary_cross_entropy":
        return np.mean(np.log(1 + np.exp(-y * outputs[:, 0])))
    return np.mean(np.log(np.exp(outputs).sum(axis=1)) - outputs[np.arange(len(y)), y.astype(int)])


@given(tasks())
def test_loss_gradient_by_complex_steps(task):
    network, X, y, loss, _ = task
    gradient = network.loss_gradient(X, y, loss)
    for i in range(network.n_weights):
        moved = network.weights.astype(complex)
        moved[i] += 1j * STEP
        assert gradient[i] == pytest.approx(complex_loss(network, moved, X, y, loss).imag / STEP, rel=1e-11, abs=1e-13)


@given(tasks())
def test_loss_is_the_mean_of_the_sample_losses(task):
    network, X, y, loss, _ = task
    assert network.loss(X, y, loss) == pytest.approx(
        complex_loss(network, network.weights.astype(complex), X, y, loss).real, rel=1e-12
    )


@given(tasks(), st.floats(0.5, 300.0))
def test_hessian_vector_product_by_differences_of_gradients(task, temperature):
    network, X, y, loss, rng = task
    # Away from the kinks of the ReLUs: the step is far below the distance to one, almost surely.
    direction, h = rng.standard_normal(network.n_weights), 1e-6
    dense = MLP(network.widths, network.weights, activation=network.activation, biases=network.biases)
    ahead = dense.with_weights(network.weights + h * direction).loss_gradient(X, y, loss, temperature=temperature)
    behind = dense.with_weights(network.weights - h * direction).loss_gradient(X, y, loss, temperature=temperature)
    kinked = network.activation == "relu" and _crosses_kink(dense, network.weights, h * direction, X)
    if not kinked:
        product = network.hessian_vector_product(X, y, direction, loss, temperature=temperature)
        np.testing.assert_allclose(product, (ahead - behind) / (2 * h), rtol=1e-6, atol=1e-7)


def _crosses_kink(network, weights, step, X):
    """Whether a unit is active on one side of the step only (a masked unit sits at the kink exactly)."""
    patterns = [
        [layer > 0 for layer in activations(layer_matrices(w, network.widths, network.biases), X, "relu")[1:-1]]
        for w in (weights - step, weights, weights + step)
    ]
    return any(not np.array_equal(a, b) for other in patterns[1:] for a, b in zip(patterns[0], other, strict=True))


@given(tasks())
def test_hessian_is_symmetric(task):
    network, X, y, loss, rng = task
    u, v = rng.standard_normal((2, network.n_weights))
    left, right = u @ network.hessian_vector_product(X, y, v, loss), v @ network.hessian_vector_product(X, y, u, loss)
    assert left == pytest.approx(right, rel=1e-9, abs=1e-12)


@given(tasks(), st.integers(1, 5))
def test_derivatives_do_not_depend_on_the_parts_that_the_samples_are_taken_in(task, size):
    network, X, y, loss, rng = task
    v = rng.standard_normal(network.n_weights)
    whole = network.loss_gradient(X, y, loss), network.hessian_vector_product(X, y, v, loss)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passes, "_PART", size)
        parts = network.loss_gradient(X, y, loss), network.hessian_vector_product(X, y, v, loss)
    np.testing.assert_allclose(parts, whole, rtol=1e-12, atol=1e-14 * np.abs(whole).max())


@given(tasks())
def test_input_gradient_by_complex_steps(task):
    network, X, _, _, _ = task
    gradient = network.input_gradient(X).reshape(len(X), network.n_outputs, network.dimension)
    layers = layer_matrices(network.weights.astype(complex), network.widths, network.biases)
    for k in range(network.dimension):
        moved = X.astype(complex)
        moved[:, k] += 1j * STEP
        slopes = activations(layers, moved, network.activation)[-1].imag / STEP
        np.testing.assert_allclose(gradient[:, :, k], slopes, rtol=1e-11, atol=1e-14)


@given(tasks())
def test_hidden_units_may_be_permuted(task):
    network, X, y, loss, rng = task
    if len(network.widths) < 3:
        return
    parameters = network.weights.copy()
    matrices = layer_matrices(parameters, network.widths, network.biases)
    order = rng.permutation(network.widths[1])
    matrices[0][:] = matrices[0][order]
    matrices[1][:, : network.widths[1]] = matrices[1][:, : network.widths[1]][:, order]
    permuted = MLP(network.widths, parameters, activation=network.activation, biases=network.biases)
    np.testing.assert_allclose(permuted.outputs(X), network.outputs(X), rtol=1e-12, atol=1e-14)
    before, after = network.loss_gradient(X, y, loss), permuted.loss_gradient(X, y, loss)
    expected = layer_matrices(before, network.widths, network.biases)[0][order]
    np.testing.assert_allclose(
        layer_matrices(after, network.widths, network.biases)[0], expected, rtol=1e-9, atol=1e-13
    )


@given(tasks("mse"), st.floats(0.1, 3.0), st.floats(0.1, 3.0))
def test_theorem_constants_bound_the_change_of_the_output(task, data_radius, weight_radius):
    network, _, _, _, rng = task
    constants = network.theorem_constants(data_radius, weight_radius)
    assert constants.diameter == 2 * weight_radius
    dense = MLP(network.widths, np.zeros(network.n_weights), activation=network.activation, biases=network.biases)

    def on_sphere(size, radius):
        vector = rng.standard_normal(size)
        return radius * vector / np.linalg.norm(vector)

    for _ in range(5):
        x = on_sphere(network.dimension, data_radius)[None]
        first = on_sphere(network.n_weights, weight_radius)
        second = (first + 1e-3 * on_sphere(network.n_weights, weight_radius)) / 1.001
        values = [float(dense.with_weights(weights).value(x)[0]) for weights in (first, second)]
        # Two weight vectors may agree up to rounding; then the difference of the values is rounding as well.
        rounding = 8 * np.finfo(np.float64).eps * max(map(abs, values))
        allowed = constants.parameter_lipschitz * np.linalg.norm(first - second)
        assert abs(values[0] - values[1]) <= allowed * (1 + 1e-9) + rounding


def test_parameter_lipschitz_is_attained_without_biases():
    # All layers of equal norm, aligned with the input: the gradient's norm is the bound itself.
    radius, ball, depth = 1.7, 2.3, 3
    norm = ball / math.sqrt(depth)
    layers = [np.array([[norm, 0.0], [0.0, 0.0]]), np.array([[norm, 0.0], [0.0, 0.0]]), np.array([[norm, 0.0]])]
    network = MLP((2, 2, 2, 1), np.concatenate([layer.ravel() for layer in layers]), biases=False)
    x = np.array([[radius, 0.0]])
    # The mean squared loss at y = f - 1/2 has output derivative 1, so its gradient is that of f.
    gradient = network.loss_gradient(x, network.value(x) - 0.5)
    J = network.theorem_constants(radius, ball).parameter_lipschitz
    assert np.linalg.norm(gradient) == pytest.approx(J, rel=1e-12)


def test_parameter_lipschitz_of_an_affine_map():
    # f = <w, x> + b: the gradient (x, 1) has norm (R^2 + 1)^(1/2).
    network = MLP((3, 1), np.zeros(4))
    assert network.theorem_constants(2.0, 1.0).parameter_lipschitz == pytest.approx(math.sqrt(5.0))


@given(tasks("mse"))
def test_hidden_layer_gives_the_value_up_to_a_constant(task):
    network, X, _, _, _ = task
    if len(network.widths) != 3:
        with pytest.raises(ValueError, match="one hidden layer"):
            network.hidden_layer()
        return
    directions, offsets, output = network.hidden_layer()
    pre = X @ directions.T + (0.0 if offsets is None else offsets)
    active = np.maximum(pre, 0) if network.activation == "relu" else np.tanh(pre)
    shift = network.value(X) - active @ output
    np.testing.assert_allclose(shift, shift[0], atol=1e-12)
    assert (output != 0).all()


def test_layers_and_flat_order():
    network = MLP((2, 2, 1), np.arange(1.0, 10.0))
    (W1, b1), (W2, b2) = network.layers()
    assert W1.tolist() == [[1.0, 2.0], [4.0, 5.0]]
    assert b1.tolist() == [3.0, 6.0]
    assert W2.tolist() == [[7.0, 8.0]]
    assert b2.tolist() == [9.0]
    assert np.flatnonzero(network.prunable).tolist() == [0, 1, 3, 4, 6, 7]
    assert MLP((2, 2, 1), np.arange(1.0, 10.0), prune_biases=True).prunable.all()
    assert network.value([[1.0, -1.0]]).tolist() == [7.0 * 2.0 + 8.0 * 5.0 + 9.0]


def test_masks_prune_for_good():
    network = MLP((2, 1), [1.0, 2.0, 3.0]).masked([True, False, True])
    assert network.weights.tolist() == [1.0, 0.0, 3.0]
    assert network.masked([False, True, True]).mask.tolist() == [False, False, True]
    with pytest.raises(ValueError, match="mask is False"):
        network.with_weights([1.0, 1.0, 1.0])
    with pytest.raises(ValueError, match="read-only"):
        network.weights[0] = 5.0


@pytest.mark.parametrize("biases", [True, False])
def test_initialisations(biases):
    rng = np.random.default_rng(3)
    uniform = initial_parameters(rng, (25, 400, 1), biases=biases)
    first, second = layer_matrices(uniform, (25, 400, 1), biases)
    assert 0.19 < np.abs(first).max() <= 0.2
    assert np.abs(second).max() <= 0.05
    assert abs(first.std() - 0.2 / math.sqrt(3)) < 0.003
    he = initial_parameters(rng, (25, 400, 1), biases=biases, initialisation="he")
    first, _ = layer_matrices(he, (25, 400, 1), biases)
    assert abs(first[:, :25].std() - math.sqrt(2 / 25)) < 0.008
    if biases:
        assert not first[:, 25].any()
    assert parameter_count((25, 400, 1), biases) == he.size == 400 * (25 + biases) + 400 + biases


def test_losses_are_stable_for_extreme_outputs():
    outputs, y = np.array([[1e4], [-1e4]]), np.array([1.0, 1.0])
    assert sample_losses("binary_cross_entropy", outputs, y).tolist() == [0.0, 1e4]
    assert loss_gradient("binary_cross_entropy", outputs, y)[:, 0].tolist() == [0.0, -0.5]
    many = np.array([[1e4, 0.0, -1e4]])
    assert sample_losses("cross_entropy", many, np.array([1.0])).tolist() == [1e4]
    assert loss_gradient("cross_entropy", many, np.array([1.0])).tolist() == [[1.0, -1.0, 0.0]]
    assert np.isfinite(loss_curvature("cross_entropy", many, np.array([1.0]), np.ones((1, 3)))).all()


def test_bad_arguments_are_named():
    network = MLP((2, 1), [1.0, 2.0, 3.0])
    for wrong, name in [
        ({"widths": 5}, "widths must be"),
        ({"widths": None}, "widths must be"),
        ({"biases": "no"}, "biases must be True or False, got 'no'"),
        ({"biases": 1}, "biases must be True or False"),
        ({"prune_biases": np.nan}, "prune_biases must be True or False, got nan"),
    ]:
        with pytest.raises(TypeError, match=name):
            MLP(**({"widths": (2, 1), "weights": [1.0, 2.0, 3.0]} | wrong))
        with pytest.raises(TypeError, match=name):
            MLP.draw(np.random.default_rng(0), **({"widths": (2, 1)} | wrong))
    with pytest.raises(ValueError, match="widths must name"):
        MLP((2,), [1.0])
    with pytest.raises(ValueError, match=r"widths\[1\] must be >= 1"):
        MLP((2, 0), [1.0])
    with pytest.raises(ValueError, match=r"weights must have shape \(3,\)"):
        MLP((2, 1), [1.0, 2.0])
    with pytest.raises(ValueError, match=r"weights must have shape \(3,\) for widths \(2, 1\) .*, got \(2,\)"):
        MLP((2, 1), [1.0, 2.0, 3.0]).with_weights([1.0, 2.0])
    with pytest.raises(ValueError, match="activation"):
        MLP((2, 1), [1.0, 2.0, 3.0], activation="gelu")
    with pytest.raises(ValueError, match="X must have 2 columns"):
        network.value([[1.0]])
    with pytest.raises(ValueError, match="one output"):
        MLP((2, 2), np.ones(6)).loss([[1.0, 1.0]], [1.0])
    with pytest.raises(ValueError, match=r"y must be -1 or \+1"):
        network.loss([[1.0, 1.0]], [0.0], "binary_cross_entropy")
    with pytest.raises(ValueError, match=r"integer in \[0, 1\]"):
        checked_labels("cross_entropy", [2.0], 2)
    with pytest.raises(ValueError, match="two or more outputs"):
        checked_labels("cross_entropy", [0.0], 1)
    with pytest.raises(ValueError, match=r"y must have shape \(1,\)"):
        network.loss_gradient([[1.0, 1.0]], [1.0, 1.0])
    with pytest.raises(ValueError, match="temperature"):
        network.loss_gradient([[1.0, 1.0]], [1.0], temperature=0.0)


@pytest.mark.peers
@given(tasks(), st.floats(0.5, 200.0))
def test_derivatives_agree_with_automatic_differentiation(task, temperature):
    torch = pytest.importorskip("torch")
    network, X, y, loss, rng = task
    vector = rng.standard_normal(network.n_weights)
    parameters = torch.tensor(np.array(network.weights), dtype=torch.float64, requires_grad=True)
    outputs, start = torch.tensor(X), 0
    for layer, (W, b) in enumerate(network.layers()):
        matrix = parameters[start : start + W.shape[0] * (W.shape[1] + network.biases)].reshape(W.shape[0], -1)
        start += matrix.numel()
        outputs = outputs @ matrix[:, : W.shape[1]].T + (matrix[:, -1] if b is not None else 0.0)
        if layer < len(network.widths) - 2:
            outputs = torch.relu(outputs) if network.activation == "relu" else torch.tanh(outputs)
    outputs, labels = outputs / temperature, torch.tensor(y)
    if loss == "mse":
        mean = ((outputs[:, 0] - labels) ** 2).mean()
    elif loss == "binary_cross_entropy":
        mean = torch.nn.functional.softplus(-labels * outputs[:, 0]).mean()
    else:
        mean = torch.nn.functional.cross_entropy(outputs, labels.long())
    (gradient,) = torch.autograd.grad(mean, parameters, create_graph=True)
    ours = network.loss_gradient(X, y, loss, temperature=temperature)
    np.testing.assert_allclose(ours, gradient.detach().numpy(), rtol=1e-10, atol=1e-12)
    (product,) = torch.autograd.grad(gradient @ torch.tensor(vector), parameters, allow_unused=True)
    if product is not None:
        ours = network.hessian_vector_product(X, y, vector, loss, temperature=temperature)
        np.testing.assert_allclose(ours, product.numpy(), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(
    ("widths", "message"),
    [
        (np.ones((1000, 1000)), r"widths must be a sequence of integers .*shape \(1000, 1000\)"),
        (np.ones(1000), r"widths\[0\] must be an integer, got 1\.0"),
        ([np.ones(1000), 2], r"widths\[0\] must be an integer, got <float64 array"),
        ([[1] * 1000] * 1000, r"widths\[0\] must be an integer"),
        ("ab", "widths must be a sequence of integers"),
        (5, "widths must be a sequence of integers"),
        ((5,), "widths must name"),
        ((1,) * 1000, r"weights must have shape \(1998,\)"),
        ((1, "x" * 10000), r"widths\[1\] must be an integer"),
    ],
)
def test_wrong_widths_are_named_in_one_line(widths, message):
    with pytest.raises((TypeError, ValueError), match=message) as error:
        MLP(widths, [1.0])
    assert len(str(error.value)) < 250
    assert "\n" not in str(error.value)


def test_deep_networks_have_short_representations():
    assert len(repr(MLP((1,) * 1000, np.ones(1998)))) < 250
