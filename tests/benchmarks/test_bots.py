import pytest

from benchmarks.bots import PRECISION, RECALL, WORLDS, Found, find


@pytest.mark.parametrize("name", ["usual", "quick people", "no ids at all", "whole minutes", "no deliveries"])
def test_what_machines_did_is_found(name: str) -> None:
    found = find(WORLDS[name], 41, 300)
    assert found.automated > 300
    assert found.recall >= RECALL
    assert found.precision >= PRECISION


def test_recall_and_precision_are_shares_of_what_was_done_and_found() -> None:
    assert (Found(10, 5, 4).recall, Found(10, 5, 4).precision) == (0.4, 0.8)
    assert (Found(0, 0, 0).recall, Found(0, 0, 0).precision) == (1.0, 1.0)
