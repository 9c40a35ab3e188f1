"""The events of leads as the import leaves them: grouped by lead, in order, with numbers in place of texts.

events.parquet is made of the tables (pipelines/tables/events_writer.py) and can be made again at any time. A group of
rows holds all events of some consecutive leads, so that a block of leads is read by itself.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from os import SEEK_END
from pathlib import Path
from threading import local
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from data_contracts.dataset import Dataset
from features.arrays import Bytes, Codes, Flags, Floats, Times
from features.records.records import Categorical, Events
from features.records.related import Related
from pipelines.tables.events import Vocabulary

NAME = "events.parquet"
FORMAT = 2
SOURCES = ("leads", "activities", "dispositions", "deals")  # what the file is made of; deals for the types
METADATA = b"whylead"
SCHEMA = pa.schema(
    [
        pa.field("lead", pa.int32(), nullable=False),  # position in the table of leads
        pa.field("at", pa.int64(), nullable=False),  # microseconds since 1970 UTC
        pa.field("kind", pa.int32(), nullable=False),  # a code of the vocabulary
        pa.field("related", pa.int32(), nullable=False),  # a code of the vocabulary; -1: nothing
        pa.field("value", pa.float64(), nullable=False),  # NaN: none
        pa.field("automated", pa.uint8(), nullable=False),  # see features/records/machines.py
        pa.field("answer", pa.bool_(), nullable=False),  # whether sales answered it, and the lead did nothing
    ]
)
_OF_LEADS = ("lead", "at", "kind", "related", "value", "automated")


@dataclass(frozen=True)
class EventRows:
    """m events as columns, in the order of their leads."""

    lead: Codes
    at: Times
    kind: Codes
    related: Codes
    value: Floats
    automated: Bytes

    def only(self, rows: "slice | Flags") -> "EventRows":
        """Some of the events."""
        return EventRows(*(column[rows] for column in vars(self).values()))


class EventsFile:
    """An events file, open; any number of threads may read it.

    ``first`` (groups + 1,) is the first lead of each group.
    """

    def __init__(self, path: Path) -> None:
        """Raises OSError, ValueError, KeyError or TypeError where it is not an events file."""
        self.path = path
        self._metadata = pq.read_metadata(path)
        about = json.loads((self._metadata.metadata or {})[METADATA])
        self.format, self.tables = about["format"], about["tables"]
        self.words = Vocabulary(tuple(about["kinds"]), tuple((name, kind) for name, kind in about["things"]))
        self.first = np.array(about["first"], np.int64)
        if self._metadata.num_row_groups != len(self):
            raise ValueError(f"{path} has {self._metadata.num_row_groups} groups of rows, expected {len(self)}")
        self._open = local()

    def __len__(self) -> int:
        return self.first.size - 1

    def groups(self, first: int, end: int) -> range:
        """The groups that hold events of the leads ``first`` to ``end``."""
        if first == end:
            return range(0)
        begin, stop = np.searchsorted(self.first, [first, end - 1], side="right")
        return range(int(begin) - 1, int(stop))

    def rows(self, group: int) -> EventRows:
        """The events of a group, by lead and in order."""
        table = self._file.read_row_group(group, columns=_OF_LEADS, use_threads=False)
        return EventRows(*(_array(table.column(name)) for name in _OF_LEADS))

    def answers(self, group: int) -> Flags:
        """Which events of a group are what sales answered."""
        return _array(self._file.read_row_group(group, columns=["answer"], use_threads=False).column(0))

    @property
    def _file(self) -> pq.ParquetFile:
        """One per thread: reading moves it."""
        if not hasattr(self._open, "file"):
            self._open.file = pq.ParquetFile(self.path, metadata=self._metadata)
        file: pq.ParquetFile = self._open.file
        return file


def open_events(dataset: Dataset) -> EventsFile | None:
    """The events file of a dataset; None where it is absent, older than a table or of others, or of another format."""
    path = dataset.directory / NAME
    if not path.exists() or path.stat().st_mtime_ns < max(dataset.path(each).stat().st_mtime_ns for each in SOURCES):
        return None
    try:
        file = EventsFile(path)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return file if file.format == FORMAT and file.tables == digest_of(dataset) else None


def digest_of(dataset: Dataset) -> str:
    """sha256 over what tells the tables apart in a moment.

    That is what the files of SOURCES say of themselves (sizes, rows, statistics) and, as events are of positions, the
    ids of the leads in their order.
    """
    digest = hashlib.sha256()
    for table in SOURCES:
        digest.update(_footer(dataset.path(table)))
    for part in _column(dataset.path("leads"), "lead_id"):
        digest.update(part)
    return digest.hexdigest()


def _footer(path: Path) -> bytes:
    with path.open("rb") as file:
        file.seek(-8, SEEK_END)  # the length of the footer and a mark stand at the end
        length = int.from_bytes(file.read(4), "little")
        file.seek(-8 - length, SEEK_END)
        return file.read(length)


def _column(path: Path, name: str) -> Iterator[bytes]:
    """A column as it is written."""
    metadata = pq.read_metadata(path)
    position = metadata.schema.to_arrow_schema().get_field_index(name)
    with path.open("rb") as file:
        for group in range(metadata.num_row_groups):
            chunk = metadata.row_group(group).column(position)
            file.seek(chunk.dictionary_page_offset or chunk.data_page_offset)
            yield file.read(chunk.total_compressed_size)


def together(parts: list[EventRows], first: int, end: int, words: Vocabulary) -> Events:
    """The events of the leads ``first`` to ``end``, numbered from 0, of parts in their order, which are given up."""
    lead, at, kind, related, value, automated = _columns(parts)
    lead = lead - np.int32(first)
    starts = np.concatenate([[0], np.cumsum(np.bincount(lead, minlength=end - first))]).astype(np.int64)
    return Events(starts, at, Categorical(kind, words.kinds), Related(related, words.things), value, automated, lead)


def _columns(parts: list[EventRows]) -> Iterator[NDArray[Any]]:
    """The columns of all parts, which are given up one column after the other: they would take as much memory again."""
    if len(parts) == 1:
        yield from vars(parts[0]).values()
        return
    rows = [list(vars(part).values()) for part in parts]
    parts.clear()
    for kind in (np.int32, np.int64, np.int32, np.int32, np.float64, np.uint8):
        yield np.concatenate([np.empty(0, kind), *(columns.pop(0) for columns in rows)])


def _array(column: pa.ChunkedArray) -> NDArray[Any]:
    """A column without nulls as an array that kernels take: contiguous and writable, not copied where that can be."""
    chunk = column.combine_chunks()
    if pa.types.is_boolean(chunk.type):
        return np.require(chunk.to_numpy(zero_copy_only=False), None, ["C", "W"])
    _, data = chunk.buffers()
    kind = chunk.type.to_pandas_dtype()
    if data is None or not data.is_mutable:
        return np.array(chunk.to_numpy(), kind)
    return np.frombuffer(data, kind)[chunk.offset : chunk.offset + len(chunk)]
