"""Outcomes: validate says of them what features would, and counts what cannot be used."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data_contracts.checks.finding import Finding
from data_contracts.dataset import DatasetManifest
from data_contracts.errors import DataFallsShort
from pipelines.featurization.stage import MatrixMetadata, featurize
from pipelines.validation.outcomes import outcome_findings
from pipelines.workspace.params import FeaturesParams
from pipelines.workspace.resources import Resources
from tests.data_contracts.broken import LEADS, MANIFEST, Rows, day, sound, write

RESOURCES = Resources(1, 10**9)
PARAMS = FeaturesParams()
WHERE = {"closed_at": "m.yaml, line 20: closed_at", "horizon_days": "m.yaml, line 4: horizon_days"}
UNTIL_CLOSED = MANIFEST.model_copy(update={"horizon_days": "until_closed", "where": WHERE})
HORIZON = MANIFEST.model_copy(update={"where": WHERE})
TIME = "outcomes are told with their time"


def broken(directory: Path, rows: Rows, manifest: DatasetManifest = HORIZON) -> dict[str, Finding]:
    findings = outcome_findings(write(directory, rows, manifest), PARAMS, RESOURCES)
    return {each.name: each for each in findings if not each.passed}


def featured(directory: Path, rows: Rows, manifest: DatasetManifest = HORIZON) -> MatrixMetadata:
    return featurize(write(directory / "tables", rows, manifest), directory / "features", PARAMS, resources=RESOURCES)


def with_outcomes(won: int, lost: int) -> Rows:
    rows = sound()
    outcomes = ["won"] * won + ["lost"] * lost + ["open"] * (LEADS - won - lost)
    for i, deal in enumerate(rows["deals"]):
        deal["outcome"] = outcomes[i * 37 % LEADS]  # in any order
    return rows


def without_dates(*outcomes: str, keep: Callable[[int], bool] = lambda _: False) -> Rows:
    rows = sound()
    for i, deal in enumerate(rows["deals"]):
        if deal["outcome"] in outcomes and not keep(i):
            deal["closed_at"] = None
    return rows


@pytest.mark.parametrize(
    ("won", "lost", "claim", "found"),
    [(4, 66, "enough leads are won", "4 leads won"), (66, 4, "enough leads are lost", "4 leads lost")],
)
def test_too_few_leads_are_counted(won: int, lost: int, claim: str, found: str, tmp_path: Path) -> None:
    verdict = broken(tmp_path, with_outcomes(won, lost), UNTIL_CLOSED)[claim]
    assert (verdict.level, verdict.found) == ("error", f"{found}; the deals say {won} won and {lost} lost")


def test_sound_outcomes_pass(tmp_path: Path) -> None:
    assert broken(tmp_path / "sound", sound()) == {}
    assert broken(tmp_path / "fewer", with_outcomes(40, 40), UNTIL_CLOSED) == {}


def test_a_lead_with_both_outcomes_counts_as_won(tmp_path: Path) -> None:
    rows = sound()
    lost = [deal for deal in rows["deals"] if deal["outcome"] == "lost"]
    rows["deals"] += [deal | {"deal_id": f"again {deal['deal_id']}", "outcome": "won"} for deal in lost]
    assert broken(tmp_path, rows, UNTIL_CLOSED)["enough leads are lost"].found.startswith("0 leads lost")


def test_decided_leads_without_a_closing_date_are_learned_from_as_they_came(tmp_path: Path) -> None:
    rows = without_dates("won", "lost")
    told = broken(tmp_path / "validated", rows, UNTIL_CLOSED)
    assert set(told) == {TIME}
    assert told[TIME].found.startswith("100 decided leads have no closing date: each lead is learned from as it was")
    metadata = featured(tmp_path, rows, UNTIL_CLOSED)
    assert (metadata.rows, metadata.labelled, metadata.won_leads, metadata.lost_leads) == (100, 100, 50, 50)
    assert metadata.assumptions == [told[TIME].found]


@pytest.mark.parametrize("missing", ["won", "lost"])
def test_no_age_tells_an_outcome_where_only_one_has_dates(missing: str, tmp_path: Path) -> None:
    metadata = featured(tmp_path, without_dates(missing), UNTIL_CLOSED)
    assert (metadata.rows, metadata.won_leads, metadata.lost_leads) == (100, 50, 50)


def test_a_few_leads_without_a_date_cost_the_others_no_age(tmp_path: Path) -> None:
    rows = without_dates("won", "lost", keep=lambda i: i > 3)
    for deal in rows["deals"]:
        deal["closed_at"] = deal["closed_at"] and day(200)
    assert broken(tmp_path / "validated", rows, UNTIL_CLOSED)[TIME].found == (
        "2 won and 2 lost have no closing date and are not learned from"
    )
    assert featured(tmp_path, rows, UNTIL_CLOSED).labelled == 96 * len(PARAMS.ages_days)


def test_an_export_that_tells_the_won_only_is_learned_from_by_the_horizon(tmp_path: Path) -> None:
    rows = sound()
    rows["deals"] = [deal for deal in rows["deals"] if deal["outcome"] == "won"]
    told = broken(tmp_path / "validated", rows)
    assert set(told) == {TIME}
    assert told[TIME].found == "50 leads that no deal calls lost count as lost: they were not won in 90 days"
    assert (featured(tmp_path, rows).won_leads, featured(tmp_path / "again", rows).lost_leads) == (50, 50)


def test_lost_leads_without_a_date_were_not_won_at_any_age(tmp_path: Path) -> None:
    told = broken(tmp_path / "validated", without_dates("lost"))
    assert told[TIME].found.startswith("50 lost leads have no closing date")
    metadata = featured(tmp_path, without_dates("lost"))
    assert (metadata.won_leads, metadata.lost_leads, metadata.labelled) == (50, 50, 50 + 50 * len(PARAMS.ages_days))


def test_wins_without_a_date_need_one_or_no_horizon(tmp_path: Path) -> None:
    verdict = broken(tmp_path / "validated", without_dates("won"))["enough leads are won"]
    assert verdict.found == "0 leads won; the deals say 50 won and 50 lost; 50 won and 0 lost have no closing date"
    assert verdict.advice == (
        "Map deals.closed_at, or write `horizon_days: until_closed` (m.yaml, line 20: closed_at)."
    )
    with pytest.raises(DataFallsShort, match="In all the deals say 50 won and 50 lost; 50 won and 0 lost have no clos"):
        featured(tmp_path, without_dates("won"))


def test_leads_that_were_decided_when_they_came_are_counted(tmp_path: Path) -> None:
    rows = sound()
    for i, deal in enumerate(rows["deals"]):
        deal["closed_at"] = day(i)
    verdict = broken(tmp_path, rows)["enough leads are lost"]
    assert "50 won and 50 lost were decided before they could be scored" in verdict.found


def test_nothing_is_said_of_tables_without_rows(tmp_path: Path) -> None:
    rows = sound()
    rows["deals"].clear()
    assert broken(tmp_path, rows)["enough leads are won"].found == "0 leads won; the deals say 0 won and 0 lost"


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), until_closed=st.booleans(), count=st.sampled_from([14, 30, 60]))
def test_features_refuse_nothing_that_passes(
    data: st.DataObject, until_closed: bool, count: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    rows = sound()
    rows["leads"], rows["deals"] = rows["leads"][:count], []
    for i in range(count):
        outcome = data.draw(st.sampled_from(["won", "lost", "open", None]))
        if outcome is not None:
            closed = data.draw(st.sampled_from([None, 0, 3, 40, 200]))
            when = None if outcome == "open" or closed is None else day(i + closed)
            rows["deals"].append({"deal_id": f"D{i}", "lead_id": f"L{i}", "outcome": outcome, "closed_at": when})
    directory, manifest = tmp_path_factory.mktemp("any"), UNTIL_CLOSED if until_closed else HORIZON
    errors = [each for each in broken(directory / "validated", rows, manifest).values() if each.level == "error"]
    if not errors:
        featured(directory, rows, manifest)
