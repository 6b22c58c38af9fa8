"""Compiled branch and bound over simplicial cones, with its bounds by signs and by LipSDP: serial, no fastmath."""

from __future__ import annotations

import numpy as np

from noprune_theory._compile import njit


@njit(cache=True, no_cfunc_wrapper=True, error_model="numpy")
def refine_cones(  # type: ignore[no-untyped-def]
    normals,
    margins,
    jumps,
    lengths,
    center,
    families,
    senses,
    starting_factors,
    both_sides,
    cones,
    cone_bounds,
    keep_above,
    best,
    rtol,
    max_nodes,
    out,
    out_bounds,
    point,
):
    """Split simplicial cones until the bound on each is at most a level; a depth-first pass of branch and bound.

    Parameters
    ----------
    normals : ndarray, shape (M, D)
    margins : ndarray, shape (M,)
        Rounding errors of heights over the hyperplanes, bounded.
    jumps : ndarray, shape (M, d), and lengths : ndarray, shape (M,)
        Gradient jumps and their norms.
    center : ndarray, shape (d,)
    families : ndarray of int, shape (M,), and senses : ndarray, shape (M,)
        As from `parallel_families`, hyperplanes in that order.
    starting_factors : ndarray, shape (M, 4)
        Unit vectors from which the mixing ascent starts on every cone handed in.
    both_sides : bool
        Whether antipodal cells count too (no offsets).
    cones : ndarray, shape (n, D, D)
        Generators as rows, convex combinations of coordinate vectors up to sign.
    cone_bounds : ndarray, shape (n,)
        Bounds known already; infinite where none is.
    keep_above : float
        Cones whose bound is at most this are returned, not split.
    best : float
        Largest gradient norm known to be attained.
    rtol : float
        Cones whose bound is at most best (1 + rtol) are dropped.
    max_nodes : int
        Budget; cones left over are returned as they are.
    out : ndarray, shape (m, D, D), and out_bounds : ndarray, shape (m,)
        Out: surviving cones with their bounds; m >= n + max_nodes + 50 D.
    point : ndarray, shape (D,)
        Out: where `best` was attained, when it improved.

    Returns
    -------
    survivors, nodes : int
    best : float
    dropped : float
        Largest bound among dropped cones.
    """
    n_planes, rank = normals.shape
    dimension = jumps.shape[1]
    depth_limit = 48 * rank
    generators = np.empty((depth_limit + 2, rank, rank))
    heights = np.empty((depth_limit + 2, n_planes, rank))
    planes = np.empty((depth_limit + 2, n_planes), dtype=np.int64)
    counts = np.empty(depth_limit + 2, dtype=np.int64)
    sums = np.empty((depth_limit + 2, dimension))
    bounds = np.empty(depth_limit + 2)
    factors = np.empty((depth_limit + 2, 2, n_planes, 4))
    multipliers = np.empty(n_planes)
    survivors = 0
    nodes = 0
    dropped = 0.0
    candidate = np.empty(dimension)
    for index in range(cones.shape[0]):
        if nodes >= max_nodes:
            _copy(cones[index], out[survivors])
            out_bounds[survivors] = cone_bounds[index]
            survivors += 1
            continue
        _copy(cones[index], generators[0])
        for k in range(dimension):
            sums[0, k] = 0.0
        counts[0] = n_planes
        for j in range(n_planes):
            planes[0, j] = j
            for v in range(rank):
                total = 0.0
                for i in range(rank):
                    total += normals[j, i] * cones[index, v, i]
                heights[0, j, v] = total
            for a in range(4):
                factors[0, 0, j, a] = starting_factors[j, a]
                factors[0, 1, j, a] = starting_factors[j, a]
        bounds[0] = cone_bounds[index]
        top = 0
        while top >= 0:
            nodes += 1
            height, listed, total = heights[top], planes[top], sums[top]
            count = _drop_fixed(height, listed, factors[top], counts[top], margins, jumps, total)
            counts[top] = count
            bound = 0.0
            for side in range(2 if both_sides else 1):
                for k in range(dimension):
                    candidate[k] = center[k] + (total[k] if side == 0 else -total[k])
                reach = _cone_bound(
                    candidate, jumps, listed, count, families, senses, lengths, factors[top, side], multipliers,
                    best * (1.0 + rtol),
                )  # fmt: skip
                if reach > bound:
                    bound = reach
            if bound < bounds[top]:
                bounds[top] = bound
            bound = bounds[top]
            value, sign = _value_at_middle(height, listed, count, jumps, total, center, both_sides)
            if value > best:
                best = value
                for i in range(rank):
                    mean = 0.0
                    for v in range(rank):
                        mean += generators[top, v, i]
                    point[i] = sign * mean
            if bound <= best * (1.0 + rtol):
                if bound > dropped:
                    dropped = bound
                top -= 1
                continue
            if bound <= keep_above or nodes >= max_nodes or top >= depth_limit:
                _copy(generators[top], out[survivors])
                out_bounds[survivors] = bound
                survivors += 1
                top -= 1
                continue
            _split(generators, heights, planes, factors, counts, sums, bounds, lengths, top)
            top += 1
    return survivors, nodes, best, dropped


