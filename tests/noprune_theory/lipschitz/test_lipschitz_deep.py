"""Deep networks: block-elimination LipSDP and pattern ascent against each other, SDP solvers and known constants."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lipschitz_oracles import layer

from noprune_theory.lipschitz import activation_ascent_lower, bracket, exact_one_hidden, lipsdp_deep, lipsdp_one_hidden
from noprune_theory.lipschitz._block_elimination import Choice, certified_square, closed_form, multipliers_level, proves
from noprune_theory.lipschitz._relaxation_ascent import VectorNetwork
from noprune_theory.models import MLP


def network(rng, widths, keep=1.0):
    shapes = zip(widths[1:], widths[:-1], strict=True)
    return [rng.standard_normal(s) * math.sqrt(2 / s[1]) * (rng.random(s) < keep) for s in shapes]


def jacobian_norms(weights, biases, X, slope=None):
    """Spectral norms of Jacobians at rows of X, or for free slopes (a list of 0/1 vectors)."""
    norms = []
    for x in X:
        J, value = np.eye(x.size), x
        for i, (W, b) in enumerate(zip(weights[:-1], biases[:-1], strict=True)):
            pre = W @ value + b
            s = (pre > 0) if slope is None else slope[i]
            J, value = s[:, None] * (W @ J), np.maximum(pre, 0)
        norms.append(np.linalg.norm(weights[-1] @ J, 2))
    return np.array(norms)


def level_of(weights, diagonals):
    """Return the square that diagonals prove, by elimination from the inputs; infinite outside the domain."""
    P = np.eye(weights[0].shape[1])
    for W, D in zip(weights[:-1], diagonals, strict=True):
        gap = np.diag(D) - 0.25 * W @ P @ W.T
        if np.linalg.eigvalsh(gap)[0] <= 0:
            return math.inf
        P = np.diag(D) @ np.linalg.inv(gap) @ np.diag(D)
    return np.linalg.norm(weights[-1] @ P @ weights[-1].T, 2)


widths = st.lists(st.integers(1, 8), min_size=3, max_size=5)


@given(seed=st.integers(0, 10**6), widths=widths, keep=st.sampled_from([1.0, 0.5]))
def test_lower_and_upper_hold_and_nothing_sampled_beats_the_upper(seed, widths, keep):
    rng = np.random.default_rng(seed)
    weights = network(rng, widths, keep)
    biases = [rng.standard_normal(W.shape[0]) for W in weights]
    bound = lipsdp_deep(weights)
    lower, witness = activation_ascent_lower(weights, biases, rng=rng, starts=8)
    assert lower <= bound.upper <= bound.product_of_norms * (1 + 1e-6)
    assert bound.upper <= bound.eclipse_fast * (1 + 1e-6)
    assert jacobian_norms(weights, biases, 3 * rng.standard_normal((100, widths[0]))).max() <= bound.upper
    for _ in range(20):
        free = [rng.random(W.shape[0]) < 0.5 for W in weights[:-1]]
        assert jacobian_norms(weights, biases, np.zeros((1, widths[0])), free)[0] <= bound.upper
    if witness is not None:
        assert jacobian_norms(weights, biases, witness.point[None])[0] >= lower * (1 - 1e-12)


@given(seed=st.integers(0, 10**6), dimension=st.integers(1, 5), n_units=st.integers(1, 20))
def test_one_hidden_layer_agrees_with_the_closed_form(seed, dimension, n_units):
    W, a, _ = layer(np.random.default_rng(seed), n_units, dimension)
    deep, shallow = lipsdp_deep([W, a[None]]).upper, lipsdp_one_hidden(W, a, rtol=1e-9, max_sweeps=20_000).upper
    assert shallow * (1 - 1e-7) <= deep <= shallow * (1 + 2e-4)


@pytest.mark.parametrize("widths", [(5, 8, 8, 2), (3, 9, 1), (4, 2), (6, *[5] * 40, 1)])
def test_certificate_fails_below_the_bound(widths):
    rng = np.random.default_rng(1)
    scaled, diagonals, rho = closed_form(network(rng, widths))
    assert math.isclose(rho, level_of(scaled.layers, diagonals), rel_tol=1e-9)
    assert proves(scaled.layers, diagonals, rho * (1 + 1e-6))
    assert not proves(scaled.layers, diagonals, rho * (1 - 1e-9))
    assert not diagonals or not proves(scaled.layers, [0.4 * diagonal for diagonal in diagonals], rho)


@given(seed=st.integers(0, 10**6), widths=st.lists(st.integers(1, 6), min_size=2, max_size=6))
def test_certificate_against_eigenvalues_of_the_whole_matrix(seed, widths):
    """Random diagonals and levels: what the blocks prove, the eigenvalues of the assembled matrix confirm."""
    rng = np.random.default_rng(seed)
    layers = network(rng, widths)
    diagonals = [np.exp(rng.standard_normal(len(W))) * np.linalg.norm(W, 2) ** 2 for W in layers[:-1]]
    level = level_of(layers, diagonals)
    for rho in (0.9 * level, 0.999999 * level, 1.000001 * level, 3 * level) if math.isfinite(level) else (1e3,):
        ends = np.concatenate([[0], np.cumsum(widths[:-1])])
        M = np.zeros((ends[-1], ends[-1]))
        M[: widths[0], : widths[0]] = rho * np.eye(widths[0])
        for i, (W, D) in enumerate(zip(layers[:-1], diagonals, strict=True)):
            rows, columns = slice(ends[i + 1], ends[i + 2]), slice(ends[i], ends[i + 1])
            M[rows, columns] = -(rho / (2 * D))[:, None] * W
            M[columns, rows] = M[rows, columns].T
            M[rows, rows] = np.diag(rho / D)
        M[ends[-2] :, ends[-2] :] -= layers[-1].T @ layers[-1]
        scale = 1 / np.sqrt(np.abs(np.diag(M)) + 1e-300)
        smallest = np.linalg.eigvalsh(scale[:, None] * M * scale)[0]
        assert proves(layers, diagonals, rho) == (smallest > 0) or abs(smallest) < 1e-11


@given(seed=st.integers(0, 10**6), widths=widths)
def test_multipliers_reproduce_the_bound(seed, widths):
    weights = network(np.random.default_rng(seed), widths)
    bound = lipsdp_deep(weights)
    assert math.isclose(level_of(weights, bound.multipliers), bound.upper**2, rel_tol=1e-7)


def relaxation_value(weights, rank, seed, steps):
    """Climb the relaxation by its definition, gradient steps on free vectors, and return |W_m h_{m-1}|_F reached."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((weights[0].shape[1], rank))
    turned = [rng.standard_normal((len(W), rank)) for W in weights[:-1]]
    best = 0.0
    for _ in range(steps):
        h = x = x / np.linalg.norm(x)
        values, units = [], []
        for W, u in zip(weights[:-1], turned, strict=True):
            v, unit = W @ h, u / np.linalg.norm(u, axis=1, keepdims=True)
            h = 0.5 * (v + np.linalg.norm(v, axis=1, keepdims=True) * unit)
            assert (np.sum(h * (v - h), axis=1) >= -1e-12).all(), "h lies in the ball whose diameter is v"
            values.append(v)
            units.append(unit)
        best = max(best, np.linalg.norm(weights[-1] @ h))
        back = weights[-1].T @ weights[-1] @ h
        for i in range(len(values) - 1, -1, -1):
            length, height = (np.linalg.norm(rows, axis=1, keepdims=True) for rows in (values[i], back))
            turned[i] = np.where(height > 0, back, units[i])
            back = weights[i].T @ (0.5 * (back + height / np.maximum(length, 1e-300) * values[i]))
        x = back
    return best


