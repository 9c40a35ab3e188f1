"""A batch row, a request, and an item of a batch request of one lead have bit-identical probabilities."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import orjson
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data_contracts.agreement import parse_agreement
from data_contracts.dataset import Dataset
from models.scorer import Scorer
from models.storage.artifact import load_artifact
from serving.model.artifact_model import ArtifactModel
from serving.model.lead_request import EPOCH, MICROSECOND, microseconds
from serving.schemas.requests import ScoreRequest
from tests.datasets import load_records
from tests.serving.company import AGE, START, Rows, moments_of_leads, write_tables
from tests.serving.conftest import Company

Tables = Mapping[str, Rows]


def test_every_lead_of_the_company_scores_the_same_in_a_batch_and_over_http(live: TestClient, company: Company) -> None:
    bodies = [
        body_of(company.tables, row, EPOCH + int(moment) * MICROSECOND)
        for row, moment in enumerate(moments_of_leads(company.tables))
    ]
    expected = scored_by_table(company.artifact, company.dataset, moments_of_leads(company.tables))
    assert len(set(expected)) > 300
    assert over_http(live, bodies) == expected


texts = st.one_of(st.none(), st.sampled_from(["web", "Web ", "fair", "", " ", "7", "true", "Zürich", "nowhere"]))
numbers = st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False), st.integers(-5, 5).map(float))
flags = st.one_of(st.none(), st.booleans())
times = st.integers(-40 * 86_400, 40 * 86_400).map(lambda seconds: START + timedelta(seconds=seconds))
created = times.map(lambda at: min(at, START + AGE))  # leads that come later have no score
types = st.sampled_from(
    ["page_view", "pricing_view", "demo_request", "email_click", "booth_visit", "never seen", "Ünï"]
)
activities = st.lists(
    st.fixed_dictionaries(
        {"occurred_at": times, "type": types, "channel": texts, "value": numbers, "is_automated": flags}
        | {"related_to": texts, "related_kind": texts, "campaign": texts}
    ),
    max_size=6,
)
verdicts = st.sampled_from(["accepted", "ready", "nurture", "suspect"])
dispositions = st.lists(
    st.fixed_dictionaries(
        {
            "at": times,
            "verdict": verdicts,
            "budget": flags,
            "authority": flags,
            "need": flags,
            "timeline": flags,
            "sentiment": st.one_of(st.none(), st.floats(-1, 1)),
        }
    ),
    max_size=2,
)
leads = st.fixed_dictionaries(
    {
        "created_at": st.one_of(st.none(), created),
        "source": texts,
        "campaign": texts,
        "related_to": texts,
        "related_kind": texts,
        "country": texts,
        "job_title": texts,
        "email_kind": st.sampled_from([None, "business", "free", "none"]),
        "has_phone": flags,
        "tracking_consent": flags,
        "seats": numbers,
        "newsletter": flags,
        "product": texts,
        "account": st.sampled_from([None, "A0", "A1"]),
        "activities": activities,
        "dispositions": dispositions,
    }
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=st.lists(leads, min_size=1, max_size=5), employees=st.one_of(st.none(), st.floats(0, 1e6)), tier=texts)
def test_any_lead_scores_the_same_from_tables_alone_and_in_a_batch(
    live: TestClient, company: Company, drawn: list[dict[str, Any]], employees: float | None, tier: str | None
) -> None:
    tables = tables_of(drawn, employees, tier)
    moment = START + AGE
    bodies = [body_of(tables, row, moment) for row in range(len(drawn))]
    with TemporaryDirectory() as directory:
        dataset = write_tables(Path(directory), tables)
        expected = scored_by_table(company.artifact, dataset, np.full(len(drawn), microseconds(moment)))
    assert over_http(live, bodies) == expected
    assert [over_http(live, [body])[0] for body in bodies] == expected
    alone = [orjson.loads(live.post("/v1/score", content=orjson.dumps(body), headers=JSON).content) for body in bodies]
    assert [each["probability"] for each in alone] == expected


# Fields of both tables: canonical, an attribute that only accounts have as a feature, one that only leads have.
AGREED = """
required: [country, tier]
disqualify:
  - {rule: Spain, field: country, op: is, value: ES}
  - {rule: seated in Spain, field: account.country, op: is, value: ES}
  - {rule: gold, field: tier, op: is, value: gold}
  - {rule: golden account, field: account.tier, op: is, value: gold}
  - {rule: no product, field: product, op: missing}
