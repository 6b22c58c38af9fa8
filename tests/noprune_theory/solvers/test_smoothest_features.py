"""The smoothest random-features fit: certificates evaluated anew, attempts to beat them, exact special cases."""

import numpy as np
import pytest

from noprune_theory.lipschitz import bracket, exact_one_hidden
from noprune_theory.models import RandomFeatures
from noprune_theory.solvers import least_squares, smoothest_linear_fit, smoothest_random_features_fit


def problem(n, n_features, d, seed, **options):
    rng = np.random.default_rng(seed)
    model = RandomFeatures.draw(rng, n_features, d, **options)
    return model, rng.standard_normal((n, d)), rng.choice([-1.0, 1.0], n)


CASES = [
    (12, 16, 1, {"offset_scale": 0.7}, 1e-5),
    (20, 30, 2, {}, 1e-5),
    (15, 20, 2, {"offset_scale": 0.5}, 1e-3),
    (20, 30, 3, {}, 1e-3),
    (20, 30, 4, {}, 5e-3),
]


@pytest.mark.parametrize(("n", "n_features", "d", "options", "gap"), CASES)
def test_bracket_is_narrow_and_certified(n, n_features, d, options, gap):
    model, X, y = problem(n, n_features, d, 3, **options)
    floor = least_squares(model.features(X), y).residual_norm ** 2 / n
    level = floor + 0.4 * (1 - floor)
    fit = smoothest_random_features_fit(model, X, y, max_mse=level, rtol=0.3 * gap, max_seconds=20)
    assert fit.status == "ok"
    assert fit.lipschitz.relative_gap <= gap
    assert np.mean((model.with_weights(fit.weights).value(X) - y) ** 2) <= level * (1 + 1e-12)
    # Above: the weights, by enumeration of all their linear regions.
    W, b, a = model.with_weights(fit.weights).hidden_layer()
    assert exact_one_hidden(W, a, b).lower <= fit.lipschitz.upper
    # Below: the certificate, evaluated anew from its points, and by an independent formula.
    assert fit.certificate.lower_bound(model, X, y, level) == fit.lipschitz.lower
    assert closed_form_bound(model, X, y, level, fit.certificate) == pytest.approx(fit.lipschitz.lower, rel=1e-6)


def closed_form_bound(model, X, y, level, certificate):
    """sqrt(eta (|y|^2 - n level) - eta^2 h^T (M + eta Phi^T Phi)^-1 h), from gradients of the model alone."""
    p = model.n_weights
    gradients = np.stack([model.with_weights(row).input_gradient(certificate.points) for row in np.eye(p)], axis=2)
    M = np.einsum("c,cdi,cdj->ij", certificate.region_weights, gradients, gradients)
    features, eta = model.features(X), certificate.loss_weight
    h = features.T @ y
    square = (
        eta * (y @ y - len(y) * level) - eta**2 * h @ np.linalg.pinv(M + eta * features.T @ features, rcond=1e-13) @ h
    )
    return np.sqrt(square)


def test_no_feasible_fit_beats_the_lower_bound():
    """Ridge fits of the same loss, perturbed solutions and random feasible directions all stay above it."""
    model, X, y = problem(20, 30, 3, 5)
    level = 0.5
    fit = smoothest_random_features_fit(model, X, y, max_mse=level, rtol=1e-3)
    features = model.features(X)
    ridge = smoothest_linear_fit(features, y, max_mse=level).weights
    rng = np.random.default_rng(0)
    for trial in range(60):
        other = fit.weights + 10.0 ** rng.uniform(-4, 0) * rng.standard_normal(30) * np.abs(fit.weights).mean()
        share = 1.0
        while (
            np.mean((features @ (share * other + (1 - share) * ridge) - y) ** 2) > level * (1 + 1e-12) and share > 1e-6
        ):
            share *= 0.8
        candidate = share * other + (1 - share) * ridge if trial else ridge
        constant = exact_one_hidden(model.directions, candidate).upper
        assert constant >= fit.lipschitz.lower
    assert exact_one_hidden(model.directions, ridge).lower > 1.05 * fit.lipschitz.upper, "ridge is a poor stand-in"


def test_orthogonal_features_have_a_closed_form():
    """Units e_1, ..., e_d with data on the axes: f = sum a_j x_j^+ interpolates in part, and Lip = |a^+ or a|."""
    d = 3
    model = RandomFeatures(np.eye(d), np.zeros(d))
    y = np.array([1.0, 2.0, -3.0])
    # All signs are reachable, so Lip(a) = |a|, and the loss is |a - y|^2 / d: the minimum is |y| - sqrt(d level).
    fit = smoothest_random_features_fit(model, np.eye(d), y, max_mse=0.5, rtol=1e-7)
    expected = np.linalg.norm(y) - np.sqrt(d * 0.5)
    assert fit.lipschitz.lower <= expected <= fit.lipschitz.upper
    assert fit.lipschitz.relative_gap < 1e-6