def awkward(rng, widths, kind):
    """Return layers that are sparse, of rank one, of units in pairs +-w, or of units of very different sizes."""
    weights = network(rng, widths, 0.5 if kind == "sparse" else 1.0)
    if kind == "rank one":
        return [np.outer(W[:, 0], W[0]) for W in weights]
    if kind == "pairs":
        doubled = [np.repeat(np.repeat(W, 2, 0), 2, 1) for W in weights]
        return [W * rng.choice([-1.0, 1.0], (len(W), 1)) for W in doubled]
    if kind == "sizes":
        return [W * np.exp(6 * rng.standard_normal(W.shape[1])) for W in weights]
    return weights


@given(
    seed=st.integers(0, 10**6), widths=widths, kind=st.sampled_from(["dense", "sparse", "rank one", "pairs", "sizes"])
)
def test_both_ends_meet(seed, widths, kind):
    weights = awkward(np.random.default_rng(seed), widths, kind)
    bound = lipsdp_deep(weights)
    assert bound.relaxation_lower <= bound.upper * (1 + 1e-12)
    assert bound.upper <= bound.relaxation_lower * (1 + 1.01e-4)
    if kind != "sizes" and bound.upper > 0:
        assert relaxation_value(weights, 6, seed, 20) <= bound.upper


