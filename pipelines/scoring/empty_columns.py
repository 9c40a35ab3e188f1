"""What a model was trained on and a batch is empty of: columns, absent in its files or without a value; activities."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from features.arrays import Times
from features.records.records import Categorical, Records
from features.values.attributes import AttributeFeature
from models.storage.vocabulary import Vocabulary


def empty_columns(
    attributes: Sequence[AttributeFeature], records: Records, lead: NDArray[np.int64], moment: Times
) -> list[str]:
    """One warning that names all columns of which none of these leads (n,) has a value at its moment (n,)."""
    empty = [each.column for each in attributes if not _has_values(each, records, lead, moment)]
    if not empty:
        return []
    leads = f"{lead.size:,}"
    if len(empty) == 1:
        said = (
            f"The column {empty[0]}, which the model was trained on, has a value for none of the leads scored"
            f" ({leads}): all were scored as if it were missing. Check that the export has this column, and values in"
            " it, under the name that the mapping reads."
        )
    else:
        said = (
            f"{len(empty)} columns that the model was trained on have a value for none of the leads scored ({leads}):"
            f" {', '.join(empty)}. All were scored as if these were missing. Check that the export has these columns,"
            " and values in them, under the names that the mapping reads."
        )
    return [said]


def no_activities(vocabulary: Vocabulary, activities: int) -> list[str]:
    """A warning where there were activities in training and there are none now."""
    if activities or not vocabulary.activity_types:
        return []
    said = (
        "The data hold no activities, which the model was trained on: all leads were scored as if they had done"
        " nothing. Check that the export has the files of activities, and rows in them."
    )
    return [said]


def _has_values(attribute: AttributeFeature, records: Records, lead: NDArray[np.int64], moment: Times) -> bool:
    column, row = attribute.raw(records, lead, moment)
    row = row[row >= 0]
    if column is None or not row.size:
        return False
    values = column.codes[row] >= 0 if isinstance(column, Categorical) else np.isfinite(column[row])
    return bool(values.any())
