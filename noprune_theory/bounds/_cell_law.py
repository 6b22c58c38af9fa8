"""Search for the best cells of `noprune_theory.bounds.any_function`: tables of what labels cost, and compiled loops.

A cell with k points, a of them with the label +1, costs at least H (2 - u)^2, H = a (k - a) / k. What a multiplier
theta makes of it, E exp(-beta min(H, h)) with beta = theta (2 - u)^2 over fair signs, is tabulated for k up to 40 on
grids of beta and h; a bound is valid at every point of the grids. Beyond, E exp(-beta H) is at most
exp(-beta k/4) (1 - beta/2)^(-1/2), for H = (k - S^2/k)/4 with S a sum of k signs, which is no more than normal in law,
and exp(-beta min(H, h)) at most exp(-beta H) + exp(-beta h), the second only for k > 4 h.
"""

from __future__ import annotations

import math

import numpy as np

from noprune_theory._compile import njit
from noprune_theory._types import FloatArray

# theta h may be at most this: up to here exp(-theta h (2 - L sqrt(w))^2) is concave in the squared distance w.
CONCAVE = 27 / 32
LARGEST_COUNTED = 40
# beta = theta (2 - u)^2 <= 4 theta and theta <= CONCAVE / h with h >= 1/2.
BETAS = np.geomspace(1e-5, 8 * CONCAVE, 121)
CLIPS = np.array([k // 2 * (k - k // 2) / k for k in (*range(2, 13), 14, 16, 18, 20, 24, 28, 32, 36, 40)])


def _deficits() -> FloatArray:
    """Return 1 - E exp(-beta min(H, h)) by clip, beta and number of points, shape (20, 121, 41)."""
    table = np.zeros((CLIPS.size, BETAS.size, LARGEST_COUNTED + 1))
    for k in range(2, LARGEST_COUNTED + 1):
        a = np.arange(k + 1)
        weights = np.array([math.comb(k, int(i)) for i in a], dtype=np.float64) / 2.0**k
        clipped = np.minimum(a * (k - a) / k, CLIPS[:, None])
        table[:, :, k] = np.einsum("a,hba->hb", weights, -np.expm1(-BETAS[:, None] * clipped[:, None, :]))
    return table


DEFICITS = _deficits()


@njit(cache=True)
def _counts(n: float, p: float, masses: FloatArray) -> tuple[int, float]:
    """Fill `masses` with P(K = k), K binomial; return how many matter and what is left of 1, from below."""
    total, end = 0.0, masses.size
    if p >= 1.0:
        masses[:] = 0.0
        if n < masses.size:
            masses[int(n)] = 1.0
            return int(n) + 1, 0.0
        return 2, 1.0
    mass = math.exp(n * math.log1p(-p))
    odds = p / (1 - p)
    for k in range(masses.size):
        masses[k] = mass
        total += mass
        if k > n * p and mass < 1e-17:
            end = k + 1
            break
        mass *= (n - k) / (k + 1) * odds if k < n else 0.0
    return end, max(1.0 - total - 1e-13, 0.0)


@njit(cache=True)
def _pull(
    beta: float, row: FloatArray, masses: FloatArray, end: int, left: float, n: float, p: float, clip: float
) -> float:
    """Return 1 - E exp(-beta min(H, clip)) over counts and labels, from below."""
    deficit = 0.0
    for k in range(2, end):
        deficit += masses[k] * row[k]
    if left > 0.0:
        beyond = left * row[row.size - 1]
        if beta < 1.9:
            factor = math.exp(-beta / 4)
            counted, power = 0.0, 1.0
            for k in range(end):
                counted += masses[k] * power
                power *= factor
            rest = math.exp(n * math.log1p(-p * (1 - factor))) if p * (1 - factor) < 1.0 else 0.0
            unlabelled = (max(rest - counted, 0.0) + 1e-13) / math.sqrt(1 - beta / 2)
            # Clipped only where k > 4 clip, which is rare by Chernoff's bound for more than n p.
            mean, most = n * p, 4 * clip
            rare = math.exp(most - mean - most * math.log(most / mean)) if most > mean else 1.0
            beyond = max(beyond, left - unlabelled - min(rare, 1.0) * math.exp(-beta * clip))
        deficit += beyond
    return deficit


@njit(cache=True)
def _multiplier(n: float, level: float, price: float, cells: float, deficit: float, most: float) -> float:
    """Return the largest theta up to `most` with exp(theta n level) (1 - deficit)^cells <= exp(-price); 0 for none.

    A part in 10^11 of the exponent is given up for rounding.
    """
    spare = -cells * math.log1p(-min(deficit, 1.0 - 1e-16)) * (1 - 1e-11) - price
    if spare <= 0.0:
        return 0.0
    return most if spare > n * level * most else spare / (n * level)


@njit(cache=True)
def _slope(beta: float, theta: float) -> float:
    """Return u with beta = theta (2 - u)^2, 0 where that is negative."""
    return max(2.0 - math.sqrt(beta / theta), 0.0) if theta > 0.0 else 0.0


@njit(cache=True)
def _at_beta(
    index: int,
    n: float,
    level: float,
    price: float,
    cells: float,
    p: float,
    masses: FloatArray,
    end: int,
    left: float,
    betas: FloatArray,
    clips: FloatArray,
    deficits: FloatArray,
    cap: float,
) -> float:
    """Return the best u at one beta: H is clipped where the multiplier that labels can bear would be too large."""
    beta, last = betas[index], clips.size - 1
    largest = n / 4.0  # H never is larger
    pull = _pull(beta, deficits[last, index], masses, end, left, n, p, largest)
    theta = _multiplier(n, level, price, cells, pull, 1e300)
    if theta <= 0.0:
        return 0.0
    if theta * largest <= cap:
        return _slope(beta, theta)
    clip = cap / theta
    if clip >= clips[last]:
        pull = _pull(beta, deficits[last, index], masses, end, left, n, p, clip)
        return _slope(beta, _multiplier(n, level, price, cells, pull, theta))
    place = 0
    while place < last and clips[place + 1] <= clip:
        place += 1
    best = 0.0
    for other in range(place, min(place + 3, last + 1)):
        pull = _pull(beta, deficits[other, index], masses, end, left, n, p, clips[other])
        best = max(best, _slope(beta, _multiplier(n, level, price, cells, pull, cap / clips[other])))
    return best


@njit(cache=True)
def _best_beta(
    n: float,
    level: float,
    price: float,
    cells: float,
    p: float,
    masses: FloatArray,
    betas: FloatArray,
    clips: FloatArray,
    deficits: FloatArray,
    cap: float,
) -> float:
    """Return the best u over the grid of beta: every eighth point, then halfway to its neighbours and so on."""
    end, left = _counts(n, p, masses)
    best, place = 0.0, -1
    for index in range(0, betas.size, 8):
        u = _at_beta(index, n, level, price, cells, p, masses, end, left, betas, clips, deficits, cap)
        if u > best:
            best, place = u, index
    if place < 0:
        return 0.0
    for step in (4, 2, 1):
        centre = place
        for index in (centre - step, centre + step):
            if 0 <= index < betas.size:
                u = _at_beta(index, n, level, price, cells, p, masses, end, left, betas, clips, deficits, cap)
                if u > best:
                    best, place = u, index
    return best


@njit(cache=True)
def best_slopes(
    n: FloatArray,
    level: FloatArray,
    price: FloatArray,
    cells: FloatArray,
    mass: FloatArray,
    betas: FloatArray,
    clips: FloatArray,
    deficits: FloatArray,
    cap: float,
) -> FloatArray:
    """Return u for arrays of one length: `cells` cells that hold a share `mass` of the inputs together."""
    masses = np.empty(deficits.shape[2])
    found = np.empty(n.size)
    for i in range(n.size):
        p = mass[i] / cells[i]
        found[i] = _best_beta(n[i], level[i], price[i], cells[i], p, masses, betas, clips, deficits, cap)
    return found


@njit(cache=True)
def _climb(
    n: float,
    level: float,
    price: float,
    cells: FloatArray,
    mass: FloatArray,
    distortion: FloatArray,
    first: int,
    end: int,
    start: tuple[float, int, int, int],
    masses: FloatArray,
    betas: FloatArray,
    clips: FloatArray,
    deficits: FloatArray,
    cap: float,
) -> float:
    """Return the best u / sqrt(2 distortion) by steps to neighbours in partition, share and beta from a start."""
    best, at, share, place = start
    before = -1.0
    while best > before:
        before = best
        centre, middle, around = at, share, place
        for index in range(max(centre - 1, first), min(centre + 2, end)):
            for other in range(max(middle - 1, 0), min(middle + 2, mass.shape[1])):
                p = mass[index, other] / cells[index]
                stop, left = _counts(n, p, masses)
                scale = math.sqrt(2 * distortion[index, other])
                for i in range(max(around - 3, 0), min(around + 4, betas.size)):
                    u = _at_beta(i, n, level, price, cells[index], p, masses, stop, left, betas, clips, deficits, cap)
                    if u > best * scale:
                        best, at, share, place = u / scale, index, other, i
    return best


@njit(cache=True)
def best_cells(
    n: FloatArray,
    level: FloatArray,
    price: FloatArray,
    cells: FloatArray,
    mass: FloatArray,
    distortion: FloatArray,
    betas: FloatArray,
    clips: FloatArray,
    deficits: FloatArray,
    cap: float,
) -> FloatArray:
    """Return the best u / sqrt(2 distortion) over a list of partitions, each at several shares of the inputs.

    `cells` has the length of the list, `mass` and `distortion` a row a partition and a column a share. A coarse grid of
    partitions, shares and beta comes first, then steps to neighbours. On average a cell must hold `level` points, and
    all of them price / 1.7 pairs; many more than 20 / (1 - level)^2 in a cell are of no use.
    """
    masses = np.empty(deficits.shape[2])
    found = np.zeros(n.size)
    for i in range(n.size):
        most = min(n[i] / max(level[i], 1e-300), 1.7 * n[i] * n[i] / price[i])
        first = max(np.searchsorted(cells, n[i] * (1 - level[i]) ** 2 / 20) - 1, 0)
        end = np.searchsorted(cells, most)
        start = (0.0, 0, 0, 0)
        for index in range(first, end, 3):
            for share in range(mass.shape[1] - 1, -1, -2):
                if mass[index, share] <= level[i]:
                    break
                p = mass[index, share] / cells[index]
                stop, left = _counts(n[i], p, masses)
                scale = math.sqrt(2 * distortion[index, share])
                for j in range(0, betas.size, 8):
                    u = _at_beta(
                        j, n[i], level[i], price[i], cells[index], p, masses, stop, left, betas, clips, deficits, cap
                    )
                    if u > start[0] * scale:
                        start = (u / scale, index, share, j)
        if start[0] > 0.0:
            found[i] = _climb(
                n[i],
                level[i],
                price[i],
                cells,
                mass,
                distortion,
                first,
                end,
                start,
                masses,
                betas,
                clips,
                deficits,
                cap,
            )
    return found


@njit(cache=True)
def _group_pull(size: float, beta: float, index: int, last: int, deficits: FloatArray) -> float:
    """Return 1 - E exp(-beta H) for one group, from below; 0 where nothing is known."""
    if size < deficits.shape[2]:
        return deficits[last, index, int(size)]
    if beta < 1.9:
        return max(1 - math.exp(-beta * size / 4) / math.sqrt(1 - beta / 2), 0.0)
    return 0.0


@njit(cache=True)
def _group_slope(
    index: int,
    n: float,
    level: float,
    price: float,
    groups: float,
    size: float,
    larger: float,
    betas: FloatArray,
    last: int,
    deficits: FloatArray,
    cap: float,
) -> float:
    """Return u at one beta for so many groups of a size, of which `larger` have one point more."""
    widest = size + 1 if larger > 0 else size
    half = math.floor(widest / 2)
    pull = _group_pull(size, betas[index], index, last, deficits)
    if pull <= 0.0:
        return 0.0
    if larger > 0:
        wide = _group_pull(size + 1, betas[index], index, last, deficits)
        # The mean exponent of a group.
        pull = -math.expm1(((groups - larger) * math.log1p(-pull) + larger * math.log1p(-wide)) / groups)
    most = cap * widest / (half * (widest - half))
    return _slope(betas[index], _multiplier(n, level, price, groups, pull, most))


@njit(cache=True)
def _best_group(
    n: float,
    level: float,
    price: float,
    groups: float,
    size: float,
    larger: float,
    betas: FloatArray,
    last: int,
    deficits: FloatArray,
    cap: float,
) -> float:
    """Return the best u over the grid of beta: every third point, then its neighbours."""
    best, place = 0.0, -1
    for index in range(betas.size - 1, -1, -3):
        u = _group_slope(index, n, level, price, groups, size, larger, betas, last, deficits, cap)
        if u > best:
            best, place = u, index
    if place >= 0:
        for index in range(max(place - 2, 0), min(place + 3, betas.size)):
            best = max(best, _group_slope(index, n, level, price, groups, size, larger, betas, last, deficits, cap))
    return best


@njit(cache=True)
def best_groups(
    n: FloatArray,
    level: FloatArray,
    price: FloatArray,
    components: FloatArray,
    betas: FloatArray,
    clips: FloatArray,
    deficits: FloatArray,
    cap: float,
) -> FloatArray:
    """Return the best u over numbers of groups of points of one component each: sizes grow until eight are no better.

    Of several components groups of one size are made, and what is left is not used; one is divided evenly as well.
    """
    last = clips.size - 1
    found = np.zeros(n.size)
    for i in range(n.size):
        size, worse = 2.0, 0
        while n[i] - components[i] * (size - 1) > 0 and worse < 8:
            groups = math.ceil((n[i] - components[i] * (size - 1)) / size)
            u = _best_group(n[i], level[i], price[i], groups, size, 0.0, betas, last, deficits, cap)
            larger = n[i] - groups * size
            if components[i] == 1.0 and 0.0 < larger < groups:
                other = _best_group(n[i], level[i], price[i], groups, size, larger, betas, last, deficits, cap)
                u = max(u, other)
            worse = worse + 1 if 0.0 < u <= found[i] or (u == 0.0 and found[i] > 0.0) else 0
            found[i] = max(found[i], u)
            size = size + 1 if size < 20 else math.floor(size * 1.1)
    return found


@njit(cache=True)
def log_probabilities(
    n: FloatArray,
    level: FloatArray,
    slope: FloatArray,
    cells: FloatArray,
    mass: FloatArray,
    theta: FloatArray,
    cap: float,
) -> FloatArray:
    """Return log of exp(theta n level) (E exp(-theta min(H, cap/theta) (2 - u)_+^2))^cells, from above."""
    counted = 41
    masses, row = np.empty(counted), np.zeros(counted)
    found = np.empty(n.size)
    for i in range(n.size):
        p, clip = mass[i] / cells[i], cap / theta[i]
        beta = theta[i] * max(2.0 - slope[i], 0.0) ** 2
        for k in range(2, counted):
            chance, total = 0.5**k, 0.0
            for a in range(k + 1):
                total -= chance * math.expm1(-beta * min(a * (k - a) / k, clip))
                chance *= (k - a) / (a + 1)
            row[k] = total
        end, left = _counts(n[i], p, masses)
        pull = min(_pull(beta, row, masses, end, left, n[i], p, clip), 1.0 - 1e-16)
        found[i] = theta[i] * n[i] * level[i] + cells[i] * math.log1p(-pull) * (1 - 1e-11)
    return found
