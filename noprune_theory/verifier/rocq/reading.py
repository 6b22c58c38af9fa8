"""Read the arithmetic in a statement that Rocq prints, so that its constants can be compared with other formulas."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import sympy as sp

__all__ = ["FUNCTIONS", "read_term"]

#: What Rocq's functions are in sympy; `INR` takes a natural number to the real one.
FUNCTIONS: dict[str, Callable[..., sp.Expr]] = {
    "INR": lambda n: n,
    "sqrt": sp.sqrt,
    "ln": sp.log,
    "exp": sp.exp,
    "Rmax": sp.Max,
    "Rmin": sp.Min,
    "Rabs": sp.Abs,
}

_TOKEN = re.compile(r"\s*(?:(\d+)|([A-Za-z_][\w.']*)|([-+*/^()]))")


def read_term(text: str, functions: Mapping[str, Callable[..., sp.Expr]] = FUNCTIONS) -> sp.Expr:
    """Return a real-valued Rocq term as a sympy expression; other names become positive symbols.

    Parameters
    ----------
    text : str
        Sums, products, quotients, powers and applications, as `Check` prints them.
    functions : mapping of str to callable
        Meaning of the names that are applied to arguments.

    Raises
    ------
    ValueError
        If a part is none of these.
    """
    reader = _Reader(text, functions)
    found = reader.sum()
    if reader.peek():
        raise ValueError(f"text: nothing is expected where '{reader.rest()}' stands, given {text}")
    return found


class _Reader:
    """Recursive descent with Rocq's levels: application, power, product and quotient, sum and opposite."""

    def __init__(self, text: str, functions: Mapping[str, Callable[..., sp.Expr]]) -> None:
        self._functions = functions
        self._tokens: list[str] = []
        position, text = 0, text.strip()
        while position < len(text):
            found = _TOKEN.match(text, position)
            if found is None:
                raise ValueError(f"text: no term of real arithmetic at '{text[position:]}'")
            self._tokens.append(found[0].strip())
            position = found.end()

    def peek(self) -> str:
        """Return the next token, or "" at the end."""
        return self._tokens[0] if self._tokens else ""

    def rest(self) -> str:
        """Return what is left."""
        return " ".join(self._tokens)

    def _next(self) -> str:
        if not self._tokens:
            raise ValueError("text: ends where a term is expected")
        return self._tokens.pop(0)

    def sum(self) -> sp.Expr:
        """Read a sum of products."""
        total = self._product()
        while self.peek() in ("+", "-"):
            total = total + self._product() if self._next() == "+" else total - self._product()
        return total

    def _product(self) -> sp.Expr:
        value = self._signed()
        while self.peek() in ("*", "/"):
            value = value * self._signed() if self._next() == "*" else value / self._signed()
        return value

    def _signed(self) -> sp.Expr:
        if self.peek() == "-":
            self._next()
            return -self._signed()
        if self.peek() == "/":
            self._next()
            return 1 / self._signed()
        return self._power()

    def _power(self) -> sp.Expr:
        base = self._application()
        if self.peek() != "^":
            return base
        self._next()
        return base ** self._power()

    def _application(self) -> sp.Expr:
        name = self.peek()
        head = self._atom()
        arguments = []
        while self.peek() and (self.peek() == "(" or self.peek()[0].isalnum() or self.peek()[0] == "_"):
            arguments.append(self._atom())
        if not arguments:
            return head
        if name not in self._functions:
            raise ValueError(f"text: the meaning of the function {name} is not known")
        return self._functions[name](*arguments)

    def _atom(self) -> sp.Expr:
        token = self._next()
        if token == "(":
            inner = self.sum()
            if self._next() != ")":
                raise ValueError(f"text: a parenthesis is not closed before '{self.rest()}'")
            return inner
        if token.isdigit():
            return sp.Integer(token)
        if token[0].isalpha() or token[0] == "_":
            return sp.Symbol(token, positive=True)
        raise ValueError(f"text: a term is expected where '{token}' stands")
