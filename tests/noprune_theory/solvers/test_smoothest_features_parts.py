"""Fits on some of the units: where all regions of a fit are too many to enumerate in time."""

import numpy as np
import pytest

from noprune_theory.lipschitz import exact_one_hidden
from noprune_theory.lipschitz.exact import enumeration_seconds
from noprune_theory.models import RandomFeatures
from noprune_theory.solvers import smoothest_random_features_fit
from noprune_theory.solvers.smoothest.features import _edges
from noprune_theory.solvers.smoothest.features._affordable import Pace


def problem(n, n_features, d, seed):
    rng = np.random.default_rng(seed)
    model = RandomFeatures.draw(rng, n_features, d)
    model = RandomFeatures(model.directions, model.weights, rng.uniform(-1.5, 1.5, n_features))
    return model, rng.standard_normal((n, d)), rng.choice([-1.0, 1.0], n)


@pytest.mark.parametrize("level", [0.5, 0.0])
def test_a_part_of_the_units_is_certified_where_all_take_too_long(monkeypatch, level):
    """Told that enumerations are slow, the solver certifies a fit on fewer units; its bracket holds for all of them."""
    model, X, y = problem(12, 40, 5, 2)
    # Regions are searched by samples, as they are among more units.
    monkeypatch.setattr(_edges, "_LARGEST_WALK", 0)
    plain = smoothest_random_features_fit(model, X, y, max_mse=level, rtol=1e-2, max_seconds=20)
    monkeypatch.setattr(Pace, "fits", lambda pace, count, seconds: count <= (28 if pace.lifted else 0))
    monkeypatch.setattr(Pace, "learn", lambda pace, count, seconds: None)
    fit = smoothest_random_features_fit(model, X, y, max_mse=level, rtol=1e-2, max_seconds=40)
    assert fit.status == "ok"
    assert "on 28 of 40 units" in fit.lipschitz.method
    assert np.count_nonzero(fit.weights) <= 28
    assert np.mean((model.with_weights(fit.weights).value(X) - y) ** 2) <= level + 1e-20
    # Either upper bound is above either lower one.
    assert fit.lipschitz.lower <= plain.lipschitz.upper
    assert plain.lipschitz.lower <= fit.lipschitz.upper
    assert fit.lipschitz.upper <= 1.5 * plain.lipschitz.upper
    W, b, a = model.with_weights(fit.weights).hidden_layer()
    kept = a != 0
    assert exact_one_hidden(W[kept], a[kept], b[kept]).lower <= fit.lipschitz.upper
    assert fit.certificate.lower_bound(model, X, y, level) == fit.lipschitz.lower


def test_a_part_that_misses_the_level_is_none(monkeypatch):
    """Fewer units than samples interpolate nothing: all units are certified then, as well as the time allows."""
    model, X, y = problem(14, 20, 5, 3)
    monkeypatch.setattr(_edges, "_LARGEST_WALK", 0)
    monkeypatch.setattr(Pace, "fits", lambda pace, count, seconds: count <= 12)
    fit = smoothest_random_features_fit(model, X, y, max_mse=0.0, rtol=1e-2, max_seconds=3)
    assert fit.status == "ok"
    assert "units" not in fit.lipschitz.method.split(";")[-1]
    assert fit.lipschitz.lower <= fit.lipschitz.upper < np.inf


@pytest.mark.parametrize("rank", [3, 4, 6, 8])
@pytest.mark.parametrize("lifted", [False, True])
def test_forecasts(rank, lifted):
    pace = Pace(rank, lifted)
    for seconds in (0.01, 1.0, 100.0):
        count = pace.units(seconds)
        assert pace.fits(count, seconds) or count == 8
        assert not pace.fits(count + 1, seconds) or count == 4095
    pace.learn(100, 7.0)
    assert pace.seconds(100) == pytest.approx(7.0)
    assert pace.factor == pytest.approx(7.0 / enumeration_seconds(100 + lifted, rank))


@pytest.mark.parametrize("rank", [1, 2, 9, 21])
def test_nothing_is_forecast_where_nothing_is_enumerated(rank):
    assert Pace(rank, False).fits(10**6, 1e-9)