def test_what_the_relaxation_attains():
    weights = network(np.random.default_rng(8), (5, 9, 9, 9, 2))
    bound = lipsdp_deep(weights, rtol=1e-7)
    assert math.isclose(relaxation_value(weights, 8, 0, 400), bound.relaxation_lower, rel_tol=1e-6)
    assert bound.upper <= bound.relaxation_lower * (1 + 1.1e-7)
    again = lipsdp_deep(weights, rtol=1e-7)
    assert (again.upper, again.iterations) == (bound.upper, bound.iterations)


def test_a_rescaled_unit_changes_nothing():
    """Rows times c and columns divided by it: the same function, and the same bound."""
    rng = np.random.default_rng(9)
    weights = network(rng, (4, 7, 7, 1))
    upper = lipsdp_deep(weights, rtol=1e-6).upper
    factors = [2.0 ** rng.integers(-40, 40, 7) for _ in range(2)]
    rescaled = [
        factors[0][:, None] * weights[0],
        factors[1][:, None] * weights[1] / factors[0],
        weights[2] / factors[1],
    ]
    assert math.isclose(lipsdp_deep(rescaled, rtol=1e-6).upper, upper, rel_tol=3e-6)


def test_both_ends_of_products_out_of_range():
    rng = np.random.default_rng(10)
    weights = network(rng, (3, 5, 5, 2))
    plain = lipsdp_deep(weights)
    for exponents in [(150, 150, -200), (-300, 200, 150), (300, -300, -290)]:
        found = lipsdp_deep([10.0**exponent * W for exponent, W in zip(exponents, weights, strict=True)])
        scale = 10.0 ** sum(exponents)
        assert math.isclose(found.upper, scale * plain.upper, rel_tol=2e-4)
        assert math.isclose(found.relaxation_lower, scale * plain.relaxation_lower, rel_tol=2e-4)
    large = lipsdp_deep([1e200 * W for W in weights])
    assert (large.upper, large.relaxation_lower) == (math.inf, np.finfo(np.float64).max)


def test_deep_networks_are_bounded_closely():
    """Fifty layers of width 16: the closed form is off by a factor of thousands."""
    weights = network(np.random.default_rng(0), (*[16] * 50, 1))
    bound = lipsdp_deep(weights, rtol=0.02)
    assert bound.upper <= 1.02 * bound.relaxation_lower
    assert bound.eclipse_fast > 1000 * bound.upper
    assert math.isclose(level_of(weights, bound.multipliers), bound.upper**2, rel_tol=1e-6)


@given(seed=st.integers(0, 10**6), widths=widths)
def test_elimination_from_the_outputs_gives_what_elimination_from_the_inputs_gives(seed, widths):
    rng = np.random.default_rng(seed)
    scaled, diagonals, rho = closed_form(network(rng, widths))
    multipliers = [rho / (2 * diagonal) * np.exp(0.1 * rng.random(diagonal.size)) for diagonal in diagonals]
    level, used = multipliers_level(scaled, multipliers, 0.01, 0.02)
    if math.isfinite(level):
        found = level_of(scaled.layers, [level / (2 * multiplier) for multiplier in used])
        assert math.isclose(found, level, rel_tol=1e-7)
        assert proves(scaled.layers, [(1 + 1e-6) * level / (2 * m) for m in used], (1 + 1e-6) * level)


