"""Entropy of a discrete variable from samples: seven estimators, and for each an interval and the side it errs on.

A sample enters only through its fingerprint: how many classes were seen once, twice, and so on. Logs are natural.

No estimator is unbiased for every distribution (Paninski 2003), so an interval of the form value +- z s, with s the
standard error, covers only when the bias is small against s. Two honest intervals are therefore given:

* `lower`, `upper`: the smallest interval that holds three others.

  - value +- z s.
  - Miller & Madow's estimate M, M +- z s, extended by the bias that is still visible. Let M(n), M(n/2), M(n/4) be its
    values for the whole sample and those expected for half and a quarter of it. A bias that decays like n^-a has the
    changes g = M(n) - M(n/2) and g' = M(n/2) - M(n/4) in the ratio r = g / g' = 2^-a, and what remains is
    g r / (1 - r). The extension is that, at least 2 g and at most 10 g (decay slower than n^-0.14 is not told from no
    decay). Miller & Madow's estimate is used because it errs low and hardly fluctuates, so that r can be read off one
    sample.
  - The range of h(m) + m H_rarer + (1 - m) H_commoner, h the binary entropy, for a split of the classes into rarer and
    commoner ones, as the probability m of the rarer runs through its interval of Clopper & Pearson (1934). All splits
    by count are tried, with Miller & Madow's estimates within both sides; in the first the rarer are n classes never
    seen. Room for those is left by every finite sample, so the interval has positive width unless `support_size`
    excludes them. For at most two classes this range alone holds the truth with probability `confidence`, whatever the
    size of the sample.

* `guaranteed_lower`, `guaranteed_upper`: a proved interval for every distribution on at most `support_size` classes
  (`intervals.guaranteed_interval` has the argument). Without a support size its upper end is infinite: unseen classes
  of tiny probability can hold any amount of entropy.
"""

from noprune_theory.information.estimators.estimate import (
    MINIMUM_COVERAGE,
    EntropyEstimate,
    SmallSampleWarning,
    estimate_entropy,
)
from noprune_theory.information.estimators.fingerprint import count_outcomes, sample_coverage
from noprune_theory.information.estimators.formulas import DEFAULT_ENTROPY_ESTIMATOR, ENTROPY_ESTIMATORS
from noprune_theory.information.estimators.intervals import unseen_limit

__all__ = [
    "DEFAULT_ENTROPY_ESTIMATOR",
    "ENTROPY_ESTIMATORS",
    "MINIMUM_COVERAGE",
    "EntropyEstimate",
    "SmallSampleWarning",
    "count_outcomes",
    "estimate_entropy",
    "sample_coverage",
    "unseen_limit",
]
