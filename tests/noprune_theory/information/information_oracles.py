"""Information and entropy estimates at hundreds of digits, by their definitions and apart from the library."""

import contextlib
import math

import mpmath
from mpmath import mpf


@contextlib.contextmanager
def digits(count):
    """Run a block at so many digits; results that leave it are rounded only when they are used elsewhere."""
    with mpmath.workdps(count):
        yield


def exact_table(table):
    """Return the probabilities as given, divided by their exact sum."""
    cells = [[mpf(float(c)) for c in row] for row in table]
    total = mpmath.fsum(c for row in cells for c in row)
    return [[c / total for c in row] for row in cells]


def margins(p):
    return [mpmath.fsum(row) for row in p], [mpmath.fsum(column) for column in zip(*p, strict=True)]


def shannon(masses):
    return -mpmath.fsum(m * mpmath.log(m) for m in masses if m)


def information(p):
    rows, columns = margins(p)
    return mpmath.fsum(
        c * mpmath.log(c / (rows[i] * columns[j])) for i, row in enumerate(p) for j, c in enumerate(row) if c
    )


def conditional_entropy(p):
    rows, _ = margins(p)
    return -mpmath.fsum(c * mpmath.log(c / rows[i]) for i, row in enumerate(p) for c in row if c)


def sibson(p, order, log_counts=None):
    """Sibson's information of any order; with log_counts the bound for N_w values of the weights at each output."""
    rows, columns = margins(p)
    sizes = [mpf(0)] * len(columns) if log_counts is None else [mpf(s) for s in log_counts]
    if order == 1:
        return information(p) + mpmath.fsum(c * s for c, s in zip(columns, sizes, strict=True))
    if order == math.inf:
        best = [max((row[j] / r for row, r in zip(p, rows, strict=True) if r), default=0) for j in range(len(columns))]
        return mpmath.log(mpmath.fsum(mpmath.exp(s) * b for s, b in zip(sizes, best, strict=True)))
    if order == 0:
        reach = (mpmath.fsum(r for row, r in zip(p, rows, strict=True) if row[j]) for j in range(len(columns)))
        return -mpmath.log(max(reach))
    a, outer = mpf(order), mpf(0)
    for j, size in enumerate(sizes):
        inner = mpmath.fsum(r * (row[j] / r) ** a for row, r in zip(p, rows, strict=True) if row[j])
        outer += mpmath.exp(mpmath.log(inner) / a + size * (a - 1) / a) if inner else 0
    return a / (a - 1) * mpmath.log(outer)


def plug_in(counts):
    n = sum(counts)
    return -mpmath.fsum(mpf(c) / n * mpmath.log(mpf(c) / n) for c in counts if c)


def miller_madow(counts):
    return plug_in(counts) + mpf(sum(map(bool, counts)) - 1) / (2 * sum(counts))


def grassberger(counts):
    def g(c):
        return mpmath.psi(0, mpf(c + (c + 1) % 2) / 2) + mpmath.log(2)

    n = sum(counts)
    return mpmath.log(n) - mpmath.fsum(c * g(c) for c in counts if c) / n


def _less_one(counts):
    """Yield each count with the sample that has one less of its class."""
    for i, c in enumerate(counts):
        if c:
            yield c, [x - (j == i) for j, x in enumerate(counts)]


def jackknife(counts):
    n = sum(counts)
    if n == 1:
        return mpf(0)
    return n * plug_in(counts) - mpf(n - 1) / n * mpmath.fsum(c * plug_in(left) for c, left in _less_one(counts))


def chao_shen(counts):
    n, once = sum(counts), sum(c == 1 for c in counts)
    coverage = 1 - mpf(once if once < n else n - 1) / n
    p = [coverage * c / n for c in counts if c]
    return -mpmath.fsum(q * mpmath.log(q) / (1 - (1 - q) ** n) for q in p if q < 1)


def zhang(counts):
    n = sum(counts)
    return mpmath.fsum(mpf(c) / n * (mpmath.psi(0, n) - mpmath.psi(0, c)) for c in counts if c)


