"""What results show of themselves: pictures (their artists), tables in notebooks, data frames."""

import importlib
import inspect
import math
import sys
from dataclasses import fields
from html.parser import HTMLParser

import matplotlib
import numpy as np
import pytest
from matplotlib import pyplot

import noprune_theory
from noprune_theory._display import HtmlRepr, html_table
from noprune_theory.bounds import LawSetting, MaximalLeakage, Noise, law_of_robustness
from noprune_theory.class_stability import bracket as stability_bracket
from noprune_theory.covariates import Gaussian
from noprune_theory.information import JointDistribution, toy_curve, toy_information
from noprune_theory.lipschitz import Bracket, bracket, plot_brackets
from noprune_theory.models import MLP, LinearModel
from noprune_theory.networks import report
from noprune_theory.sweeps import SweepTable, grid, run_sweep

INFINITE = math.inf


@pytest.fixture(autouse=True)
def _closed():
    yield
    pyplot.close("all")


@pytest.fixture
def ax():
    return pyplot.subplots()[1]


def interval(lower, upper, exact=False):
    return Bracket(lower, upper, exact, None, "given")


def bars(ax):
    return [path.tolist() for collection in ax.collections for path in collection.get_segments()]


def drawn(ax):
    """Return the axes after a draw, which raises where an artist cannot be placed."""
    ax.figure.canvas.draw()
    return ax


# -- brackets ----------------------------------------------------------------------------------------------------------


def test_a_bracket_is_a_bar_with_ends(ax):
    assert interval(1.0, 2.0).plot(ax, x=3.0, label="L") is ax
    assert bars(drawn(ax)) == [[[3.0, 1.0], [3.0, 2.0]]]
    ends, exact, _ = ax.lines
    assert ends.get_xydata().tolist() == [[3.0, 1.0], [3.0, 2.0]]
    assert ends.get_label() == "L"
    assert exact.get_xydata().size == 0
    assert ax.get_ylabel() == "Lipschitz constant"


def test_an_exact_bracket_is_a_dot(ax):
    bracket(LinearModel([3.0, 4.0])).plot(ax)
    assert ax.lines[1].get_xydata()[0] == pytest.approx([0.0, 5.0])
    assert ax.lines[1].get_marker() == "o"


def test_an_infinite_upper_end_is_an_arrow_to_the_edge(ax):
    interval(1.0, INFINITE).plot(ax)
    (arrow,) = ax.texts
    assert arrow.xy == (0.0, 1.0)
    assert arrow.xycoords == ("data", "axes fraction")
    assert arrow.get_position() == (0.0, 1.0)
    assert bars(drawn(ax)) == []
    assert all(np.isfinite(ax.get_ylim()))
    interval(5.0, 7.0).plot(ax, x=1.0)  # the arrow goes on to the edge when the axes grow
    assert ax.get_ylim()[1] >= 7.0


def test_where_nothing_fits_there_is_a_cross_at_the_edge(ax):
    interval(INFINITE, INFINITE, exact=True).plot(ax)
    ends, _, cross = drawn(ax).lines
    assert ends.get_xydata().size == 0
    assert cross.get_xydata().tolist() == [[0.0, 1.0]]
    assert cross.get_transform() == ax.get_xaxis_transform()
    assert len(ax.texts) == 0


@pytest.mark.parametrize("kind", [list, tuple, iter, lambda items: np.array(items, dtype=object)])
def test_many_brackets_of_every_kind_in_one_picture(kind, ax):
    items = [
        interval(1, 2),
        interval(1.5, 1.5, True),
        interval(1, INFINITE),
        interval(INFINITE, INFINITE),
        interval(0, 0),
    ]
    plot_brackets(kind(items), [1, 2, 4, 8, 16], ax=ax, label="a")
    assert bars(drawn(ax)) == [[[1, 1], [1, 2]], [[2, 1.5], [2, 1.5]], [[16, 0], [16, 0]]]
    assert [text.xy[0] for text in ax.texts] == [4.0]
    assert ax.lines[1].get_xydata().tolist() == [[2, 1.5]]
    assert ax.lines[2].get_xydata().tolist() == [[8, 1]]
    assert len({line.get_color() for line in ax.lines}) == 1
    plot_brackets([interval(1, 2)], ax=ax, label="b")
    assert [text.get_text() for text in ax.legend().get_texts()] == ["a", "b"]
    assert len({line.get_color() for line in ax.lines}) == 2


