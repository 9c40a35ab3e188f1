"""Parquet files in batches of bounded size."""

from collections.abc import Iterator
from pathlib import Path
from unicodedata import normalize

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from data_contracts.errors import FileError
from pipelines.importing.chunk import composed
from pipelines.importing.csv_reader import check_names
from pipelines.workspace.bounds import Bounds

BATCH, BYTES = 1 << 18, 64_000_000  # rows at once, or fewer where their texts are long
REPEATED = 16  # bytes: a text column that has fewer for each value in the file repeats its values


def read_names(path: Path, bounds: Bounds) -> list[str]:
    """The names of the columns.

    Raises FileError where the file is not Parquet, a name is duplicated, or there is more than is read.
    """
    file = _open(path)
    names = [normalize("NFC", name) for name in file.schema_arrow.names]
    check_names(names, path.name, bounds)
    _check_size(file.metadata, path, bounds)
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise FileError(f"{path.name}: column {name!r} is duplicated.", hint="Rename one of them in the file.")
        seen.add(name)
    return names


def read_batches(path: Path, columns: list[str], bounds: Bounds) -> Iterator[tuple[int, dict[str, pa.Array]]]:
    """Pairs of a batch's length and its columns as text, numbers, truth values, dates or times.

    Raises FileError where the file is damaged, a column holds lists, records or bytes, or a cell is beyond its bound.
    """
    file = _open(path)
    written = {normalize("NFC", name): name for name in file.schema_arrow.names}
    wanted = [written[name] for name in columns]
    file = pq.ParquetFile(path, metadata=file.metadata, read_dictionary=_repeating(file.metadata, set(wanted)))
    before = repeated = 0
    try:
        for batch in file.iter_batches(batch_size=BATCH, columns=wanted):
            repeated += _repeated_bytes(batch)
            where = f"{path.name}, rows {before + 1:,} to {before + batch.num_rows:,}"
            bounds.check_unpacked(where, repeated, path.stat().st_size)
            for part in _parts(batch, path, before, bounds):
                yield part.num_rows, {name: plain(part.column(written[name]), name, path) for name in columns}
                before += part.num_rows
    except (pa.ArrowException, OSError) as error:
        raise FileError(f"{path.name} is damaged: {str(error).splitlines()[0]}.") from error


def plain(array: pa.Array, name: str, path: Path) -> pa.Array:
    """The array in one of the few types that rules read. Raises FileError for others."""
    kind = array.type
    if pa.types.is_dictionary(kind):
        return plain(array.dictionary_decode(), name, path)
    if pa.types.is_null(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return composed(array.cast(pa.string()))
    if pa.types.is_string(kind):
        return composed(array)
    if pa.types.is_decimal(kind) or pa.types.is_float16(kind) or pa.types.is_float32(kind):
        return array.cast(pa.float64())
    readable = (
        pa.types.is_float64, pa.types.is_integer,
        pa.types.is_boolean, pa.types.is_timestamp, pa.types.is_date,
    )  # fmt: skip
    if any(test(kind) for test in readable):
        return array
    raise FileError(f"{path.name}, column {name!r}: cells of the type {kind} are not read.", hint="Leave it out.")


def _check_size(about: pq.FileMetaData, path: Path, bounds: Bounds) -> None:
    """Refuse what unpacks to more than is read: by its bytes, and by its cells, of which equal ones take none."""
    bounds.check("rows", path.name, about.num_rows, "rows")
    groups = [about.row_group(number).total_byte_size for number in range(about.num_row_groups)]
    bounds.check_unpacked(path.name, max(sum(groups), about.num_rows * about.num_columns), path.stat().st_size)


def _repeating(about: pq.FileMetaData, wanted: set[str]) -> list[str]:
    """The text columns whose values, repeated, may take far more memory than their pages in the file."""
    if not about.num_row_groups:
        return []
    first = about.row_group(0)
    chunks = [first.column(number) for number in range(first.num_columns)]
    return [
        each.path_in_schema
        for each in chunks
        if each.physical_type == "BYTE_ARRAY"
        and each.path_in_schema in wanted
        and each.total_uncompressed_size < REPEATED * max(each.num_values, 1)
    ]


def _parts(batch: pa.RecordBatch, path: Path, before: int, bounds: Bounds) -> Iterator[pa.RecordBatch]:
    """The batch, in parts where its repeated texts are long."""
    longest = 0
    for name, array in zip(batch.schema.names, batch.columns, strict=True):
        texts = array.dictionary if pa.types.is_dictionary(array.type) else array
        if pa.types.is_string(texts.type) or pa.types.is_large_string(texts.type):
            length = pc.max(pc.utf8_length(texts)).as_py() or 0
            where = f"{path.name}, rows {before + 1:,} to {before + batch.num_rows:,}, column {name!r}"
            bounds.check("cell_characters", where, length, "characters in a cell")
            longest += length if texts is not array else 0
    step = max(1, min(batch.num_rows, BYTES // max(longest, 1)))
    return (batch.slice(start, step) for start in range(0, batch.num_rows, step))


def _repeated_bytes(batch: pa.RecordBatch) -> int:
    """What the texts take once each value that repeats is written out."""
    arrays = [array for array in batch.columns if pa.types.is_dictionary(array.type)]
    lengths = [pc.binary_length(array.dictionary).cast(pa.int64()).take(array.indices) for array in arrays]
    return sum(pc.sum(each).as_py() or 0 for each in lengths)


def _open(path: Path) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(path)
    except (pa.ArrowException, OSError) as error:
        reason = str(error).splitlines()[0].rstrip(".")
        raise FileError(f"{path.name} is not a readable Parquet file: {reason}.") from error
