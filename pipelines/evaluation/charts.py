"""The charts of the evaluation report."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from features.arrays import Floats
from models.evaluation.comparison import Contender
from models.evaluation.gains import Gains
from pipelines.pages.names import CONTENDERS, METRIC_COLUMNS
from pipelines.pages.svg import BLUE, GREY, ORANGE, Axes, draw, show_percent


def reliability_chart(table: pd.DataFrame) -> str:
    """Observed share of buyers against the predicted probability, per bin, with the sampling error of the share."""

    def paint(axes: Axes) -> None:
        top = min(1.0, 1.08 * float(max(table["predicted"].max(), table["high"].max())))
        axes.plot([0, top], [0, top], color=GREY, linestyle="--", linewidth=1, label="perfectly calibrated")
        axes.errorbar(
            table["predicted"], table["observed"], yerr=_errors(table, "observed"), color=BLUE, marker="o",
            markersize=5, linewidth=1.4, elinewidth=1, capsize=2.5, label="test leads in ten bins (95% interval)",
        )  # fmt: skip
        axes.set(xlim=(0, top), ylim=(0, top), xlabel="predicted probability", ylabel="observed share of buyers")
        show_percent(top, axes.xaxis, axes.yaxis)

    alt = (
        "Reliability diagram: observed share of buyers against predicted probability; the table below has the numbers."
    )
    return draw("reliability", alt, paint)


def gains_chart(curve: Gains, share: float) -> str:
    """The share of buyers found against the share of leads contacted, best score first."""

    def paint(axes: Axes) -> None:
        axes.plot([0, 1], [0, 1], color=GREY, linestyle="--", linewidth=1, label="random order")
        axes.fill_between(curve.contacted, curve.low, curve.high, color=BLUE, alpha=0.18, linewidth=0)
        axes.plot(curve.contacted, curve.found, color=BLUE, linewidth=1.8, label="best score first (95% band)")
        if 0 < share < 1:
            axes.plot([share], [curve.at(share).value], color=ORANGE, marker="o", linestyle="", label="hand-over")
        axes.set(xlim=(0, 1), ylim=(0, 1.01), xlabel="leads contacted", ylabel="buyers found")
        show_percent(1.0, axes.xaxis, axes.yaxis)

    alt = "Gains curve: share of all buyers found against share of leads contacted, best score first."
    return draw("gains", alt, paint)


def lift_chart(table: pd.DataFrame) -> str:
    """The lift of each tenth of the leads."""

    def paint(axes: Axes) -> None:
        bars = axes.bar(table["tenth"], table["lift"], color=BLUE, width=0.72)
        axes.bar_label(bars, fmt="%.1f", fontsize=9, padding=2)
        axes.axhline(1, color=GREY, linestyle="--", linewidth=1)
        axes.set(xlabel="tenth of the leads, best score first", ylabel="win rate, as a multiple of the average")
        axes.set_xticks(table["tenth"])
        axes.grid(visible=False, axis="x")

    alt = "Lift per tenth of the leads, best score first; 1 is the average win rate."
    return draw("lift", alt, paint)


def contenders_chart(contenders: Sequence[Contender], metric: str) -> str:
    """One metric of the model and of every baseline, with 95% intervals; a value far off is written as a number."""

    label, estimates = METRIC_COLUMNS[metric].label, [contender.metrics[metric] for contender in contenders]
    far = 1.5 * float(np.median([estimate.value for estimate in estimates]))  # beyond it, a value would hide the others

    def paint(axes: Axes) -> None:
        for row, estimate in enumerate(estimates):
            colour = BLUE if row == 0 else GREY
            if estimate.value > far:
                where = axes.get_yaxis_transform()
                axes.text(
                    0.99, row, f"{estimate.value:.2f} \N{RIGHTWARDS ARROW}", transform=where, ha="right", va="center"
                )
                continue
            axes.plot([estimate.low, estimate.high], [row, row], color=colour, linewidth=2.2, solid_capstyle="round")
            axes.plot([estimate.value], [row], color=colour, marker="o", markersize=7)
        axes.set_yticks(range(len(contenders)), [CONTENDERS[contender.name] for contender in contenders])
        axes.set(ylim=(len(contenders) - 0.5, -0.5), xlabel=f"{label} (95% interval)")
        axes.grid(visible=False, axis="y")

    alt = f"{label} of the model and of each baseline; the table above has the numbers."
    return draw(f"contenders-{metric}", alt, paint, size=(5.6, 2.7))


def base_rate_chart(table: pd.DataFrame) -> str:
    """The base rate in blocks of equal size along time."""

    def paint(axes: Axes) -> None:
        test = table["part"] == "test"
        for blocks, colour, label in ((table[~test], GREY, "mostly training"), (table[test], ORANGE, "mostly test")):
            if not blocks.empty:
                axes.errorbar(
                    blocks["block"], blocks["won_rate"], yerr=_errors(blocks, "won_rate"), color=colour, fmt="o",
                    capsize=2.5, label=label,
                )  # fmt: skip
        top = 1.15 * float(table["high"].max())
        axes.set(xlabel="tenth of the leads, oldest first", ylabel="win rate (95% interval)", ylim=(0, min(top, 1.02)))
        axes.set_xticks(table["block"])
        show_percent(top, axes.yaxis)

    alt = "Win rate in ten blocks of leads along time, oldest first; the table beside it has the numbers."
    return draw("base-rate", alt, paint)


def _errors(table: pd.DataFrame, share: str) -> Floats:
    """How far the interval of each share reaches below and above it (2, n)."""
    return np.clip([table[share] - table["low"], table["high"] - table[share]], 0, None)
