"""Compiled inner loops of the Lipschitz room: serial, no fastmath, arrays in, arrays out."""

from __future__ import annotations

import numpy as np

from noprune_theory._compile import njit


@njit(cache=True)
def planar_sweep(order, jumps, orientation, distinct, center, flip):  # type: ignore[no-untyped-def]
    """Visit the arcs of the half circle in order; return the best value, its arc and its side.

    Parameters
    ----------
    order : ndarray of int64, shape (M,)
        Hyperplanes in the order in which the half circle crosses them.
    jumps : ndarray, shape (M, d)
        Gradient jumps along the normals.
    orientation : ndarray, shape (M,)
        +1 where the sweep crosses along the normal, -1 against it.
    distinct : ndarray of bool, shape (M,)
        Whether an arc of positive length follows event k.
    center : ndarray, shape (d,)
    flip : int
        Number of events after which the last lifted coordinate is positive; -1 when both signs count.

    Returns
    -------
    best : float
        Largest |center + r|^2 over the arcs, r the half-sum of signed jumps (antipode: -r).
    arc : int
    side : int
        +1 for the arc itself, -1 for its antipode; 0 when no arc was found.

    Notes
    -----
    Prefix sums carry their rounding errors along (two-sum), so a sum of M jumps is off by an ulp or two, not by M.
    """
    n_events, dimension = jumps.shape
    high = np.zeros(dimension)
    low = np.zeros(dimension)
    for event in range(n_events):
        for k in range(dimension):
            term = -0.5 * orientation[event] * jumps[event, k]
            total = high[k] + term
            part = total - high[k]
            low[k] += (high[k] - (total - part)) + (term - part)
            high[k] = total
    best = -1.0
    arc = -1
    side = 0
    for position in range(n_events):
        event = order[position]
        for k in range(dimension):
            term = orientation[event] * jumps[event, k]
            total = high[k] + term
            part = total - high[k]
            low[k] += (high[k] - (total - part)) + (term - part)
            high[k] = total
        if not distinct[position]:
            continue
        plus = 0.0
        minus = 0.0
        for k in range(dimension):
            r = high[k] + low[k]
            plus += (center[k] + r) * (center[k] + r)
            minus += (center[k] - r) * (center[k] - r)
        upper_half = flip < 0 or position + 1 >= flip
        lower_half = flip < 0 or position + 1 < flip
        if upper_half and plus > best:
            best, arc, side = plus, position, 1
        if lower_half and minus > best:
            best, arc, side = minus, position, -1
    return best, arc, side


@njit(cache=True)
def mixing_sweeps(vectors, factors, G, squares, sweeps, relaxation):  # type: ignore[no-untyped-def]
    """Block coordinate ascent of |G|_F^2, G = c z_0^T + (1/2) sum_i v_i z_i^T, over unit vectors z_i.

    A step moves z_i towards the maximiser with the others fixed, which lies along G_{-i}^T v_i, and `relaxation` times
    as far (then back to unit length). `factors` (N, k) and `G` (d, k) are modified in place.

    Parameters
    ----------
    vectors : ndarray, shape (N, d)
    factors : ndarray, shape (N, k)
    G : ndarray, shape (d, k)
    squares : ndarray, shape (N,)
        |v_i|^2.
    sweeps : int
    relaxation : float
        1 never lowers the value; 1.7 converges several times faster near the maximum.
    """
    n_vectors, dimension = vectors.shape
    rank = factors.shape[1]
    y = np.empty(rank)
    for _ in range(sweeps):
        for i in range(n_vectors):
            for k in range(rank):
                y[k] = -0.5 * squares[i] * factors[i, k]
            for a in range(dimension):
                entry = vectors[i, a]
                for k in range(rank):
                    y[k] += entry * G[a, k]
            norm = 0.0
            for k in range(rank):
                norm += y[k] * y[k]
            if norm == 0.0:
                continue
            stretch = relaxation / np.sqrt(norm)
            norm = 0.0
            for k in range(rank):
                y[k] = stretch * y[k] + (1.0 - relaxation) * factors[i, k]
                norm += y[k] * y[k]
            if norm == 0.0:
                continue
            stretch = 1.0 / np.sqrt(norm)
            for k in range(rank):
                moved = stretch * y[k]
                y[k] = moved - factors[i, k]
                factors[i, k] = moved
            for a in range(dimension):
                entry = 0.5 * vectors[i, a]
                for k in range(rank):
                    G[a, k] += entry * y[k]


