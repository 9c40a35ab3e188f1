"""Values of a batch that the model does not know: told where they are many, as a live request tells each of them."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from data_contracts.wording import counted
from features.records.records import Categorical, Column, Records
from features.texts import normalised
from features.values.attributes import AttributeFeature

MANY = 0.05  # of the leads with a value: in every batch a few are rare
SHOWN = 3


def unknown_values(attributes: Sequence[AttributeFeature], records: Records, lead: NDArray[np.int64]) -> list[str]:
    """A warning for each category in which many of these leads (n,) have values that training did not see."""
    return list(_warnings(attributes, records, lead))


def _warnings(attributes: Sequence[AttributeFeature], records: Records, lead: NDArray[np.int64]) -> Iterator[str]:
    account = records.account_of[lead]
    for each in attributes:
        of_leads = each.table == "leads"
        column: Column | None = (records.leads if of_leads else records.accounts).get(each.name)
        if each.categories is None or not isinstance(column, Categorical):
            continue
        codes = column.codes[lead if of_leads else account[account >= 0]]
        counts = np.bincount(codes[codes >= 0], minlength=len(column.levels))
        known = {normalised(level) for level in each.categories}
        unknown = [place for place in np.argsort(-counts, kind="stable") if counts[place]]
        unknown = [place for place in unknown if normalised(column.levels[place]) not in known]
        count, total = int(counts[unknown].sum()), int(counts.sum())
        if count > MANY * total:
            shown = ", ".join(repr(column.levels[place]) for place in unknown[:SHOWN])
            yield (
                f"Of {counted(total, 'lead')} with a value in the column {each.name!r} of {each.table} {count:,}"
                f" ({count / total:.0%}) {'has' if count == 1 else 'have'} one that training did not see, or too rarely"
                f" to learn from, such as {shown}: it counts as a rare or new one."
            )
