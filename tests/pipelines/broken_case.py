"""A case of broken input, and short ways to write one."""

import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq

from tests.pipelines.export import HEADER, MAPPING, Rows, as_csv, healthy

GOOD = as_csv(healthy())


@dataclass(frozen=True)
class Case:
    """Files and a mapping of which one thing is wrong, and what the message must say."""

    name: str
    says: tuple[str, ...]
    files: dict[str, bytes] = field(default_factory=lambda: {"leads.csv": GOOD})
    mapping: str | bytes = MAPPING
    options: tuple[str, ...] = ()


def csv(name: str, content: bytes | Rows, *says: str, mapping: str = MAPPING) -> Case:
    content = content if isinstance(content, bytes) else as_csv(content)
    return Case(name, ("leads.csv", *says), {"leads.csv": content}, mapping)


def other(name: str, file: str, content: bytes, *says: str, mapping: str = MAPPING) -> Case:
    return Case(name, (file, *says), {file: content}, mapping.replace("leads.csv", file))


def mapped(name: str, old: str, new: str, *says: str) -> Case:
    assert old in MAPPING
    return Case(name, ("mapping.yaml", "line", *says), mapping=MAPPING.replace(old, new, 1))


def more(name: str, block: str, file: str, content: str, *says: str, sources: str = "") -> Case:
    """The healthy leads, one more file and the block of the table that reads it."""
    mapping = MAPPING.replace("order: time", f"  more: {{file: {file}}}\n{sources}order: time") + block
    return Case(name, (file, *says), {"leads.csv": GOOD, file: content.encode()}, mapping)


def workbook(rows: list[list[object]], title: str = "Sheet") -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    for row in rows:
        sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def parquet(columns: dict[str, pa.Array]) -> bytes:
    stream = io.BytesIO()
    pq.write_table(pa.table(list(columns.values()), names=[name.rstrip("!") for name in columns]), stream)
    return stream.getvalue()


def frame(**changed: pa.Array) -> dict[str, pa.Array]:
    rows = healthy()
    columns = {name: pa.array([row[i] for row in rows[1:]]) for i, name in enumerate(HEADER)}
    return {**columns, **changed}


def ragged(change: Callable[[list[str]], list[str]]) -> Rows:
    rows = healthy()
    return [*rows[:5], *(change(row) for row in rows[5:15]), *rows[15:]]


def zipped() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("leads.csv", GOOD)
    return stream.getvalue()


def lines(*rows: str) -> str:
    return "\n".join(rows) + "\n"
