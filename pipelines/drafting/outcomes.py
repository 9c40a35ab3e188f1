"""Which column says how a deal ended, and what its values mean."""

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pipelines.drafting.dates import closing_of
from pipelines.drafting.guesses import Reference
from pipelines.drafting.profile import ColumnProfile, FileProfile
from pipelines.importing.chunk import filled
from pipelines.importing.vocabulary import folded, is_all, pattern, says, without

PLAIN = re.compile(r"(?i)^(yes|no|true|false|0|1)$")  # could be any flag: only a telling name makes them an outcome
QUALIFIED = re.compile("[(\\[\uff08].*?[)\\]\uff09]")  # the pipeline of a stage: Closed Won (Enterprise)
LEVELS = 60  # stages that several pipelines have together
ROWS_PER_DEAL = 1.2  # from which on a file holds a history


@dataclass(frozen=True)
class Outcome:
    """The column that says how a lead ended, and what its values mean.

    ``history`` is the column that names whose stage it was where a row is a step of a deal, not a deal.
    """

    file: FileProfile
    column: ColumnProfile
    values: dict[str, str]
    history: str | None = None

    def rows(self, meaning: str) -> NDArray[np.bool_]:
        """Where the outcome is won, lost or open."""
        words = [value for value, means in self.values.items() if means == meaning]
        cells = self.column.cells.to_pandas().to_numpy(dtype=object)
        return np.isin(cells.astype(str), words) & filled(self.column.cells)

    @property
    def decided(self) -> list[str]:
        """The values that are not open."""
        return [value for value, means in self.values.items() if means != "open"]


def outcome_of(files: list[FileProfile], links: list[Reference]) -> Outcome | None:
    """The likeliest outcome column of all files, or None."""
    outcomes = (
        Outcome(file, column, values, _history_of(file, column, values, links))
        for file in files
        for column in file.columns.values()
        if file.rows > 1 and (values := outcome_values(column)) is not None
    )
    return max((each for each in outcomes if _likelihood(each)), key=_likelihood, default=None)


def steps_of(file: FileProfile) -> Outcome | None:
    """The stages of deals where a file tells their history."""
    found = outcome_of([file], [])
    return found if found is not None and found.history is not None else None


def outcome_values(column: ColumnProfile) -> dict[str, str] | None:
    """What the values mean where some are words for won and some for lost, else None.

    A number that counts (0, 1, 2 ...) is not an outcome.
    """
    levels = [str(value) for value in column.counts.index]
    if not 2 <= len(levels) <= LEVELS or (len(levels) > 2 and column.kind == "numeric"):
        return None
    meaning = {level: meaning_of(level) for level in levels}
    return meaning if set(meaning.values()) >= {"won", "lost"} else None


def meaning_of(value: str) -> str:
    """Whether a value of a stage means won, lost or open.

    >>> meaning_of("Closed Won (Enterprise)"), meaning_of("Closed - Not Converted"), meaning_of("Angebot")
    ('won', 'lost', 'open')
    """
    bare = QUALIFIED.sub(" ", value)
    if _negated(bare) or says(bare, "lost"):
        return "lost"
    if says(bare, "won"):
        return "won"
    alone = without(bare, "closed") or folded(bare)
    if any(is_all(each, "lost_alone") for each in (bare, alone)):
        return "lost"
    return "won" if any(is_all(each, "won_alone") for each in (bare, alone)) else "open"


def _negated(value: str) -> bool:
    """Not won: a word of refusal before one of success."""
    refusal, words = pattern("not").pattern, f"{pattern('won').pattern}|{pattern('won_alone').pattern}"
    return bool(re.search(f"(?:{refusal})[ ](?:{words})", folded(value)))


def _likelihood(outcome: Outcome) -> float:
    """Of a telling name, of telling words, of open deals, of a closing date in the file; 0 for any flag."""
    named, levels = says(outcome.column.name, "outcome"), list(outcome.values)
    if not named and all(PLAIN.match(level) for level in levels):
        return 0.0
    telling = any(says(level, "won") for level in levels)
    closing = closing_of(outcome.file)
    score = 1 + 2 * named + 1.5 * telling + 0.5 * ("open" in outcome.values.values())
    score += 2 * (closing is not None and not closing.planned)
    return score / 4 if outcome.history else score


def _history_of(file: FileProfile, column: ColumnProfile, values: dict[str, str], links: list[Reference]) -> str | None:
    """The column that names whose steps these are: several rows each, of which at most one is the end."""
    linked = {link.column for link in links if link.file is file}
    stages = pd.Series(column.cells.to_pandas(), dtype=object)
    ends = stages.map(values).isin(["won", "lost"])
    for each in file.columns.values():
        if each is column or each.unique or not (each.name in linked or each.named_like_key) or not each.filled:
            continue
        steps = pd.DataFrame({"of": each.cells.to_pandas(), "stage": stages, "end": ends}).dropna(subset="of")
        grouped = steps.groupby("of")
        if len(steps) < ROWS_PER_DEAL * grouped.ngroups:
            continue
        several = grouped["stage"].nunique()[grouped.size() > 1]
        if (several > 1).mean() > 0.5 and (grouped["end"].sum() <= 1).mean() > 0.95 and not ends.all():
            return each.name
    return None
