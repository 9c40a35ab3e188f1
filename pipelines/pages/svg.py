"""Charts as SVG to put inside a page: no files, no network, in the colours of the page, light and dark."""

import io
import re
from collections.abc import Callable
from html import escape
from typing import Any, TypeAlias

from pipelines.pages.texts import Texts

Axes: TypeAlias = Any  # matplotlib.axes.Axes; matplotlib is imported only when something is drawn

# Colours that a page gives its own shade of; no chart uses them for anything else. Told apart by colour-blind readers.
BLUE, ORANGE, GREY, INK, PAPER, _GRID = "#0072b2", "#d55e00", "#858b94", "#22262e", "#ffffff", "#e4e7eb"
_COLOURS = {BLUE: "--accent", ORANGE: "--second", GREY: "--faint", INK: "--ink", PAPER: "--paper", _GRID: "--grid"}
_STYLE = {
    "svg.fonttype": "none",  # text stays text: it can be read aloud, searched and copied
    "svg.hashsalt": "whylead",
    "savefig.dpi": 200,  # of what is drawn as pixels within
    "font.family": "DejaVu Sans",
    "font.size": 9.5,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": GREY,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": _GRID,
    "xtick.color": INK,
    "ytick.color": INK,
    "legend.frameon": False,
}


def draw(name: str, alt: str, paint: Callable[[Axes], None], *, size: tuple[float, float] = (4.7, 3.7)) -> str:
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
            axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=1, fontsize=9, handlelength=1.6)
        file = io.StringIO()
        figure.savefig(file, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    return _inline(file.getvalue(), name, alt)


def _inline(text: str, name: str, alt: str) -> str:
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r'\bid="([^"]+)"', rf'id="{name}-\1"', text)
    text = re.sub(r'(url\(#|href="#)', rf"\g<1>{name}-", text)
    text = re.sub(r"#[0-9a-f]{6}\b", lambda colour: _of_the_page(colour[0]), text)
    return text.replace("<svg", f'<svg role="img" aria-label="{escape(alt)}"', 1)


def _of_the_page(colour: str) -> str:
    return f"var({_COLOURS[colour]})" if colour in _COLOURS else colour


def show_percent(say: Texts, *axes: Any) -> None:  # noqa: ANN401 - matplotlib has no types
    """Label these axes of shares as percent."""
    from matplotlib.ticker import FuncFormatter

    for axis in axes:
        axis.set_major_formatter(FuncFormatter(lambda share, _: _tick(share, say)))


def _tick(share: float, say: Texts) -> str:
    """As many decimals as the share needs: ``20%``, ``2.5%``, ``0.05%``."""
    digits = next((each for each in range(4) if abs(round(share, each + 2) - share) < 1e-9), 4)
    return say.percent(share, digits)


def show_logarithmic(say: Texts, low: float, high: float, *axes: Any) -> None:  # noqa: ANN401
    """Label logarithmic axes of shares from ``low`` to ``high`` at 1, 2 and 5 of each power of ten."""
    from matplotlib.ticker import FixedLocator, NullLocator

    steps = (1, 2, 5) if high < 300 * low else (1, 3)
    ticks = [step * 10.0**power for power in range(-6, 1) for step in steps]
    for axis in axes:
        axis.set_major_locator(FixedLocator([tick for tick in ticks if low <= tick <= high]))
        axis.set_minor_locator(NullLocator())
    show_percent(say, *axes)
