"""What the files of an unknown export look like: how to read them, and what each column holds."""

import codecs
import csv
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from data_contracts.dataset import AttributeKind
from data_contracts.errors import FileError, WhyleadError
from data_contracts.mapping.mapping import Source
from data_contracts.mapping.rules import Rule
from data_contracts.personal import EMAIL, PERSONAL_CELL, PHONE
from pipelines.importing.attributes import KEY_NAME, PERSONAL_NAME, Observed
from pipelines.importing.cells import text, times
from pipelines.importing.chunk import filled
from pipelines.importing.csv_reader import DELIMITERS, UTF_8, first_bytes, marked_encoding
from pipelines.importing.files import format_by_ending
from pipelines.importing.numerals import Style
from pipelines.importing.reader import column_names, read_chunks
from pipelines.importing.rule_values import drop_codes

ROWS = 50_000  # rows that are looked at per file
SNIFF = 1 << 18  # bytes
MISSING = ("n/a", "na", "nan", "null", "none", "-", "?", "#n/a", "unknown", "select", "not set", "(not set)")
FORMATS_OF_TIMES = (
    "iso", "%d/%m/%Y", "%m/%d/%Y", "%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M", "%d/%m/%Y %H:%M:%S", "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %I:%M %p", "%d.%m.%Y", "%d.%m.%Y %H:%M", "%d-%m-%Y", "%m-%d-%Y", "%Y/%m/%d", "%Y/%m/%d %H:%M:%S",
    "%d %b %Y", "%b %d, %Y", "%d-%b-%Y", "%d-%b-%y", "%Y%m%d",
)  # fmt: skip
PERSONAL_WORDS = {
    "mail": "email", "correo": "email", "phone": "phone", "mobile": "phone", "tel": "phone", "fax": "phone",
    "linkedin": "social", "twitter": "social", "facebook": "social",
}  # fmt: skip


@dataclass(frozen=True)
class ColumnProfile:
    """One column: its cells as text (missing is null) and what they could be."""

    name: str
    cells: pa.Array

    @cached_property
    def filled(self) -> int:
        """How many cells hold something."""
        return int(filled(self.cells).sum())

    @cached_property
    def counts(self) -> "pd.Series[int]":
        """How often each value stands there, most frequent first."""
        return pd.Series(self.cells.drop_null().to_pandas(), dtype=object).value_counts()

    @property
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
    def _seen(self) -> Observed:
        seen = Observed()
        seen.add(self._known)
        return seen

    @property
    def kind(self) -> AttributeKind:
        """The type that all filled cells fit."""
        return self._seen.kind if self._seen.filled else "categorical"

    @property
    def styles(self) -> tuple[Style, ...]:
        """The ways in which all filled cells are numbers, the plain one first; where there are several they differ."""
        return self._seen.styles

    @cached_property
    def time_format(self) -> str | None:
        """The first date format that all filled cells fit, or None."""
        known = self._known.drop_null()
        if not len(known) or self.kind == "numeric":
            return None
        parts = (known.slice(0, 2000), known)  # most formats fail on the first
        rules = {each: Rule(format=(each,)) for each in FORMATS_OF_TIMES}
        fitting = (each for each in rules if all(filled(times(part, rules[each])).all() for part in parts))
        return next(fitting, None)

    @cached_property
    def personal(self) -> str | None:
        """name, email, phone, social or text (that mentions such) where the column holds personal data."""
        levels = pa.array(self.counts.index[:2000].astype(str).tolist(), pa.string())
        for kind, pattern in (("email", EMAIL), ("phone", PHONE)):
            whole = pc.sum(pc.match_substring_regex(levels, f"^(?:{pattern})$")).as_py() or 0
            if whole > 0.5 * len(levels) > 0:
                return kind
        if pc.any(pc.match_substring_regex(levels, f"{PERSONAL_CELL}|[^0-9](?:{PHONE})")).as_py():
            return "text"
        return self._personal_by_name

    @property
    def _personal_by_name(self) -> str | None:
        named_so = PERSONAL_NAME.search(self.name)
        if not named_so or self.kind == "boolean" or self.time_format or not self.filled:
            return None
        kind = next((kind for word, kind in PERSONAL_WORDS.items() if word in self.name.lower()), "name")
        return None if self.kind == "numeric" and kind != "phone" else kind

    @property
    def named_like_key(self) -> bool:
        """Does its name say that it is a key?"""
        return bool(KEY_NAME.search(self.name))


@dataclass(frozen=True)
class FileProfile:
    """One file: how to read it, and its columns."""

    path: Path
    source: Source
    rows: int
    columns: dict[str, ColumnProfile]
    name: str  # of its source


def profile_directory(directory: Path) -> tuple[list[FileProfile], list[str]]:
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
            profile = profile_file(path)
            taken = sum(each.name.rstrip("0123456789_") == profile.name for each in profiles)
            profiles.append(replace(profile, name=f"{profile.name}_{taken + 1}") if taken else profile)
        except WhyleadError as error:
            notes.append(f"{path.name} is left out: {error}")
    if not profiles:
        hint = " ".join(notes) or "CSV, Excel and Parquet files are read."
        raise FileError(f"{directory} holds no file that can be read.", hint=hint)
    return profiles, notes


def profile_file(path: Path) -> FileProfile:
    """The profile of one file. Raises FileError where it cannot be read."""
    source = Source.model_validate({"file": path.name, **_sniffed(path)})
    names = [name for name in column_names(path, source) if name]
    parts: list[dict[str, pa.Array]] = []
    rows = 0
    for parsed in read_chunks(path, source, names):
        chunk = parsed.readable(parsed.faults(names))
        parts.append({name: drop_codes(text(array), ()) for name, array in chunk.columns.items()})
        rows += len(chunk)
        if rows >= ROWS:
            break
    if not rows:
        raise FileError(f"{path.name} has a header and no rows.")
    columns = {name: ColumnProfile(name, pa.concat_arrays([part[name] for part in parts])) for name in names}
    stem = path.name.split(".")[0].lower()
    name = "".join(letter if letter.isalnum() else "_" for letter in stem).strip("_") or "file"
    return FileProfile(path, source, rows, columns, name)


def _sniffed(path: Path) -> dict[str, str]:
    """Delimiter and encoding of a CSV file, as far as its first bytes show them."""
    if format_by_ending(path) != "csv":
        return {}
    start = first_bytes(path, SNIFF)
    encoding = marked_encoding(start)
    try:  # what the last bytes begin need not be whole
        words = codecs.getincrementaldecoder(encoding)().decode(start, final=len(start) < SNIFF)
    except UnicodeDecodeError:
        encoding, words = "cp1252", start.decode("cp1252", errors="replace")
    return {"delimiter": _delimiter(words)} | ({} if encoding == UTF_8 else {"encoding": encoding})


def _delimiter(words: str) -> str:
    """The delimiter that gives most rows the same number of cells, and more than one."""
    lines = words.splitlines()[:200]
    return max(DELIMITERS, key=lambda delimiter: _regularity(lines, delimiter))


def _regularity(lines: list[str], delimiter: str) -> float:
    """The share of rows that are as wide as the first, times its width up to 5; 0 for a single cell."""
    try:
        widths = [len(row) for row in csv.reader(lines, delimiter=delimiter) if row]
    except csv.Error:
        return 0.0
    return widths.count(widths[0]) / len(widths) * min(widths[0], 5) if widths and widths[0] > 1 else 0.0
