"""What holds for every feature, whichever is declared."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data_contracts.dataset import Attribute
from data_contracts.errors import ArtifactError
from features.arrays import DAY, NO_TIME, Floats
from features.view import FeatureView
from tests.features.companies import ATTRIBUTES, BEGIN, Company, companies, moments, requests_of, view_of_everything
from tests.features.requests import ActivityInput, LeadRequest, records_of

VIEW = view_of_everything()
QUICK = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def matrix(company: Company, as_of: int) -> Floats:
    requests = requests_of(company, as_of)
    return VIEW.compute(records_of(requests), np.arange(len(requests)), np.full(len(requests), as_of))


def same(left: Floats, right: Floats) -> bool:
    return left.shape == right.shape and left.tobytes() == right.tobytes()


@given(companies(), moments)
@QUICK
def test_rows_at_or_after_the_snapshot_change_nothing(company: Company, as_of: int) -> None:
    assert same(matrix(company, as_of), matrix(company.before(as_of), as_of))


@given(companies(), moments)
@QUICK
def test_one_row_equals_the_batch(company: Company, as_of: int) -> None:
    requests = requests_of(company, as_of)
    alone = [VIEW.compute(records_of([each]), np.array([0]), np.array([as_of])) for each in requests]
    assert same(np.vstack(alone), matrix(company, as_of))


@given(companies(), moments, st.randoms(use_true_random=False))
@QUICK
def test_the_order_in_which_events_come_changes_nothing(company: Company, as_of: int, random: Any) -> None:
    shuffled = replace(
        company,
        activities=random.sample(company.activities, len(company.activities)),
        deals=random.sample(company.deals, len(company.deals)),
        dispositions=random.sample(company.dispositions, len(company.dispositions)),
        changes=random.sample(company.changes, len(company.changes)),
    )
    assert same(matrix(company, as_of), matrix(shuffled, as_of))


@given(companies(), moments)
@QUICK
def test_numbers_are_finite_or_missing(company: Company, as_of: int) -> None:
    assert not np.isinf(matrix(company, as_of)).any()


def test_nothing_known_scores() -> None:
    nothing: LeadRequest = {"lead": {}, "as_of": BEGIN}
    X = VIEW.compute(records_of([nothing]), np.array([0]), np.array([BEGIN]))
    assert X.shape == (1, len(VIEW.features))
    assert X[0, [feature.name == "any.count" for feature in VIEW.features]] == 0


def test_every_feature_has_its_own_name() -> None:
    names = [feature.name for feature in VIEW.features]
    assert len(names) == len(set(names))


def test_many_rows_equal_the_same_rows_in_slices() -> None:
    requests = leads(300)
    records = records_of(requests)
    lead = np.tile(np.arange(300), 200)
    moment = np.array([each["as_of"] for each in requests])[lead] - np.repeat(np.arange(200), 300) * DAY
    slices = [slice(begin, begin + 7_000) for begin in range(0, lead.size, 7_000)]
    parts = [VIEW.compute(records, lead[rows], moment[rows]) for rows in slices]
    assert same(VIEW.compute(records, lead, moment), np.vstack(parts))


def leads(count: int) -> list[LeadRequest]:
    """Leads that differ, from the same seed each time."""
    draw = np.random.default_rng(3)
    return [lead(draw, number) for number in range(count)]


def lead(draw: np.random.Generator, number: int) -> LeadRequest:
    created = BEGIN + number * DAY
    return {
        "lead": {
            "lead_id": str(number),
            "created_at": created,
            "source": ("web", "Web ", "fair", "rare")[number % 3 if number else 3],
            "has_phone": True,
            "shirt": str(draw.integers(0, 4)),
            "Years in job": float(draw.normal()),
            "written_after": float(number),
        },
        "as_of": created + 7 * DAY,
        "activities": [
            {"type": str(kind), "occurred_at": created + int(draw.integers(0, 14 * DAY))}
            for kind in draw.choice(["page_view", "factory_tour", "download"], draw.integers(0, 8))
        ],
    }


@pytest.fixture(scope="module")
def fitted() -> FeatureView:
    return fit(leads(400))


def fit(requests: list[LeadRequest], **options: Any) -> FeatureView:
    after = Attribute(table="leads", name="written_after", kind="numeric", label="after", known_at="after_outcome")
    attributes = (*ATTRIBUTES, after)
    moment = np.array([each["as_of"] for each in requests])
    return FeatureView.fit(records_of(requests), np.arange(len(requests)), moment, attributes, **options)


def names(view: FeatureView) -> set[str]:
    return {feature.name for feature in view.features}


def test_columns_written_after_the_outcome_never_enter(fitted: FeatureView) -> None:
    assert "lead.Years in job" in names(fitted)
    assert "lead.written_after" not in names(fitted)


def test_quarantined_columns_do_not_enter() -> None:
    view = fit(leads(400), quarantined=["leads.shirt"])
    assert "lead.shirt" not in names(view)


def test_constant_columns_are_left_out(fitted: FeatureView) -> None:
    assert "lead.has_phone" not in names(fitted)
    assert "webinar.count" not in names(fitted)


def test_of_equal_columns_the_shorter_window_stays(fitted: FeatureView) -> None:
    """The snapshots lie at an age of seven days, so that no window is longer than that."""
    assert "download.count_7d" in names(fitted)
    assert not {"download.count_30d", "download.count"} & names(fitted)


def test_types_outside_the_core_list_get_features_of_their_own(fitted: FeatureView) -> None:
    feature = next(each for each in fitted.features if each.name == "factory_tour.count_7d")
    assert (feature.signal, feature.label, feature.activity) == ("factory_tour", "factory tour", "factory_tour")


def test_a_type_that_is_called_like_a_group_is_no_part_of_it() -> None:
    requests = leads(100)
    for number, request in enumerate(requests):
        request["activities"] = [{"type": "email", "occurred_at": request["as_of"] - DAY}] * (number % 3)
    view = fit(requests)
    assert "email events.count_7d" in names(view)
    assert not [name for name in names(view) if name.startswith("email.")]


def test_rates_are_those_whose_activities_occur() -> None:
    requests = leads(100)
    for number, request in enumerate(requests):
        request["activities"] = [
            {"type": kind, "occurred_at": request["as_of"] - DAY}
            for kind in ("email_open", "tour_seen", "tour_booked", "form_submit")[: number % 4]
        ]
    rates = {name for name in names(fit(requests)) if ".per_" in name}
    assert rates == {"tour_booked.per_tour_seen"}


def test_only_a_type_that_leads_repeat_is_measured_by_their_rhythm() -> None:
    requests = leads(100)
    for number, request in enumerate(requests):
        kinds = [*["tour"] * (number % 4), "signed"]
        pause = (1 + number % 3) * DAY
        request["activities"] = [
            {"type": kind, "occurred_at": request["as_of"] - place * pause} for place, kind in enumerate(kinds, 1)
        ]
    view = names(fit(requests))
    assert {"tour.relative_recency", "signed.recency"} < view
    assert "signed.relative_recency" not in view


def test_what_is_about_the_own_object_is_a_feature_where_leads_name_one() -> None:
    requests = leads(100)
    assert not [name for name in names(fit(requests)) if ".same_" in name]
    for number, request in enumerate(requests):
        request["lead"] = {**request["lead"], "related_to": "A", "related_kind": "discount"}
        request["activities"] = [
            {"type": "page_view", "occurred_at": request["as_of"] - DAY, "related_to": "AB"[number % 2]}
        ] * (number % 3)
    assert {name for name in names(fit(requests)) if ".same_" in name} == {"page_view.same_object.count"}


def test_types_outside_the_core_list_are_counted_for_other_leads_of_the_account_too() -> None:
    requests = leads(100)
    for number, request in enumerate(requests):
        tours: list[ActivityInput] = [{"type": "factory_tour", "occurred_at": request["as_of"] - DAY}] * (number % 3)
        calls: list[ActivityInput] = [{"type": "call", "occurred_at": request["as_of"] - DAY}] * (number % 5)
        request["account"] = {"activities": [*tours, *calls]}
    assert "account.factory_tour.count_30d" in names(fit(requests))


def test_snapshots_at_fixed_ages_have_no_weekday_of_their_own(fitted: FeatureView) -> None:
    assert "time.created_weekday" in names(fitted)
    assert "time.snapshot_weekday" not in names(fitted)
    assert "time.created_month" not in names(fit(leads(400)[:200]))


def test_the_calendar_is_left_out_of_undated_data() -> None:
    requests: list[LeadRequest] = [{**each, "lead": {**each["lead"], "created_at": None}} for each in leads(100)]
    records = records_of(requests)
    view = FeatureView.fit(records, np.arange(100), np.full(100, NO_TIME), ATTRIBUTES)
    assert not view.calendar
    assert not view.windows
    assert "lead.source" in names(view)


def test_a_view_comes_back_from_its_definitions(fitted: FeatureView) -> None:
    again = FeatureView.from_dict(fitted.to_dict())
    assert again == fitted
    assert again.fingerprint == fitted.fingerprint


def test_the_fingerprint_changes_with_any_definition(fitted: FeatureView) -> None:
    windows = (replace(fitted.windows[0], span_days=8), *fitted.windows[1:])
    attributes = (replace(fitted.attributes[0], categories=("other",)), *fitted.attributes[1:])
    others = [
        replace(fitted, windows=windows),
        replace(fitted, attributes=attributes),
        replace(fitted, calendar=fitted.calendar[1:]),
        replace(fitted, windows=fitted.windows[::-1]),
    ]
    assert len({fitted.fingerprint, *(each.fingerprint for each in others)}) == 5


def test_definitions_of_other_code_are_refused(fitted: FeatureView) -> None:
    entry = fitted.to_dict() | {"fingerprint": "0" * 64}
    with pytest.raises(ArtifactError, match="other feature definitions"):
        FeatureView.from_dict(entry)


def test_damaged_definitions_are_refused(fitted: FeatureView) -> None:
    entry = fitted.to_dict()
    del entry["windows"]
    with pytest.raises(ArtifactError, match="cannot be read"):
        FeatureView.from_dict(entry)


def test_a_value_of_unknown_date_says_nothing_when_it_is_missing(fitted: FeatureView) -> None:
    """Neither to the features nor, since they are equal, to a model; in training and for a request alike."""
    usual = next(each.fill for each in fitted.attributes if each.name == "Years in job")
    assert usual is not None
    absent, present = (
        fitted.compute(records_of([{"lead": {"Years in job": years}, "as_of": 0}]), np.array([0]), np.array([0]))
        for years in (None, usual)
    )
    assert same(absent, present)


def test_an_unknown_category_has_the_code_after_the_last(fitted: FeatureView) -> None:
    column = [feature.name for feature in fitted.features].index("lead.source")
    values = [
        fitted.compute(records_of([{"lead": {"source": source}, "as_of": 0}]), np.array([0]), np.array([0]))[0, column]
        for source in ("WEB", "fair", "never seen", "rare", None)
    ]
    assert fitted.features[column].categories == ("Web", "fair")
    assert values[:4] == [0.0, 1.0, 2.0, 2.0]
    assert np.isnan(values[4])