# The work is spread over small functions without assignments of slices, `min` or `max`: numba compiles those slowly.
@njit(no_cpython_wrapper=True, no_cfunc_wrapper=True, error_model="numpy")
def _copy(cone, place):  # type: ignore[no-untyped-def]
    for v in range(cone.shape[0]):
        for i in range(cone.shape[1]):
            place[v, i] = cone[v, i]


@njit(no_cpython_wrapper=True, no_cfunc_wrapper=True, error_model="numpy")
def _drop_fixed(heights, planes, factors, count, margins, jumps, total):  # type: ignore[no-untyped-def]
    """Move hyperplanes that do not cut the cone from the list into the half-sum of jumps; return how many stay."""
    rank = heights.shape[1]
    kept = 0
    for position in range(count):
        j = planes[position]
        low = np.inf
        high = -np.inf
        for v in range(rank):
            h = heights[position, v]
            # A height within the rounding margin is open, an exact zero is not: it stems from zero weights alone.
            if h != 0.0 and abs(h) <= margins[j]:
                low = -np.inf
                high = np.inf
            if h < low:
                low = h
            if h > high:
                high = h
        if low >= 0.0 or high <= 0.0:
            half = 0.5 if high > 0.0 else -0.5
            for k in range(jumps.shape[1]):
                total[k] += half * jumps[j, k]
        else:
            planes[kept] = j
            for v in range(rank):
                heights[kept, v] = heights[position, v]
            for a in range(4):
                factors[0, kept, a] = factors[0, position, a]
                factors[1, kept, a] = factors[1, position, a]
            kept += 1
    return kept


@njit(no_cpython_wrapper=True, no_cfunc_wrapper=True, error_model="numpy")
def _split(generators, heights, planes, factors, counts, sums, bounds, lengths, top):  # type: ignore[no-untyped-def]
    """Replace the cone on top of the stack by its two halves, cut across a long edge that many jumps cross.

    The crossings alone would flatten cones without end; with the length squared every edge gets its turn.
    """
    rank = generators.shape[1]
    count = counts[top]
    heaviest = -1.0
    first = 0
    second = 1
    for u in range(rank):
        for v in range(u + 1, rank):
            weight = 0.0
            square = 0.0
            for i in range(rank):
                square += (generators[top, u, i] - generators[top, v, i]) ** 2
            for position in range(count):
                if heights[top, position, u] * heights[top, position, v] < 0.0:
                    weight += lengths[planes[top, position]]
            weight *= square
            if weight > heaviest:
                heaviest, first, second = weight, u, v
    # Off the middle, so that no plane with small integer weights passes exactly through the new generator.
    share = 0.4871
    _copy(generators[top], generators[top + 1])
    counts[top + 1] = count
    for k in range(sums.shape[1]):
        sums[top + 1, k] = sums[top, k]
    bounds[top + 1] = bounds[top]
    for i in range(rank):
        middle = share * generators[top, first, i] + (1.0 - share) * generators[top, second, i]
        generators[top, first, i] = middle
        generators[top + 1, second, i] = middle
    for position in range(count):
        planes[top + 1, position] = planes[top, position]
        for a in range(4):
            factors[top + 1, 0, position, a] = factors[top, 0, position, a]
            factors[top + 1, 1, position, a] = factors[top, 1, position, a]
        a, b = heights[top, position, first], heights[top, position, second]
        middle = share * a + (1.0 - share) * b
        if middle == 0.0 and (a != 0.0 or b != 0.0):
            middle = 1e-300
        for v in range(rank):
            heights[top + 1, position, v] = heights[top, position, v]
        heights[top, position, first] = middle
        heights[top + 1, position, second] = middle


