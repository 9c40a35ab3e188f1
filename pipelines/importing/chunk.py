"""A chunk: some rows of one file as Arrow arrays, each row with its number in the file."""

from dataclasses import dataclass, replace
from unicodedata import normalize

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Chunk:
    """n rows. ``rows`` counts as a spreadsheet does (the header is row 1); in Parquet the first row is 1.

    ``ordinals`` numbers the data rows of the whole source from 1. Missing is null.
    """

    file: str
    rows: NDArray[np.int64]  # (n,)
    ordinals: NDArray[np.int64]  # (n,)
    columns: dict[str, pa.Array]
    excel: bool = False

    def __len__(self) -> int:
        return len(self.rows)

    def keep(self, mask: Mask) -> "Chunk":
        """The rows where ``mask`` (n,) holds."""
        return self if mask.all() else self.take(np.flatnonzero(mask))

    def take(self, indices: NDArray[np.int64]) -> "Chunk":
        """The rows at ``indices``, in that order."""
        picked = pa.array(indices)
        columns = {name: array.take(picked) for name, array in self.columns.items()}
        return replace(self, rows=self.rows[indices], ordinals=self.ordinals[indices], columns=columns)

    def with_columns(self, columns: dict[str, pa.Array]) -> "Chunk":
        """The same rows with columns added or replaced."""
        return replace(self, columns={**self.columns, **columns})


def as_mask(array: pa.Array | pa.ChunkedArray) -> Mask:
    """A boolean Arrow array as NumPy; null counts as false."""
    mask: Mask = array.fill_null(False).to_numpy(zero_copy_only=False).astype(bool)
    return mask


def filled(array: pa.Array) -> Mask:
    """Where the array is not null."""
    return as_mask(array.is_valid())


def composed(array: pa.Array) -> pa.Array:
    """Text whose accents are part of their letters (Unicode's NFC), so that texts that look alike are alike."""
    if pc.all(pc.string_is_ascii(array)).as_py() is not False:
        return array
    codes = array.dictionary_encode()  # pyarrow's utf8_normalize decomposes, whatever form it is asked for
    return pa.array([normalize("NFC", level) for level in codes.dictionary.to_pylist()], pa.string()).take(
        codes.indices
    )


def flat(array: pa.Array | pa.ChunkedArray) -> pa.Array:
    """One contiguous array."""
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
