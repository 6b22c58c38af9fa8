"""Scripts for equations: every exponential, real power and root as a product of powers of a few positive atoms.

With the atoms as new variables an equation is one of rational functions, with the squares of roots as relations.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import reduce
from math import lcm

import sympy as sp
from sympy.core.function import AppliedUndef

from noprune_theory.verifier.obligations import Obligation
from noprune_theory.verifier.rocq.translate import Translator

__all__ = ["first_derivative", "identity_scripts"]

# An atom: the exponential of an expression ("exp"), or an expression itself as a positive base ("base").
Atom = tuple[str, sp.Expr]
# A product of powers of atoms.
Product = dict[Atom, sp.Rational]


def identity_scripts(obligation: Obligation, translator: Translator) -> Iterator[str]:
    """Yield the scripts for an equation."""
    start, conclusion = _without_derivatives(obligation.conclusion, translator)
    yield f"{start}\nfirst [ solve [ring] | field; nonzero ]."
    yield f"{start}\nrepeat first [ expand_logarithm | expand_power ]; simpl INR; close_equation."
    yield f"{start}\n{_by_atoms(conclusion, translator)}"
    yield f"{start}\nunfold sinh, cosh. {_by_atoms(_exponentials(conclusion), translator)}"
    if obligation.conclusion.has(sp.erf):
        yield "intros. derivative_of_erf."


def _without_derivatives(conclusion: sp.Basic, translator: Translator) -> tuple[str, sp.Basic]:
    """Return how known derivatives are replaced by what they are, and the equation that is left."""
    lines = ["intros. split_hypotheses. pose_logarithms. pose_positive."]
    known = [d for d in sorted(conclusion.atoms(sp.Derivative), key=str) if not isinstance(d.expr, AppliedUndef)]
    # One derivative at a time: sympy would rewrite what stands in functions.
    values = {d: reduce(sp.diff, d.variables, d.expr) for d in known}
    for position, (derivative, value) in enumerate(values.items()):
        stated = f"{translator.term(derivative)} = {translator.term(value)}"
        how = "derivative"
        if len(derivative.variables) == 2:
            how = f"second_derivative {first_derivative(derivative, translator)}"
        lines.append(f"assert (D{position} : {stated}) by ({how}). rewrite D{position}; clear D{position}.")
    return "\n".join(lines), conclusion.xreplace(values)


def first_derivative(derivative: sp.Derivative, translator: Translator) -> str:
    """Return the first derivative of what stands under a derivative, as a Rocq function."""
    variable = derivative.variables[0]
    return f"(fun {translator.name(variable)} : R => {translator.term(derivative.expr.diff(variable))})"


def _exponentials(expression: sp.Basic) -> sp.Basic:
    """Return an expression with hyperbolic functions as exponentials, as `unfold` leaves them."""
    return expression.replace(sp.sinh, lambda u: (sp.exp(u) - sp.exp(-u)) / 2).replace(
        sp.cosh, lambda u: (sp.exp(u) + sp.exp(-u)) / 2
    )


def _by_atoms(conclusion: sp.Basic, translator: Translator) -> str:
    products = {term: _product(term) for term in _transcendental(conclusion)}
    roots = _root_orders(products.values())
    atoms = {atom: _atom_text(atom, order, translator) for atom, order in roots.items()}
    lines = [
        f"try replace {translator.term(a)} with {translator.term(f)} by (field; nonzero)."
        for a, f in _quotients(conclusion)
    ]
    rewritten = [(t, p) for t, p in products.items() if not _is_atom(t, p, roots, atoms, translator)]
    for position, (term, product) in enumerate(rewritten):
        text = _product_text(product, roots, atoms)
        lines.append(
            f"assert (E{position} : {translator.term(term)} = {text})"
            " by first [ solve [by_logarithms] | solve [simpl; ring] ]."
        )
    if any(logarithm.args[0].has(sp.exp) for logarithm in conclusion.atoms(sp.log)):
        lines.append("expand_logarithms.")
    lines += [f"try rewrite !E{k}. clear E{k}." for k in reversed(range(len(rewritten)))]
    for position, (atom, order) in enumerate(roots.items()):
        lines += _named(f"s{position}", atom, order, atoms, roots, translator)
    lines.append("expand_logarithms. expand_hypotheses. close_equation.")
    return "\n".join(lines)


def _quotients(expression: sp.Basic) -> list[tuple[sp.Expr, sp.Expr]]:
    """Return the sums under logarithms that are products or quotients."""
    found = []
    for logarithm in sorted(expression.atoms(sp.log), key=str):
        argument = logarithm.args[0]
        factored = sp.factor(sp.together(argument)) if argument.is_Add else argument
        if factored != argument and not factored.is_Add:
            found.append((argument, factored))
    return found


def _transcendental(expression: sp.Basic) -> list[sp.Expr]:
    """Return the exponentials and the powers that are not whole, inner ones first."""
    found = [a for a in sp.postorder_traversal(expression) if _is_transcendental(a)]
    return list(dict.fromkeys(found))


def _is_transcendental(expression: sp.Basic) -> bool:
    return isinstance(expression, sp.exp) or bool(expression.is_Pow and not expression.exp.is_Integer)


def _product(term: sp.Expr) -> Product:
    """Return a positive term as a product of powers of atoms."""
    if isinstance(term, sp.exp):
        return _exponential(term.args[0])
    base, exponent = term.args
    if base == sp.E:
        return _exponential(exponent)
    return _power(base.doit(), exponent) if exponent.is_Rational else _exponential(exponent * sp.log(base))


def _exponential(exponent: sp.Expr) -> Product:
    found: Product = {}
    for part in sp.Add.make_args(sp.expand(sp.expand_log(sp.expand(exponent.doit()), force=True))):
        factor, rest = part.as_coeff_Mul()
        atom: Atom = ("base", rest.args[0]) if isinstance(rest, sp.log) else ("exp", rest)
        _add(found, {atom: factor})
    return found


def _power(base: sp.Expr, exponent: sp.Rational) -> Product:
    found: Product = {}
    if base.is_Rational:
        for whole, factor in ((base.p, exponent), (base.q, -exponent)):
            if whole != 1:
                _add(found, {("base", sp.Integer(whole)): factor})
    elif base.is_Mul:
        for part in base.args:
            _add(found, _power(part, exponent))
    elif isinstance(base, sp.exp) or (base.is_Pow and base.base == sp.E):
        _add(found, {a: exponent * e for a, e in _exponential(base.args[-1]).items()})
    elif base.is_Pow and base.exp.is_Rational:
        _add(found, _power(base.base, exponent * base.exp))
    else:
        found["base", base] = exponent
    return found


def _add(total: Product, more: Mapping[Atom, sp.Rational]) -> None:
    for atom, exponent in more.items():
        total[atom] = total.get(atom, sp.Integer(0)) + exponent


def _root_orders(products: Iterable[Product]) -> dict[Atom, int]:
    """Return for every atom the least q such that all its exponents are multiples of 1/q."""
    orders: dict[Atom, int] = {}
    for product in products:
        for atom, exponent in product.items():
            orders[atom] = lcm(orders.get(atom, 1), int(sp.Rational(exponent).q))
    return orders


def _atom_text(atom: Atom, order: int, translator: Translator) -> str:
    kind, expression = atom
    text = translator.term(expression)
    if kind == "exp":
        return f"(exp {text})" if order == 1 else f"(exp ({text} / {order}))"
    return {1: text, 2: f"(sqrt {text})"}.get(order, f"(Rpower {text} (1 / {order}))")


def _is_atom(
    term: sp.Expr, product: Product, orders: dict[Atom, int], atoms: dict[Atom, str], translator: Translator
) -> bool:
    if len(product) != 1:
        return False
    ((atom, exponent),) = product.items()
    return bool(exponent * orders[atom] == 1 and orders[atom] <= 2 and atoms[atom] == translator.term(term))


def _product_text(product: Product, orders: dict[Atom, int], atoms: dict[Atom, str]) -> str:
    powers = {atom: int(exponent * orders[atom]) for atom, exponent in product.items()}
    above = " * ".join(f"{atoms[a]} ^ {k}" for a, k in powers.items() if k > 0) or "1"
    below = " * ".join(f"{atoms[a]} ^ {-k}" for a, k in powers.items() if k < 0)
    return f"({above}) / ({below})" if below else above


def _named(
    name: str, atom: Atom, order: int, atoms: dict[Atom, str], orders: dict[Atom, int], translator: Translator
) -> list[str]:
    """Return how an atom becomes a variable; of a root, its power is known."""
    kind, expression = atom
    text = atoms[atom]
    if kind == "exp":
        return [f"assert (P{name} : 0 < {text}) by posit. set ({name} := {text}) in *. clearbody {name}."]
    if order == 1:
        return []
    how = "apply pow2_sqrt; posit" if order == 2 else "by_logarithms"
    lines = [
        f"assert (R{name} : {text} ^ {order} = {translator.term(expression)}) by ({how}).",
        f"assert (P{name} : 0 < {text}) by posit.",
        f"set ({name} := {text}) in *. clearbody {name}.",
    ]
    if expression.is_Symbol and not any(expression in a[1].free_symbols and a != atom for a in orders):
        lines.append(f"subst {translator.term(expression)}.")
    return lines