def test_a_logarithmic_axis_takes_brackets_from_zero(ax):
    ax.set_yscale("log")
    plot_brackets([interval(0.0, 2.0), interval(1.0, INFINITE)], ax=ax)
    drawn(ax)


def test_no_brackets_are_empty_axes():
    ax = drawn(plot_brackets([]))
    assert bars(ax) == []
    assert all(line.get_xydata().size == 0 for line in ax.lines)


def test_new_axes_by_default_and_labels_that_are_there_stay(ax):
    assert interval(1, 2).plot() is not ax
    ax.set_ylabel("mine")
    assert interval(1, 2).plot(ax).get_ylabel() == "mine"


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda: plot_brackets([interval(1, 2), 3]), TypeError, r"brackets\[1\] must have lower and upper, got 3"),
        (lambda: plot_brackets(interval(1, 2)), TypeError, "brackets must be a Iterable"),
        (lambda: plot_brackets([interval(1, 2)], [1, 2]), ValueError, r"x must have one entry a bracket, 1, got shape"),
        (lambda: plot_brackets([interval(1, 2)], [INFINITE]), ValueError, "x must be finite"),
        (lambda: interval(1, 2).plot(3), TypeError, "ax must be a Axes"),
        (lambda: interval(1, 2).plot(pyplot.subplots(1, 2)[1]), TypeError, "ax must be a Axes"),
    ],
)
def test_what_cannot_be_drawn_is_named(call, error, said):
    with pytest.raises(error, match=said):
        call()


def test_class_stability_is_drawn_like_a_bracket(ax):
    found = stability_bracket(LinearModel([3.0, 4.0]), [[1.0, 1.0], [-5.0, 0.0]])
    found.plot(ax)
    assert bars(ax)[0] == [[0.0, found.lower], [0.0, found.upper]]
    assert ax.get_ylabel() == "mean margin"
    frame = found.to_pandas()
    assert frame.columns.tolist() == ["lower", "upper"]
    assert frame.to_numpy().tolist() == found.margins.tolist()


# -- the law's versions ------------------------------------------------------------------------------------------------


def law(n=2200, epsilon=0.9):
    return law_of_robustness(
        LawSetting(n, Gaussian(5500), Noise(signs=True), epsilon, 0.25, 2750, MaximalLeakage(0.0), "linear")
    )


def test_versions_of_a_law_are_bars(ax):
    found = law()
    found.plot(ax, measured=interval(70.0, 80.0))
    assert [bar.get_width() for bar in ax.patches[: len(found.versions)]] == list(found.versions.values())
    assert [text.get_text() for text in ax.get_yticklabels()] == list(found.versions)
    darkest = max(zip(ax.patches, found.versions, strict=False), key=lambda pair: pair[0].get_alpha())[1]
    assert darkest == found.theorem
    assert ax.lines[0].get_xdata() == [70.0, 70.0]
    assert ax.patches[-1].get_extents().width > 0
    frame = found.to_pandas()
    assert frame.set_index("theorem")["lipschitz"].to_dict() == found.versions
    assert frame["theorem"][frame["largest"]].tolist() == [found.theorem]
    drawn(ax)


def test_a_measured_constant_without_upper_end_is_its_lower_end(ax):
    law().plot(ax, measured=interval(70.0, INFINITE))
    assert len(ax.lines) == 1
    assert len(ax.patches) == len(law().versions)
    law().plot(ax, measured=interval(INFINITE, INFINITE))
    assert len(ax.lines) == 1


def test_an_infinite_bound_is_an_arrow(ax):
    found = law_of_robustness(
        LawSetting(300, Gaussian(10), Noise(signs=True), 1.0, 0.05, 10, MaximalLeakage(0.0), "linear")
    )
    assert math.isinf(found.lipschitz)
    found.plot(ax)
    infinite = [place for place, bound in enumerate(found.versions.values()) if math.isinf(bound)]
    assert [text.xy[1] for text in ax.texts] == infinite
    drawn(ax)