@njit(cache=True)
def next_circles(state, n_planes, cover, tuples):  # type: ignore[no-untyped-def]
    """Fill `tuples` with the next index tuples in lexicographic order; return how many.

    Parameters
    ----------
    state : ndarray of int64, shape (t + 1,)
        Next tuple, and a last entry that is 0 once all are done. Modified in place.
    n_planes : int
    cover : bool
        Keep only a family of t-tuples of which every (t + 1)-set of planes contains one: a simple arrangement has a
        vertex on every cell, t + 1 planes through it, and an edge of the cell along each t of them.
    tuples : ndarray of int64, shape (block, t)
    """
    size = tuples.shape[1]
    filled = 0
    while filled < tuples.shape[0] and state[size] == 1:
        keep = True
        if cover and size == 1:
            keep = state[0] < n_planes - 1
        elif cover and size == 3:
            # Turan's family for triples: all in one of three parts, or two in a part and one in the next.
            a, b, c = state[0] % 3, state[1] % 3, state[2] % 3
            if a == b:
                keep = c == a or c == (a + 1) % 3
            elif a == c:
                keep = b == (a + 1) % 3
            else:
                keep = b == c and a == (b + 1) % 3
        elif cover:
            # Removing a member from a set that meets both parts gives either parity.
            odd = 0
            for k in range(size):
                odd += state[k] % 2
            keep = odd % 2 == 0 or odd == size
        if keep:
            for k in range(size):
                tuples[filled, k] = state[k]
            filled += 1
        position = size - 1
        while position >= 0 and state[position] == n_planes - size + position:
            position -= 1
        if position < 0:
            state[size] = 0
        else:
            state[position] += 1
            for k in range(position + 1, size):
                state[k] = state[k - 1] + 1
    return filled


@njit(cache=True)
def circle_keys(normals, supports, jumps, tuples, infinity, keys, starts, bases, limits, infinity_keys):  # type: ignore[no-untyped-def]
    """Locate all kinks on each circle cut out by a tuple of hyperplanes.

    Parameters
    ----------
    normals : ndarray, shape (D, M)
        Normals as columns.
    supports : ndarray of int64, shape (M,)
        Bit k is set where coordinate k of a normal is not exactly zero.
    jumps : ndarray, shape (M, 8)
        Gradient jumps, padded with zeros.
    tuples : ndarray of int64, shape (B, D - 2)
    infinity : int
        Index of the hyperplane at infinity, -1 for none.
    keys : ndarray of int64, shape (B, M)
        Out: position on the half circle (high bits), then hyperplane and orientation (2 hyperplane + (against)).
        Members of the tuple get the largest key.
    starts : ndarray, shape (B, 8)
        Out: half-sum of signed jumps before the first kink, tuple excluded.
    bases : ndarray, shape (B, 2, D)
        Out: orthonormal basis p, q; the half circle is p + t q, t real, and position = t / (1 + |t|).
    limits : ndarray of int64, shape (B,)
        Out: kinks nearer than this (in key units) may be in either order; -1 when the tuple is dependent to rounding
        or another hyperplane contains the circle; -2 when the tuple is dependent by its zeros, or when another tuple
        stands for the same circle.
    infinity_keys : ndarray of int64, shape (B, 2)
        Out: position of the kink at infinity and the sign of the last lifted coordinate after it (0: no kink).
    """
    dimension, n_planes = normals.shape
    size = tuples.shape[1]
    bits = 1
    while (1 << bits) < 2 * n_planes:
        bits += 1
    scale = float(1 << (61 - bits))
    reflectors = np.empty((size, dimension))
    columns = np.empty((size, dimension))
    alpha = np.empty(n_planes)
    beta = np.empty(n_planes)
    signs = np.empty(n_planes)
    for circle in range(tuples.shape[0]):
        volume = _householder(normals, tuples[circle], columns, reflectors)
        if volume < 1e-13:
            limits[circle] = -2 if _dependent_by_zeros(supports, tuples[circle]) else -1
            continue
        for axis in range(2):
            basis = bases[circle, axis]
            basis[:] = 0.0
            basis[size + axis] = 1.0
            for k in range(size - 1, -1, -1):
                inner = 0.0
                for i in range(k, dimension):
                    inner += reflectors[k, i] * basis[i]
                for i in range(k, dimension):
                    basis[i] -= 2.0 * inner * reflectors[k, i]
        p, q = bases[circle]
        for j in range(n_planes):
            alpha[j] = p[0] * normals[0, j]
            beta[j] = q[0] * normals[0, j]
        for i in range(1, dimension):
            p_i, q_i = p[i], q[i]
            for j in range(n_planes):
                alpha[j] += p_i * normals[i, j]
                beta[j] += q_i * normals[i, j]
        for k in range(size):
            beta[tuples[circle, k]] = np.inf
        smallest = np.inf
        for j in range(n_planes):
            sign = 1.0 if beta[j] >= 0.0 else -1.0
            signs[j] = sign
            magnitude = max(abs(alpha[j]) + abs(beta[j]), 1e-300)
            smallest = min(smallest, magnitude)
            position = np.int64((1.0 - alpha[j] * sign / magnitude) * scale)
            keys[circle, j] = (position << bits) | (2 * j + (1 if sign < 0.0 else 0))
        # Householder's error is below 16 D^2 ulps; the circle amplifies it by 1 / volume, the angle by 1 / smallest.
        tolerance = 64.0 * dimension * dimension * 2.3e-16 / volume
        if smallest <= tolerance:
            limits[circle] = -1
            if _has_earlier_basis(normals, tuples[circle], alpha, beta, columns):
                limits[circle] = -2
            continue
        limits[circle] = np.int64(min(2.0 * tolerance / smallest, 2.0) * scale) + 2
        infinity_keys[circle, 0] = 0
        infinity_keys[circle, 1] = 0
        if infinity >= 0:
            infinity_keys[circle, 0] = keys[circle, infinity]
            infinity_keys[circle, 1] = np.int64(signs[infinity])
        for k in range(size):
            keys[circle, tuples[circle, k]] = np.iinfo(np.int64).max
            signs[tuples[circle, k]] = 0.0
            if tuples[circle, k] == infinity:
                infinity_keys[circle, 1] = 0
        start = starts[circle]
        start[:] = 0.0
        for j in range(n_planes):
            half = -0.5 * signs[j]
            for k in range(8):
                start[k] += half * jumps[j, k]


