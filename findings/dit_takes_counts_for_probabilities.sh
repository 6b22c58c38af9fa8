#!/usr/bin/env bash
# dit 2.3: a distribution whose probabilities do not sum to 1 is accepted, and its entropies are computed as they stand.
# Seen: counts 3, 1 have entropy -4.75 bits; counts 3, 1, 1, 3 of two bits have mutual information -22.5 (0.189 for their
# frequencies), and the divergence of the frequencies from the counts is -3. Nothing is said; d.validate() would.
. "$(dirname "$0")/_run.sh"
finding dit==2.3 numpy==2.4.6 scipy==1.17.1 <<'PY'
import warnings

import dit

print("dit", dit.__version__)
outcomes, counts = ["00", "01", "10", "11"], [3, 1, 1, 3]
with warnings.catch_warnings():
    warnings.simplefilter("error")
    entropy = dit.shannon.entropy(dit.Distribution(["a", "b"], [3, 1]))
    raw = dit.Distribution(outcomes, counts)
    frequencies = dit.Distribution(outcomes, [count / 8 for count in counts])
    shared = [dit.shannon.mutual_information(d, [0], [1]) for d in (raw, frequencies)]
    divergence = dit.divergences.kullback_leibler_divergence(frequencies, raw)
print(f"entropy {entropy:.3f}; mutual information {shared[0]:.3f}, of frequencies {shared[1]:.3f}; divergence {divergence:.3f}")
assert entropy < -4
assert shared[0] < -20
assert abs(shared[1] - 0.1887) < 1e-4
assert divergence == -3
try:
    raw.validate()
except ValueError as error:
    print("validate():", error)
else:
    raise SystemExit("validate accepted it")
PY
