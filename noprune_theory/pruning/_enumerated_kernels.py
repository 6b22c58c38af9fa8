"""Compiled passes over enumerated data sets: sums of the atoms' derivatives to scores, scores to mask codes."""

from __future__ import annotations

import numpy as np

from noprune_theory._compile import njit


@njit(cache=True, nogil=True)
def atom_scores(data_sets, gradients, hessians, weights, candidates, scores):  # type: ignore[no-untyped-def]
    """Write the SNIP scores |w g| or, if there are Hessians, the GraSP scores w (H g) of every data set.

    Gradient and Hessian of a data set are the sums over its atoms, added in the order given.

    Parameters
    ----------
    data_sets : int64 (sets, n)
        Atoms of every data set.
    gradients : float64 (atoms, p)
    hessians : float64 (atoms, p, p), or (0, p, p) for SNIP
    weights : float64 (p,)
    candidates : bool (p,)
        The parameters over which GraSP takes the gradient.
    scores : float64 (sets, p)
        Written in place.
    """
    p = len(weights)
    gradient = np.empty(p)
    for k in range(len(data_sets)):
        gradient[:] = 0.0
        for atom in data_sets[k]:
            for i in range(p):
                gradient[i] += gradients[atom, i]
        if len(hessians) == 0:
            for i in range(p):
                scores[k, i] = abs(weights[i] * gradient[i])
            continue
        for i in range(p):
            if not candidates[i]:
                gradient[i] = 0.0
        product = scores[k]
        product[:] = 0.0
        for atom in data_sets[k]:
            for j in range(p):
                for i in range(p):
                    product[i] += hessians[atom, j, i] * gradient[j]
        for i in range(p):
            product[i] *= weights[i]


@njit(cache=True, nogil=True)
def mask_codes(scores, candidates, fixed, keeps, codes):  # type: ignore[no-untyped-def]
    """Write the code of the mask that keeps the largest scores: bit i is set when parameter i is kept.

    Of equal scores the lower index is kept.

    Parameters
    ----------
    scores : float64 (sets, p)
    candidates : bool (sets, p)
        At least max(keeps) of them True in every row.
    fixed : uint64
        Code of the parameters that are kept anyway.
    keeps : int64 (m,)
    codes : uint64 (sets, m)
        Written in place.
    """
    sets, p = scores.shape
    order = np.empty(p, dtype=np.int64)
    for k in range(sets):
        count = 0
        for i in range(p):
            if not candidates[k, i]:
                continue
            place = count
            while place > 0 and scores[k, order[place - 1]] < scores[k, i]:
                order[place] = order[place - 1]
                place -= 1
            order[place] = i
            count += 1
        for m in range(len(keeps)):
            code = fixed
            for i in range(keeps[m]):
                code |= np.uint64(1) << np.uint64(order[i])
            codes[k, m] = code
