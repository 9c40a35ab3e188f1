"""One split of a task: the problem that contenders see, and the outcomes of its test rows that they do not."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality.problem import Problem
from benchmarks.quality.sources import Prepared
from features.arrays import Floats
from features.labels.splits import lead_labels
from features.leaks import suspects
from features.view import FeatureView


@dataclass(frozen=True)
class Cut:
    """``y_test`` (m,), ``lead_test`` (m,) and the block in time (m,) of each test row; 0 where there are no blocks.

    ``truth`` (m,) are the probabilities that the outcomes were drawn with, None where nobody knows them.
    """

    problem: Problem
    y_test: Floats
    lead_test: NDArray[np.int64]
    block: NDArray[np.int64]
    truth: Floats | None = None


def make_cut(
    given: Prepared, learned: NDArray[np.int64], part: NDArray[np.str_], tested: NDArray[np.int64], *,
    ordered: bool, block: NDArray[np.int64] | None = None,
) -> Cut:  # fmt: skip
    """The cut that learns from the snapshots ``learned`` (n,), of the parts ``part`` (n,), and is tested on ``tested``.

    The feature view and the leak guard see the rows learned from only. Raises ValueError where a lead is on both sides.
    """
    lead, at = given.labelled.snapshots.lead_index, given.labelled.snapshots.at
    if np.isin(lead[tested], lead[learned]).any():
        raise ValueError("a lead is both learned from and tested on")
    order = np.argsort(given.position[learned], kind="stable")
    learned, part = learned[order], part[order]
    records, label = given.labelled.records, given.labelled.label
    view = FeatureView.fit(
        records, lead[learned], at[learned], given.attributes, _leaks(given, learned[part == "train"]),
        at_fixed_ages=given.at_fixed_ages,
    )  # fmt: skip
    problem = Problem(
        X_train=view.compute(records, lead[learned], at[learned]),
        y_train=label[learned],
        weight=_weight(lead[learned]),
        group=lead[learned],
        position=given.position[learned],
        part=part,
        X_test=view.compute(records, lead[tested], at[tested]),
        features=view.features,
        ordered=ordered,
    )
    truth = None if given.truth is None else given.truth[tested]
    return Cut(problem, label[tested], lead[tested], np.zeros(tested.size, np.int64) if block is None else block, truth)


def _leaks(given: Prepared, rows: NDArray[np.int64]) -> list[str]:
    """The columns that the product's leak guard would quarantine, judged on the first training snapshot of a lead."""
    snapshots = given.labelled.snapshots
    leads, first = np.unique(snapshots.lead_index[rows], return_index=True)
    label = lead_labels(snapshots.lead_index[rows], given.labelled.label[rows])[1]
    found = suspects(given.labelled.records, leads, snapshots.at[rows[first]], label, given.attributes)
    return [each.column for each in found]


def _weight(lead: NDArray[np.int64]) -> Floats:
    """1 per lead (n,), shared by its snapshots."""
    _, inverse, count = np.unique(lead, return_inverse=True, return_counts=True)
    weight: Floats = 1.0 / count[inverse]
    return weight