def test_arrays_of_bounds_are_curves(ax):
    n = np.array([2200, 2300, 6000])  # of 5500 inputs, 2750 are kept: more samples cannot be interpolated
    found = law(n=n)
    found.plot(ax, x=n, measured=interval(1.0, 2.0))
    curves = {line.get_label(): line for line in ax.lines}
    for name, values in found.versions.items():
        finite = np.where(np.isfinite(values), values, np.nan)
        np.testing.assert_array_equal(curves[name].get_ydata(), np.broadcast_to(finite, 3))
    assert found.to_pandas()["theorem"].tolist() == found.theorem.tolist()
    with pytest.raises(ValueError, match=r"x must have shape \(3,\) as the bounds have, got \(2,\)"):
        found.plot(x=[1, 2])
    with pytest.raises(ValueError, match="of one axis at most"):
        law(n=n[None]).plot()
    with pytest.raises(ValueError, match="x is for bounds that are arrays"):
        law().plot(x=[1.0])
    with pytest.raises(TypeError, match="measured must have lower and upper, got 3"):
        law().plot(measured=3)


# -- sweeps ------------------------------------------------------------------------------------------------------------


def noisy(rng, n, rule):
    return {"value": float(n) + rng.standard_normal(), "text": rule, "gap": None if n == 2 else 1.0}


def test_a_sweep_is_means_with_errors(ax):
    result = run_sweep(noisy, grid(n=[1, 2, 3], rule=["a", "b"]), version=1, seeds=range(4))
    assert result.plot("n", "value", by="rule", ax=ax) is ax
    table = result.table
    assert [container.get_label() for container in ax.containers] == ["rule = a", "rule = b"]
    for container, rule in zip(ax.containers, "ab", strict=True):
        for place, mean in container.lines[0].get_xydata().tolist():
            sample = table.where(n=int(place), rule=rule).column("value")
            assert mean == pytest.approx(sample.mean(), rel=1e-12)
            (low, high) = container.lines[2][0].get_segments()[int(place) - 1][:, 1]
            assert high - low == pytest.approx(2 * sample.std(ddof=1) / 2)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("n", "value")
    assert result.to_pandas().equals(table.to_pandas())
    assert table.to_pandas()["value"].tolist() == table.column("value").tolist()
    drawn(ax)


def test_missing_and_infinite_values_are_left_out(ax):
    table = SweepTable(("x", "y"), ((1, 1.0), (2, None), (3, math.inf), (4, math.nan), (5, 2), (True, 3.0)))
    table.plot("x", "y", ax=ax)
    assert ax.containers[0].lines[0].get_xydata().tolist() == [[1.0, 2.0], [5.0, 2.0]]
    with pytest.raises(ValueError, match="name must be one of x, y, got 'z'"):
        table.plot("x", "z")
    with pytest.raises(ValueError, match=r"column y must hold numbers to be drawn, got 'a'"):
        SweepTable(("x", "y"), ((1, "a"),)).plot("x", "y")


def test_empty_tables_are_empty_everywhere(ax):
    empty = SweepTable(("x", "y"), ())
    assert len(empty.plot("x", "y", by="x", ax=ax).lines) == 0
    assert empty.to_pandas().columns.tolist() == ["x", "y"]
    assert empty._repr_html_() == ("<table><caption>SweepTable, 0 rows</caption><tr><th>x</th><th>y</th></tr></table>")


# -- information -------------------------------------------------------------------------------------------------------


def test_information_of_the_toy_is_curves(ax):
    network = MLP.draw(0, (3, 2, 1), prune_biases=True)
    found = toy_information(network, "snip", kept=[6, 4, 2], distinct_inputs=True, sample_sizes=[10])
    found.plot(ax)
    exact, leakage, plug_in = ax.lines
    np.testing.assert_array_equal(exact.get_ydata(), found.information)
    np.testing.assert_array_equal(leakage.get_ydata(), found.maximal_leakage)
    np.testing.assert_array_equal(plug_in.get_ydata(), found.plug_in[10])
    assert ax.get_ylabel() == "information in bits"
    assert found.to_pandas().columns.tolist() == ["kept", "information", "maximal_leakage", "plug_in_10"]


@pytest.mark.parametrize("n_init", [1, 2])
def test_a_curve_of_the_toy_has_errors_where_they_are_known(n_init, ax):
    found = toy_curve("snip", width=2, n_init=n_init, rng=0, kept=[4, 2], distinct_inputs=True, sample_sizes=[])
    found.plot(ax)
    assert len(ax.containers) == n_init - 1
    assert ax.lines[0].get_xydata().tolist() == list(map(list, zip(found.pruned, found.information, strict=True)))
    assert found.to_pandas()["information"].tolist() == found.information.tolist()
    drawn(ax)