def test_equal_units_count_once():
    model, X, y = problem(15, 20, 2, 4)
    doubled = RandomFeatures(np.vstack([model.directions, model.directions[:7]]), np.zeros(27))
    plain = smoothest_random_features_fit(model, X, y, max_mse=0.7, rtol=1e-5)
    fit = smoothest_random_features_fit(doubled, X, y, max_mse=0.7, rtol=1e-5)
    assert fit.lipschitz.relative_gap < 1e-5
    np.testing.assert_allclose(fit.lipschitz.upper, plain.lipschitz.upper, rtol=1e-5)


def test_masks_scaling_and_rotation():
    model, X, y = problem(15, 24, 2, 7)
    mask = np.arange(24) % 3 > 0
    masked = model.masked(mask)
    fit = smoothest_random_features_fit(masked, X, y, max_mse=0.6, rtol=1e-5)
    assert not fit.weights[~mask].any()
    small = RandomFeatures(model.directions[mask], np.zeros(mask.sum()))
    np.testing.assert_allclose(
        smoothest_random_features_fit(small, X, y, max_mse=0.6, rtol=1e-5).lipschitz.upper,
        fit.lipschitz.upper,
        rtol=1e-4,
    )
    tripled = smoothest_random_features_fit(masked, X, 3 * y, max_mse=9 * 0.6, rtol=1e-5)
    np.testing.assert_allclose(tripled.lipschitz.upper, 3 * fit.lipschitz.upper, rtol=1e-4)
    angle = 0.7
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    turned = RandomFeatures(model.directions @ rotation.T, np.zeros(24), mask=mask)
    rotated = smoothest_random_features_fit(turned, X @ rotation.T, y, max_mse=0.6, rtol=1e-5)
    np.testing.assert_allclose(rotated.lipschitz.upper, fit.lipschitz.upper, rtol=1e-4)


def test_high_dimension_gives_an_honest_bracket():
    model, X, y = problem(20, 40, 12, 1)
    fit = smoothest_random_features_fit(model, X, y, max_mse=0.5, max_seconds=3)
    assert 0 < fit.lipschitz.lower < fit.lipschitz.upper
    assert bracket(model.with_weights(fit.weights), max_seconds=5).lower <= fit.lipschitz.upper
    assert fit.certificate.lower_bound(model, X, y, 0.5) == fit.lipschitz.lower


@pytest.mark.parametrize(
    ("d", "gap", "seconds"),
    [
        (2, 1e-5, 20),
        (3, 5e-3, 60),
        pytest.param(5, 5e-2, 120, marks=pytest.mark.slow),
        pytest.param(20, 0.15, 60, marks=pytest.mark.slow),
    ],
)
def test_gap_at_sixty_samples_and_120_features(d, gap, seconds):
    model, X, y = problem(60, 120, d, 0)
    fit = smoothest_random_features_fit(model, X, y, max_mse=0.5, rtol=0.5 * gap, max_seconds=seconds)
    assert fit.lipschitz.relative_gap <= gap


def test_trivial_and_infeasible_levels():
    model, X, y = problem(20, 10, 2, 0)
    trivial = smoothest_random_features_fit(model, X, y, max_mse=1.0)
    assert (trivial.lipschitz.upper, trivial.mse, trivial.status) == (0.0, 1.0, "ok")
    floor = least_squares(model.features(X), y).residual_norm ** 2 / 20
    impossible = smoothest_random_features_fit(model, X, y, max_mse=0.5 * floor)
    assert impossible.status == "infeasible"
    assert np.isinf(impossible.lipschitz.lower)
    assert impossible.mse == pytest.approx(floor)
    # The smallest loss itself is reached by one fit alone.
    edge = smoothest_random_features_fit(model, X, y, max_mse=floor)
    expected = exact_one_hidden(model.directions, least_squares(model.features(X), y).weights)
    assert edge.status == "ok"
    assert edge.lipschitz.relative_gap < 1e-4
    assert edge.lipschitz.lower <= expected.upper
    assert edge.lipschitz.upper == pytest.approx(expected.upper, rel=1e-8)


