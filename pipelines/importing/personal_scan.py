"""Personal data in what a workspace stores: looked for in tables, artifacts and the tracking store; never shown."""

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from data_contracts.errors import FileError
from data_contracts.personal import EMAIL
from data_contracts.wording import reason
from pipelines.importing.personal_columns import PersonalKind, kind_of_cells

DIRECTORIES = ("tables", "rejected", "features", "model", "champion", "evaluation", "explanation", "mlartifacts")
TEXTS = (".json", ".yaml", ".md", ".txt", ".csv", ".html")
APART = re.compile(r"[\s<>,;:'\"]+")  # what EMAIL takes for no part of an address
WORDS: dict[PersonalKind, str] = {
    "name": "names of people", "person": "names of people", "email": "e-mail addresses", "phone": "phone numbers",
    "address": "postal addresses", "tax": "tax ids", "text": "texts with an e-mail address or a phone number",
}  # fmt: skip


@dataclass(frozen=True)
class Stored:
    """A place below the workspace (file and column) and the kind of personal data that is in it."""

    place: str
    kind: PersonalKind

    def __str__(self) -> str:
        return f"{self.place}: {WORDS.get(self.kind, self.kind)}"


def scan(root: Path) -> tuple[int, list[Stored]]:
    """How many files of the workspace ``root`` were looked at, and where personal data was found in them.

    Raises FileError for a file that cannot be read.
    """
    files = [path for name in DIRECTORIES for path in sorted((root / name).rglob("*")) if path.is_file()]
    files += [path for path in (root / "mlflow.db",) if path.is_file()]
    found: list[Stored] = []
    for path in files:
        place = path.relative_to(root).as_posix()
        try:
            cells = list(_cells(path))
        except (OSError, ValueError, pa.ArrowException, sqlite3.Error) as error:
            raise FileError(f"{path} cannot be read: {reason(error)}.") from error
        kinds = ((where, kind_of_cells(levels)) for where, levels in cells if len(levels))
        found += [Stored(f"{place}{where}", kind) for where, kind in kinds if kind is not None]
    return len(files), list(dict.fromkeys(found))


def _cells(path: Path) -> Iterator[tuple[str, pa.Array]]:
    """Where texts stand in a file, and the different ones that stand there."""
    match path.suffix:
        case ".parquet":
            yield from _of_parquet(path)
        case ".db":
            yield from _of_database(path)
        case ".json":
            yield from _of_json(json.loads(path.read_text(encoding="utf-8")), "")
        case suffix if suffix in TEXTS:
            yield "", pa.array(sorted(addresses_in(path.read_text(encoding="utf-8"))), pa.string())


def addresses_in(text: str) -> set[str]:
    """The e-mail addresses in a text.

    Looked for in each piece with an @ between characters that no address has: over a whole text, a search would begin
    at each character of the long lines of trees and images, and go through the rest of the line.

    >>> sorted(addresses_in("From: <ann@example.com>, 'bob@example.org'; @ home"))
    ['ann@example.com', 'bob@example.org']
    """
    if "@" not in text:
        return set()
    pieces = (piece for piece in APART.split(text) if "@" in piece)
    return {address for piece in pieces for address in re.findall(EMAIL, piece)}


def _of_parquet(path: Path) -> Iterator[tuple[str, pa.Array]]:
    for field in pq.read_schema(path):
        kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
        if pa.types.is_string(kind) or pa.types.is_large_string(kind):
            column = pq.read_table(path, columns=[field.name]).column(0).cast(pa.string())
            yield f", column {field.name!r}", pc.unique(column.drop_null())


def _of_database(path: Path) -> Iterator[tuple[str, pa.Array]]:
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as store:
        tables = [row[0] for row in store.execute("select name from sqlite_master where type = 'table'")]
        for table in tables:
            for column in [row[1] for row in store.execute(f'pragma table_info("{table}")')]:
                rows = store.execute(f'select distinct "{column}" from "{table}"')  # noqa: S608 - names from the store
                cells = [row[0] for row in rows if isinstance(row[0], str)]
                yield f", {table}.{column}", pa.array(cells, pa.string())


def _of_json(value: object, place: str) -> Iterator[tuple[str, pa.Array]]:
    """Lists of texts and the names of keys, each as a column; what is deeper by its place."""
    where = f", {place}" if place else ""
    if isinstance(value, dict):
        yield where, pa.array([str(key) for key in value], pa.string())
        single = {key: text for key, text in value.items() if isinstance(text, str)}
        yield from ((f", {place}.{key}", pa.array([text], pa.string())) for key, text in single.items())
        for key, each in value.items():
            yield from _of_json(each, f"{place}.{key}".lstrip("."))
    elif isinstance(value, list):
        yield where, pa.array(sorted({each for each in value if isinstance(each, str)}), pa.string())
        for each in value:
            if isinstance(each, dict | list):
                yield from _of_json(each, place)
