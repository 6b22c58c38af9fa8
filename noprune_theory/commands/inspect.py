"""`noprune-theory inspect`: what is known about a pruned network in a file."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

__all__ = ["DESCRIPTION", "SUMMARY", "add_arguments", "run"]

SUMMARY = "say what is known about a pruned network in a file"
DESCRIPTION = "Masks, the bits they can carry, p_eff, the Lipschitz bracket and what the law of robustness says."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("file", type=Path, help="PyTorch, safetensors, npz, ONNX, MATLAB or .nnet file")
    parser.add_argument("--data", type=Path, metavar="FILE.npz", help="samples: X, y and, where known, z and sigma2")
    parser.add_argument("--masks", choices=("stored", "zeros", "none"), default="stored", help="default: stored")
    parser.add_argument("--layout", choices=("outputs-first", "inputs-first"), help="how matrices lie in the file")
    parser.add_argument("--order", nargs="+", metavar="NAME", help="names of the layers from input to output")
    parser.add_argument("--activation", choices=("relu", "tanh"), help="of files that do not say")
    parser.add_argument("--normalisation", choices=("on", "off"), default="on", help="of .nnet files; default: on")
    parser.add_argument(
        "--inputs",
        choices=("gaussian", "sphere", "cube"),
        help="the inputs are N(0, I/d), on the unit sphere, or uniform",
    )
    parser.add_argument("--delta", type=float, default=0.05, help="failure probability of the law; default: 0.05")
    parser.add_argument("--seconds", type=float, default=60.0, help="for the Lipschitz bracket; default: 60")
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--html", type=Path, metavar="FILE")


def _read_data(path: Path) -> dict[str, Any]:
    from noprune_theory.networks._arrays import read_npz

    arrays = read_npz(path)
    unknown = sorted(set(arrays) - {"X", "y", "z", "g", "sigma2", "labels"})
    if unknown or "X" not in arrays or "y" not in arrays:
        raise ValueError(f"{path.name} must hold X and y, and may hold z, g, labels and sigma2; got {sorted(arrays)}")
    return arrays


def run(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> int:
    """Read the file, print the report and write the files that were asked for."""
    from noprune_theory._validation import check_writable

    for target in (arguments.json, arguments.html):
        if target is not None:
            check_writable(target)
    from noprune_theory.covariates import Covariate, Gaussian, SolidCube, Sphere
    from noprune_theory.networks import load, report, report_html, report_lines

    model = load(
        arguments.file,
        masks=arguments.masks,
        layout=arguments.layout,
        order=arguments.order,
        activation=arguments.activation,
        normalisation=arguments.normalisation,
    )
    data = None if arguments.data is None else _read_data(arguments.data)
    kinds: dict[str, Any] = {"gaussian": Gaussian, "sphere": Sphere, "cube": SolidCube}
    inputs: Covariate | None = None if arguments.inputs is None else kinds[arguments.inputs](model.dimension)
    found = report(model, data, inputs=inputs, delta=arguments.delta, max_seconds=arguments.seconds)
    print("\n".join(report_lines(found)))
    if arguments.json is not None:
        arguments.json.write_text(json.dumps(found.to_dict(), indent=1) + "\n", encoding="utf-8")
    if arguments.html is not None:
        arguments.html.write_text(report_html(found, model, arguments.file.name), encoding="utf-8")
    return 0
