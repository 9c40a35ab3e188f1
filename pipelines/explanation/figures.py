"""The figures that data scientists know: SHAP's beeswarm and bar chart."""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from features.arrays import Floats
from features.feature import Feature

SHOWN = 20
_MAX_DOTS = 2000  # per feature; more only hide each other


def write_shap_figures(directory: Path, log_odds: Floats, X: Floats, features: Sequence[Feature]) -> None:
    """Draw ``beeswarm.png`` and ``bar.png`` of SHAP values (n, features) in log-odds."""
    with _drawing() as (plt, shap):
        values = shap.Explanation(values=log_odds, data=_shown(X, features), feature_names=[f.name for f in features])
        keep = np.sort(np.random.default_rng(0).permutation(len(X))[:_MAX_DOTS])
        figures = {"beeswarm": (shap.plots.beeswarm, values[keep]), "bar": (shap.plots.bar, values)}
        for name, (plot, what) in figures.items():
            plot(what, max_display=SHOWN, show=False)
            plt.gcf().savefig(directory / f"{name}.png", dpi=110, bbox_inches="tight", metadata={"Software": None})
            plt.close("all")


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