grades: {by: share, A: 0.05, B: 0.20, C: 0.50}
mql: {by: probability, at_least: 0.3}
"""
NOBODY = {"account_id": "A0", "created_at": None}
of_both = st.fixed_dictionaries(
    {
        "country": st.sampled_from([None, "", "ES", "IT"]),
        "tier": st.sampled_from([None, "", "gold", "silver"]),
        "product": st.sampled_from([None, "", "pro"]),
    }
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(people=st.lists(of_both, min_size=1, max_size=4), account=of_both)
def test_an_agreement_on_fields_of_both_leads_and_accounts_is_applied_alike(
    company: Company, people: list[dict[str, Any]], account: dict[str, Any]
) -> None:
    artifact = replace(load_artifact(company.artifact), agreement=parse_agreement(AGREED, "agreement.yaml"))
    tables: Tables = {
        "leads": [each | NOBODY | {"lead_id": f"L{row}"} for row, each in enumerate(people)],
        "accounts": [{"account_id": "A0"} | account],
        "activities": [],
        "dispositions": [],
    }
    with TemporaryDirectory() as directory:
        records = load_records(write_tables(Path(directory), tables))
        moments = np.full(len(people), microseconds(START))
        expected = Scorer(artifact).score(records, np.arange(len(people)), moments, reasons=None).placement
    requests = [ScoreRequest.model_validate(body_of(tables, row, START)) for row in range(len(people))]
    live = ArtifactModel(artifact).score(requests, ["body"] * len(people), START)
    assert [each.stage for each in live] == list(expected.stage)
    assert [each.stage_reason for each in live] == list(expected.stage_reason)


JSON = {"Content-Type": "application/json"}


def over_http(client: TestClient, bodies: Sequence[dict[str, Any]]) -> list[float]:
    """Probabilities by one batch request."""
    answer = client.post("/v1/score/batch", content=orjson.dumps({"items": bodies}), headers=JSON)
    assert answer.status_code == 200, answer.text
    return [each["probability"] for each in orjson.loads(answer.content)["results"]]


def scored_by_table(artifact: Path, dataset: Dataset, moments: Any) -> list[float]:
    """Probabilities as `whylead score` computes them."""
    scorer = Scorer(load_artifact(artifact))
    table = scorer.score(load_records(dataset), np.arange(len(moments)), moments, reasons=None)
    probabilities: list[float] = table.probability.tolist()
    return probabilities


def tables_of(drawn: Sequence[Mapping[str, Any]], employees: float | None, tier: str | None) -> dict[str, Rows]:
    """The canonical tables of drawn leads, who share two accounts."""
    people = [
        {name: value for name, value in lead.items() if name not in {"account", "activities", "dispositions"}}
        | {"lead_id": f"L{row}", "account_id": lead["account"]}
        for row, lead in enumerate(drawn)
    ]
    return {
        "leads": people,
        "accounts": [{"account_id": "A0", "employees": employees, "tier": tier}, {"account_id": "A1"}],
        **{
            table: [each | {"lead_id": f"L{row}"} for row, lead in enumerate(drawn) for each in lead[table]]
            for table in ("activities", "dispositions")
        },
    }


def body_of(tables: Tables, row: int, moment: datetime) -> dict[str, Any]:
    """The request that an application with these tables would send for a lead."""
    lead = tables["leads"][row]
    body: dict[str, Any] = {
        "lead": without(lead, "account_id"),
        "activities": [activity_of(each) for each in rows_of(tables, "activities", lead)],
        "dispositions": [
            without(each, "lead_id", "disposition_id", "by") for each in rows_of(tables, "dispositions", lead)
        ],
        "as_of": moment,
    }
    account = next((each for each in tables["accounts"] if each["account_id"] == lead["account_id"]), None)
    if account is not None:
        others = [
            each
            for each in tables["leads"]
            if each["account_id"] == lead["account_id"] and each["lead_id"] != lead["lead_id"]
        ]
        done = [activity_of(each) for other in others for each in rows_of(tables, "activities", other)]
        came = [{"type": "lead_created", "occurred_at": each["created_at"]} for each in others if each["created_at"]]
        body["account"] = {**account, "activities": done + came}
    return body


def activity_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """An activity as the tables have it: the import has judged it, so that nothing said there means a person."""
    return {**without(row, "lead_id", "activity_id"), "is_automated": bool(row.get("is_automated"))}


def rows_of(tables: Tables, table: str, lead: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The rows of a lead."""
    return [each for each in tables[table] if each["lead_id"] == lead["lead_id"]]


def without(row: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """A row without some columns, and without what is not known."""
    return {name: value for name, value in row.items() if name not in names and value is not None}
