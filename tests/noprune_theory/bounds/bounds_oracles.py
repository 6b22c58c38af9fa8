"""The formulas of the bounds at 60 digits, written independently of the library, and brackets for the implicit ones."""

import mpmath as mp

mp.mp.dps = 60
RELATIVE = mp.mpf("1e-12")


def entropy(q):
    q = mp.mpf(q)
    return -q * mp.log(q) - (1 - q) * mp.log1p(-q) if 0 < q < 1 else mp.mpf(0)


def relative_entropy(p, r):
    p, r = mp.mpf(p), mp.mpf(r)
    first = p * mp.log(p / r) if p > 0 else mp.mpf(0)
    second = (1 - p) * (mp.log1p(-p) - mp.log1p(-r)) if p < 1 else mp.mpf(0)
    return first + second


def agrees(value, reference):
    """Whether a float64 agrees with a reference to 1e-12, relative; zero stands for an underflow."""
    reference = mp.mpf(reference)
    if abs(reference) < mp.mpf("1e-300"):
        return abs(value) < 1e-299
    return abs(mp.mpf(float(value)) - reference) <= RELATIVE * abs(reference)


def solves(increasing, target, value):
    """Whether the root of an increasing function lies within 1e-12 of `value`, relative."""
    value = mp.mpf(float(value))
    return increasing(value * (1 - RELATIVE)) <= target <= increasing(value * (1 + RELATIVE))
