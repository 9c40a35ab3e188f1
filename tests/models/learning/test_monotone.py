from dataclasses import replace

import pytest

from data_contracts.dataset import Attribute
from data_contracts.errors import ParamsError
from models.learning.monotone import Monotone
from tests.models.problems import category, number

VIEW = (
    number("lead.employees"),
    category("lead.Channel [web]"),
    number("demo_request.count_7d"),
    number("demo_request.count_30d"),
    number("demo_request.recency"),
)
EXPORT = (Attribute(table="leads", name="visits", kind="numeric", label="visits"),)


def test_a_name_is_one_feature_and_a_pattern_all_that_it_fits() -> None:
    found = Monotone.of(
        VIEW, {"lead.employees": "decreasing", "demo_request.count_*": "increasing", "*.recency": "decreasing"}
    )
    assert found.signs == (-1, 0, 1, 1, -1)
    assert found.directions == {
        "lead.employees": "decreasing",
        "demo_request.count_7d": "increasing",
        "demo_request.count_30d": "increasing",
        "demo_request.recency": "decreasing",
    }
    assert found.by_direction == {
        "increasing": ["demo_request.count_7d", "demo_request.count_30d"],
        "decreasing": ["lead.employees", "demo_request.recency"],
    }
    assert found.warnings == ()


def test_without_patterns_there_are_no_signs() -> None:
    assert Monotone.of(VIEW, {}) == Monotone((), {}, ())


def test_a_name_is_itself_even_with_brackets_in_it() -> None:
    view = tuple(replace(feature, categories=None) for feature in VIEW)
    assert Monotone.of(view, {"lead.Channel [web]": "increasing"}).signs == (0, 1, 0, 0, 0)


def test_patterns_that_agree_may_overlap() -> None:
    assert Monotone.of(VIEW, {"demo_request.c*": "increasing", "*count_7d": "increasing"}).signs == (0, 0, 1, 1, 0)


@pytest.mark.parametrize(
    "pattern",
    ["quote_request.count_7d", "quote_request.count_*", "lead.visits", "time.lead_age", "lead.seniority", "?ccount.*"],
)
def test_what_the_view_left_out_is_a_warning(pattern: str) -> None:
    found = Monotone.of(VIEW, {pattern: "increasing", "lead.employees": "increasing"}, EXPORT)
    assert found.signs == (1, 0, 0, 0, 0)
    (warning,) = found.warnings
    assert warning.startswith(f"train.monotone: {pattern!r} constrains nothing: ")
    assert Monotone.of(VIEW, {pattern: "increasing"}, EXPORT).signs == ()


def test_what_no_view_could_have_is_an_error_with_names_that_are_near() -> None:
    with pytest.raises(ParamsError, match=r"'demo_requst.count_7d' names no feature.*Did you mean demo_request\.count"):
        Monotone.of(VIEW, {"demo_requst.count_7d": "increasing"}, EXPORT)
    with pytest.raises(ParamsError, match=r"'lead\.visit' names no feature.*lead\.visits"):
        Monotone.of(VIEW, {"lead.visit": "increasing"}, EXPORT)
    with pytest.raises(ParamsError, match=r"'DEMO_REQUEST\.\*' names no feature.*features/matrix\.parquet"):
        Monotone.of(VIEW, {"DEMO_REQUEST.*": "increasing"}, EXPORT)


def test_what_was_written_after_the_outcome_is_no_feature() -> None:
    late = EXPORT[0].model_copy(update={"known_at": "after_outcome"})
    with pytest.raises(ParamsError, match=r"'lead\.visits' names no feature"):
        Monotone.of(VIEW, {"lead.visits": "increasing"}, (late,))


def test_categories_have_no_order() -> None:
    with pytest.raises(ParamsError, match=r"^train\.monotone: 'lead\.\*' names lead\.Channel \[web\], whose"):
        Monotone.of(VIEW, {"lead.*": "increasing"})


def test_patterns_that_contradict_each_other_are_both_named() -> None:
    with pytest.raises(
        ParamsError,
        match=r"'demo_request\.c\*' says that demo_request\.count_7d is increasing, "
        r"and '\*_7d' says that it is decreasing",
    ):
        Monotone.of(VIEW, {"demo_request.c*": "increasing", "*_7d": "decreasing"})