@njit(cache=True)
def _dependent_by_zeros(supports, members):  # type: ignore[no-untyped-def]
    """Return whether some members have fewer coordinates between them than they are: then they are dependent."""
    for subset in range(1, 1 << members.shape[0]):
        union = 0
        surplus = 0
        for k in range(members.shape[0]):
            if (subset >> k) & 1:
                union |= supports[members[k]]
                surplus += 1
        while union:
            union &= union - 1
            surplus -= 1
        if surplus > 0:
            return True
    return False


@njit(cache=True)
def _has_earlier_basis(normals, members, alpha, beta, columns):  # type: ignore[no-untyped-def]
    """Return whether the hyperplanes through a circle clearly have an earlier basis, in index order, than `members`.

    Doubtful cases answer False: the circle is then looked at once more, not lost. `columns` is overwritten.
    """
    dimension, n_planes = normals.shape
    size = members.shape[0]
    chosen = 0
    for j in range(n_planes):
        member = False
        for k in range(size):
            member = member or members[k] == j
        if not member and abs(alpha[j]) + abs(beta[j]) > 1e-14:
            if abs(alpha[j]) + abs(beta[j]) < 1e-10:
                return False
            continue
        norm = 0.0
        for i in range(dimension):
            columns[chosen, i] = normals[i, j]
            norm += normals[i, j] * normals[i, j]
        for _ in range(2):
            for k in range(chosen):
                inner = 0.0
                for i in range(dimension):
                    inner += columns[k, i] * columns[chosen, i]
                for i in range(dimension):
                    columns[chosen, i] -= inner * columns[k, i]
        rest = 0.0
        for i in range(dimension):
            rest += columns[chosen, i] * columns[chosen, i]
        if rest < 1e-24 * norm:
            continue
        if rest < 1e-12 * norm:
            return False
        if not member:
            return True
        rest = np.sqrt(rest)
        for i in range(dimension):
            columns[chosen, i] /= rest
        chosen += 1
        if chosen == size:
            return False
    return False


