"""
How rough must a fit be?
========================

From linear functions through random features to any function at all: the smallest Lipschitz constant with which each
class fits the same noisy labels, from a loss below the noise level down to interpolation.
"""

# %%
# Twelve points in the plane with random signs, a random-features model with a mask, and five levels of the loss; 0 is
# interpolation.
import matplotlib.pyplot as plt
import numpy as np

from noprune_theory import covariates, models, solvers, tasks

rng = np.random.default_rng(4)
n, features = 12, 40
data = tasks.random_signs(covariates.Gaussian(2), rng, n)
angles = rng.uniform(0, 2 * np.pi, features)
directions = np.column_stack([np.cos(angles), np.sin(angles)])
mask = np.arange(features) < 30
model = models.RandomFeatures(directions, np.zeros(features), rng.uniform(-1.5, 1.5, features), mask=mask)

levels = [0.8, 0.5, 0.25, 0.1, 0.0]
curves = {"random features": [], "any function": []}
for level in levels:
    for name, functions in (("random features", model), ("any function", "any")):
        found = solvers.interpolation_robustness(functions, data.X, data.y, max_mse=level, max_seconds=10.0)
        curves[name].append(found.lipschitz)
        print(f"loss {level}, {name}: [{found.lipschitz.lower:.4g}, {found.lipschitz.upper:.4g}]")

# %%
# A linear function of two inputs cannot fit twelve random signs: the solver says so with a proof, a vector that is
# orthogonal to the inputs and not to the labels.
linear = solvers.interpolation_robustness("linear", data.X, data.y, max_mse=0.25)
print(linear.status, linear.certificate.lower_bound(data.X, data.y, 0.25))

# %%
# Both ends of every bracket are certified: the lower one holds for all functions of the class, the upper one is
# attained by a function that the result carries. No class goes below the curve of any function.
figure, axes = plt.subplots()
for name, brackets in curves.items():
    axes.plot(levels, [b.upper for b in brackets], "o-", label=name)
    axes.fill_between(levels, [b.lower for b in brackets], [b.upper for b in brackets], alpha=0.3)
axes.set(xlabel="mean squared error allowed", ylabel="least Lipschitz constant", yscale="log")
axes.invert_xaxis()
axes.legend()