@pytest.mark.parametrize(
    ("changed", "error", "words"),
    [
        ({"max_mse": -1.0}, ValueError, "max_mse must be >= 0"),
        ({"rtol": 0.0}, ValueError, "rtol must be > 0"),
        ({"max_seconds": -1.0}, ValueError, "max_seconds must be > 0"),
        ({"rng": 3.0}, TypeError, "rng must be a numpy.random.Generator"),
        ({"X": [[np.nan, 0.0]]}, ValueError, "X must be finite"),
        ({"model": 7}, TypeError, "model must be a RandomFeatures model, got int"),
        ({"model": RandomFeatures(np.eye(2), [0, 0], activation="tanh")}, ValueError, "activation must be 'relu'"),
    ],
)
def test_bad_input_is_named(changed, error, words):
    arguments = {
        "model": RandomFeatures(np.eye(2), [0.0, 0.0]),
        "X": [[1.0, 0.0]],
        "y": [1.0],
        "max_mse": 0.5,
    } | changed
    with pytest.raises(error, match=words):
        smoothest_random_features_fit(**arguments)


@pytest.mark.peers
def test_agrees_with_a_conic_solver_over_all_regions_in_the_plane():
    cvxpy = pytest.importorskip("cvxpy")
    model, X, y = problem(20, 30, 2, 11)
    level = 0.6
    fit = smoothest_random_features_fit(model, X, y, max_mse=level, rtol=1e-7)
    angles = np.sort(
        np.concatenate([np.arctan2(*model.directions.T[::-1]) + s * np.pi / 2 for s in (1, 3)]) % (2 * np.pi)
    )
    middles = 0.5 * (angles + np.roll(angles, -1) + np.where(np.arange(60) == 59, 2 * np.pi, 0))
    active = np.column_stack([np.cos(middles), np.sin(middles)]) @ model.directions.T > 0
    a = cvxpy.Variable(30)
    slopes = [cvxpy.norm(model.directions.T @ np.diag(row.astype(float)) @ a) for row in active]
    loss = cvxpy.norm(model.features(X) @ a - y) <= np.sqrt(20 * level)
    smallest = cvxpy.Problem(cvxpy.Minimize(cvxpy.max(cvxpy.hstack(slopes))), [loss])
    smallest.solve(solver="CLARABEL")
    assert fit.lipschitz.lower == pytest.approx(smallest.value, rel=1e-5)
    assert fit.lipschitz.upper == pytest.approx(smallest.value, rel=1e-5)


def test_masked_directions_with_parallel_and_opposite_units():
    """Pruned first layers make units proportional or opposite; sectors of no width are no regions."""
    rng = np.random.default_rng(6)
    directions = rng.standard_normal((30, 2)) * (rng.random((30, 2)) < 0.5)
    model = RandomFeatures(directions, np.zeros(30))
    X, y = rng.standard_normal((12, 2)), rng.standard_normal(12)
    floor = least_squares(model.features(X), y).residual_norm ** 2 / 12
    fit = smoothest_random_features_fit(model, X, y, max_mse=floor + 0.3 * (np.mean(y**2) - floor), rtol=1e-4)
    assert fit.lipschitz.relative_gap <= 1e-4


@pytest.mark.parametrize("level", [0.6, 0.0])
def test_a_start_changes_the_way_and_not_the_bracket(level):
    model, X, y = problem(8, 24, 2, 5, offset_scale=0.5)
    other = smoothest_random_features_fit(model, X, y, max_mse=0.5, rtol=1e-3)
    cold = smoothest_random_features_fit(model, X, y, max_mse=level, rtol=1e-4)
    warm = smoothest_random_features_fit(model, X, y, max_mse=level, rtol=1e-4, start=other)
    for fit in (cold, warm):
        assert fit.status == "ok"
        assert fit.lipschitz.relative_gap <= 1e-4
        assert fit.certificate.lower_bound(model, X, y, level) == fit.lipschitz.lower
    assert max(cold.lipschitz.lower, warm.lipschitz.lower) <= min(cold.lipschitz.upper, warm.lipschitz.upper)


def test_a_start_from_elsewhere():
    """Other labels, other data, other units, another scale, a fit that there is not: none is in the way."""
    model, X, y = problem(12, 18, 2, 6, offset_scale=0.5)
    fit = smoothest_random_features_fit(model, X, y, max_mse=0.5, rtol=1e-3)
    fewer, points, labels = problem(12, 15, 2, 7, offset_scale=0.5)
    for start in (fit, smoothest_random_features_fit(model, X, y, max_mse=2.0)):
        for case in ((model, X, -y), (model, points, 1e150 * labels), (fewer, points, labels)):
            found = smoothest_random_features_fit(
                *case, max_mse=0.3 * float(np.abs(case[2][0])) ** 2, rtol=1e-3, start=start
            )
            assert found.lipschitz.relative_gap <= 1e-3
    apart, Z, z = problem(12, 18, 3, 8)
    assert smoothest_random_features_fit(apart, Z, z, max_mse=0.5, start=fit).lipschitz.relative_gap <= 1e-3
    with pytest.raises(TypeError, match="start must be a SmoothestFeaturesFit, got int"):
        smoothest_random_features_fit(model, X, y, max_mse=0.5, start=1)
