"""The feature matrix block by block: computed in threads, in the order of the snapshots, in slices of equal size."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial

import numpy as np

from data_contracts.threads import in_order
from features.arrays import Floats
from features.labels.snapshots import Snapshots
from features.view import FeatureView
from pipelines.featurization.matrix import ROWS_AT_ONCE
from pipelines.tables.blocks import Blocks


def compute_matrix(blocks: Blocks, snapshots: Snapshots, view: FeatureView, threads: int) -> Iterator[Floats]:
    """The matrix of snapshots (in the order of their leads) in slices of ROWS_AT_ONCE rows, the last one shorter."""
    return in_slices(in_order(_pieces(blocks, snapshots, view), threads), ROWS_AT_ONCE)


def _pieces(blocks: Blocks, snapshots: Snapshots, view: FeatureView) -> Iterator[Callable[[], Floats]]:
    """What is to be computed, one block after the other; the events of a block go when its last piece is done."""
    for number in range(len(blocks)):
        first, end = blocks.bounds(number)
        begin, stop = np.searchsorted(snapshots.lead_index, [first, end]).tolist()
        if begin == stop:
            continue
        records = blocks.load(number)
        lead, at = snapshots.lead_index[begin:stop] - first, snapshots.at[begin:stop]
        for row in range(0, stop - begin, ROWS_AT_ONCE):
            rows = slice(row, row + ROWS_AT_ONCE)
            yield partial(view.compute, records, lead[rows], at[rows])
        del records


def in_slices(pieces: Iterable[Floats], rows: int) -> Iterator[Floats]:
    """The rows of all pieces, ``rows`` at a time, so that what is written does not tell how it was computed."""
    held: list[Floats] = []
    for piece in pieces:
        held.append(piece)
        while sum(map(len, held)) >= rows:
            together = np.concatenate(held) if len(held) > 1 else held[0]
            yield together[:rows]
            held = [together[rows:]]
    if sum(map(len, held)):
        yield np.concatenate(held)
