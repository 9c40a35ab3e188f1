import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_contracts.errors import ArtifactError
from features.arrays import Floats
from models.margin.components import KINDS, component_from_entry
from models.margin.margin import Component, Margin
from models.trees.booster import Booster
from models.trees.lightgbm_text import weighted_sum
from tests.models.logistic.test_component import ROWS, TERMS
from tests.models.problems import FEATURES, booster_text, matrix

WIDTH = len(FEATURES)
COMPONENTS: dict[str, Component] = {
    "logistic": TERMS,
    "booster": Booster(booster_text(1)),
    "averaged boosters": Booster(weighted_sum([booster_text(2), booster_text(3)], [0.5, 0.5])),
}
MARGIN = Margin(tuple(COMPONENTS.values()), (0.3, 0.45, 0.2), -0.07, WIDTH)
EXPLAINED: tuple[Component | Margin, ...] = (MARGIN, *COMPONENTS.values())


def test_every_kind_is_tested() -> None:
    assert {component.kind for component in COMPONENTS.values()} == set(KINDS)


def test_the_margin_is_the_weighted_sum() -> None:
    X = matrix(50, seed=7)
    parts = [component.margin(X) for component in COMPONENTS.values()]
    np.testing.assert_allclose(MARGIN.margin(X), -0.07 + np.array([0.3, 0.45, 0.2]) @ parts, atol=1e-12)


@given(ROWS, st.data())
def test_a_row_alone_has_the_bits_of_the_row_in_a_batch(X: Floats, data: st.DataObject) -> None:
    row = data.draw(st.integers(0, len(X) - 1))
    for each in EXPLAINED:
        np.testing.assert_array_equal(each.margin(X[row : row + 1]), each.margin(X)[row : row + 1])
        np.testing.assert_array_equal(each.contributions(X[row : row + 1])[0], each.contributions(X)[row])


@given(ROWS)
def test_contributions_add_up_to_the_margin(X: Floats) -> None:
    for each in EXPLAINED:
        contributions = each.contributions(X)
        assert contributions.shape == (len(X), WIDTH + 1)
        np.testing.assert_allclose(contributions.sum(axis=1), each.margin(X), atol=1e-9, rtol=0)


def test_without_components_everyone_has_the_intercept() -> None:
    constant = Margin((), (), -1.5, WIDTH)
    X = matrix(4)
    assert constant.margin(X).tolist() == [-1.5] * 4
    assert constant.contributions(X).tolist() == [[0.0] * WIDTH + [-1.5]] * 4


def test_no_rows_give_no_rows() -> None:
    assert MARGIN.margin(np.empty((0, WIDTH))).shape == (0,)
    assert MARGIN.contributions(np.empty((0, WIDTH))).shape == (0, WIDTH + 1)


def test_each_component_needs_its_weight() -> None:
    with pytest.raises(ValueError, match="zip"):
        Margin(MARGIN.components, (1.0,), 0.0, WIDTH).margin(matrix(3))


def texts(directory: Path) -> dict[str, str]:
    """The files of a directory as an artifact names them."""
    return {f"components/{path.name}": path.read_text(encoding="utf-8") for path in directory.iterdir()}


@pytest.mark.parametrize("name", COMPONENTS)
def test_a_saved_component_has_the_same_bits(tmp_path: Path, name: str) -> None:
    component, X = COMPONENTS[name], matrix(300, seed=8, missing=0.2)
    entry = json.loads(json.dumps(component.save(tmp_path, "component 0")))
    again = component_from_entry(texts(tmp_path), entry, WIDTH)
    assert again == component
    np.testing.assert_array_equal(again.margin(X), component.margin(X))
    np.testing.assert_array_equal(again.contributions(X), component.contributions(X))


@pytest.mark.parametrize("entry", [{}, {"kind": "forest", "file": "a.txt"}, {"kind": None}])
def test_a_kind_of_another_version_is_refused(entry: dict[str, Any]) -> None:
    with pytest.raises(ArtifactError, match=r"kind '(None|forest)', expected one of \['lightgbm', 'logistic'\]"):
        component_from_entry({}, entry, WIDTH)


DAMAGED: dict[str, str] = {
    "empty": "",
    "other letters": "\x00ÿ",
    "cut": '{"intercept": 0.1, "wid',
    "a list": "[1, 2]",
    "without terms": '{"intercept": 0.1, "width": 3}',
    "terms of another kind": '{"intercept": 0.1, "width": 3, "terms": [{"feature": 0}]}',
}


@pytest.mark.parametrize("damage", DAMAGED)
@pytest.mark.parametrize("kind", KINDS)
def test_a_damaged_file_is_refused(kind: str, damage: str) -> None:
    files = {"components/component": DAMAGED[damage]}
    with pytest.raises(ArtifactError, match=r"components/component cannot be read"):
        component_from_entry(files, {"kind": kind, "file": "component"}, WIDTH)


@pytest.mark.parametrize("kind", KINDS)
def test_an_absent_file_is_refused(kind: str) -> None:
    with pytest.raises(ArtifactError, match=r"components/gone\.txt is not among the files of the model"):
        component_from_entry({}, {"kind": kind, "file": "gone.txt"}, WIDTH)