def test_a_rho_that_is_too_small_is_not_certified():
    scaled, diagonals, rho = closed_form(network(np.random.default_rng(3), (4, 6, 6, 2)))
    square, used = certified_square([Choice(scaled, diagonals, 0.9 * rho)])
    unit = 4.0 ** sum(scaled.exponents)
    assert math.isclose(used.rho * unit, square), "the margin grows until the level is proved"
    assert square > rho * unit
    assert math.isclose(level_of(scaled.layers, used.diagonals), rho, rel_tol=0.2)


@pytest.mark.parametrize("layers", [([[1.0, 1.0]], [[0.0]]), ([[1.0], [1.0]], [[0.0, 0.0]]), ([[1e-200]], [[1e-200]])])
def test_an_ascent_that_reaches_nothing_ends(layers):
    first, *_ = layers = [np.array(layer) for layer in layers]
    vectors = VectorNetwork(layers, np.eye(len(first)), 4)
    assert vectors.sweep() is None


def test_reductions():
    # All weights positive: the pattern with every unit active is reachable and the network is linear there.
    positive = [np.abs(W) for W in network(np.random.default_rng(2), (4, 6, 6, 1))]
    norm = np.linalg.norm(positive[2] @ positive[1] @ positive[0], 2)
    lower, _ = activation_ascent_lower(positive, rng=np.random.default_rng(0))
    assert math.isclose(lower, norm, rel_tol=1e-9)
    assert lipsdp_deep(positive).upper <= norm * 1.01
    # Orthogonal layers lose nothing: product of norms.
    rotation = np.linalg.qr(np.random.default_rng(3).standard_normal((5, 5)))[0]
    assert math.isclose(lipsdp_deep([rotation, 2 * np.eye(5), 3 * rotation]).upper, 6.0, rel_tol=1e-3)
    no_hidden = np.array([[3.0, 4.0]])
    assert math.isclose(lipsdp_deep([no_hidden]).upper, 5.0, rel_tol=1e-6)
    assert math.isclose(activation_ascent_lower([no_hidden], rng=np.random.default_rng(0))[0], 5.0, rel_tol=1e-12)


def test_scaling_and_pruning():
    rng = np.random.default_rng(4)
    weights = network(rng, (4, 7, 7, 1))
    upper = lipsdp_deep(weights).upper
    assert math.isclose(lipsdp_deep([1e100 * weights[0], *weights[1:]]).upper, 1e100 * upper, rel_tol=1e-3)
    weights[0][2] = 0.0
    weights[2][:, 5] = 0.0
    padded = lipsdp_deep(weights)
    keep_1, keep_2 = np.arange(7) != 2, np.arange(7) != 5
    removed = lipsdp_deep([weights[0][keep_1], weights[1][np.ix_(keep_2, keep_1)], weights[2][:, keep_2]])
    assert math.isclose(padded.upper, removed.upper, rel_tol=1e-9)
    assert padded.multipliers[0][2] == padded.multipliers[1][5] == 0
    weights[1][:] = 0.0
    assert lipsdp_deep(weights).upper == 0
    assert activation_ascent_lower(weights, rng=rng) == (0.0, None)


def test_time_limit_keeps_a_valid_bound():
    weights = network(np.random.default_rng(5), (6, 30, 30, 1))
    hurried = lipsdp_deep(weights, max_seconds=1e-6)
    assert hurried.upper <= hurried.eclipse_fast * (1 + 1e-6)
    assert hurried.upper >= lipsdp_deep(weights).upper


