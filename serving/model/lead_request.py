"""From the body of a request to the live lead that the features read: plain values, and events in order of time."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

from data_contracts.dataset import AttributeKind
from features.arrays import NO_TIME
from features.event_types import BANT_TYPES
from features.records.automation import JUDGED, Clue, codes_of
from features.records.live_lead import Event, LiveLead, answer_events, event
from features.records.related import thing
from features.values.attributes import text_of
from serving.model.personal_fields import flags_of, is_personal
from serving.problems import FieldProblem
from serving.schemas.requests import Account, Activity, Disposition, Lead, ScoreRequest

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
COLUMNS_OF_LEAD = tuple(name for name in Lead.model_fields if name not in {"lead_id", "created_at"})
_COLUMNS_OF_ACCOUNT = tuple(name for name in Account.model_fields if name not in {"account_id", "activities"})
_ANSWER_OF = {kind: kind.removeprefix("bant_") for kind in BANT_TYPES}
_EXPECTED = {"numeric": "a number", "boolean": "true or false"}


def microseconds(moment: datetime) -> int:
    """Microseconds since 1970 UTC, exactly."""
    return (moment - EPOCH) // MICROSECOND


Kinds: TypeAlias = Mapping[str, AttributeKind | None]


@dataclass(frozen=True)
class KnownFields:
    """The fields that a model knows beyond the canonical columns, and what kind of value each takes.

    None: only the agreement asks for it, and compares whatever comes. ``own`` are the fields of the agreement that
    leads have: where one has no value of its own, its account's does not stand in for it.
    """

    lead: Kinds
    account: Kinds
    own: Mapping[str, None] = field(default_factory=dict)


@dataclass
class RequestMapper:
    """Maps one request and keeps what it noticed: fields left out, and fields whose value does not fit.

    ``where`` is the request's place in the body.
    """

    known: KnownFields
    where: str
    ignored: list[str] = field(default_factory=list)
    problems: list[FieldProblem] = field(default_factory=list)

    def live_lead(self, request: ScoreRequest, now: datetime) -> LiveLead:
        """The lead of a request; ``now`` where it names no moment."""
        lead, account = request.lead, request.account
        answers = [each for disposition in request.dispositions for each in _answers(disposition)]
        return LiveLead(
            as_of=microseconds(request.as_of or now),
            lead_id=lead.lead_id,
            created_at=int(NO_TIME) if lead.created_at is None else microseconds(lead.created_at),
            lead=self._lead(lead),
            account={} if account is None else self._account(account),
            events=sorted([*_events(request.activities), *answers]),
            account_events=[] if account is None else sorted(_events_of_others(account.activities)),
        )

    def _lead(self, lead: Lead) -> dict[str, Any]:
        extra = lead.__pydantic_extra__
        personal = {name: value for name, value in extra.items() if name not in self.known.lead and is_personal(name)}
        if personal:
            extra = {name: value for name, value in extra.items() if name not in personal}
        values = self._attributes(extra, self.known.lead, "lead")
        return {**self.known.own, **values, **flags_of(personal), **_columns(lead, COLUMNS_OF_LEAD)}

    def _account(self, account: Account) -> dict[str, Any]:
        values = self._attributes(account.__pydantic_extra__, self.known.account, "account")
        return values | _columns(account, _COLUMNS_OF_ACCOUNT)

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


def _events(activities: Sequence[Activity]) -> list[Event]:
    """The activities of one lead."""
    moments = [microseconds(each.occurred_at) for each in activities]
    if not any(each.is_automated is None and each.type in JUDGED for each in activities):
        return list(map(_event, activities, moments, map(_given, activities)))
    return list(map(_event, activities, moments, codes_of(list(map(_clue, activities, moments)))))


def _events_of_others(activities: Sequence[Activity]) -> list[Event]:
    """The activities of the other leads of an account; each lead's are judged by themselves."""
    by_lead: dict[str, list[Activity]] = {}
    events = []
    for each in activities:
        if each.lead_id is None:
            events.append(_event(each, microseconds(each.occurred_at), _given(each)))
        else:
            by_lead.setdefault(each.lead_id, []).append(each)
    return [*events, *(event_ for own in by_lead.values() for event_ in _events(own))]


def _given(activity: Activity) -> int:
    return 1 if activity.is_automated else 0


def _clue(activity: Activity, at: int) -> Clue:
    return Clue(at, activity.type, activity.message_id, activity.link, activity.is_automated)


def _event(activity: Activity, at: int, automated: int) -> Event:
    related = thing(activity.related_to, activity.related_kind, activity.campaign)
    return event(at, activity.type, related, activity.value, automated)


def _answers(disposition: Disposition) -> list[Event]:
    values = disposition.__dict__
    answers = {kind: values[name] for kind, name in _ANSWER_OF.items()}
    return answer_events(microseconds(disposition.at), disposition.verdict, answers)
