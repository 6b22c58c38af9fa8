"""Symbols of Theorem 4 and its two right-hand sides."""

from __future__ import annotations

import sympy as sp

epsilon, n, d, k, c, L, delta, eta = sp.symbols("epsilon n d k c L delta eta", positive=True)
W, J, kept, radius, points = sp.symbols("W J kappa r N", positive=True)
ratio = sp.Symbol("rho", nonnegative=True)  # W J / epsilon
sigma2 = sp.Symbol("sigma^2", positive=True)
p_eff, entropy_half, information = sp.symbols("p_eff h I", nonnegative=True)
f, f_net, y, v = sp.symbols("f f' y v", real=True)
a, b, mse, mse_net = sp.symbols("a b MSE MSE'", nonnegative=True)
m, D = sp.Symbol("m"), sp.Symbol("D")
effective_count = sp.Symbol("p_eff", positive=True)

A1 = sp.sqrt(72)


def printed_bound(effective: sp.Expr, a1: sp.Expr = A1) -> sp.Expr:
    """Return the right-hand side of the printed theorem."""
    return epsilon / (96 * a1 * sp.sqrt(2 * c)) * sp.sqrt(n * d * delta / (effective + delta / 2 * sp.log(4 / delta)))


def sharp_bound(effective: sp.Expr, half_entropy: sp.Expr) -> sp.Expr:
    """Return the right-hand side of the sharpened theorem."""
    return epsilon / 16 * sp.sqrt(n * d * delta / (c * (effective + half_entropy)))
