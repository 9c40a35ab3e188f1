from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from features.records.ids import UNKNOWN, Ids

texts = st.one_of(st.text(max_size=30), st.sampled_from(["", "a", "a\0", "a\x01", "0" * 7, "0" * 8, "0" * 9, "Ü" * 8]))


def arrow(ids: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    _, offsets, data = pa.array(ids, pa.string()).buffers()
    found = np.frombuffer(offsets, np.int32) if ids else np.zeros(1, np.int32)
    return found[: len(ids) + 1], np.frombuffer(data or b"", np.uint8)


@settings(deadline=None)
@given(st.lists(texts, unique=True, max_size=60), st.lists(texts, max_size=60), st.integers(0, 60))
def test_ids_are_found_as_in_a_dictionary(known: list[str], others: list[str], cut: int) -> None:
    ids = Ids.of([arrow(known[:cut]), arrow(known[cut:])])
    position = {text: place for place, text in enumerate(known)}
    asked = [*known[::-1], *others]
    assert ids.find(*arrow(asked)).tolist() == [position.get(text, UNKNOWN) for text in asked]


def test_many_ids_are_found_in_any_order() -> None:
    random = np.random.default_rng(0)
    order = random.permutation(20_000)
    ids = Ids.of([arrow([f"L{number:07d}" for number in range(20_000)])])
    assert ids.find(*arrow([f"L{number:07d}" for number in order])).tolist() == order.tolist()
    assert (ids.find(*arrow([f"M{number:07d}" for number in order])) == UNKNOWN).all()
