"""From the body of a request to what the features read: plain values and times in microseconds, no DataFrame."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

from data_contracts.dataset import AttributeKind
from features.records.request import ActivityInput, DispositionInput, LeadRequest, text_of
from serving.model.personal_fields import flags_of, is_personal
from serving.problems import FieldProblem
from serving.schemas.requests import Account, Activity, Disposition, Lead, ScoreRequest

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
_COLUMNS_OF_LEAD = tuple(name for name in Lead.model_fields if name not in {"lead_id", "created_at"})
_COLUMNS_OF_ACCOUNT = tuple(name for name in Account.model_fields if name not in {"account_id", "activities"})
_EXPECTED = {"numeric": "a number", "boolean": "true or false"}


def microseconds(moment: datetime) -> int:
    """Microseconds since 1970 UTC, exactly."""
    return (moment - EPOCH) // MICROSECOND


Kinds: TypeAlias = Mapping[str, AttributeKind | None]


@dataclass(frozen=True)
class KnownFields:
    """The fields that a model knows beyond the canonical columns, and what kind of value each takes.

    None: only the agreement asks for it, and compares whatever comes.
    """

    lead: Kinds
    account: Kinds


@dataclass
class Translator:
    """Translates one request and keeps what it noticed: fields left out, and fields whose value does not fit.

    ``where`` is the request's place in the body.
    """

    known: KnownFields
    where: str
    ignored: list[str] = field(default_factory=list)
    problems: list[FieldProblem] = field(default_factory=list)

    def translate(self, request: ScoreRequest, now: datetime) -> LeadRequest:
        """The request as the features read it; ``now`` where it names no moment."""
        translated: LeadRequest = {
            "lead": self._lead(request.lead),
            "as_of": microseconds(request.as_of or now),
            "activities": _activities(request.activities),
            "dispositions": [_disposition(each) for each in request.dispositions],
        }
        if request.account is not None:
            translated["account"] = self._account(request.account)
        return translated

    def _lead(self, lead: Lead) -> dict[str, Any]:
        extra = lead.__pydantic_extra__
        personal = {name: value for name, value in extra.items() if is_personal(name) and name not in self.known.lead}
        attributes = {name: value for name, value in extra.items() if name not in personal}
        values = self._attributes(attributes, self.known.lead, "lead")
        if personal:
            values |= flags_of(personal)
        values |= _columns(lead, _COLUMNS_OF_LEAD)
        if lead.lead_id is not None:
            values["lead_id"] = lead.lead_id
        if lead.created_at is not None:
            values["created_at"] = microseconds(lead.created_at)
        return values

    def _account(self, account: Account) -> dict[str, Any]:
        values = self._attributes(account.__pydantic_extra__, self.known.account, "account")
        return values | _columns(account, _COLUMNS_OF_ACCOUNT) | {"activities": _activities(account.activities)}

    def _attributes(self, attributes: Mapping[str, Any], kinds: Kinds, part: str) -> dict[str, Any]:
        kept = {}
        for name, value in attributes.items():
            if name not in kinds:
                self.ignored.append(f"{part}.{name}")
            elif value is not None and _fits(value, kinds[name]):
                kept[name] = text_of(value) if kinds[name] == "categorical" else value
            elif value is not None:
                message = f"Input should be {_EXPECTED[str(kinds[name])]}, as in the data that the model learned from"
                self.problems.append(FieldProblem(field=f"{self.where}.{part}.{name}", message=message))
        return kept


def _columns(part: Lead | Account, names: Collection[str]) -> dict[str, Any]:
    values = part.__dict__  # what pydantic keeps the fields in: reading it takes a fraction of as many attributes
    return {name: value for name in names if (value := values[name]) is not None}


def _fits(value: object, kind: AttributeKind | None) -> bool:
    """Codes of categories are often numbers or flags; where a number or a flag is expected, nothing else will do."""
    match kind:
        case "numeric":
            return isinstance(value, float)
        case "boolean":
            return isinstance(value, bool)
        case _:
            return True


def _activities(activities: Sequence[Activity]) -> list[ActivityInput]:
    return [
        {
            "type": each.type,
            "occurred_at": microseconds(each.occurred_at),
            "channel": each.channel,
            "value": each.value,
            "is_automated": each.is_automated,
        }
        for each in activities
    ]


def _disposition(each: Disposition) -> DispositionInput:
    return {
        "at": microseconds(each.at),
        "verdict": each.verdict,
        "budget": each.budget,
        "authority": each.authority,
        "need": each.need,
        "timeline": each.timeline,
        "sentiment": each.sentiment,
    }
