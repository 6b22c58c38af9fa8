"""Weighted graph Laplacians plus a diagonal: conjugate gradients, preconditioned by the heaviest spanning forest.

In an interior-point method for flows the weights of the pairs that carry flow grow without bound, and these pairs
contain a forest: the preconditioner gets better as the system gets worse (Resende and Veiga 1993).
"""

from __future__ import annotations

import numpy as np

from noprune_theory._compile import njit
from noprune_theory._types import FloatArray, IntArray


@njit(cache=True)
def _root_of(parents: IntArray, node: int) -> int:
    """Return the representative of a node, and halve the path to it (`parents` is modified in place)."""
    while parents[node] != node:
        parents[node] = parents[parents[node]]
        node = parents[node]
    return node


@njit(cache=True)
def heaviest_forest(
    first: IntArray, second: IntArray, weights: FloatArray, order: IntArray, n: int
) -> tuple[IntArray, IntArray, FloatArray, FloatArray]:
    """Return a spanning forest of greatest weight, and the weight of the other edges at every node.

    The forest is nodes (n,) from the roots down, parents (n,), -1 at roots, and weights of the edges to them (n,).

    Parameters
    ----------
    first, second : ndarray of int, shape (m,)
        Ends of the edges.
    weights : ndarray, shape (m,)
    order : ndarray of int, shape (m,)
        The edges, heaviest first (Kruskal 1956).
    n : int
        Number of nodes.
    """
    group = np.arange(n)
    taken = np.empty(max(n - 1, 0), dtype=np.int64)
    count = 0
    degree = np.zeros(n + 1, dtype=np.int64)
    loose = np.zeros(n)
    for edge in order:
        a, b = _root_of(group, first[edge]), _root_of(group, second[edge])
        if a == b or weights[edge] <= 0.0:
            loose[first[edge]] += weights[edge]
            loose[second[edge]] += weights[edge]
        else:
            group[a] = b
            taken[count] = edge
            count += 1
            degree[first[edge] + 1] += 1
            degree[second[edge] + 1] += 1
    start = np.cumsum(degree)
    place = start[:-1].copy()
    neighbours, links = np.empty(2 * count, dtype=np.int64), np.empty(2 * count, dtype=np.int64)
    for k in range(count):
        edge = taken[k]
        for a, b in ((first[edge], second[edge]), (second[edge], first[edge])):
            neighbours[place[a]], links[place[a]] = b, edge
            place[a] += 1
    nodes, parents, up = np.empty(n, dtype=np.int64), np.full(n, -1, dtype=np.int64), np.zeros(n)
    seen = np.zeros(n, dtype=np.bool_)
    filled = 0
    for root in range(n):
        if seen[root]:
            continue
        seen[root] = True
        nodes[filled] = root
        reached = filled
        filled += 1
        while reached < filled:
            node = nodes[reached]
            reached += 1
            for k in range(start[node], start[node + 1]):
                other = neighbours[k]
                if not seen[other]:
                    seen[other] = True
                    parents[other], up[other] = node, weights[links[k]]
                    nodes[filled] = other
                    filled += 1
    return nodes, parents, up, loose


@njit(cache=True)
def forest_pivots(nodes: IntArray, parents: IntArray, up: FloatArray, diagonal: FloatArray) -> FloatArray:
    """Return the pivots of the elimination, leaves first, of forest Laplacian + diagonal.

    A node's pivot exceeds the weight to its parent by `rest`, its diagonal and what its children pass up; kept apart,
    no digits cancel.
    """
    rest = diagonal.copy()
    pivots = np.empty(diagonal.size)
    for k in range(nodes.size - 1, -1, -1):
        node = nodes[k]
        pivots[node] = rest[node] + up[node]
        if parents[node] >= 0:
            rest[parents[node]] += up[node] * (rest[node] / pivots[node])
    return pivots


@njit(cache=True)
def _solve_forest(
    nodes: IntArray, parents: IntArray, up: FloatArray, pivots: FloatArray, right: FloatArray, out: FloatArray
) -> None:
    """Write (forest Laplacian + diagonal)^-1 right to `out` (modified in place)."""
    out[:] = right
    for k in range(nodes.size - 1, -1, -1):
        node = nodes[k]
        if parents[node] >= 0:
            out[parents[node]] += up[node] / pivots[node] * out[node]
    for k in range(nodes.size):
        node = nodes[k]
        value = out[node] / pivots[node]
        if parents[node] >= 0:
            value += up[node] / pivots[node] * out[parents[node]]
        out[node] = value


@njit(cache=True)
def solve_laplacian(
    first: IntArray,
    second: IntArray,
    weights: FloatArray,
    diagonal: FloatArray,
    nodes: IntArray,
    parents: IntArray,
    up: FloatArray,
    pivots: FloatArray,
    right: FloatArray,
    tolerance: float,
    limit: int,
) -> FloatArray:
    """Return x with (sum_k weights_k (e_i - e_j)(e_i - e_j)^T + diag(diagonal)) x = right, up to `tolerance`.

    Parameters
    ----------
    first, second, weights : ndarray, shape (m,)
        Edges.
    diagonal : ndarray, shape (n,)
        Positive.
    nodes, parents, up, pivots : ndarray, shape (n,)
        The preconditioner.
    right : ndarray, shape (n,)
    tolerance : float
        Relative, in the norm of the preconditioner.
    limit : int
        Largest number of steps.
    """
    n = right.size
    x, residual, image, shaped = np.zeros(n), right.copy(), np.empty(n), np.empty(n)
    _solve_forest(nodes, parents, up, pivots, residual, shaped)
    direction = shaped.copy()
    product = 0.0
    for v in range(n):
        product += residual[v] * shaped[v]
    goal = tolerance * tolerance * product
    for _ in range(limit):
        if not product > 0.0:
            break
        for v in range(n):
            image[v] = diagonal[v] * direction[v]
        for k in range(weights.size):
            flow = weights[k] * (direction[first[k]] - direction[second[k]])
            image[first[k]] += flow
            image[second[k]] -= flow
        curvature = 0.0
        for v in range(n):
            curvature += direction[v] * image[v]
        if not curvature > 0.0:
            break
        step = product / curvature
        for v in range(n):
            x[v] += step * direction[v]
            residual[v] -= step * image[v]
        _solve_forest(nodes, parents, up, pivots, residual, shaped)
        before, product = product, 0.0
        for v in range(n):
            product += residual[v] * shaped[v]
        if product <= goal:
            break
        for v in range(n):
            direction[v] = shaped[v] + product / before * direction[v]
    return x
