"""The smoothest function of any kind below a loss level: pairs of points, flow program, extension, proof."""

from noprune_theory.solvers.smoothest.any_function.fit import SmoothestFunctionFit, smoothest_function_fit

__all__ = ["SmoothestFunctionFit", "smoothest_function_fit"]
