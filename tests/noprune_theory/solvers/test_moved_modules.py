"""Modules that moved: the old path warns and gives the same objects, the names of `solvers` warn nobody."""

import importlib
import subprocess
import sys

import pytest

from noprune_theory import solvers

MOVED = {
    "noprune_theory.solvers.masked_least_squares": ("least_squares", "LeastSquaresFit"),
    "noprune_theory.solvers.nested": ("nested_path", "random_feature_sweep", "FitPath"),
    "noprune_theory.solvers.smoothest_linear": ("smoothest_linear_fit", "SmoothestLinearFit"),
    "noprune_theory.solvers.smoothest_features": (
        "smoothest_random_features_fit",
        "SmoothestFeaturesFit",
        "SmoothnessCertificate",
    ),
    "noprune_theory.solvers.smoothest.over_masks": ("smoothest_fit_over_masks", "AllMasksFit", "AllMasksCertificate"),
    "noprune_theory.solvers.smoothest.extension": ("LipschitzExtension",),
    "noprune_theory.solvers.smoothest.features_certificate": ("SmoothnessCertificate",),
}


@pytest.mark.parametrize("old", MOVED)
def test_an_old_path_warns_and_gives_the_same_names(old):
    sys.modules.pop(old, None)
    with pytest.warns(DeprecationWarning, match=rf"{old} has moved to noprune_theory\.solvers\.") as caught:
        module = importlib.import_module(old)
    new = importlib.import_module(str(caught[0].message).rpartition(" ")[2])
    for name in MOVED[old]:
        assert getattr(module, name) is getattr(new, name) is getattr(solvers, name)


def test_the_warning_points_at_the_import():
    code = "\nfrom noprune_theory.solvers.nested import nested_path"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "<string>:2: DeprecationWarning: noprune_theory.solvers.nested has moved to" in done.stderr


def test_public_names_warn_nobody():
    code = "from noprune_theory import solvers; [getattr(solvers, name) for name in solvers.__all__]"
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_smoothest_function_keeps_its_path():
    code = "from noprune_theory.solvers.smoothest.any_function import SmoothestFunctionFit, smoothest_function_fit"
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