def test_the_spectrum_of_information_is_its_tail(ax):
    found = JointDistribution([[0.4, 0.1], [0.1, 0.4]]).information_spectrum()
    found.plot(ax)
    steps = ax.patches[0].get_data()
    assert steps.values.tolist() == pytest.approx([1.0, *[found.tail(value) for value in found.values[:-1]]])
    assert steps.edges[1:].tolist() == found.values.tolist()
    assert found.to_pandas()["probability"].sum() == pytest.approx(1.0)


# -- networks ----------------------------------------------------------------------------------------------------------


def test_a_report_draws_its_bracket_and_lists_its_layers(ax):
    found = report(MLP((2, 2, 1), [1.0, 0, 0, 1, 1, 0], [True, False, False, True, True, False], biases=False))
    assert found.plot(ax) is ax
    assert ax.lines[0].get_xdata().tolist() == [found.lipschitz.lower, found.lipschitz.upper]
    assert found.to_pandas()["kept"].tolist() == [layer.kept for layer in found.layers]


# -- notebooks and missing packages ------------------------------------------------------------------------------------


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.stack, self.cells, self.seen = [], [], set()

    def handle_starttag(self, tag, attrs):
        assert attrs == []
        self.stack.append(tag)
        self.seen.add(tag)

    def handle_endtag(self, tag):
        assert self.stack.pop() == tag

    def handle_data(self, data):
        self.cells.append(data)


def parsed(text):
    tags = Tags()
    tags.feed(text)
    tags.close()
    assert tags.stack == []
    assert tags.seen <= {"table", "caption", "tr", "th", "td"}
    return tags.cells


def test_html_is_escaped_and_short():
    nasty = Bracket(1.0, math.inf, False, None, "<script>alert('&amp;')</script>" + "x" * 10_000)
    text = nasty._repr_html_()
    assert len(text) < 1000
    cells = parsed(text)
    assert cells[:3] == ["Bracket", "lower", "1.0"]
    assert "inf" in cells
    table = SweepTable(("<b>",), tuple((f"</td>{i}",) for i in range(1000)))
    assert parsed(table._repr_html_())[:3] == ["SweepTable, 1000 rows, the first 10 shown", "<b>", "</td>0"]
    assert parsed(html_table("a<b", [["1" * 500, "&"]]))[1] == "1" * 157 + "..."


def test_every_result_has_a_table_in_notebooks():
    """Public dataclasses that hold results; settings, models of papers and rows of tables show their one line."""
    shown = set()
    for room in noprune_theory.__all__:
        module = importlib.import_module(f"noprune_theory.{room}")
        values = [getattr(module, name) for name in module.__all__]
        shown |= {value.__name__ for value in values if inspect.isclass(value) and issubclass(value, HtmlRepr)}
    assert shown >= {
        "Bracket", "StabilityBracket", "LawBound", "SweepTable", "SweepResult", "ToyCurve", "ToyInformation",
        "NetworkReport", "InterpolationRobustness", "SmoothestFeaturesFit", "LeastSquaresFit", "PruningResult",
        "LinearMaskBracket", "InformationLowerBound", "ChainRule",
    }  # fmt: skip
    found = law()
    assert parsed(found._repr_html_())[0] == "LawBound"
    assert [name for name in (item.name for item in fields(found)) if name in parsed(found._repr_html_())] == [
        "lipschitz", "theorem", "hypotheses", "versions",
    ]  # fmt: skip


def test_without_pandas_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    for build in (interval(1, 2).to_pandas, SweepTable((), ()).to_pandas, law().to_pandas):
        with pytest.raises(ImportError, match=r"pip install 'noprune-theory\[pandas\]'"):
            build()


def test_brackets_are_put_together_by_pandas():
    import pandas

    frame = pandas.concat([interval(1, 2).to_pandas(), interval(0, INFINITE).to_pandas()], ignore_index=True)
    assert frame["upper"].tolist() == [2, INFINITE]
    assert frame.columns.tolist() == ["lower", "upper", "exact", "method"]


def test_nothing_is_drawn_through_pyplot_into_given_axes():
    figure = matplotlib.figure.Figure()
    interval(1, 2).plot(figure.subplots())
    assert pyplot.get_fignums() == []
