"""The figures that data scientists know: SHAP's beeswarm and bar chart."""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from features.arrays import Floats, Integers
from features.feature import Feature
from pipelines.pages.signal_names import signal_name
from pipelines.pages.svg import GREY, INK, Axes, draw
from pipelines.pages.texts import Texts

SHOWN = 20
_MAX_DOTS = 2000  # per feature; more only hide each other


def write_shap_figures(directory: Path, log_odds: Floats, X: Floats, features: Sequence[Feature]) -> None:
    """Draw ``beeswarm.png`` and ``bar.png`` of SHAP values (n, features) in log-odds."""
    with _drawing() as (plt, shap):
        values = _explanation(shap, log_odds, X, [feature.name for feature in features], features)
        for name, plot, what, options in (
            ("beeswarm", shap.plots.beeswarm, values[_drawn(X)], {"group_remaining_features": False}),
            ("bar", shap.plots.bar, values, {}),
        ):
            plot(what, max_display=SHOWN, show=False, **options)
            plt.gcf().savefig(directory / f"{name}.png", dpi=110, bbox_inches="tight", metadata={"Software": None})
            plt.close("all")


def beeswarm_chart(log_odds: Floats, X: Floats, features: Sequence[Feature], say: Texts) -> str:
    """SHAP's beeswarm as SVG, in the colours of the page; each feature with its name for people and its own."""
    names = [f"{signal_name(feature, say)}\n{feature.name}" for feature in features]
    with _drawing() as (_, shap):
        values = _explanation(shap, log_odds, X, names, features)[_drawn(X)]

        def paint(axes: Axes) -> None:
            shap.plots.beeswarm(
                values, max_display=SHOWN, ax=axes, show=False, plot_size=None, color_bar=False, s=9,
                axis_color=INK, group_remaining_features=False,
            )  # fmt: skip
            for dots in axes.collections:
                dots.set_rasterized(True)
            axes.tick_params("y", length=0, labelsize=8)
            axes.tick_params("x", labelsize=9)
            axes.xaxis.set_major_formatter(lambda value, _: say.number(value, 1))
            axes.set_xlabel(say("importance.beeswarm.x"), fontsize=9)
            for line in axes.lines:
                line.set_color(GREY)

        size = (7.0, 0.8 + 0.42 * min(SHOWN, len(features)))
        return draw("beeswarm", say("importance.beeswarm.alt"), paint, size=size)


def _explanation(shap: Any, log_odds: Floats, X: Floats, names: list[str], features: Sequence[Feature]) -> Any:  # noqa: ANN401
    return shap.Explanation(values=log_odds, data=_shown(X, features), feature_names=names)


def _drawn(X: Floats) -> Integers:
    """The rows that get a dot."""
    rows: Integers = np.sort(np.random.default_rng(0).permutation(len(X))[:_MAX_DOTS])
    return rows


def _shown(X: Floats, features: Sequence[Feature]) -> Floats:
    """Codes of categories have no order to colour by."""
    categorical = [feature.categories is not None for feature in features]
    return np.where(categorical, np.nan, X)


@contextmanager
def _drawing() -> Iterator[tuple[Any, Any]]:
    """Pyplot without a screen, and shap's jitter the same every time; the caller's random state is put back."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # shap's own use of deprecated matplotlib and NumPy
        import matplotlib as mpl

        mpl.use("Agg")
        import matplotlib.pyplot as plt
        import shap

        state = np.random.get_state()  # noqa: NPY002 - shap draws from the global generator
        np.random.seed(0)  # noqa: NPY002
        try:
            yield plt, shap
        finally:
            plt.close("all")
            np.random.set_state(state)  # noqa: NPY002
