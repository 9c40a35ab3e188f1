"""Charts as SVG to put inside a page: no files, no network, the same bytes for the same numbers."""

import io
import re
from collections.abc import Callable
from html import escape
from typing import Any, TypeAlias

Axes: TypeAlias = Any  # matplotlib.axes.Axes; matplotlib is imported only when something is drawn

# Okabe and Ito's palette, told apart by colour-blind readers.
BLUE, ORANGE, GREY, INK = "#0072B2", "#D55E00", "#858B94", "#22262E"
_STYLE = {
    "svg.fonttype": "none",  # text stays text: it can be read aloud, searched and copied
    "svg.hashsalt": "whylead",
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": GREY,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#E4E7EB",
    "xtick.color": INK,
    "ytick.color": INK,
    "legend.frameon": False,
}


def draw(name: str, alt: str, paint: Callable[[Axes], None], *, size: tuple[float, float] = (5.6, 4.2)) -> str:
    """One image: ``name`` makes its ids unique in the page, ``alt`` says what it shows, ``size`` is in inches.

    What ``paint`` labels stands in a legend above.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=size, layout="constrained")
        axes = figure.subplots()
        paint(axes)
        if axes.get_legend_handles_labels()[0]:
            axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3, fontsize=9, handlelength=1.6)
        file = io.StringIO()
        figure.savefig(file, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    return _inline(file.getvalue(), name, alt)


def _inline(text: str, name: str, alt: str) -> str:
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r'\bid="([^"]+)"', rf'id="{name}-\1"', text)
    text = re.sub(r'(url\(#|href="#)', rf"\g<1>{name}-", text)
    return text.replace("<svg", f'<svg role="img" aria-label="{escape(alt)}"', 1)


def show_percent(top: float, *axes: Any) -> None:  # noqa: ANN401 - matplotlib has no types
    """Show the shares from 0 to ``top`` on these axes as percent."""
    from matplotlib.ticker import PercentFormatter

    for axis in axes:
        axis.set_major_formatter(PercentFormatter(xmax=1, decimals=0 if top > 0.08 else 1))
