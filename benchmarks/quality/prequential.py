"""The prequential protocol (Dawid 1984): leads in time order, each block predicted from the blocks before it.

20 blocks of whole leads, equal in leads, by the moment of scoring (the file's order in undated data); from the sixth on
each is scored by a model that learned from earlier ones only.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality.cut import Cut, make_cut
from benchmarks.quality.sources import Prepared
from features.arrays import Floats
from models.calibration.recalibration import Recalibration
from models.log_odds import logit
from pipelines.labelling.labelled import split_candidates

BLOCKS, FIRST = 20, 5
CALIBRATE_SHARE = 0.2


def prequential_cuts(given: Prepared, retrain_every: int = 1) -> Iterator[Cut]:
    """A cut for each training: it is tested on the next ``retrain_every`` blocks, numbered from 1."""
    rows = np.flatnonzero(split_candidates(given.labelled).usable)
    lead, position = given.labelled.snapshots.lead_index[rows], given.position[rows]
    block = time_blocks(lead, position, BLOCKS)
    for first in range(FIRST, BLOCKS, retrain_every):
        learned = block < first
        tested = np.flatnonzero((block >= first) & (block < first + retrain_every))
        tested = tested[np.argsort(position[tested], kind="stable")]
        part = newest_part(lead[learned], position[learned])
        yield make_cut(given, rows[learned], part, rows[tested], ordered=True, block=block[tested] + 1)


def recalibrated(cut: Cut, p: Floats) -> Floats:
    """Probabilities (m,) of a cut's blocks, each revised by the outcomes of the blocks since the training.

    The first block after a training stays as it is; the next see what became of it
    (models/calibration/recalibration.py).
    """
    margin, revised = logit(p), p.copy()
    line = Recalibration.fresh(float(logit(cut.problem.y_train.mean())))
    for number in np.unique(cut.block)[:-1]:
        line = line.update(margin[cut.block == number], cut.y_test[cut.block == number])
        later = cut.block == number + 1
        revised[later] = line.predict(margin[later])
    return revised


def time_blocks(lead: NDArray[np.int64], position: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """The block (n,) of each row, 0 for the oldest; a lead is where its first row stands, blocks hold as many leads."""
    order = leads_oldest_first(lead, position)
    block_of = np.empty(order.size, np.int64)
    for number, places in enumerate(np.array_split(order, count)):
        block_of[places] = number
    return block_of[np.unique(lead, return_inverse=True)[1]]


def newest_part(lead: NDArray[np.int64], position: NDArray[np.int64]) -> NDArray[np.str_]:
    """The part (n,): the newest fifth of the leads calibrates, as in the product's ordered split."""
    order = leads_oldest_first(lead, position)
    newest = np.zeros(order.size, np.bool_)
    newest[order[order.size - int(np.ceil(order.size * CALIBRATE_SHARE)) :]] = True
    return np.where(newest[np.unique(lead, return_inverse=True)[1]], "calibrate", "train")


def leads_oldest_first(lead: NDArray[np.int64], position: NDArray[np.int64]) -> NDArray[np.int64]:
    """The places of the distinct leads, by their first row."""
    leads, inverse = np.unique(lead, return_inverse=True)
    first = np.full(leads.size, np.iinfo(np.int64).max)
    np.minimum.at(first, inverse, position)
    return np.argsort(first, kind="stable")