def test_front_door_on_networks():
    rng = np.random.default_rng(6)
    deep = MLP.draw(rng, (3, 8, 8, 1))
    result = bracket(deep)
    assert "deep" in result.method
    assert 0 < result.lower < result.upper
    assert math.isclose(np.linalg.norm(deep.input_gradient(result.witness.point[None])), result.lower, rel_tol=1e-9)
    shallow = MLP.draw(rng, (2, 10, 1))
    W, b, a = shallow.hidden_layer()
    assert math.isclose(bracket(shallow).upper, exact_one_hidden(W, a, b).upper, rel_tol=1e-12)
    smooth = MLP.draw(rng, (3, 8, 8, 2), activation="tanh")
    result = bracket(smooth)
    slopes = np.linalg.norm(smooth.input_gradient(rng.standard_normal((1000, 3))), 2, axis=(1, 2))
    assert slopes.max() <= result.upper
    assert result.lower >= 0.9 * slopes.max()


@pytest.mark.peers
@pytest.mark.parametrize("widths", [(4, 10, 10, 1), (5, 12, 12, 12, 2)])
def test_agrees_with_a_semidefinite_solver(widths):
    cvxpy = pytest.importorskip("cvxpy")
    weights = network(np.random.default_rng(7), widths)
    sizes = list(widths[:-1])
    squared, multipliers = cvxpy.Variable(), [cvxpy.Variable(size) for size in sizes[1:]]
    blocks = [[np.zeros((a, b)) for b in sizes] for a in sizes]
    blocks[0][0] = squared * np.eye(sizes[0])
    for i, (W, multiplier) in enumerate(zip(weights[:-1], multipliers, strict=True)):
        blocks[i + 1][i] = -cvxpy.diag(multiplier) @ W
        blocks[i][i + 1] = blocks[i + 1][i].T
        blocks[i + 1][i + 1] = 2 * cvxpy.diag(multiplier)
    blocks[-1][-1] = blocks[-1][-1] - weights[-1].T @ weights[-1]
    cvxpy.Problem(
        cvxpy.Minimize(squared), [cvxpy.bmat(blocks) >> 0, *(multiplier >= 0 for multiplier in multipliers)]
    ).solve(solver="CLARABEL")
    optimum, bound = math.sqrt(squared.value), lipsdp_deep(weights, rtol=1e-6)
    assert optimum * (1 - 1e-5) <= bound.upper <= optimum * (1 + 1e-5)
    assert math.isclose(bound.relaxation_lower, optimum, rel_tol=1e-5)


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([], "at least one layer"),
        ([np.ones((2, 3)), np.ones((1, 3))], r"weights\[1\] must have 2 columns"),
        ([np.full((1, 1), np.nan)], r"weights\[0\] must be finite"),
    ],
)
def test_bad_input_is_refused(weights, message):
    with pytest.raises(ValueError, match=message):
        lipsdp_deep(weights)
    with pytest.raises(ValueError, match=message):
        activation_ascent_lower(weights, rng=np.random.default_rng(0))


@pytest.mark.parametrize("name", ["max_seconds", "rtol"])
@pytest.mark.parametrize("wrong", [0.0, -1.0, math.nan])
def test_tolerances_are_positive(name, wrong):
    with pytest.raises(ValueError, match=f"{name} must be"):
        lipsdp_deep([np.ones((1, 1))], **{name: wrong})


@pytest.mark.parametrize("wrong", [5, None, "ab", np.array(1.0)])
def test_layers_are_a_sequence(wrong):
    rng = np.random.default_rng(0)
    with pytest.raises(TypeError, match="weights must be a sequence"):
        lipsdp_deep(wrong)
    with pytest.raises(TypeError, match="weights must be a sequence"):
        activation_ascent_lower(wrong, rng=rng)
    if wrong is not None:
        with pytest.raises(TypeError, match="biases must be a sequence"):
            activation_ascent_lower([np.ones((1, 1))], wrong, rng=rng)


def test_biases_must_match():
    with pytest.raises(ValueError, match="one array a layer"):
        activation_ascent_lower([np.ones((1, 1))], [], rng=np.random.default_rng(0))
    with pytest.raises(ValueError, match=r"biases\[0\] must have shape \(1,\)"):
        activation_ascent_lower([np.ones((1, 1))], [np.ones(2)], rng=np.random.default_rng(0))
