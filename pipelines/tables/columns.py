"""Single columns of the tables, read without the search for files that ``pyarrow.parquet.read_table`` begins with."""

import pyarrow as pa
import pyarrow.parquet as pq

from data_contracts.dataset import Dataset


def read_column(dataset: Dataset, table: str, name: str) -> pa.ChunkedArray:
    """A column of a table.

    Raises FileError where the table is absent, KeyError where it has no such column.
    """
    with pq.ParquetFile(dataset.path(table)) as file:
        return file.read(columns=[name]).column(name)
