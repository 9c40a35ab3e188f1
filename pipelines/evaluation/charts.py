"""The charts of the evaluation report."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from features.arrays import Floats
from models.evaluation.comparison import Contender
from models.evaluation.curves import is_wide
from models.evaluation.gains import Gains
from pipelines.pages.svg import BLUE, GREY, ORANGE, PAPER, Axes, draw, show_logarithmic, show_percent
from pipelines.pages.texts import Texts

_RULER = {"color": GREY, "linestyle": "--", "linewidth": 1}


def reliability_chart(table: pd.DataFrame, say: Texts) -> str:
    """Observed share of buyers against the predicted probability, per bin, with the sampling error of the share."""
    logarithmic = is_logarithmic(table)
    top = min(1.0, 1.08 * float(max(table["predicted"].max(), table["high"].max())))
    bottom = 0.7 * float(table["predicted"].min()) if logarithmic else 0.0

    def paint(axes: Axes) -> None:
        axes.plot([bottom, top], [bottom, top], label=say("evaluation.calibration.ideal"), **_RULER)
        axes.errorbar(
            table["predicted"], table["observed"], yerr=_errors(table, "observed"), color=BLUE, marker="o",
            markersize=5, linewidth=1.4, elinewidth=1, capsize=2.5, label=say("evaluation.calibration.points"),
        )  # fmt: skip
        axes.set(xlabel=say("evaluation.calibration.x"), ylabel=say("evaluation.calibration.y"))
        if logarithmic:
            axes.set(xscale="log", yscale="log", xlim=(bottom, top), ylim=(bottom, top))
            show_logarithmic(say, bottom, top, axes.xaxis, axes.yaxis)
        else:
            axes.set(xlim=(0, top), ylim=(0, top))
            show_percent(say, axes.xaxis, axes.yaxis)

    return draw("reliability", say("evaluation.calibration.alt"), paint)


def is_logarithmic(table: pd.DataFrame) -> bool:
    """Whether bins of small predictions would lie on top of each other on an even scale."""
    return is_wide(table["predicted"].to_numpy())


def gains_chart(curve: Gains, share: float, say: Texts) -> str:
    """The share of buyers found against the share of leads contacted, best score first."""

    def paint(axes: Axes) -> None:
        axes.plot([0, 1], [0, 1], label=say("evaluation.gain.random"), **_RULER)
        axes.fill_between(curve.contacted, curve.low, curve.high, color=BLUE, alpha=0.18, linewidth=0)
        axes.plot(curve.contacted, curve.found, color=BLUE, linewidth=1.8, label=say("evaluation.gain.best_first"))
        if 0 < share < 1:
            point = {"color": ORANGE, "marker": "o", "linestyle": "", "label": say("evaluation.gain.handover")}
            axes.plot([share], [curve.at(share).value], **point)
        axes.set(xlim=(0, 1), ylim=(0, 1.01))
        axes.set(xlabel=say("evaluation.gain.gains_x"), ylabel=say("evaluation.gain.gains_y"))
        show_percent(say, axes.xaxis, axes.yaxis)

    return draw("gains", say("evaluation.gain.gains_alt"), paint)


def lift_chart(table: pd.DataFrame, say: Texts) -> str:
    """The lift of each tenth of the leads."""

    def paint(axes: Axes) -> None:
        bars = axes.bar(table["tenth"], table["lift"], color=BLUE, width=0.72)
        axes.axhline(1, **_RULER)
        ground = {"facecolor": PAPER, "edgecolor": "none", "pad": 0.6}  # the line does not strike numbers out
        axes.bar_label(bars, [say.number(each, 1) for each in table["lift"]], fontsize=9, padding=2.5, bbox=ground)
        axes.set(xlabel=say("evaluation.gain.lift_x"), ylabel=say("evaluation.gain.lift_y"))
        axes.set_xticks(table["tenth"])
        axes.grid(visible=False, axis="x")

    return draw("lift", say("evaluation.gain.lift_alt"), paint)


def roc_chart(table: pd.DataFrame, say: Texts) -> str:
    """The share of buyers found against the share of the others contacted."""

    def paint(axes: Axes) -> None:
        axes.plot([0, 1], [0, 1], label=say("evaluation.curves.random"), **_RULER)
        axes.plot(table["others"], table["found"], color=BLUE, linewidth=1.8, label=say("evaluation.curves.model"))
        axes.set(xlim=(0, 1), ylim=(0, 1.01))
        axes.set(xlabel=say("evaluation.curves.roc_x"), ylabel=say("evaluation.curves.roc_y"))
        show_percent(say, axes.xaxis, axes.yaxis)

    return draw("roc", say("evaluation.curves.roc_alt"), paint)


def precision_recall_chart(table: pd.DataFrame, won_rate: float, say: Texts) -> str:
    """The win rate of the leads contacted against the share of buyers found."""

    def paint(axes: Axes) -> None:
        axes.plot([0, 1], [won_rate, won_rate], label=say("evaluation.curves.random"), **_RULER)
        axes.plot(table["found"], table["precision"], color=BLUE, linewidth=1.8, label=say("evaluation.curves.model"))
        axes.set(xlim=(0, 1), ylim=(0, 1.01))
        axes.set(xlabel=say("evaluation.curves.pr_x"), ylabel=say("evaluation.curves.pr_y"))
        show_percent(say, axes.xaxis, axes.yaxis)

    return draw("precision-recall", say("evaluation.curves.pr_alt"), paint)


def spread_chart(table: pd.DataFrame, say: Texts) -> str:
    """How many test leads, buyers and others, have which probability."""
    logarithmic = float(table["low"].iloc[0]) > 0

    def paint(axes: Axes) -> None:
        width = table["high"] - table["low"]
        bars = {"x": table["low"], "width": width, "align": "edge"}
        axes.bar(height=table["others"], color=GREY, label=say("evaluation.curves.others"), **bars)
        axes.bar(
            height=table["bought"], bottom=table["others"], color=ORANGE, label=say("evaluation.curves.bought"), **bars
        )
        axes.set(xlabel=say("evaluation.curves.histogram_x"), ylabel=say("evaluation.curves.histogram_y"))
        axes.grid(visible=False, axis="x")
        axes.yaxis.set_major_formatter(lambda count, _: say.number(count, 0))
        if logarithmic:
            axes.set_xscale("log")
            show_logarithmic(say, float(table["low"].min()), float(table["high"].max()), axes.xaxis)
        else:
            show_percent(say, axes.xaxis)

    return draw("spread", say("evaluation.curves.histogram_alt"), paint)


def contenders_chart(contenders: Sequence[Contender], names: Sequence[str], metric: str, say: Texts) -> str:
    """One metric of the model and of every baseline, with 95% intervals; a value far off is written as a number."""
    label, estimates = say(f"metrics.{metric}"), [contender.metrics[metric] for contender in contenders]
    far = 1.5 * float(np.median([estimate.value for estimate in estimates]))  # beyond it, a value would hide the others

    def paint(axes: Axes) -> None:
        for row, estimate in enumerate(estimates):
            colour = BLUE if row == 0 else GREY
            if estimate.value > far:
                text = f"{say.number(estimate.value, 2)} \N{RIGHTWARDS ARROW}"
                axes.text(0.99, row, text, transform=axes.get_yaxis_transform(), ha="right", va="center")
                continue
            axes.plot([estimate.low, estimate.high], [row, row], color=colour, linewidth=2.2, solid_capstyle="round")
            axes.plot([estimate.value], [row], color=colour, marker="o", markersize=7)
        axes.set_yticks(range(len(contenders)), [_short(name) for name in names])
        axes.set(ylim=(len(contenders) - 0.5, -0.5), xlabel=say("evaluation.compared.axis", metric=label))
        axes.xaxis.set_major_formatter(lambda value, _: say.number(value, 2))
        axes.grid(visible=False, axis="y")

    alt = say("evaluation.compared.alt", metric=label)
    return draw(f"contenders-{metric}", alt, paint, size=(4.7, 0.9 + 0.38 * len(contenders)))


def _short(name: str) -> str:
    return name if len(name) <= 28 else f"{name[:27]}…"


def base_rate_chart(table: pd.DataFrame, say: Texts) -> str:
    """The base rate in blocks of equal size along time."""

    def paint(axes: Axes) -> None:
        test = table["part"] == "test"
        for blocks, colour, label in ((table[~test], GREY, "train"), (table[test], ORANGE, "test")):
            if not blocks.empty:
                axes.errorbar(
                    blocks["block"], blocks["won_rate"], yerr=_errors(blocks, "won_rate"), color=colour, fmt="o",
                    capsize=2.5, label=say(f"evaluation.drift.{label}"),
                )  # fmt: skip
        axes.set(xlabel=say("evaluation.drift.x"), ylabel=say("evaluation.drift.y"))
        axes.set(ylim=(0, min(1.15 * float(table["high"].max()), 1.02)))
        axes.set_xticks(table["block"])
        show_percent(say, axes.yaxis)

    return draw("base-rate", say("evaluation.drift.alt"), paint)


def _errors(table: pd.DataFrame, share: str) -> Floats:
    """How far the interval of each share reaches below and above it (2, n)."""
    return np.clip([table[share] - table["low"], table["high"] - table[share]], 0, None)
