"""CSV files of any delimiter and encoding, plain or gzipped, in chunks of text; every row keeps its number.

Python's csv module splits the cells: it is strict about quotes, and says how far it came when it stops. No line is
read further than a row may be long, and what is unpacked is measured all the time: no file costs more than its bounds.
"""

import csv
import gzip
import io
import re
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, TypeAlias, cast
from unicodedata import normalize

from data_contracts.errors import FileError
from data_contracts.mapping.mapping import Source
from data_contracts.personal import PERSONAL
from pipelines.workspace.bounds import Bounds

Rows: TypeAlias = list[list[str]]

GZIP_MAGIC = b"\x1f\x8b"
UTF_8 = "utf-8-sig"  # the mark is dropped where there is one
MARKS = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
DELIMITERS = ",;\t|"
SEARCHED = 100  # characters of a name: the search for addresses takes the square of them
UNKNOWN = re.compile("[\udc80-\udcff]")  # what the encoding does not know, once it is text
PIECE = 4_000_000  # characters after which a piece of rows is handed on, however few they are
DATA = re.compile(rf"^[-+]?[0-9][0-9.,]*$|^[0-9]{{1,4}}[-/.][0-9]{{1,2}}[-/.][0-9]|{PERSONAL}")


def first_bytes(path: Path, count: int) -> bytes:
    """The first bytes of a file, unpacked where it is gzipped. Raises FileError where they cannot be read."""
    try:
        with _unpacked(path) as stream:
            return stream.read(count)
    except (OSError, EOFError, zlib.error) as error:
        raise FileError(f"{path.name} cannot be read: {_why(error)}.") from error


def marked_encoding(start: bytes) -> str:
    """The encoding that the first bytes of a file mark, else UTF-8 (with or without its mark)."""
    return next((encoding for mark, encoding in MARKS if start.startswith(mark)), UTF_8)


def open_text(path: Path, source: Source) -> IO[str]:
    """The file as text; bytes that the encoding does not know become lone surrogates, to be found by cell."""
    start = first_bytes(path, 4)
    encoding = source.encoding or marked_encoding(start)
    encoding = UTF_8 if encoding.lower().replace("_", "-") in ("utf-8", "utf8") else encoding
    return io.TextIOWrapper(_unpacked(path), encoding=encoding, errors="surrogateescape", newline="")


class CsvFile:
    """A file that is open for reading, row by row, within its bounds."""

    def __init__(self, path: Path, source: Source, bounds: Bounds) -> None:
        self._path, self._bounds = path, bounds
        self._packed = path.stat().st_size
        self._stream = open_text(path, source)
        self._lines = Lines(self._stream, bounds.row_characters)
        self._rows = csv.reader(self._lines, delimiter=source.delimiter, strict=True)
        self._before = self._unfit = 0  # rows taken, and how many of the last ones are of no use
        self.width = 0  # of the header, once it is known

    def __enter__(self) -> "CsvFile":
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()

    def take(self, count: int) -> Rows:
        """The next rows: as many, or fewer where they are long; blank ones are empty lists. None are left at the end.

        Raises FileError where quotes do not close, a gzip file is cut off or something is beyond its bound.
        """
        rows: Rows = []
        csv.field_size_limit(self._bounds.cell_characters)
        try:
            size = 0
            for row in self._rows:
                rows.append(row)
                size += self._lines.taken
                self._lines.taken = 0
                if len(rows) == count or size > PIECE:
                    break
        except (csv.Error, LineTooLongError, UnicodeError, OSError, EOFError, zlib.error) as error:
            raise self._refusal(error, self._before + len(rows) + 1) from error
        self._check(rows)
        return rows

    def _check(self, rows: Rows) -> None:
        self._before += len(rows)
        where = f"{self._path.name}, row {self._before}"
        self._bounds.check("rows", where, self._before, "rows")
        unfit = self.width and all(len(row) != self.width or is_blank(row) for row in rows)
        self._unfit = self._unfit + len(rows) if unfit else 0
        self._bounds.check("unfit_rows", where, self._unfit, "rows that are blank or not as wide as the header")
        if isinstance(unpacked := cast(io.TextIOWrapper, self._stream).buffer, gzip.GzipFile):
            self._bounds.check_unpacked(where, unpacked.tell(), self._packed)

    def _refusal(self, error: Exception, row: int) -> FileError:
        where = f"{self._path.name}, row {row}"
        if isinstance(error, LineTooLongError):
            found = f"a row of {self._bounds.row_characters + 1:,} characters or more"
            return self._bounds.beyond("row_characters", where, found)
        if isinstance(error, csv.Error) and str(error).startswith("field larger"):
            found = f"a cell of {self._bounds.cell_characters + 1:,} characters or more (does a quote not close?)"
            return self._bounds.beyond("cell_characters", where, found)
        if isinstance(error, csv.Error):
            hint = "Look for a quote that does not close, or say the right delimiter."
            return FileError(f"{where}: {error}.", hint=hint)
        if isinstance(error, UnicodeError):
            return FileError(f"{self._path.name}, from row {row}: {_why(error)}.", hint=ENCODING_HINT)
        return FileError(f"{self._path.name} cannot be read from row {row} on: {_why(error)}.")


