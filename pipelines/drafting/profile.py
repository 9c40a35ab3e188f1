"""What the files of an unknown export look like: how to read them, and what each column holds."""

import re
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain, count
from pathlib import Path
from typing import TypeVar

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from data_contracts.dataset import AttributeKind
from data_contracts.errors import FileError, WhyleadError
from data_contracts.mapping.mapping import Source
from data_contracts.mapping.rules import Condition
from data_contracts.progress import Progress, silent
from pipelines.drafting.layout import layouts, rows_below
from pipelines.importing.attributes import KEY_NAME, Observed
from pipelines.importing.cells import text
from pipelines.importing.chunk import filled
from pipelines.importing.currencies import codes_of, currencies_in, currencies_of, names_currency
from pipelines.importing.files import format_by_ending
from pipelines.importing.numerals import PLAINLY, Style, read_numerals
from pipelines.importing.personal_columns import PersonalKind, personal_kind
from pipelines.importing.reader import column_names, read_chunks
from pipelines.importing.rule_values import drop_codes
from pipelines.importing.time_formats import LOOKED_AT, TimeStyle, order_seen, style_of_column
from pipelines.importing.vocabulary import bare, ends_in, says
from pipelines.workspace.bounds import USUAL, Bounds

T = TypeVar("T")
ROWS, LONGEST = 50_000, 10_000  # rows that are looked at per file, and characters of a cell
STRAYS, STRAY = 5, 0.05  # different words, and their share of the cells, that may stand among numbers
CURRENCIES = 50  # that a column has at most
MISSING = ("n/a", "na", "nan", "null", "none", "-", "?", "#n/a", "unknown", "select", "not set", "(not set)")


@dataclass(frozen=True)
class ColumnProfile:
    """One column: its cells as text (missing is null) and what they could be."""

    name: str
    cells: pa.Array
    day_first: bool | None = None  # what other columns tell of dates whose day and month cannot be told apart
    decimal: str | None = None  # and of numbers whose sign may be of decimals or of thousands
    with_contact: bool = False  # does another column hold the names of contacts?

    @cached_property
    def filled(self) -> int:
        """How many cells hold something."""
        return int(filled(self.cells).sum())

    @cached_property
    def counts(self) -> "pd.Series[int]":
        """How often each value stands there, most frequent first."""
        return pd.Series(self.cells.drop_null().to_pandas(), dtype=object).value_counts()

    @cached_property
    def missing_codes(self) -> tuple[str, ...]:
        """Values that are other words for missing."""
        return tuple(str(value) for value in self.counts.index if str(value).lower() in MISSING)

    @property
    def unique(self) -> bool:
        """Is it filled in every row and never twice the same?"""
        return 0 < self.filled == len(self.cells) == len(self.counts)

    @cached_property
    def _known(self) -> pa.Array:
        return drop_codes(self.cells, self.missing_codes)

    @cached_property
    def strays(self) -> tuple[str, ...]:
        """The few words that stand among numbers, such as "tbd"."""
        words = [str(value) for value in self.counts.index if not re.search("[0-9]", str(value))]
        words = [word for word in words if word not in self.missing_codes]
        if not 0 < len(words) <= STRAYS or self.counts[words].sum() > STRAY * self.filled:
            return ()
        return tuple(words) if _seen(drop_codes(self._known, words)).styles else ()

    @cached_property
    def _observed(self) -> Observed:
        return _seen(drop_codes(self._known, self.strays))

    @property
    def kind(self) -> AttributeKind:
        """The type that all filled cells fit but for strays."""
        seen = self._observed
        if not seen.filled:
            return "categorical"
        return "numeric" if seen.styles and seen.kind != "boolean" else seen.kind

    @property
    def style(self) -> Style:
        """How its numbers are written: as those of other columns where two ways are possible, else with thousands."""
        styles = self._observed.styles or (PLAINLY,)
        alike = [each for each in styles if each.decimal == self.decimal]
        return (alike or [each for each in styles if each.thousands] or list(styles))[0]

    @property
    def doubtful(self) -> bool:
        """Could a sign within its numbers be of decimals and of thousands?"""
        return len(self._observed.styles) > 1

    @property
    def decimals(self) -> str | None:
        """The decimal sign, where its cells leave no doubt."""
        return self.style.decimal if not self.doubtful and not self.whole else None

    @cached_property
    def values(self) -> pa.Array:
        """Its cells as numbers."""
        return read_numerals(self.cells, self.style)

    @cached_property
    def currencies(self) -> tuple[str, ...]:
        """The currencies of its numbers, as far as they stand beside them; of a column of currencies all."""
        if self.kind != "numeric":
            levels = [str(level) for level in self.counts.index[:CURRENCIES]]
            return currencies_in(levels) if names_currency(self.name) else codes_of(levels)
        return currencies_of(self._known)

    @cached_property
    def whole(self) -> bool:
        """Are its numbers whole?"""
        return bool(pc.all(pc.equal(self.values, pc.round(self.values))).as_py())

    @cached_property
    def time_style(self) -> TimeStyle | None:
        """How its cells are written where they are dates."""
        return style_of_column(self.name, self._known, numeric=self.kind == "numeric", day_first=self.day_first)

    @cached_property
    def personal(self) -> PersonalKind | None:
        """What personal data it holds, or None; dates are those of a birth or none."""
        levels = pa.array(self.counts.index.astype(str).tolist(), pa.string())
        kind = personal_kind(self.name, levels, self.kind, with_contact=self.with_contact)
        return None if self.time_style is not None and kind != "birth" else kind

    @property
    def wrapped(self) -> bool:
        """Does its name have something of a program around it? A column with the bare name comes first."""
        return bare(self.name) != self.name

    @property
    def named_like_key(self) -> bool:
        """Does its name say that it is a key?"""
        return bool(KEY_NAME.search(self.name)) or ends_in(self.name, "key")


