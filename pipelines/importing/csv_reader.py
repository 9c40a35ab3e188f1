"""CSV files of any delimiter and encoding, plain or gzipped, in chunks of text; every row keeps its number.

Python's csv module splits the cells: it is strict about quotes, and says how far it came when it stops.
"""

import csv
import gzip
import io
import re
import zlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import IO, TypeAlias, cast
from unicodedata import normalize

from data_contracts.errors import FileError
from data_contracts.mapping.mapping import Source
from data_contracts.personal import PERSONAL

Rows: TypeAlias = list[list[str]]

GZIP_MAGIC = b"\x1f\x8b"
UTF_8 = "utf-8-sig"  # the mark is dropped where there is one
MARKS = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
DELIMITERS = ",;\t|"
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


def read_header(path: Path, source: Source) -> list[str]:
    """The names of the columns, spaces around them dropped. Raises FileError where the file has none."""
    with open_text(path, source) as stream:
        reader = _reader(stream, source)
        rows = _take(reader, source.skip + 1, path, 0)
    return header_of(rows, path, source)


def header_of(rows: Rows, path: Path, source: Source) -> list[str]:
    """The header out of the first rows of a file. Raises FileError where there is none or a name is duplicated."""
    if len(rows) <= source.skip or not any(cell.strip() for cell in rows[source.skip]):
        raise FileError(
            f"{path.name} has no header in row {source.skip + 1}: expected the names of the columns.",
            hint="If it stands in a later row, or on another sheet, write `skip` or `sheet` in its source.",
        )
    header = [normalize("NFC", cell.strip().lstrip("\ufeff")) for cell in rows[source.skip]]
    if why := next(filter(None, map(bad_text, header)), ""):
        raise FileError(f"{path.name}, row {source.skip + 1}: the header has {why}.", hint=ENCODING_HINT)
    for position, name in enumerate(header):
        if name and name in header[:position]:
            first = header.index(name) + 1
            shown = repr(name) if looks_like_header(header) else "(its first row looks like data)"
            raise FileError(
                f"{path.name}, row {source.skip + 1}: column {shown} is duplicated"
                f" (positions {first} and {position + 1}).",
                hint="Rename one of them in the file.",
            )
    return header


def read_rows(path: Path, source: Source, count: int) -> Iterator[Rows]:
    """The rows below the header, so many at a time; blank ones are empty lists.

    Raises FileError where quotes do not close, a gzip file is cut off or a cell is beyond any size.
    """
    with open_text(path, source) as stream:
        reader = _reader(stream, source)
        before = len(_take(reader, source.skip + 1, path, 0))
        while rows := _take(reader, count, path, before):
            yield rows
            before += len(rows)


def looks_like_header(header: list[str]) -> bool:
    """Are these names? A row of data, which may hold personal data, has numbers, dates or addresses in it."""
    return not any(DATA.search(name) for name in header)


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
    if any("\udc80" <= letter <= "\udcff" for letter in cell):
        return "bytes that are not in the file's encoding"
    return "a NUL byte" if "\0" in cell else ""


ENCODING_HINT = (
    "Say the encoding in its source: `encoding: cp1252` (Western), cp1250 (Central European), cp1254 (Turkish),"
    " cp1251 (Cyrillic), cp932 (Japanese) or utf-16."
)


def _reader(stream: IO[str], source: Source) -> Iterator[list[str]]:
    return csv.reader(stream, delimiter=source.delimiter, strict=True)


def _take(reader: Iterator[list[str]], count: int, path: Path, before: int) -> Rows:
    rows: Rows = []
    try:
        rows.extend(islice(reader, count))
    except csv.Error as error:
        hint = "Look for a quote that does not close, or say the right delimiter."
        raise FileError(f"{path.name}, row {before + len(rows) + 1}: {error}.", hint=hint) from error
    except UnicodeError as error:
        row = before + len(rows) + 1
        raise FileError(f"{path.name}, from row {row}: {_why(error)}.", hint=ENCODING_HINT) from error
    except (OSError, EOFError, zlib.error) as error:
        row = before + len(rows) + 1
        raise FileError(f"{path.name} cannot be read from row {row} on: {_why(error)}.") from error
    return rows


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
