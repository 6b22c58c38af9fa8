"""Symbols of the paper as sympy objects, so that a claim is an expression that can be printed, expanded and checked.

The classes below are inert: they carry an event or random variables and know how they are typeset. The provers give
them their meaning (`provers.events` expands probabilities over the atoms of an event algebra, `provers.shannon`
expands entropies over subsets of variables).
"""

from __future__ import annotations

from typing import Any, TypeAlias

import sympy as sp
from sympy.functions.elementary.piecewise import ExprCondPair

from noprune_theory._validation import check_instance

__all__ = [
    "EIGHT_CUBED",
    "BinaryEntropy",
    "Divergence",
    "Entropy",
    "Expectation",
    "LipschitzConstant",
    "LogTwo",
    "MeanSquareError",
    "MutualInformation",
    "Norm",
    "Probability",
    "Radius",
    "RadiusInverse",
    "Supremum",
    "WrightOmega",
    "binary_divergence",
    "binary_entropy",
    "equation",
    "event",
    "read_expression",
    "write_expression",
]


class _Operator(sp.Function):
    """A named operator with its own typography."""

    symbol = ""
    latex_name = ""
    separators: tuple[str, ...] = (", ",)
    delimiters = ("(", ")")

    @classmethod
    def eval(cls, *args: Any) -> None:
        """Stay unevaluated whatever the arguments."""
        return

    def _joined(self, pieces: list[str], separators: tuple[str, ...]) -> str:
        out = pieces[0]
        for position, piece in enumerate(pieces[1:]):
            out += separators[min(position, len(separators) - 1)] + piece
        return out

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        inner = self._joined(
            [printer.doprint(a) for a in self.args], tuple(s.replace("|", r"\mid ") for s in self.separators)
        )
        left, right = self.delimiters
        power = f"^{{{exp}}}" if exp is not None else ""
        return rf"{self.latex_name}{power}\left{left}{inner}\right{right}"

    def _sympystr(self, printer: Any) -> str:
        inner = self._joined([printer.doprint(a) for a in self.args], self.separators)
        return f"{self.symbol}({inner})"

    def _mathml_presentation(self, printer: Any) -> Any:
        row = printer.dom.createElement("mrow")
        row.appendChild(_text(printer, "mo", self.delimiters[0]))
        for position, argument in enumerate(self.args):
            if position:
                mark = self.separators[min(position - 1, len(self.separators) - 1)].strip()
                row.appendChild(_text(printer, "mo", mark))
            row.appendChild(printer._print(argument))
        row.appendChild(_text(printer, "mo", self.delimiters[1]))
        whole = printer.dom.createElement("mrow")
        whole.appendChild(_text(printer, "mi", self.symbol))
        whole.appendChild(row)
        return whole


def _text(printer: Any, tag: str, text: str) -> Any:
    node = printer.dom.createElement(tag)
    node.appendChild(printer.dom.createTextNode(text))
    return node


class Probability(_Operator):
    """`Probability(event)`: the probability of an event.

    Parameters
    ----------
    event : sympy Boolean
        A symbol of `event`, a relation, or a Boolean combination of them.
    """

    symbol, latex_name = "P", r"\mathbb{P}"


class Expectation(_Operator):
    """`Expectation(x)` or `Expectation(x, given)`: the mean of a random variable.

    Parameters
    ----------
    x : sympy expression
        The random variable.
    given : sympy expression, optional
        The random variable, or the tuple of random variables, on which it is conditioned.
    """

    symbol, latex_name = "E", r"\mathbb{E}"
    separators = (" | ",)
    delimiters = ("[", "]")


class Entropy(_Operator):
    """`Entropy(X)` or `Entropy(X, given)`: Shannon entropy; the provers use no unit.

    Parameters
    ----------
    X : sympy symbol or tuple of symbols
        A discrete random variable; a tuple is a joint one.
    given : sympy expression, optional
        The random variable, or the tuple of random variables, on which it is conditioned.
    """

    symbol, latex_name = "H", "H"
    separators = (" | ",)


class MutualInformation(_Operator):
    """`MutualInformation(X, Y)` or `MutualInformation(X, Y, given)`; the provers use no unit.

    Parameters
    ----------
    X, Y : sympy symbol or tuple of symbols
        Random variables; a tuple is a joint one.
    given : sympy expression, optional
        The random variable, or the tuple of random variables, on which it is conditioned.
    """

    symbol, latex_name = "I", "I"
    separators = ("; ", " | ")


class Divergence(_Operator):
    """`Divergence(p, q)`: relative entropy of two Bernoulli laws, in nats."""

    symbol, latex_name = "kl", r"\mathrm{kl}"
    separators = (" ‖ ",)

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        return super()._latex(printer, exp).replace("‖", r"\,\|\,")


