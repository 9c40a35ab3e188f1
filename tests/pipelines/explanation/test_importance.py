from functools import cache
from pathlib import Path

import numpy as np
import pytest

from models.explanation.points import Explanation
from pipelines.explanation.explained import Explained
from pipelines.explanation.figures import write_shap_figures
from pipelines.explanation.importance import Importance, importance
from pipelines.explanation.page import importance_page
from tests.pipelines.evaluation.test_page import Page
from tests.pipelines.explanation.synthetic_explanation import FEATURES, explained, matrix_of, snapshots_of


@cache
def _explanation() -> Explanation:
    return explained(matrix_of())


@cache
def _importance() -> Importance:
    X = matrix_of()
    return importance(_explanation(), FEATURES, X, snapshots_of(X))


def _explained() -> Explained:
    X = matrix_of()
    return Explained(snapshots_of(X), X, FEATURES, _explanation(), _importance())


def test_windows_of_one_activity_are_one_signal_added_up_before_they_are_measured() -> None:
    points = _explanation().points
    table = _importance().signals.set_index("signal")
    assert table.loc["pricing_view", "points"] == pytest.approx(np.abs(points[:, 0] + points[:, 1]).mean())
    assert table["share"].sum() == pytest.approx(1)
    assert table["points"].is_monotonic_decreasing


def test_a_signal_says_which_side_helps_and_which_hurts() -> None:
    table = _importance().signals.set_index("signal")
    assert table.loc["source", "raises"] == "referral"
    assert table.loc["source", "lowers"] == "website"
    assert table.loc["has_phone", "raises"] == "no"
    assert table.loc["pricing_view", "lowers"] == "never"
    of_referral = _explanation().points[matrix_of()[:, 2] == 1, 2].mean()
    assert table.loc["source", "raises_points"] == pytest.approx(of_referral)


def test_families_add_up_their_features_per_lead() -> None:
    table = _importance().families.set_index("family")
    assert set(table.index) == {"intent", "channel", "firmographic", "demographic"}
    expected = np.abs(_explanation().points[:, 3]).mean()
    assert table.loc["firmographic", "points"] == pytest.approx(expected)


def test_channels_split_what_their_leads_gain_into_fit_interest_and_intent() -> None:
    table = _importance().channels
    explanation = _explanation()
    for row in table.to_dict("records"):
        gain = row["fit"] + row["interest"] + row["intent"]
        assert row["probability"] - explanation.base_probability[0] == pytest.approx(gain)
    referral = table.set_index("level").loc["referral"]
    assert referral["raises"]
    assert "Source" not in referral["raises"]  # by source, that is no news


def test_a_channel_is_not_said_to_be_told_apart_by_its_source() -> None:
    X = matrix_of()
    snapshots = snapshots_of(X)
    table = importance(_explanation(), FEATURES, X, snapshots.assign(channel=snapshots["source"])).channels
    assert set(table["column"]) == {"source", "channel"}
    assert not table["raises"].str.contains("Source").any()
    assert not table["lowers"].str.contains("Source").any()


def test_columns_that_hardly_anybody_has_are_left_out() -> None:
    assert set(_importance().channels["column"]) == {"source"}


def test_nothing_drives_a_model_that_is_the_base_rate() -> None:
    X = matrix_of()
    nothing = np.zeros_like(X)
    base = np.full(len(X), -1.0)
    flat = Explanation(nothing, base, nothing, np.full(len(X), 0.27), np.full(len(X), 0.27))
    found = importance(flat, FEATURES, X, snapshots_of(X))
    assert found.signals["share"].tolist() == [0.0] * 4
    page = Page(importance_page(Explained(snapshots_of(X), X, FEATURES, flat, found)))
    assert page.text[0].startswith("Nothing drives this score")
    assert "img" not in page.found
    assert page.open == []


def test_the_page_is_self_contained_and_its_first_line_says_what_drives_conversion() -> None:
    page = Page(importance_page(_explained()))
    assert page.text[0] == "What matters most: Visits to the pricing page; Number of employees; Source."
    assert page.text[1].startswith("Together, these 3 account for ")
    assert page.found["svg"][0]["aria-label"]
    assert len(page.found["caption"]) == len(page.found["table"])
    assert page.open == []


def test_a_model_without_skill_is_not_explained_as_if_it_had_some() -> None:
    assert "the model is no better than chance" in importance_page(_explained(), skilled=False)
    assert "the model is no better than chance" not in importance_page(_explained())


def test_figures_are_the_same_every_time_and_leave_the_random_state_alone(tmp_path: Path) -> None:
    np.random.seed(5)  # noqa: NPY002
    expected = np.random.random()  # noqa: NPY002
    np.random.seed(5)  # noqa: NPY002
    drawn = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        write_shap_figures(tmp_path / name, _explanation().log_odds, matrix_of(), FEATURES)
        drawn.append([(tmp_path / name / f"{figure}.png").read_bytes() for figure in ("beeswarm", "bar")])
    assert drawn[0] == drawn[1]
    assert np.random.random() == expected  # noqa: NPY002
