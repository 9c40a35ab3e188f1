"""Parquet files in batches of bounded size."""

from collections.abc import Iterator
from pathlib import Path
from unicodedata import normalize

import pyarrow as pa
import pyarrow.parquet as pq

from data_contracts.errors import FileError
from pipelines.importing.chunk import composed

BATCH = 1 << 18


def read_names(path: Path) -> list[str]:
    """The names of the columns. Raises FileError where the file is not Parquet or a name is duplicated."""
    names = [normalize("NFC", name) for name in _open(path).schema_arrow.names]
    for name in names:
        if names.count(name) > 1:
            raise FileError(f"{path.name}: column {name!r} is duplicated.", hint="Rename one of them in the file.")
    return names


def read_batches(path: Path, columns: list[str]) -> Iterator[tuple[int, dict[str, pa.Array]]]:
    """Pairs of a batch's length and its columns as text, numbers, truth values, dates or times.

    Raises FileError where the file is damaged or a column holds lists, records or bytes.
    """
    file = _open(path)
    written = {normalize("NFC", name): name for name in file.schema_arrow.names}
    try:
        for batch in file.iter_batches(batch_size=BATCH, columns=[written[name] for name in columns]):
            arrays = {name: plain(batch.column(written[name]), name, path) for name in columns}
            yield batch.num_rows, arrays
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


def _open(path: Path) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(path)
    except (pa.ArrowException, OSError) as error:
        reason = str(error).splitlines()[0].rstrip(".")
        raise FileError(f"{path.name} is not a readable Parquet file: {reason}.") from error