@njit(no_cpython_wrapper=True, no_cfunc_wrapper=True, error_model="numpy")
def _value_at_middle(heights, planes, count, jumps, total, center, both_sides):  # type: ignore[no-untyped-def]
    """Return the gradient norm at the mean of the generators (or its antipode) and the side."""
    dimension = jumps.shape[1]
    rank = heights.shape[1]
    r = np.empty(dimension)
    for k in range(dimension):
        r[k] = total[k]
    for position in range(count):
        height = 0.0
        for v in range(rank):
            height += heights[position, v]
        half = 0.5 if height > 0.0 else -0.5
        for k in range(dimension):
            r[k] += half * jumps[planes[position], k]
    plus = 0.0
    minus = 0.0
    for k in range(dimension):
        plus += (center[k] + r[k]) * (center[k] + r[k])
        minus += (center[k] - r[k]) * (center[k] - r[k])
    if both_sides and minus > plus:
        return np.sqrt(minus), -1.0
    return np.sqrt(plus), 1.0


@njit(no_cpython_wrapper=True, no_cfunc_wrapper=True, error_model="numpy")
def _cone_bound(  # type: ignore[no-untyped-def]
    base, jumps, planes, count, families, senses, lengths, factors, multipliers, enough
):
    """Bound |base + (1/2) sum sigma_j v_j| over the signs of the listed jumps; stop once it is below `enough`.

    The triangle inequality first, all patterns when they are few, and else the d x d LipSDP certificate for free signs
    with multipliers from a mixing sweep over `factors` (M, 4), which carry over from cone to cone. `multipliers` (M,)
    is overwritten.
    """
    loose = 0.0
    for k in range(base.shape[0]):
        loose += base[k] * base[k]
    loose = np.sqrt(loose)
    for position in range(count):
        loose += 0.5 * lengths[planes[position]]
    loose *= 1.0 + 1e-12
    if loose <= enough or count == 0:
        return loose
    # m members of a family of parallel kinks have m + 1 patterns, for they are crossed in order.
    patterns = 1
    members = 0
    for position in range(count):
        if position > 0 and families[planes[position]] == families[planes[position - 1]]:
            patterns = patterns // (members + 1) * (members + 2)
            members += 1
        else:
            patterns *= 2
            members = 1
        if patterns > 256:
            break
    if patterns <= 256:
        return _ordered_signs(base, jumps, planes, count, families, senses) * (1.0 + 1e-12)
    _mix(base, jumps, planes, count, lengths, factors, multipliers)
    tight = np.sqrt(_certificate(base, jumps, planes, count, multipliers)) * (1.0 + 1e-9)
    return tight if tight < loose else loose


@njit(no_cpython_wrapper=True, no_cfunc_wrapper=True, error_model="numpy")
def _mix(base, jumps, planes, count, lengths, factors, multipliers):  # type: ignore[no-untyped-def]
    """Climb |base z_0^T + (1/2) sum v_j z_j^T|_F over unit vectors of length 4, one sweep; leave e_j = |G^T v_j|."""
    dimension = jumps.shape[1]
    G = np.empty((dimension, 4))
    for k in range(dimension):
        G[k, 0], G[k, 1], G[k, 2], G[k, 3] = base[k], 0.0, 0.0, 0.0
    for position in range(count):
        j = planes[position]
        for k in range(dimension):
            half = 0.5 * jumps[j, k]
            for a in range(4):
                G[k, a] += half * factors[position, a]
    y = np.empty(4)
    for position in range(count):
        j = planes[position]
        square = lengths[j] * lengths[j]
        for a in range(4):
            y[a] = -0.5 * square * factors[position, a]
        for k in range(dimension):
            entry = jumps[j, k]
            for a in range(4):
                y[a] += entry * G[k, a]
        norm = np.sqrt((y[0] * y[0] + y[1] * y[1]) + (y[2] * y[2] + y[3] * y[3])) + 1e-300
        multipliers[position] = norm + 0.5 * square
        inverse = 1.0 / norm
        for a in range(4):
            y[a] = y[a] * inverse - factors[position, a]
            factors[position, a] += y[a]
        for k in range(dimension):
            half = 0.5 * jumps[j, k]
            for a in range(4):
                G[k, a] += half * y[a]


