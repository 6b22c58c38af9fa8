#!/usr/bin/env bash
# scipy 1.17.1: quantiles of beta distributions with one large parameter are far off, without a warning.
# Seen: betaincinv(1000, 1e9, 0.025) differs from the root of the regularised incomplete beta function (mpmath, 30
# digits) by many standard deviations. Clopper-Pearson limits are such quantiles: for a few thousand hits in a billion
# trials, check the tail at the limit that comes back.
. "$(dirname "$0")/_run.sh"
finding scipy==1.17.1 numpy==2.4.6 mpmath==1.3.0 <<'PY'
import math

import mpmath
import scipy
from scipy.special import betainc, betaincinv

print("scipy", scipy.__version__)
mpmath.mp.dps = 30
a, b, level = 1000, 10**9, 0.025
found = float(betaincinv(a, b, level))


def tail(x):
    # For b this large the beta law is a gamma law to 1e-6: I_x(a, b) ~ P(a, b x).
    return mpmath.gammainc(a, 0, (b + a / 2) * mpmath.mpf(x), regularized=True)


right = float(mpmath.findroot(lambda x: tail(x) - level, (9.3e-7, 9.5e-7), solver="anderson"))
deviation = math.sqrt(a) / b
print(f"betaincinv = {found:.6g}, right {right:.6g}: off by {abs(found - right) / deviation:.1f} standard deviations")
print(f"betainc at what came back = {float(betainc(a, b, found)):.3g}, asked for {level}")
assert abs(found - right) > 5 * deviation
PY