class BinaryEntropy(_Operator):
    """`BinaryEntropy(p)`: entropy of one Bernoulli variable, in nats."""

    symbol, latex_name = "h", "h"


class MeanSquareError(_Operator):
    """`MeanSquareError(f)`: mean squared error on the sample.

    Parameters
    ----------
    f : sympy symbol
        The function that is fitted.
    """

    symbol, latex_name = "MSE", r"\mathrm{MSE}"


class LipschitzConstant(_Operator):
    """`LipschitzConstant(f)`: the smallest L with |f(x) - f(x')| <= L |x - x'|.

    Parameters
    ----------
    f : sympy symbol
        The function.
    """

    symbol, latex_name = "Lip", r"\mathrm{Lip}"


class Supremum(_Operator):
    """`Supremum(expression)` over the inputs."""

    symbol, latex_name = "sup", r"\sup"


class Radius(_Operator):
    """`Radius(delta)`: s(delta) of Appendix B.1.3."""

    symbol, latex_name = "s", "s"


class RadiusInverse(_Operator):
    """`RadiusInverse(u)`: the inverse of s."""

    symbol, latex_name = "s⁻¹", "s^{-1}"


class WrightOmega(_Operator):
    """`WrightOmega(x)`: the solution of w + log w = x."""

    symbol, latex_name = "ω", r"\omega"


class LogTwo(_Operator):
    """`LogTwo(x)`: the logarithm to base 2, which the provers read as log(x) / log(2).

    Parameters
    ----------
    x : sympy expression
        Positive where it is to have a value.
    """

    symbol, latex_name = "log₂", r"\log_2"


class Norm(_Operator):
    """`Norm(v)`: the number of kept weights `||m||_1` of a mask."""

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        power = f"^{{{exp}}}" if exp is not None else ""
        return rf"\left\|{printer.doprint(self.args[0])}\right\|_1{power}"

    def _sympystr(self, printer: Any) -> str:
        return f"||{printer.doprint(self.args[0])}||_1"

    def _mathml_presentation(self, printer: Any) -> Any:
        inner = printer.dom.createElement("mrow")
        inner.appendChild(_text(printer, "mo", "‖"))
        inner.appendChild(printer._print(self.args[0]))
        inner.appendChild(_text(printer, "mo", "‖"))
        sub = printer.dom.createElement("msub")
        sub.appendChild(inner)
        sub.appendChild(_text(printer, "mn", "1"))
        return sub


def binary_entropy(p: sp.Expr) -> sp.Expr:
    """Entropy of a Bernoulli(p) variable in nats: `-p log p - (1-p) log(1-p)`."""
    return -p * sp.log(p) - (1 - p) * sp.log(1 - p)


def binary_divergence(p: sp.Expr, q: sp.Expr) -> sp.Expr:
    """Relative entropy `kl(p || q)` of two Bernoulli laws in nats, logarithms split."""
    return p * (sp.log(p) - sp.log(q)) + (1 - p) * (sp.log(1 - p) - sp.log(1 - q))


Side: TypeAlias = Any  # an expression, an integer, or a function of no arguments that builds one

# 8³ as the paper writes it.
EIGHT_CUBED = sp.Pow(8, 3, evaluate=False)


def equation(left: Side, right: Side) -> sp.Equality:
    """Return `left = right` without letting sympy evaluate it, so that it is shown and discharged as written.

    A side given as a function of no arguments is built with evaluation switched off.

    Parameters
    ----------
    left, right : sympy expression, number, or callable of no arguments that returns one

    Returns
    -------
    sympy.Equality
        Not evaluated.

    Raises
    ------
    ValueError
        If sympy cannot read a side (`sympy.SympifyError`).
    """
    return sp.Eq(_side(left), _side(right), evaluate=False)


def _side(side: Side) -> sp.Expr:
    if not callable(side):
        return sp.sympify(side)
    with sp.evaluate(False):
        return sp.sympify(side())


def event(name: str) -> sp.Symbol:
    """Return the Boolean symbol of an event.

    Parameters
    ----------
    name : str
        Equal names are the same event.

    Returns
    -------
    sympy.Symbol

    Raises
    ------
    TypeError
        If the name is no string.
    """
    check_instance("name", name, str)
    return sp.Symbol(name)


def write_expression(expression: sp.Basic) -> str:
    """Return the text from which `read_expression` makes an equal expression, assumptions included."""
    return str(sp.srepr(expression, order="none"))


def read_expression(text: str) -> sp.Basic:
    """Return the expression that `write_expression` wrote, unevaluated parts included.

    The text is run as code, as by `sympy.sympify`: read only what comes from a trusted place.
    """
    names = {c.__name__: c for c in (*_Operator.__subclasses__(), ExprCondPair)}
    with sp.evaluate(False):
        return sp.parse_expr(text, local_dict=names, transformations=())