@njit(cache=True)
def _householder(normals, members, columns, reflectors):  # type: ignore[no-untyped-def]
    """Triangularise the members' unit normals; return the product of the pivots, their volume."""
    dimension = normals.shape[0]
    size = members.shape[0]
    volume = 1.0
    for k in range(size):
        norm = 0.0
        for i in range(dimension):
            columns[k, i] = normals[i, members[k]]
            norm += columns[k, i] * columns[k, i]
        norm = np.sqrt(norm)
        for i in range(dimension):
            columns[k, i] /= norm
    for k in range(size):
        norm = 0.0
        for i in range(k, dimension):
            norm += columns[k, i] * columns[k, i]
        norm = np.sqrt(norm)
        volume *= norm
        if norm < 1e-14:
            return 0.0
        pivot = columns[k, k]
        for i in range(k):
            reflectors[k, i] = 0.0
        for i in range(k, dimension):
            reflectors[k, i] = columns[k, i]
        reflectors[k, k] += norm if pivot >= 0.0 else -norm
        length = 0.0
        for i in range(k, dimension):
            length += reflectors[k, i] * reflectors[k, i]
        length = np.sqrt(length)
        for i in range(k, dimension):
            reflectors[k, i] /= length
        for other in range(k + 1, size):
            inner = 0.0
            for i in range(k, dimension):
                inner += reflectors[k, i] * columns[other, i]
            for i in range(k, dimension):
                columns[other, i] -= 2.0 * inner * reflectors[k, i]
    return volume


@njit(cache=True)
def sweep_circles(keys, starts, limits, infinity_keys, tuples, supports, rank, jumps, center, incumbent, found, doubts):  # type: ignore[no-untyped-def]
    """Visit all cells next to the arcs of each circle; return the best norm, the number of doubts and of ties.

    Parameters
    ----------
    keys, starts, limits, infinity_keys, tuples, supports : see `circle_keys`; the keys are sorted along each circle.
    rank : int
        Dimension D of the arrangement: hyperplanes whose zeros show a rank below D share a ray.
    jumps : ndarray, shape (M, 8)
    center : ndarray, shape (8,)
    incumbent : float
        A gradient norm known to be attained: arcs that cannot beat it are passed over.
    found : ndarray of int64, shape (4,)
        Out, when the incumbent is beaten: circle, event before the arc, signs of the tuple (bits), side +-1.
    doubts : ndarray, shape (n, 4)
        Out: circle, first and last event of kinks too near to be ordered, and a bound on every gradient between them,
        where that bound exceeds the best value. A first event 0 includes the antipodes of the last kinks.

    Notes
    -----
    Between two arcs m kinks apart the norm changes by at most m times the largest jump, so most arcs are skipped.
    """
    n_planes = jumps.shape[0]
    size = tuples.shape[1]
    n_events = n_planes - size
    bits = 1
    while (1 << bits) < 2 * n_planes:
        bits += 1
    low_bits = (1 << bits) - 1
    full_turn = np.int64(1) << np.int64(62 - bits)
    lengths = np.empty(n_planes)
    for j in range(n_planes):
        square = 0.0
        for k in range(8):
            square += jumps[j, k] * jumps[j, k]
        lengths[j] = np.sqrt(square)
    longest = lengths.max()
    center_square = 0.0
    for k in range(8):
        center_square += center[k] * center[k]
    best = incumbent
    n_doubts = 0
    n_ties = 0
    r = np.empty(8)
    for circle in range(keys.shape[0]):
        if limits[circle] < 0:
            continue
        row = keys[circle]
        nearest = (row[0] >> bits) + full_turn - (row[n_events - 1] >> bits)
        for event in range(n_events - 1):
            nearest = min(nearest, (row[event + 1] - row[event]) >> bits)
        tied = nearest <= limits[circle]
        n_ties += tied
        local = 0.0
        for k in range(size):
            local += 0.5 * lengths[tuples[circle, k]]
        r[:] = starts[circle]
        wrapped = 0.0
        if tied:
            # Kinks at the very end may belong to the first group: its bound has to reach over them.
            wrapped = _group_length(row, 0, n_events, bits, limits[circle], lengths, full_turn)
        group = wrapped
        group_start = 0
        before = _reach(r, center, center_square) + local
        skip = 0
        for event in range(n_events):
            code = row[event] & low_bits
            sign = 1.0 - 2.0 * (code & 1)
            plane = code >> 1
            for k in range(8):
                r[k] += sign * jumps[plane, k]
            if skip > 0:
                skip -= 1
                continue
            bound = _reach(r, center, center_square) + local
            if tied:
                group += lengths[plane]
                following = row[event + 1] >> bits if event + 1 < n_events else (row[0] >> bits) + full_turn
                if following - (row[event] >> bits) <= limits[circle] + 1:
                    continue
                if (
                    (group_start < event or wrapped > 0.0)
                    and before + group > best
                    and not _concurrent_by_zeros(
                        row,
                        group_start,
                        event,
                        wrapped > 0.0,
                        n_events,
                        bits,
                        limits[circle],
                        tuples[circle],
                        supports,
                        rank,
                    )
                ):
                    if n_doubts < doubts.shape[0]:
                        doubts[n_doubts, 0] = circle
                        doubts[n_doubts, 1] = group_start
                        doubts[n_doubts, 2] = event
                        doubts[n_doubts, 3] = before + group
                    n_doubts += 1
                group = 0.0
                wrapped = 0.0
                group_start = event + 1
                before = bound
            if bound < best:
                if not tied:
                    skip = int((best - bound) / longest)
                continue
            side = infinity_keys[circle, 1]
            if side != 0 and row[event] < infinity_keys[circle, 0]:
                side = -side
            best = _best_local_cell(r, tuples[circle], jumps, center, side, best, found, circle, event)
    return best, n_doubts, n_ties


