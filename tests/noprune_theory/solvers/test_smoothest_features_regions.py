"""Linear regions: walks along edges against brute force, samples against walks, the path of the cone program."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

from noprune_theory.solvers.smoothest.features._cell_program import CellPath, CellProgram
from noprune_theory.solvers.smoothest.features._cells import Cells
from noprune_theory.solvers.smoothest.features._edges import Planes, all_edges, circles_near
from noprune_theory.solvers.smoothest.features._regions import _Sampled, regions_of
from noprune_theory.solvers.smoothest.features.space import FitSpace


def cells_of(directions, offsets):
    directions = np.asarray(directions, dtype=np.float64)
    normals = directions if offsets is None else np.column_stack([directions, offsets])
    return Cells(directions, normals)


def realised(cells):
    """All activation patterns that some input clearly has, by one linear program each (a margin of 1e-6)."""
    found = []
    d = cells.directions.shape[1]
    for signs in itertools.product([-1.0, 1.0], repeat=len(cells.normals)):
        rows = -np.array(signs)[:, None] * cells.normals
        bounds = [(-1e3, 1e3)] * d
        shift = np.zeros(len(rows))
        if cells.lifted:
            rows, shift = rows[:, :-1], -rows[:, -1]
        if linprog(np.zeros(d), A_ub=rows, b_ub=shift - 1e-6, bounds=bounds).status == 0:
            found.append([sign > 0 for sign in signs])
    return np.array(found)


def largest_slope(cells, weights):
    return float(cells.slopes(realised(cells), weights).max())


CASES = [(6, 2, True), (6, 3, False), (6, 3, True), (7, 3, True), (6, 4, False), (5, 4, True)]


@pytest.mark.parametrize(("n_units", "d", "lifted"), CASES)
@pytest.mark.parametrize("seed", [0, 1])
def test_walks_find_the_steepest_region(n_units, d, lifted, seed):
    rng = np.random.default_rng(seed)
    cells = cells_of(rng.standard_normal((n_units, d)), rng.standard_normal(n_units) if lifted else None)
    edges = all_edges(Planes(cells))
    for _ in range(3):
        weights = rng.standard_normal(n_units)
        largest = edges.steepest(weights)
        assert largest == pytest.approx(largest_slope(cells, weights), rel=1e-12)
        point = edges.above(0.999 * largest, 1)
        assert len(cells.interior(point)) == 1
        assert cells.slopes(cells.patterns(point), weights)[0] == pytest.approx(largest, rel=1e-12)


@given(st.lists(st.tuples(*[st.integers(-2, 2)] * 3).filter(lambda row: any(row[:2])), min_size=4, max_size=6))
def test_walks_where_planes_are_parallel_equal_or_meet_in_a_point(rows):
    table = np.array(rows, dtype=np.float64)
    cells = cells_of(table[:, :2], table[:, 2])
    edges = all_edges(Planes(cells))
    if edges is None:
        return
    weights = np.random.default_rng(0).standard_normal(len(rows))
    assert edges.steepest(weights) == pytest.approx(largest_slope(cells, weights), rel=1e-9, abs=1e-12)


def test_circles_near_points_lie_on_their_planes():
    rng = np.random.default_rng(0)
    cells = cells_of(rng.standard_normal((9, 5)), rng.standard_normal(9))
    planes = Planes(cells)
    members = np.array([rng.choice(len(planes.normals), 3, replace=False) for _ in range(8)])
    circles = circles_near(planes, members, rng.standard_normal((8, 6)), rng.standard_normal((8, 6)))
    for basis in (circles.P, circles.Q):
        assert np.abs(np.einsum("msr,mr->ms", planes.normals[circles.members], basis)).max() < 1e-12
        assert np.linalg.norm(basis, axis=1) == pytest.approx(np.ones(8), rel=1e-12)
    assert np.abs(np.sum(circles.P * circles.Q, axis=1)).max() < 1e-12
    assert np.abs(circles.P[:, -1]).max() < 1e-12
    weights = rng.standard_normal(9)
    largest = circles.steepest(weights)
    points = cells.interior(circles.points(np.arange(8)))
    assert cells.slopes(cells.patterns(points), weights).max() == pytest.approx(largest, rel=1e-12)


def test_a_sample_finds_the_steepest_region():
    rng = np.random.default_rng(1)
    cells = cells_of(rng.standard_normal((30, 3)), rng.standard_normal(30))
    weights = rng.standard_normal(30)
    largest = all_edges(Planes(cells)).steepest(weights)
    sample = _Sampled(cells, Planes(cells), np.random.default_rng(0))
    start = cells.interior(cells.lift(rng.standard_normal((20, 3))))
    found, points = sample.search(weights, 0.9 * largest, 50, (start, cells.patterns(start).astype(float)))
    assert found == pytest.approx(largest, rel=1e-12)
    assert np.all(cells.slopes(cells.patterns(points), weights) > 0.9 * largest)


def test_the_search_that_fits():
    rng = np.random.default_rng(0)
    assert regions_of(cells_of(rng.standard_normal((9, 2)), None), rng).exact
    assert regions_of(cells_of(rng.standard_normal((9, 3)), rng.standard_normal(9)), rng).exact
    assert not regions_of(cells_of(rng.standard_normal((90, 9)), rng.standard_normal(90)), rng).exact


def test_cells_may_come_and_go_on_the_path():
    """The path ends at the same point whether all cells are there at the start or come in on the way."""
    rng = np.random.default_rng(3)
    directions = rng.standard_normal((8, 2))
    patterns = (rng.random((12, 8)) < 0.5).astype(float)
    space = FitSpace(rng.standard_normal(8), None, 0.5 * np.ones(3) / 3, rng.standard_normal((3, 8)), 1.0)
    ends = []
    for first in (12, 3):
        program = CellProgram(directions, space)
        program.add(patterns[:first])
        path = CellPath(program, space.start, space.misfit, 50.0, 1.0)
        for step_number in range(60):
            step = path.step()
            if step is None or (path.gap() < 1e-9 and path.dual_defect() < 1e-9):
                break
            path.move(step, step.length)
            if step_number == 4 and first < 12:
                path.lift(60.0)
                path.add(patterns[first:])
        assert np.all(np.linalg.norm(program.gradients(path.weights), axis=1) <= path.bound)
        solution = path.solution()
        assert solution.cells.sum() == pytest.approx(1.0)
        ends.append(path.bound)
        kept = solution.cells > 1e-6
        path.keep(kept)
        assert len(program.patterns) == len(path.cells.dual0) == kept.sum()
    assert ends[0] == pytest.approx(ends[1], rel=1e-7)
