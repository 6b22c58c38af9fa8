"""Claim of Appendix C.2: both toy networks have 21 parameters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Any

import sympy as sp

from noprune_theory.verifier.notation import equation
from noprune_theory.verifier.obligations import Obligation
from noprune_theory.verifier.provers import Identity, Refutation
from noprune_theory.verifier.statement import (
    Claim,
    Comparison,
    Counterexample,
    ExactCheck,
    Fact,
    PlantedFault,
    Profile,
    Repair,
    Role,
    Statement,
    Step,
    Verdict,
)

d, h, k = sp.symbols("d h k", positive=True, integer=True)
count = h * d + h + k * h + k


def weights(inputs: int, width: int, outputs: int) -> int:
    """Count weights and biases of one hidden layer, entry by entry."""
    hidden = [(unit, entry) for unit in range(width) for entry in range(inputs + 1)]
    output = [(unit, entry) for unit in range(outputs) for entry in range(width + 1)]
    return len(hidden) + len(output)


def architecture(width: int) -> Callable[[Mapping[str, Any]], Iterable[Fact]]:
    """Return the facts about the architecture: three inputs, one hidden layer of the given width, biases."""

    def facts(data: Mapping[str, Any]) -> Iterable[Fact]:
        shape = (data["d"], data["h"])
        yield Fact(f"three inputs and {width} hidden units", f"{data['d']}, {data['h']}", shape == (3, width))

    return facts


def right_count(data: Mapping[str, Any]) -> Fact:
    """Count with every number of outputs up to ten."""
    counts = [weights(data["d"], data["h"], outputs) for outputs in range(1, 11)]
    return Fact("21 parameters for some number of outputs", ", ".join(map(str, counts)), 21 in counts)


RIGHT = Counterexample("the network of width 3", "claim", {"d": 3, "h": 3}, architecture(3), right_count)


def has_count(width: int, outputs: int, total: int) -> Obligation:
    """State the number of parameters of one network."""
    return Obligation(
        f"width {width}, {outputs} outputs: {total}",
        shown(width, outputs, total),
        Identity(),
    )


def shown(width: int, outputs: Any, total: int) -> sp.Equality:
    """Return the count of three inputs as it is added up by hand."""
    return equation(lambda: sp.Add(sp.Mul(width, 3), width, sp.Mul(outputs, width), outputs), total)


outputs_real = sp.Symbol("k", real=True)
LEFT_STEP = Step("Left, mean squared error, width 4: 12 + 4 + 4 + 1 = 21", (has_count(4, 1, 21),))
RIGHT_STEP = Step("Right, cross entropy, width 3, two outputs: 21", (has_count(3, 2, 21),))


def formula(name: str, biases: int) -> ExactCheck:
    """Compare the formula, with a share of the biases, with the entries counted."""

    def compare(profile: Profile) -> Iterator[Comparison]:
        for inputs, width, outputs in ((3, 4, 1), (3, 3, 1), (3, 3, 2), (5, 7, 3)):
            printed = width * inputs + outputs * width + biases * (width + outputs)
            counted = weights(inputs, width, outputs)
            yield Comparison(f"{inputs}-{width}-{outputs}", Fraction(abs(printed - counted)), Fraction(0))

    return ExactCheck(name, compare)


STATEMENT = Statement(
    id="claim-toy-parameter-count",
    title="Both toy networks have 21 parameters",
    source="Appendix C.2, Figure 4",
    recorded=Verdict.FALSE,
    claim=Claim(
        conclusion=sp.And(shown(4, 1, 21), shown(3, k, 21)),
        words="d = 3 inputs, one hidden layer of h units, k outputs, biases counted: h = 4 and k = 1 on the left; h = "
        "3 on the right, with a number of outputs k that is not stated.",
    ),
    derivation=(LEFT_STEP, RIGHT_STEP),
    counterexamples=(RIGHT,),
    faults=(
        PlantedFault(
            "counterexample for the network of width 4",
            Counterexample("width 4", "claim", {"d": 3, "h": 4}, architecture(4), right_count),
        ),
        PlantedFault("left network with two outputs", has_count(4, 2, 21)),
    ),
    repair=Repair(
        claim=Claim(
            conclusion=sp.And(shown(3, 1, 16), shown(3, 2, 20)),
            words="Width 3 gives 16 parameters with one output and 20 with two; 21 is not 12 + 4k for any whole "
            "number k.",
        ),
        derivation=(
            Step("the counts", (has_count(3, 1, 16), has_count(3, 2, 20)), role=Role.OURS),
            Step(
                "12 + 4k = 21 has k = 9/4, which lies strictly between 2 and 3",
                (
                    Obligation(
                        "2 < k < 3",
                        sp.And(sp.Gt(outputs_real, 2), sp.Lt(outputs_real, 3)),
                        Refutation(),
                        (equation(12 + 4 * outputs_real, 21),),
                    ),
                ),
                role=Role.OURS,
            ),
        ),
        exact=(formula("hd + h + kh + k, entry by entry", 1),),
        faults=(PlantedFault("biases not counted", formula("hd + kh", 0)),),
    ),
)