@njit(cache=True)
def _reach(r, center, center_square):  # type: ignore[no-untyped-def]
    """Return the larger of |center + r| and |center - r|."""
    square = center_square
    inner = 0.0
    for k in range(8):
        square += r[k] * r[k]
        inner += center[k] * r[k]
    return np.sqrt(square + 2.0 * abs(inner))


@njit(cache=True)
def _group_length(row, first, n_events, bits, limit, lengths, full_turn):  # type: ignore[no-untyped-def]
    """Return the sum of jump lengths of the last kinks that cannot be told from the antipode of the first."""
    low_bits = (1 << bits) - 1
    total = 0.0
    following = (row[first] >> bits) + full_turn
    event = n_events - 1
    while event > first and following - (row[event] >> bits) <= limit + 1:
        total += lengths[(row[event] & low_bits) >> 1]
        following = row[event] >> bits
        event -= 1
    return total


@njit(cache=True)
def _concurrent_by_zeros(row, first, last, wrapped, n_events, bits, limit, members, supports, rank):  # type: ignore[no-untyped-def]
    """Return whether the zeros of the members and of a group of kinks alone show a common ray (rank below D)."""
    low_bits = (1 << bits) - 1
    full_turn = np.int64(1) << np.int64(62 - bits)
    tail = n_events
    if wrapped:
        following = (row[0] >> bits) + full_turn
        while tail - 1 > last and following - (row[tail - 1] >> bits) <= limit + 1:
            tail -= 1
            following = row[tail] >> bits
    for subset in range(1, 1 << rank):
        # By Hall's theorem the rank is deficient when fewer rows touch some coordinates than they are.
        rows_left = 0
        coordinates = subset
        while coordinates:
            coordinates &= coordinates - 1
            rows_left += 1
        for k in range(members.shape[0]):
            rows_left -= (supports[members[k]] & subset) != 0
        event = first
        while event < n_events and rows_left > 0:
            rows_left -= (supports[(row[event] & low_bits) >> 1] & subset) != 0
            event = tail if event == last else event + 1
        if rows_left > 0:
            return True
    return False


@njit(cache=True)
def _best_local_cell(r, members, jumps, center, side, best, found, circle, event):  # type: ignore[no-untyped-def]
    """Try every side of every hyperplane through the arc; return the best norm, recording it when it improves."""
    for pattern in range(1 << members.shape[0]):
        plus = 0.0
        minus = 0.0
        for k in range(8):
            total = r[k]
            for i in range(members.shape[0]):
                half = 0.5 if (pattern >> i) & 1 else -0.5
                total += half * jumps[members[i], k]
            plus += (center[k] + total) * (center[k] + total)
            minus += (center[k] - total) * (center[k] - total)
        plus = np.sqrt(plus)
        minus = np.sqrt(minus)
        if side >= 0 and plus > best:
            best = plus
            found[0], found[1], found[2], found[3] = circle, event, pattern, 1
        if side <= 0 and minus > best:
            best = minus
            found[0], found[1], found[2], found[3] = circle, event, pattern, -1
    return best


