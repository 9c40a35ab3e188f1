"""Which column says how a deal ended, and what its values mean."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipelines.drafting.dates import closing_of, created_of, dates_of, step_of
from pipelines.drafting.guesses import Reference
from pipelines.drafting.profile import ColumnProfile, FileProfile
from pipelines.importing.cells import YES
from pipelines.importing.chunk import filled
from pipelines.importing.vocabulary import folded, is_all, pattern, says, without

FLAGS = 20  # columns that say that a deal is over; more are not compared with each column
PLAIN = re.compile(r"(?i)^(yes|no|y|n|true|false|t|f|x|0|1)$")  # any flag: only a telling name makes it an outcome
QUALIFIED = re.compile("[(\\[\uff08].*?[)\\]\uff09]")  # the pipeline of a stage: Closed Won (Enterprise)
LEVELS = 60  # stages that several pipelines have together
ROWS_PER_DEAL = 1.2  # from which on a file holds a history


@dataclass(frozen=True)
class Outcome:
    """The column that says how a lead ended, and what its values mean.

    ``flag`` is a second one where it takes two: values are then those of both, with a slash between them. ``history``
    is the column that names whose stage it was where a row is a step of a deal, not a deal. Without values the column
    is the date of a sale, and whatever has one is won.
    """

    file: FileProfile
    column: ColumnProfile
    values: dict[str, str]
    history: str | None = None
    flag: ColumnProfile | None = None

    def rows(self, meaning: str) -> NDArray[np.bool_]:
        """Where the outcome is won, lost or open."""
        if not self.values:
            return filled(self.column.cells) & (meaning == "won")
        words = [value for value, means in self.values.items() if means == meaning]
        cells = self.column.cells if self.flag is None else both(self.column, self.flag)
        return np.isin(cells.to_pandas().to_numpy(dtype=object).astype(str), words) & filled(cells)

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns that it takes."""
        return (self.column.name,) if self.flag is None else (self.column.name, self.flag.name)

    @property
    def decided(self) -> list[str]:
        """The values that are not open."""
        return [value for value, means in self.values.items() if means != "open"]


def outcome_of(files: list[FileProfile], links: list[Reference]) -> Outcome | None:
    """The likeliest outcome column of all files, or None."""
    outcomes = [
        Outcome(file, column, values, _history_of(file, column, values, links))
        for file in files
        for column in file.columns.values()
        if file.rows > 1 and (values := outcome_values(column)) is not None
    ]
    outcomes += [pair for file in files for pair in _pairs(file)]
    return max((each for each in outcomes if _likelihood(each)), key=_likelihood, default=None) or _sales(files)


def _sales(files: list[FileProfile]) -> Outcome | None:
    """The dates of sales, where nothing else says what was won and nothing what was lost."""
    for file in files:
        named = [
            c
            for c in dates_of(file)
            if says(c.name, "sold") and not any(says(c.name, other) for other in ("planned", "changed"))
        ]
        if file.rows > 1 and named and (len(files) > 1 or named[0].filled < file.rows):
            return Outcome(file, named[0], {})
    return None


def _pairs(file: FileProfile) -> Iterator[Outcome]:
    """A column that says only what was won, with one that says what came to an end."""
    ends = ((c.name, ended) for c in file.columns.values() if (ended := _ended(c, file.rows)) is not None)
    flags = dict(islice(ends, FLAGS))
    for column in file.columns.values() if flags else ():
        won = _won_only(column, file.rows)
        for name, ended in flags.items() if won else ():
            flag = file.columns[name]
            values = {
                f"{level}/{over}": "won" if str(level) in won else "lost" if str(over) in ended else "open"
                for level in column.counts.index
                for over in flag.counts.index
            }
            pair = Outcome(file, column, values, flag=flag)
            if name != column.name and pair.rows("won").any() and pair.rows("lost").any() and len(values) <= LEVELS:
                yield pair


def _won_only(column: ColumnProfile, rows: int) -> set[str]:
    """The values that mean won, of a column that has no word for lost (not even "no", where it says won or not)."""
    levels = [str(value) for value in column.counts.index]
    if column.filled < rows or not 2 <= len(levels) <= LEVELS or not says(column.name, "outcome"):
        return set()
    if column.kind == "boolean":
        return {level for level in levels if level.lower() in YES} if says(column.name, "won") else set()
    meaning = {level: meaning_of(level) for level in levels}
    return set() if "lost" in meaning.values() else {level for level, means in meaning.items() if means == "won"}


def _ended(column: ColumnProfile, rows: int) -> set[str] | None:
    """The values that say that a deal is over, of a column such as closed, lost, archived or active."""
    if column.kind != "boolean" or column.filled < rows or len(column.counts) != 2:
        return None
    still = says(column.name, "active")
    if not still and not any(says(column.name, each) for each in ("archived", "lost", "closed_at")):
        return None
    if says(column.name, "won"):
        return None
    return {str(level) for level in column.counts.index if (str(level).lower() in YES) != still}


def both(column: ColumnProfile, flag: ColumnProfile) -> pa.Array:
    """The cells of two columns with a slash between them; missing where one of them is."""
    return pc.binary_join_element_wise(column.cells, flag.cells, "/")


def steps_of(file: FileProfile) -> Outcome | None:
    """The stages of deals where a file tells their history."""
    found = outcome_of([file], [])
    return found if found is not None and found.history is not None else None


def moment_of(file: FileProfile) -> str | None:
    """The date that says when what a row tells of happened, or None."""
    steps = steps_of(file)
    return step_of(file, steps.history) if steps is not None and steps.history is not None else created_of(file, None)


def outcome_values(column: ColumnProfile) -> dict[str, str] | None:
    """What the values mean where some are words for won and some for lost, else None.

    A number that counts (0, 1, 2 ...) is not an outcome.
    """
    levels = [str(value) for value in column.counts.index]
    if not 2 <= len(levels) <= LEVELS or (len(levels) > 2 and column.kind == "numeric"):
        return None
    if column.kind == "boolean":
        of_losses = says(column.name, "lost") and not says(column.name, "won")
        return None if of_losses else {level: "won" if level.lower() in YES else "lost" for level in levels}
    meaning = {level: meaning_of(level) for level in levels}
    if "won" not in meaning.values() and any(is_all(level, "disqualified") for level in levels):
        meaning |= {level: "won" for level in levels if is_all(level, "qualified")}
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
    telling = any(says(level, "won") for level, means in outcome.values.items() if means == "won")
    closing = closing_of(outcome.file)
    telling |= outcome.flag is not None and outcome.column.kind == "boolean"
    score = (
        1 + 2 * named + 1.5 * telling + 0.5 * ("open" in outcome.values.values()) - 0.25 * (outcome.flag is not None)
    )
    score += 2 * (closing is not None and not closing.planned) - 0.125 * outcome.column.wrapped
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
