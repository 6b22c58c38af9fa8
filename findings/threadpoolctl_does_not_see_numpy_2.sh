#!/usr/bin/env bash
# threadpoolctl 3.4.0 with numpy 2.0.0: the BLAS of NumPy's wheels is not seen, and limits on it silently do nothing.
# Seen: threadpool_info() lists no BLAS after a matrix product, and threadpool_limits(1) neither limits nor complains. The
# symbols of that OpenBLAS have the prefix scipy_, which threadpoolctl knows from 3.5.0 on.
. "$(dirname "$0")/_run.sh"
finding threadpoolctl==3.4.0 numpy==2.0.0 <<'PY'
import numpy as np
import threadpoolctl

A = np.ones((300, 300))
A @ A
with open("/proc/self/maps") as maps:
    loaded = {line.split("/")[-1].split("-")[0] for line in maps if "openblas" in line}
seen = [library["prefix"] for library in threadpoolctl.threadpool_info() if library["user_api"] == "blas"]
print("threadpoolctl", threadpoolctl.__version__, "numpy", np.__version__)
print("loaded:", sorted(loaded), "seen:", seen)
assert loaded
assert seen == []
with threadpoolctl.threadpool_limits(1) as limits:
    print("limited:", limits.get_original_num_threads())
    assert limits.get_original_num_threads()["blas"] is None
PY