@njit(cache=True)
def refine_cones(  # type: ignore[no-untyped-def]
    normals,
    jumps,
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
    jumps : ndarray, shape (M, d)
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
    lengths = np.empty(n_planes)
    margins = np.empty(n_planes)
    for j in range(n_planes):
        square = 0.0
        for k in range(dimension):
            square += jumps[j, k] * jumps[j, k]
        lengths[j] = np.sqrt(square)
        margins[j] = 1e-13 * np.abs(normals[j]).max()
    survivors = 0
    nodes = 0
    dropped = 0.0
    candidate = np.empty(dimension)
    mean = np.empty(rank)
    for index in range(cones.shape[0]):
        if nodes >= max_nodes:
            out[survivors] = cones[index]
            out_bounds[survivors] = cone_bounds[index]
            survivors += 1
            continue
        generators[0] = cones[index]
        sums[0] = 0.0
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
            counts[top] = _drop_fixed(heights[top], planes[top], factors[top], counts[top], margins, jumps, sums[top])
            count = counts[top]
            bound = 0.0
            for side in range(2 if both_sides else 1):
                for k in range(dimension):
                    candidate[k] = center[k] + (sums[top, k] if side == 0 else -sums[top, k])
                enough = best * (1.0 + rtol)
                reach = _cone_bound(
                    candidate, jumps, planes[top], count, families, senses, lengths, factors[top, side], multipliers,
                    enough,
                )  # fmt: skip
                bound = max(bound, reach)
            bounds[top] = min(bounds[top], bound)
            value, sign = _value_at_middle(heights[top], planes[top], count, jumps, sums[top], center, both_sides)
            if value > best:
                best = value
                for i in range(rank):
                    mean[i] = 0.0
                    for v in range(rank):
                        mean[i] += generators[top, v, i]
                    point[i] = sign * mean[i]
            if bounds[top] <= best * (1.0 + rtol):
                dropped = max(dropped, bounds[top])
                top -= 1
                continue
            if bounds[top] <= keep_above or nodes >= max_nodes or top >= depth_limit:
                out[survivors] = generators[top]
                out_bounds[survivors] = bounds[top]
                survivors += 1
                top -= 1
                continue
            _split(generators, heights, planes, factors, counts, sums, bounds, lengths, top)
            top += 1
    return survivors, nodes, best, dropped


@njit(cache=True)
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
            low = min(low, h)
            high = max(high, h)
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


@njit(cache=True)
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
    generators[top + 1] = generators[top]
    counts[top + 1] = count
    sums[top + 1] = sums[top]
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


@njit(cache=True)
def _value_at_middle(heights, planes, count, jumps, total, center, both_sides):  # type: ignore[no-untyped-def]
    """Return the gradient norm at the mean of the generators (or its antipode) and the side."""
    dimension = jumps.shape[1]
    rank = heights.shape[1]
    r = total.copy()
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


@njit(cache=True)
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
    return min(loose, np.sqrt(_certificate(base, jumps, planes, count, multipliers)) * (1.0 + 1e-9))


@njit(cache=True)
def _mix(base, jumps, planes, count, lengths, factors, multipliers):  # type: ignore[no-untyped-def]
    """Climb |base z_0^T + (1/2) sum v_j z_j^T|_F over unit vectors of length 4, one sweep; leave e_j = |G^T v_j|."""
    dimension = jumps.shape[1]
    G = np.zeros((dimension, 4))
    for k in range(dimension):
        G[k, 0] = base[k]
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


@njit(cache=True)
def _certificate(base, jumps, planes, count, multipliers):  # type: ignore[no-untyped-def]
    """Return the least of a few values (t/2) sum e_j + base^T (I - K / t)^{-1} base, K = (1/2) sum v_j v_j^T / e_j."""
    dimension = jumps.shape[1]
    K = np.zeros((dimension, dimension))
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


@njit(cache=True)
def _ordered_signs(base, jumps, planes, count, families, senses):  # type: ignore[no-untyped-def]
    """Return the largest |base + (1/2) sum sigma_j v_j| over signs that rise along no family, in Gray code order.

    Digit g of the mixed-radix Gray code counts the leading members of family g whose oriented sign is +.
    """
    dimension = jumps.shape[1]
    total = base.copy()
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
    ends = starts[:-1].copy()
    upward = np.ones(count, dtype=np.bool_)
    largest = 0.0
    while True:
        square = 0.0
        for k in range(dimension):
            square += total[k] * total[k]
        largest = max(largest, square)
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


@njit(cache=True)
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
