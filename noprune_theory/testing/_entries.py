"""Entries and units that the strategies share."""

from __future__ import annotations

from hypothesis import strategies as st

# Multiples of 1/8 make exact coincidences (parallel units, ties, singular blocks) likely instead of impossible.
_coarse = st.integers(-16, 16).map(lambda step: step / 8)
entries = st.one_of(_coarse, st.floats(-2, 2, allow_subnormal=False))

# Entries in the largest unit, and sums of some of them, are doubles.
MOST_DECADES = 600


def units(decades: int) -> st.SearchStrategy[float]:
    """Strategy of units of measurement: powers of two within 10^(-decades/2) ... 10^(decades/2), 1 most often.

    Powers of two, so that a change of unit rounds nothing and an answer must follow it to the last bit.
    """
    largest = int(decades / 2 / 0.30103)
    return st.one_of(
        st.just(1.0),
        st.integers(-largest, largest).map(lambda exponent: 2.0**exponent),
        st.sampled_from([-largest, largest]).map(lambda exponent: 2.0**exponent),
    )
