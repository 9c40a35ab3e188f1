"""Copies: found however often they come, and never seen in honest leads."""

import numpy as np
import pytest
from numpy.typing import NDArray

from features.arrays import NO_TIME, Times
from features.records.copies import copies
from features.records.records import Categorical, Column


def honest(leads: int, seed: int, *, levels: int = 4) -> dict[str, Column]:
    """Leads whose columns depend on each other a little, a number among them."""
    random = np.random.default_rng(seed)
    kind = random.integers(0, levels, leads)
    plan = np.where(random.random(leads) < 0.6, kind, random.integers(0, levels, leads))
    names = tuple(f"level {i}" for i in range(levels))
    return {
        "kind": Categorical(kind.astype(np.int32), names),
        "plan": Categorical(plan.astype(np.int32), names),
        "size": np.round(random.lognormal(4, 1, leads)),
        "visits": random.poisson(3, leads).astype(float),
    }


def taken(columns: dict[str, Column], rows: NDArray[np.int64]) -> dict[str, Column]:
    return {
        name: Categorical(each.codes[rows], each.levels) if isinstance(each, Categorical) else each[rows]
        for name, each in columns.items()
    }


def undated(leads: int) -> Times:
    return np.full(leads, NO_TIME, np.int64)


@pytest.mark.parametrize("times", [2, 14])
@pytest.mark.parametrize("different", [100, 600])
def test_leads_that_come_again_are_found(times: int, different: int) -> None:
    rows = np.random.default_rng(0).permutation(np.repeat(np.arange(different), times))
    found = copies(taken(honest(different, 1), rows), undated(rows.size))
    assert found is not None
    grouped = [np.unique(found[rows == each]).size == 1 for each in range(different)]
    assert np.mean(grouped) > 0.9  # a few have no value that is rare


def test_leads_that_are_nearly_the_same_are_found() -> None:
    rows = np.repeat(np.arange(200), 5)
    columns = taken(honest(200, 2), rows)
    size = columns["size"]
    assert isinstance(size, np.ndarray)
    columns["size"] = size * 1000 + np.arange(rows.size) % 5 / 10
    columns["city"] = Categorical(np.arange(rows.size, dtype=np.int32) % 2, ("Lugo", " LUGO "))
    found = copies(columns, undated(rows.size))
    assert found is not None
    assert np.unique(found).size < 230


def changed(columns: dict[str, Column], names: list[str], rows: NDArray[np.int64]) -> dict[str, Column]:
    """With another value in one of these columns, drawn anew for each row of ``rows``."""
    random = np.random.default_rng(7)
    drawn = np.array(names)[random.integers(0, len(names), rows.size)]
    other = dict(columns)
    for name, column in columns.items():
        here = rows[drawn == name]
        if isinstance(column, Categorical):
            codes = column.codes.copy()
            codes[here] = (codes[here] + 1) % len(column.levels)
            other[name] = Categorical(codes, column.levels)
        else:
            values = column.copy()
            values[here] = random.lognormal(4, 1, here.size).round()
            other[name] = values
    return other


@pytest.mark.parametrize("columns", [["kind", "plan", "size", "visits", "pages"], ["plan"], ["pages"]])
def test_copies_with_one_changed_value_are_found(columns: list[str]) -> None:
    rows = np.repeat(np.arange(300), 3)
    leads = honest(300, 5) | {"pages": np.random.default_rng(5).lognormal(3, 1, 300).round()}
    again = np.flatnonzero(np.arange(rows.size) % 3)  # the first of three is as it was
    found = copies(changed(taken(leads, rows), columns, again), undated(rows.size))
    assert found is not None
    grouped = [np.unique(found[rows == each]).size == 1 for each in range(300)]
    assert np.mean(grouped) > 0.8
    assert np.unique(rows[found]).size > 250  # and few others are taken for copies


def test_a_few_changed_copies_among_honest_leads_are_found() -> None:
    rows = np.append(np.arange(1000), np.arange(80))
    random = np.random.default_rng(6)
    leads = honest(1000, 6) | {name: random.lognormal(3, 1, 1000).round() for name in ("pages", "minutes", "seats")}
    found = copies(changed(taken(leads, rows), list(leads), np.arange(1000, 1080)), undated(rows.size))
    assert found is not None
    assert np.mean(found[1000:] == np.arange(80)) > 0.7
    assert np.mean(found[:1000] == np.arange(1000)) > 0.99


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("levels", [2, 4, 30])
def test_honest_leads_are_no_copies(seed: int, levels: int) -> None:
    assert copies(honest(1000, seed, levels=levels), undated(1000)) is None


def test_leads_of_one_company_that_came_at_other_times_are_no_copies() -> None:
    rows = np.repeat(np.arange(60), 20)
    assert copies(taken(honest(60, 3), rows), np.arange(rows.size, dtype=np.int64)) is None
    assert copies(taken(honest(60, 3), rows), rows) is not None


def test_what_is_written_after_the_outcome_hides_no_copy() -> None:
    rows = np.repeat(np.arange(200), 5)
    written = dict(zip(("invoice", "days"), np.random.default_rng(0).random((2, rows.size)), strict=True))
    columns = taken(honest(200, 4), rows) | written
    assert copies(columns, undated(rows.size)) is None
    assert copies(columns, undated(rows.size), ["invoice", "days"]) is not None


def test_nothing_is_found_in_no_leads() -> None:
    assert copies({}, undated(0)) is None
    assert copies(honest(0, 0), undated(0)) is None