def _seen(cells: pa.Array) -> Observed:
    seen = Observed()
    seen.add(cells)
    return seen


@dataclass(frozen=True)
class FileProfile:
    """One file: how to read it, and its columns."""

    path: Path
    source: Source
    rows: int
    columns: dict[str, ColumnProfile]
    name: str  # of its source


def profile_directory(
    directory: Path, bounds: Bounds = USUAL, on_progress: Progress = silent
) -> tuple[list[FileProfile], list[str]]:
    """Profiles of the files that can be read, and notes on those that cannot.

    Raises FileError where the directory is absent or holds no such file.
    """
    if not directory.is_dir():
        raise FileError(f"{directory} is not a directory.", hint="Give the directory of the export.")
    profiles: list[FileProfile] = []
    notes: list[str] = []
    for path in sorted(directory.iterdir()):
        if not path.is_file() or format_by_ending(path) is None:
            continue
        try:
            for source in layouts(path, bounds):
                on_progress(f"looking at {path.name}", 0.0)
                profile = profile_file(path, source, bounds)
                profiles.append(replace(profile, name=_free(profile.name, {each.name for each in profiles})))
        except WhyleadError as error:
            notes.append(f"{path.name} is left out: {error}")
    if not profiles:
        hint = " ".join(notes) or "CSV, Excel and Parquet files are read."
        raise FileError(f"{directory} holds no file that can be read.", hint=hint)
    return _agreed(profiles), notes


def profile_file(path: Path, source: Source, bounds: Bounds) -> FileProfile:
    """The profile of one table. Raises FileError where it cannot be read."""
    names = [name for name in column_names(path, source, bounds) if name]
    parts: list[dict[str, pa.Array]] = []
    rows = 0
    for parsed in read_chunks(path, source, names, bounds):
        chunk = parsed.readable(parsed.faults(names))
        parts.append({name: drop_codes(_beginning(text(array)), ()) for name, array in chunk.columns.items()})
        rows += len(chunk)
        if rows >= ROWS:
            break
    if not rows:
        raise FileError(f"{path.name} has a header and no rows.")
    cells = {name: pa.concat_arrays([part[name] for part in parts]) for name in names}
    below = rows_below(cells)
    rows = rows if below is None else below[0]
    columns = {name: ColumnProfile(name, array[:rows]) for name, array in cells.items()}
    if below is not None:  # a date, if there is one, is in every row of a table
        there = max(below[1], key=lambda name: columns[name].time_style is not None)
        source = source.model_copy(update={"where": (Condition(column=there, present=True),)})
    stem = (source.sheet or path.name.split(".")[0]).lower()
    name = "".join(letter if letter.isalnum() else "_" for letter in stem).strip("_") or "file"
    return FileProfile(path, source, rows, columns, name)


def _beginning(cells: pa.Array) -> pa.Array:
    """The cells without what stands far behind in long ones."""
    longest = pc.max(pc.binary_length(cells)).as_py() or 0
    return pc.utf8_slice_codeunits(cells, 0, LONGEST) if longest > LONGEST else cells


def _free(name: str, taken: set[str]) -> str:
    """The name, with a number where it is taken."""
    return next(each for each in chain([name], (f"{name}_{number}" for number in count(2))) if each not in taken)


def _agreed(profiles: list[FileProfile]) -> list[FileProfile]:
    """What a file's dates and numbers leave open follows what others of the same file tell, else of any file.

    And a column beside the names of contacts that is called `name` as well is rather a title.
    """
    orders = _followed({file.name: _order_seen(file) for file in profiles})
    decimals = _followed({file.name: _decimal_seen(file) for file in profiles})
    contacts = {file.name: _has_contact(file) for file in profiles}
    return [
        replace(
            file,
            columns={
                name: replace(
                    each, day_first=orders[file.name], decimal=decimals[file.name], with_contact=contacts[file.name]
                )
                for name, each in file.columns.items()
            },
        )
        for file in profiles
    ]


def _has_contact(file: FileProfile) -> bool:
    return any(says(name, "contact") and column.personal == "name" for name, column in file.columns.items())


def _followed(seen: dict[str, T | None]) -> dict[str, T | None]:
    """What each file tells; of one that does not, what all others do."""
    told = {each for each in seen.values() if each is not None}
    anywhere = told.pop() if len(told) == 1 else None
    return {name: anywhere if each is None else each for name, each in seen.items()}


def _decimal_seen(file: FileProfile) -> str | None:
    """The decimal sign of a file's numbers; None where no column tells, or both are there."""
    told = {column.decimals for column in file.columns.values() if column.kind == "numeric"} - {None}
    if not told and file.source.delimiter == ";":
        return ","  # a comma cannot separate cells where it is within numbers
    return told.pop() if len(told) == 1 else None


def _order_seen(file: FileProfile) -> bool | None:
    """Whether the dates of a file have the day before the month; None where no cell tells, or both are there."""
    told = {order_seen([str(cell) for cell in column.counts.index[:LOOKED_AT]]) for column in file.columns.values()}
    told.discard(None)
    return told.pop() if len(told) == 1 else None
