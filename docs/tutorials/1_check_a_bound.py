"""
Check a bound against data
==========================

The law of robustness says how steep a sparse model has to be that fits noisy labels below the noise level. Here it is
compared with the smallest Lipschitz constant that any learner could reach on the same data.
"""

# %%
# Random signs as labels, Gaussian inputs of dimension d, and a random mask that keeps half of the inputs. For each size
# `smoothest_linear_fit` finds the linear function of least Lipschitz constant whose mean squared error is at most
# 1 - epsilon; `law_of_robustness` gives the largest bound that is proved for this setting.
import matplotlib.pyplot as plt
import numpy as np

from noprune_theory import bounds, covariates, lipschitz, models, pruning, solvers, tasks

epsilon, delta = 0.9, 0.05
sizes = [50, 100, 200, 400]
measured, proved = [], []
for n in sizes:
    keep, d = 5 * n // 4, 5 * n // 2
    data = tasks.random_signs(covariates.Gaussian(d), np.random.default_rng(n), n)
    mask = pruning.prune_random(models.LinearModel(np.zeros(d)), keep=keep, rng=np.random.default_rng(1)).mask
    fit = solvers.smoothest_linear_fit(data.X, data.y, mask, max_mse=1 - epsilon)
    setting = bounds.LawSetting(
        n,
        covariates.Gaussian(d),
        bounds.Noise(signs=True),
        epsilon,
        delta,
        keep,
        bounds.MaximalLeakage(0.0),
        "linear",
    )
    law = bounds.law_of_robustness(setting)
    measured.append(fit.lipschitz)
    proved.append(float(law.lipschitz))
    print(f"n = {n}: at least {proved[-1]:.2f} by {law.theorem}, smoothest fit {measured[-1]:.2f}")

# %%
# The mask was drawn without looking at the data, so its leakage is 0 and the bound speaks of any such mask. Measured
# over proved is the slack: it would be 1 for a bound that cannot be improved.
figure, axes = plt.subplots()
axes.plot(sizes, measured, "o-", label="smoothest fit")
axes.plot(sizes, proved, "s--", label="proved, probability 0.95")
axes.set(xlabel="samples n", ylabel="Lipschitz constant", xscale="log", yscale="log")
axes.legend()
print("slack:", " ".join(f"{a / b:.2f}" for a, b in zip(measured, proved, strict=True)))

# %%
# The result says which theorem it is, and which hypotheses were used.
print(law.theorem)
for hypothesis in law.hypotheses:
    print("-", hypothesis)

# %%
# It draws itself, too: every version of the law that applies, below what was measured at the largest size.
figure, axes = plt.subplots(layout="constrained")
law.plot(axes, measured=lipschitz.bracket(models.LinearModel(fit.weights, mask)))
