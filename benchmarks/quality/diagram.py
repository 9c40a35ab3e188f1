"""Reliability diagrams: what was said against what came true, ours and the best of the others, a panel per task."""

from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.quality.report import Settings
from benchmarks.quality.standing import Contest
from models.evaluation.metrics import BINS
from models.evaluation.reliability import reliability
from models.evaluation.scored import Scored

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLUMNS, SIZE = 3, 3.2
LOOKS = (("#0b6e6e", "o"), ("#b5542a", "s"))


def write_diagrams(contests: list[Contest], settings: Settings, path: Path) -> None:
    """One SVG; nothing where no task has figures."""
    shown = [each for each in contests if each.best_peer() or each.ours(settings.most_seconds(each))]
    if not shown:
        return
    import matplotlib
    from matplotlib.figure import Figure

    rows = -(-len(shown) // COLUMNS)
    columns = min(COLUMNS, len(shown))
    with matplotlib.rc_context({"svg.hashsalt": "whylead", "font.size": 8}):
        figure = Figure(figsize=(SIZE * columns, SIZE * rows), layout="constrained")
        axes = figure.subplots(rows, columns, squeeze=False).ravel()
        for panel, contest in zip(axes, shown, strict=False):
            _draw(panel, contest, settings)
        for panel in axes[len(shown) :]:
            panel.axis("off")
        figure.savefig(path, format="svg", metadata={"Date": None})


def _draw(panel: "Axes", contest: Contest, settings: Settings) -> None:
    most = 0.0
    for standing, (colour, marker) in zip(
        (contest.ours(settings.most_seconds(contest)), contest.best_peer()), LOOKS, strict=True
    ):
        if standing is None:
            continue
        bins = reliability(Scored.one_each(contest.y, standing.answer.p), BINS)
        said, came = [each.predicted for each in bins], [each.observed for each in bins]
        panel.plot(said, came, color=colour, marker=marker, markersize=3, linewidth=1, label=standing.label)
        most = max(most, *said, *came)
    end = min(1.0, most * 1.05)
    panel.plot([0, end], [0, end], color="#999999", linewidth=0.8, linestyle="--")
    panel.set(title=contest.task.name, xlabel="probability said", ylabel="share won", xlim=(0, end), ylim=(0, end))
    panel.legend(frameon=False, loc="upper left")
