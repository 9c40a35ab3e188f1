"""Companies that hypothesis makes up: rows of the six tables, and the requests that ask about their leads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import strategies as st

from data_contracts.dataset import Attribute
from features.arrays import DAY
from features.event_types import CORE_TYPES
from features.values.attributes import CANONICAL, AttributeFeature
from features.values.calendar import CALENDAR
from features.values.windows import ABOUT_THINGS, BEHAVIOURS, about_things, open_behaviour, open_rates
from features.view import FeatureView
from tests.features.requests import ActivityInput, ChangeInput, LeadRequest, records_of

Row = Mapping[str, Any]
HOUR = DAY // 24
BEGIN = 1_700_000_000_000_000 // DAY * DAY
KINDS = (*CORE_TYPES, "factory_tour", "factory_plan", "Señal", "")
ATTRIBUTES = (
    Attribute(table="leads", name="Years in job", kind="numeric", label="years in the job"),
    Attribute(table="leads", name="shirt", kind="categorical", label="colour of the shirt"),
    Attribute(table="leads", name="opted_in", kind="boolean", label="opted in"),
    Attribute(table="leads", name="points", kind="numeric", label="points", known_at="changes"),
    Attribute(table="leads", name="status", kind="categorical", label="status", known_at="changes"),
    Attribute(table="accounts", name="openings", kind="numeric", label="open positions", known_at="changes"),
    Attribute(table="accounts", name="sector", kind="categorical", label="sector"),
)
CATEGORIES = ("Red", "green", "hell blau", "web", "DE", "business", "12")


@dataclass(frozen=True)
class Company:
    """Rows of the tables; times are microseconds."""

    leads: Sequence[Row]
    accounts: Sequence[Row]
    activities: Sequence[Row]
    deals: Sequence[Row]
    dispositions: Sequence[Row]
    changes: Sequence[Row]

    def before(self, moment: int) -> "Company":
        """Only what happened strictly before a moment; the leads and accounts as they are."""
        return replace(
            self,
            activities=[row for row in self.activities if row["occurred_at"] < moment],
            deals=[row for row in self.deals if row["closed_at"] is None or row["closed_at"] < moment],
            dispositions=[row for row in self.dispositions if row["at"] < moment],
            changes=[row for row in self.changes if row["changed_at"] < moment],
        )


def view_of_everything() -> FeatureView:
    """Every feature that can be declared: all windows, open types, calendar features and attributes."""
    attributes = [AttributeFeature.of(each) for each in (*CANONICAL, *ATTRIBUTES)]
    rates = open_rates(["factory_tour", "factory_plan"])
    own = (open_behaviour("factory_tour"), open_behaviour("Señal"), *rates)
    own = (*own, open_behaviour("factory_tour", "account"), *open_rates(["factory_tour", "factory_plan"], "account"))
    behaviours = (*BEHAVIOURS, *own, *ABOUT_THINGS, *about_things(own))
    return FeatureView(
        attributes=tuple(
            replace(
                each,
                categories=CATEGORIES[:-1] if each.kind == "categorical" else None,
                fill=None if each.missing_tells else 1.0,
            )
            for each in attributes
        ),
        calendar=tuple(each.feature.name for each in CALENDAR),
        windows=tuple(window for behaviour in behaviours for window in behaviour.windows()),
    )


def requests_of(company: Company, as_of: int) -> list[LeadRequest]:
    """One request per lead, with all that the company knows of it and of the other leads of its account."""
    return [_request(company, lead, as_of) for lead in company.leads]


def _request(company: Company, lead: Row, as_of: int) -> LeadRequest:
    account = next((row for row in company.accounts if row["account_id"] == lead["account_id"]), None)
    others = {row["lead_id"] for row in company.leads if row["account_id"] == lead["account_id"]} - {lead["lead_id"]}
    return {
        "lead": lead,
        "as_of": as_of,
        "account": None if account is None else {**account, "activities": _events_of(company, others)},
        "activities": [_activity(row) for row in company.activities if row["lead_id"] == lead["lead_id"]],
        "dispositions": [row for row in company.dispositions if row["lead_id"] == lead["lead_id"]],  # type: ignore[misc]
        "changes": _changes(company, "lead_id", lead["lead_id"]),
        "account_changes": _changes(company, "account_id", lead["account_id"]),
    }


def _events_of(company: Company, leads: set[str]) -> list[ActivityInput]:
    return [
        *(_activity(row) for row in company.activities if row["lead_id"] in leads),
        *(
            ActivityInput(type=f"deal_{row['outcome']}", occurred_at=row["closed_at"], value=row["amount"])
            for row in company.deals
            if row["lead_id"] in leads and row["outcome"] != "open" and row["closed_at"] is not None
        ),
        *(
            ActivityInput(type="lead_created", occurred_at=row["created_at"])
            for row in company.leads
            if row["lead_id"] in leads and row["created_at"] is not None
        ),
    ]


def _activity(row: Row) -> ActivityInput:
    return ActivityInput(
        type=row["type"],
        occurred_at=row["occurred_at"],
        related_to=row["related_to"],
        related_kind=row["related_kind"],
        campaign=row["campaign"],
        value=row["value"],
        is_automated=row["is_automated"],
    )


def _changes(company: Company, key: str, owner: str | None) -> list[ChangeInput]:
    """The changes of an owner; one long after any snapshot says of each field that it has a history."""
    table = "leads" if key == "lead_id" else "accounts"
    told = [
        ChangeInput(field=row["field"], value=row["value"], changed_at=row["changed_at"])
        for row in company.changes
        if row[key] == owner and owner is not None
    ]
    fields = [each.name for each in ATTRIBUTES if each.table == table and each.known_at == "changes"]
    return told + [ChangeInput(field=field, value=None, changed_at=BEGIN + 10_000 * DAY) for field in fields]


moments = st.integers(-60 * 24, 120 * 24).map(lambda hours: BEGIN + hours * HOUR)
texts = st.one_of(st.none(), st.sampled_from((*CATEGORIES, " RED", "Hell  Blau", "never seen", "")))
numbers = st.one_of(st.none(), st.floats(-1e6, 1e6, allow_nan=False), st.sampled_from((0.0, float("inf"), 3.0)))
values = st.one_of(st.none(), st.floats(0, 1000, allow_nan=False, allow_subnormal=False), st.just(float("nan")))
flags = st.one_of(st.none(), st.booleans())


def _column(attribute: Attribute) -> st.SearchStrategy[Any]:
    return {"numeric": numbers, "categorical": texts, "boolean": flags}[attribute.kind]


def _row(table: str) -> dict[str, st.SearchStrategy[Any]]:
    return {each.name: _column(each) for each in (*CANONICAL, *ATTRIBUTES) if each.table == table}


@st.composite
def companies(draw: st.DrawFn) -> Company:
    """Up to five leads and two accounts, with many events at equal times."""
    leads = [f"L{number}" for number in range(draw(st.integers(1, 5)))]
    accounts = [f"A{number}" for number in range(draw(st.integers(0, 2)))]
    lead = st.sampled_from(leads)
    owner = st.sampled_from([None, *accounts])
    return Company(
        leads=[
            {"lead_id": key, "account_id": draw(owner), "created_at": draw(st.none() | moments)}
            | {"tracking_consent": draw(flags)}
            | draw(st.fixed_dictionaries(_row("leads")))
            for key in leads
        ],
        accounts=[{"account_id": key} | draw(st.fixed_dictionaries(_row("accounts"))) for key in accounts],
        activities=_numbered("activity_id", draw(st.lists(_activities(lead), max_size=25))),
        deals=_numbered("deal_id", draw(st.lists(_deals(lead), max_size=5))),
        dispositions=_numbered("disposition_id", draw(st.lists(_dispositions(lead), max_size=5))),
        changes=draw(st.lists(_histories(lead, accounts), max_size=8)),
    )


def _numbered(key: str, rows: Sequence[Row]) -> list[Row]:
    return [{**row, key: f"{key}-{number}"} for number, row in enumerate(rows)]


def _activities(lead: st.SearchStrategy[str]) -> st.SearchStrategy[Row]:
    return st.fixed_dictionaries(
        {
            "lead_id": lead,
            "occurred_at": moments,
            "type": st.sampled_from(KINDS),
            "related_to": st.sampled_from((None, "", "Red", " red", "other")),
            "related_kind": st.sampled_from((None, "", "green", "web")),
            "campaign": st.sampled_from((None, "", "Red", "green")),
            "value": values,
            "is_automated": flags,
        }
    )


def _deals(lead: st.SearchStrategy[str]) -> st.SearchStrategy[Row]:
    return st.fixed_dictionaries(
        {
            "lead_id": lead,
            "closed_at": st.none() | moments,
            "outcome": st.sampled_from(("won", "lost", "open")),
            "amount": values,
        }
    )


def _dispositions(lead: st.SearchStrategy[str]) -> st.SearchStrategy[Row]:
    return st.fixed_dictionaries(
        {
            "lead_id": lead,
            "at": moments,
            "verdict": st.sampled_from(("accepted", "ready", "nurture", "suspect")),
            "sentiment": st.none() | st.floats(-1, 1, allow_subnormal=False),
        }
        | dict.fromkeys(("budget", "authority", "need", "timeline"), flags)
    )


def _histories(lead: st.SearchStrategy[str], accounts: Sequence[str]) -> st.SearchStrategy[Row]:
    value = st.sampled_from((None, "", "3", "-4.5", "Red", "text"))
    of_lead = st.fixed_dictionaries(
        {
            "lead_id": lead,
            "account_id": st.none(),
            "field": st.sampled_from(("points", "status")),
            "value": value,
            "changed_at": moments,
        }
    )
    if not accounts:
        return of_lead
    of_account = st.fixed_dictionaries(
        {
            "lead_id": st.none(),
            "account_id": st.sampled_from(accounts),
            "field": st.just("openings"),
            "value": value,
            "changed_at": moments,
        }
    )
    return of_lead | of_account


__all__ = ["ATTRIBUTES", "Company", "companies", "moments", "records_of", "requests_of", "view_of_everything"]