def chao_wang_jost(counts):
    n, once, twice = sum(counts), sum(c == 1 for c in counts), sum(c == 2 for c in counts)
    seen = mpf(2 * twice) if twice else mpf(2)
    a = seen / ((n - 1) * (once if twice else max(once - 1, 0)) + seen)
    if a == 1:
        return zhang(counts)
    # sum_{k >= n} (1 - a)^(k - n + 1) / k, whose first n - 1 terms would be too many.
    tail = (1 - a) / n * mpmath.hyp2f1(1, n, n + 1, 1 - a)
    return zhang(counts) + mpf(once) / n * tail


ESTIMATORS = {
    "plug_in": plug_in,
    "miller_madow": miller_madow,
    "grassberger": grassberger,
    "jackknife": jackknife,
    "chao_shen": chao_shen,
    "chao_wang_jost": chao_wang_jost,
}


def jackknife_error(estimator, counts):
    n = sum(counts)
    left = [(c, estimator(rest)) for c, rest in _less_one(counts)]
    mean = mpmath.fsum(c * value for c, value in left) / n
    return mpmath.sqrt(mpf(n - 1) / n * mpmath.fsum(c * (value - mean) ** 2 for c, value in left))


def nsb(counts, classes, nodes=160):
    """Posterior mean and standard deviation by the trapezoidal rule in log(beta) on the printed closed forms."""
    seen = [mpf(c) for c in counts if c]
    n, unseen = sum(seen), classes - len(seen)

    def log_weight(t):
        b = mpmath.exp(t)
        prior = classes * mpmath.psi(1, classes * b + 1) - mpmath.psi(1, b + 1)
        evidence = mpmath.fsum(mpmath.loggamma(c + b) - mpmath.loggamma(b) for c in seen)
        return mpmath.log(prior) + t + evidence + mpmath.loggamma(classes * b) - mpmath.loggamma(n + classes * b)

    def moments(b):
        a = [(c + b, 1) for c in seen] + ([(b, unseen)] if unseen else [])
        total = n + classes * b
        mean = mpmath.psi(0, total + 1) - mpmath.fsum(k * x / total * mpmath.psi(0, x + 1) for x, k in a)
        logs = [(x, k, mpmath.psi(0, x + 1) - mpmath.psi(0, total + 2)) for x, k in a]
        last = mpmath.psi(1, total + 2)
        cross = mpmath.fsum(k * x * z for x, k, z in logs) ** 2 - mpmath.fsum(k * (x * z) ** 2 for x, k, z in logs)
        cross -= (total**2 - mpmath.fsum(k * x**2 for x, k in a)) * last
        square = mpmath.fsum(
            k * x * (x + 1) * ((z + 1 / (x + 1)) ** 2 + mpmath.psi(1, x + 2) - last) for x, k, z in logs
        )
        return mean, (cross + square) / (total * (total + 1))

    grid = [mpmath.mpf(t) for t in mpmath.linspace(-mpmath.log(classes) - 55, 2 * mpmath.log(n + 1) + 55, 60)]
    weights = [log_weight(t) for t in grid]
    top = max(weights)
    inside = [t for t, w in zip(grid, weights, strict=True) if w > top - 45]
    step = grid[1] - grid[0]
    points = mpmath.linspace(inside[0] - step, inside[-1] + step, nodes + 1)
    rows = [(mpmath.exp(log_weight(t) - top), *moments(mpmath.exp(t))) for t in points]
    norm = mpmath.fsum(w for w, _, _ in rows)
    mean = mpmath.fsum(w * m for w, m, _ in rows) / norm
    return mean, mpmath.sqrt(mpmath.fsum(w * s for w, _, s in rows) / norm - mean**2)


def largest_bias_of_zhang(n, classes):
    """The largest K q(p) behind the guaranteed interval, q(p) = p sum_{k >= n} (1 - p)^k / k, at its exact maximum."""

    def tail(p):
        return (1 - p) ** n / n * mpmath.hyp2f1(1, n, n + 1, 1 - p)

    def rising(t):
        return tail(t / n) > mpmath.exp((n - 1) * mpmath.log1p(-t / n))

    if n <= classes and rising(mpf(n) / classes):
        return tail(mpf(1) / classes)
    low, high = mpf("1e-3"), mpf(1)
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if rising(middle) else (low, middle)
    return classes * low / n * tail(low / n)