class LineTooLongError(ValueError):
    """More characters than a row may have, without its end."""


class Lines:
    """The lines of a text; ``taken`` counts characters, until it is set back.

    Raises LineTooLongError where more than ``longest`` are taken, and reads no further than that.
    """

    def __init__(self, stream: IO[str], longest: int) -> None:
        self.taken = 0
        self._stream, self._longest = stream, longest

    def __iter__(self) -> Iterator[str]:
        read, longest = self._stream.readline, self._longest
        while line := read(longest + 1):
            self.taken += len(line)
            if self.taken > longest:
                raise LineTooLongError
            yield line


def read_header(path: Path, source: Source, bounds: Bounds) -> list[str]:
    """The names of the columns, spaces around them dropped. Raises FileError where the file has none."""
    with CsvFile(path, source, bounds) as file:
        rows: Rows = []
        while len(rows) <= source.skip and (more := file.take(source.skip + 1 - len(rows))):
            rows += more
    return header_of(rows, path, source, bounds)


def header_of(rows: Rows, path: Path, source: Source, bounds: Bounds) -> list[str]:
    """The header out of the first rows of a file.

    Raises FileError where there is none, a name is duplicated, or there are more or longer names than are read.
    """
    where = f"{path.name}, row {source.skip + 1}"
    if len(rows) <= source.skip or not any(cell.strip() for cell in rows[source.skip]):
        raise FileError(
            f"{path.name} has no header in row {source.skip + 1}: expected the names of the columns.",
            hint="If it stands in a later row, or on another sheet, write `skip` or `sheet` in its source.",
        )
    check_names(rows[source.skip], where, bounds)
    header = [normalize("NFC", cell.strip().lstrip("\ufeff")) for cell in rows[source.skip]]
    if why := next(filter(None, map(bad_text, header)), ""):
        raise FileError(f"{where}: the header has {why}.", hint=ENCODING_HINT)
    first: dict[str, int] = {}
    for position, name in enumerate(header, start=1):
        if name and first.setdefault(name, position) != position:
            shown = repr(name) if looks_like_header(header) else "(its first row looks like data)"
            raise FileError(
                f"{where}: column {shown} is duplicated (positions {first[name]} and {position}).",
                hint="Rename one of them in the file.",
            )
    return header


def check_names(names: Sequence[str], where: str, bounds: Bounds) -> None:
    """Raise FileError where a file has more columns than are read, or longer names."""
    bounds.check("columns", where, len(names), "columns")
    for position, name in enumerate(names, start=1):
        bounds.check("header_characters", f"{where}, column {position}", len(name), "characters in its name")


def read_rows(path: Path, source: Source, count: int, bounds: Bounds) -> Iterator[Rows]:
    """The rows below the header, at most so many at a time; blank ones are empty lists.

    Raises FileError as `CsvFile.take` does.
    """
    with CsvFile(path, source, bounds) as file:
        above = source.skip + 1
        while above and (rows := file.take(above)):
            above -= len(rows)
            file.width = len(rows[-1])
        while rows := file.take(count):
            yield rows


def is_blank(row: Sequence[str]) -> bool:
    """Is nothing in the row, or one cell of spaces?"""
    return not row or (len(row) == 1 and not row[0].strip())


def looks_like_header(header: list[str]) -> bool:
    """Are these names? A row of data, which may hold personal data, has numbers, dates or addresses in it."""
    return not any(DATA.search(name[:SEARCHED]) for name in header)


def delimiter_hint(header: list[str]) -> str:
    """What to write where a header of one cell holds another delimiter."""
    for each in DELIMITERS:
        if len(header) == 1 and each in header[0]:
            name = "tab" if each == "\t" else f'"{each}"'
            return f"The header is one cell that holds {name}: write `delimiter: {name}` in its source."
    return ""


def bad_text(cell: str | None) -> str:
    """Why a cell is not text, or nothing."""
    if cell is None:
        return ""
    if UNKNOWN.search(cell):
        return "bytes that are not in the file's encoding"
    return "a NUL byte" if "\0" in cell else ""


ENCODING_HINT = (
    "Say the encoding in its source: `encoding: cp1252` (Western), cp1250 (Central European), cp1254 (Turkish),"
    " cp1251 (Cyrillic), cp932 (Japanese) or utf-16."
)


def _unpacked(path: Path) -> io.BufferedReader:
    with path.open("rb") as start:
        packed = start.peek(2)[:2] == GZIP_MAGIC
    return cast(io.BufferedReader, gzip.open(path)) if packed else path.open("rb")


def _why(error: Exception) -> str:
    if isinstance(error, EOFError | zlib.error | gzip.BadGzipFile):
        return f"the gzip file is damaged or cut off ({str(error).rstrip('.')})"
    if isinstance(error, OSError):
        return error.strerror or str(error)
    return str(error)