@njit(no_cpython_wrapper=True, no_cfunc_wrapper=True, error_model="numpy")
def _certificate(base, jumps, planes, count, multipliers):  # type: ignore[no-untyped-def]
    """Return the least of a few values (t/2) sum e_j + base^T (I - K / t)^{-1} base, K = (1/2) sum v_j v_j^T / e_j."""
    dimension = jumps.shape[1]
    K = np.empty((dimension, dimension))
    for k in range(dimension):
        for i in range(k + 1):
            K[k, i] = 0.0
    half_sum = 0.0
    for position in range(count):
        j = planes[position]
        weight = 0.5 / multipliers[position]
        half_sum += 0.5 * multipliers[position]
        for k in range(dimension):
            entry = weight * jumps[j, k]
            for i in range(k + 1):
                K[k, i] += entry * jumps[j, i]
    tight = np.inf
    factor = np.empty((dimension, dimension))
    scale = 1.0
    for step in range(8):
        value = scale * half_sum + _inverse_form(K, 1.0 / scale, base, factor)
        if value < tight:
            tight = value
        elif value < np.inf:
            break
        scale *= 1.03 if step < 3 else 1.15
    return tight


@njit(no_cpython_wrapper=True, no_cfunc_wrapper=True, error_model="numpy")
def _ordered_signs(base, jumps, planes, count, families, senses):  # type: ignore[no-untyped-def]
    """Return the largest |base + (1/2) sum sigma_j v_j| over signs that rise along no family, in Gray code order.

    Digit g of the mixed-radix Gray code counts the leading members of family g whose oriented sign is +.
    """
    dimension = jumps.shape[1]
    total = np.empty(dimension)
    for k in range(dimension):
        total[k] = base[k]
    starts = np.empty(count + 1, dtype=np.int64)
    n_families = 0
    for position in range(count):
        j = planes[position]
        if position == 0 or families[j] != families[planes[position - 1]]:
            starts[n_families] = position
            n_families += 1
        for k in range(dimension):
            total[k] -= 0.5 * senses[j] * jumps[j, k]
    starts[n_families] = count
    ends = np.empty(count, dtype=np.int64)
    upward = np.empty(count, dtype=np.bool_)
    for family in range(n_families):
        ends[family] = starts[family]
        upward[family] = True
    largest = 0.0
    while True:
        square = 0.0
        for k in range(dimension):
            square += total[k] * total[k]
        if square > largest:
            largest = square
        digit = 0
        while digit < n_families and ends[digit] == (starts[digit + 1] if upward[digit] else starts[digit]):
            upward[digit] = not upward[digit]
            digit += 1
        if digit == n_families:
            return np.sqrt(largest)
        if not upward[digit]:
            ends[digit] -= 1
        j = planes[ends[digit]]
        sign = senses[j] if upward[digit] else -senses[j]
        for k in range(dimension):
            total[k] += sign * jumps[j, k]
        if upward[digit]:
            ends[digit] += 1


@njit(no_cpython_wrapper=True, no_cfunc_wrapper=True, error_model="numpy")
def _inverse_form(K, weight, base, factor):  # type: ignore[no-untyped-def]
    """Return base^T (I - weight K)^{-1} base from a Cholesky factorisation; infinity unless its pivots stay >= 1e-5.

    Pivots that large keep the rounding error far below the relative margin of 1e-9 that the caller adds.
    """
    dimension = K.shape[0]
    total = 0.0
    y = np.empty(dimension)
    for k in range(dimension):
        rest = base[k]
        for i in range(k):
            entry = -weight * K[k, i]
            for j in range(i):
                entry -= factor[k, j] * factor[i, j]
            factor[k, i] = entry / factor[i, i]
            rest -= factor[k, i] * y[i]
        pivot = 1.0 - weight * K[k, k]
        for j in range(k):
            pivot -= factor[k, j] * factor[k, j]
        if pivot < 1e-5:
            return np.inf
        factor[k, k] = np.sqrt(pivot)
        y[k] = rest / factor[k, k]
        total += y[k] * y[k]
    return total
