"""Chunks: leads scored some thousands at a time, block by block; those that an earlier run has finished are read."""

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from data_contracts.threads import in_order
from features.records.records import Records
from pipelines.scoring.checkpoint import Checkpoint
from pipelines.scoring.moments import Moments
from pipelines.tables.blocks import Blocks
from pipelines.tables.tables import Tables

# Leads by their position in the records, and the moments of the same leads.
Score = Callable[[Records, NDArray[np.int64], Moments], pa.Table]


def score_chunks(
    tables: Tables, chosen: Moments, score: Score, checkpoint: Checkpoint, *, at_once: int
) -> Iterator[pa.Table]:
    """The scores of all leads, so many at once in their order; each chunk is kept when it is done.

    While one chunk is written, the next ones are scored in threads.
    """
    for chunk in range(checkpoint.chunks):
        yield checkpoint.read(chunk)
    starts = np.arange(0, chosen.lead_index.size, at_once)
    if checkpoint.chunks == starts.size:
        return
    begins = chosen.lead_index[starts].copy()
    begins[0] = 0  # leads before the first that is scored belong to the first block
    with tables.blocks(begins) as blocks:
        work = _work(blocks, chosen, score, checkpoint.chunks * at_once, at_once)
        for chunk, scores in enumerate(in_order(work, tables.resources.threads), start=checkpoint.chunks):
            checkpoint.write(chunk, scores)
            yield scores


def _work(blocks: Blocks, chosen: Moments, score: Score, done: int, at_once: int) -> Iterator[Callable[[], pa.Table]]:
    """What is to be scored after the first ``done`` leads; a block is loaded when its first chunk is wanted."""
    for number in range(len(blocks)):
        first, end = blocks.bounds(number)
        begin, stop = np.searchsorted(chosen.lead_index, [first, end]).tolist()
        begin = max(begin, done)
        if begin >= stop:
            continue
        records = blocks.load(number)
        for row in range(begin, stop, at_once):
            rows = slice(row, min(row + at_once, stop))
            yield partial(score, records, chosen.lead_index[rows] - first, chosen.of(rows))
        del records
