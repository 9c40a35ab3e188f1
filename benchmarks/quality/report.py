"""What came out: quality.json with everything, quality.md for people."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from benchmarks.quality.contenders import Contender
from benchmarks.quality.scores import Scores, score
from benchmarks.quality.standing import Contest, Standing
from models.evaluation.intervals import Estimate


@dataclass(frozen=True)
class Settings:
    """What the figures depend on beside the data; seconds."""

    budgets: tuple[float, ...]
    peer_budget: float
    prequential_budget: float
    threads: int
    retrain_every: int
    recalibrate: Literal["all", "ours", "nobody"] = "all"

    def recalibrates(self, contest: Contest, contender: Contender) -> bool:
        """Whether a contender follows fresh outcomes between two trainings of a prequential task."""
        if self.retrain_every == 1 or not contest.task.prequential:
            return False
        return self.recalibrate == "all" or (self.recalibrate == "ours" and contender.kind == "ours")

    def most_seconds(self, contest: Contest) -> float:
        """The peers' budget: ours is compared with them at no more than that."""
        return self.prequential_budget if contest.task.prequential else self.peer_budget


def write_report(contests: list[Contest], settings: Settings, directory: Path) -> None:
    """Both files, replaced."""
    directory.mkdir(parents=True, exist_ok=True)
    told = json.dumps(as_json(contests, settings), indent=2, default=str) + "\n"
    (directory / "quality.json").write_text(told, encoding="utf-8")
    (directory / "quality.md").write_text(markdown(contests, settings), encoding="utf-8")


def as_json(contests: list[Contest], settings: Settings) -> dict[str, Any]:
    """Per task its rows and bar, and per contender scores, seconds, facts, and ours minus the peer."""
    return {"settings": asdict(settings), "tasks": {each.task.name: _task(each, settings) for each in contests}}


def _task(contest: Contest, settings: Settings) -> dict[str, Any]:
    ours = contest.ours(settings.most_seconds(contest))
    return {
        "about": contest.task.about,
        "split": contest.task.split,
        "learned_rows": [len(cut.problem.y_train) for cut in contest.cuts],
        "test_rows": len(contest.y),
        "test_won": int(contest.y.sum()),
        "features": [len(cut.problem.features) for cut in contest.cuts],
        "bar": contest.task.bar,
        "ours": ours.label if ours else None,
        "contenders": {each.label: _standing(contest, each, ours) for each in contest.ranked()},
    }


def _standing(contest: Contest, standing: Standing, ours: Standing | None) -> dict[str, Any]:
    if standing.scores is None:
        return {"failed": standing.failed}
    difference = contest.difference(ours, standing)
    return asdict(standing.scores) | {
        "truth": asdict(standing.truth) if standing.truth else None,
        "covered_bins": standing.covered_bins,
        "seconds": round(standing.spent.seconds, 2),
        "processor_seconds": round(standing.spent.worked, 2),
        "ours_minus_this": difference.to_json() if difference else None,
        "blocks": contest.by_block(standing),
        "facts": standing.facts,
    }


def markdown(contests: list[Contest], settings: Settings) -> str:
    """Two tables over the tasks, then one per task with every contender, the least log loss first."""
    lines = [
        "| task | bar | whylead | best of the others | ours minus theirs (95 %) |", "| --- | --- | --- | --- | --- |",
        *(_summary(contest, settings) for contest in contests),
        "",
        *_overview(contests),
    ]  # fmt: skip
    for contest in contests:
        lines += ["", *_table(contest, settings)]
    return "\n".join(lines) + "\n"


def _summary(contest: Contest, settings: Settings) -> str:
    ours, peer = contest.ours(settings.most_seconds(contest)), contest.best_peer()
    bar = "-" if contest.task.bar is None else f"{contest.task.bar:.4f}"
    cells = [
        contest.task.name,
        bar,
        f"{ours.scores.log_loss:.4f} ({ours.label})" if ours and ours.scores else "-",
        f"{peer.scores.log_loss:.4f} ({peer.label})" if peer and peer.scores else "-",
        _signed(contest.difference(ours, peer)) if peer else "-",
    ]
    return _row(cells)


def _overview(contests: list[Contest]) -> Iterator[str]:
    """The log loss of every contender on every task, the least of a task bold."""
    labels = list(dict.fromkeys(each.label for contest in contests for each in contest.standings))
    yield _row(["task", *labels])
    yield _row(["---"] * (len(labels) + 1))
    for contest in contests:
        found = {each.label: f"{each.scores.log_loss:.4f}" for each in contest.standings if each.scores}
        least = min(found.values(), default="")
        cells = (found.get(label, "-") for label in labels)
        yield _row([contest.task.name, *(f"**{cell}**" if cell == least else cell for cell in cells)])


def _table(contest: Contest, settings: Settings) -> Iterator[str]:
    ours = contest.ours(settings.most_seconds(contest))
    yield f"## {contest.task.name}"
    yield f"{_sentence(contest.task.about)}: {len(contest.y):,} test rows, {contest.y.mean():.1%} won.{_truth(contest)}"
    yield ""
    yield _row(["contender", "log loss", "ours minus this (95 %)", *_COLUMNS])
    yield _row(["---"] * (3 + len(_COLUMNS)))
    for each in contest.ranked():
        name = f"**{each.label}**" if each.contender.kind == "ours" else each.label
        if each.scores is None:
            yield _row([name, f"no figures: {each.failed}".replace("|", "/"), *["-"] * (1 + len(_COLUMNS))])
            continue
        yield _row(
            [name, f"{each.scores.log_loss:.4f}", _signed(contest.difference(ours, each)), *_figures(each, each.scores)]
        )


_COLUMNS = (
    "ROC AUC", "calibration error", "slope", "calibration error against the truth", "intervals", "seconds",
    "processor's seconds",
)  # fmt: skip


def _figures(standing: Standing, found: Scores) -> list[str]:
    """What stands below ``_COLUMNS``: intervals as the share that holds the truth, else as the bins that agree."""
    truth, bins = standing.truth, standing.covered_bins
    intervals = "-" if bins is None else f"{bins[0]} of {bins[1]} bins"
    if truth and truth.covered is not None:
        intervals = f"{truth.covered:.1%}"
    return [
        f"{found.roc_auc:.4f}",
        f"{found.ece:.4f}",
        "-" if np.isnan(found.slope) else f"{found.slope:.2f}",
        f"{truth.ece:.4f}" if truth else "-",
        intervals,
        f"{standing.spent.seconds:.1f}",
        f"{standing.spent.worked:.1f}",
    ]


def _truth(contest: Contest) -> str:
    """What the true probabilities reach, as a sentence; empty where nobody knows them."""
    if contest.truth is None:
        return ""
    found = score(contest.y, contest.truth, contest.lead)
    return f" The true probabilities have a log loss of {found.log_loss:.4f} and a ROC AUC of {found.roc_auc:.4f}."


def _sentence(about: str) -> str:
    return f"{about[:1].upper()}{about[1:]}"


def _signed(difference: Estimate | None) -> str:
    if difference is None:
        return "-"
    return f"{difference.value:+.4f} ({difference.low:+.4f} to {difference.high:+.4f})"


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
