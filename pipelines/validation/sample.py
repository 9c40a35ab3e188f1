"""A table, or a sample of its rows, as a frame."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from data_contracts.errors import FileError
from data_contracts.wording import reason


def read_sample(path: Path, limit: int, seed: int) -> pd.DataFrame:
    """A Parquet file as a frame of at most ``limit`` rows, drawn without replacement, in the file's order.

    Memory follows the limit, not the file. Raises FileError where the file cannot be read.
    """
    try:
        with pq.ParquetFile(path) as file:
            rows = file.metadata.num_rows
            if rows <= limit:
                table = file.read()
            else:
                chosen = np.sort(np.random.default_rng(seed).choice(rows, limit, replace=False, shuffle=False))
                table = pa.Table.from_batches(_taken(file, chosen), file.schema_arrow)
            frame: pd.DataFrame = table.to_pandas()
            return frame
    except (pa.ArrowInvalid, OSError) as error:
        raise FileError(f"{path} cannot be read: {reason(error)}.", hint="Run `whylead import` again.") from error


def _taken(file: pq.ParquetFile, chosen: np.ndarray) -> list[pa.RecordBatch]:
    taken, start = [], 0
    for batch in file.iter_batches():
        low, high = np.searchsorted(chosen, [start, start + batch.num_rows])
        taken.append(batch.take(pa.array(chosen[low:high] - start)))
        start += batch.num_rows
    return taken
