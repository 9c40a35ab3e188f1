"""From the body of a request to the live lead that the features read: plain values, and events in order of time."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, TypeAlias

from data_contracts.dataset import AttributeKind
from features.arrays import NO_TIME
from features.event_types import BANT_TYPES
from features.records.automation import JUDGED, Clue, codes_of
from features.records.live_lead import Event, LiveLead, answer_events, event
from features.records.related import thing
from features.texts import normalised
from features.values.attributes import FALSE, TRUE, number_of, text_of
from serving.model.known_values import KnownValues
from serving.model.personal_fields import flags_of, is_personal
from serving.problems import MAX_NAME, FieldProblem
from serving.schemas.answers import UnknownValue
from serving.schemas.requests import MAX_FIELDS, Account, Activity, Disposition, Lead, ScoreRequest

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
COLUMNS_OF_LEAD = tuple(name for name in Lead.model_fields if name not in {"lead_id", "created_at"})
_COLUMNS_OF_ACCOUNT = tuple(name for name in Account.model_fields if name not in {"account_id", "activities"})
_ANSWER_OF = {kind: kind.removeprefix("bant_") for kind in BANT_TYPES}
MAX_WARNINGS = 50
CREATED_LATER = "Expected a time before as_of: a lead has no score before it came to exist"
CREATED_IN_FUTURE = "Expected a time that has passed: a lead has no score before it came to exist"
TOO_MANY_FIELDS = f"Expected at most {MAX_FIELDS:,} fields that are not in the reference"
_EXPECTED = {"numeric": "a number", "boolean": "true or false"}


def microseconds(moment: datetime) -> int:
    """Microseconds since 1970 UTC, exactly."""
    return (moment - EPOCH) // MICROSECOND


Kinds: TypeAlias = Mapping[str, AttributeKind | None]


@dataclass(frozen=True)
class KnownFields:
    """The fields that a model knows beyond the canonical columns, and what kind of value each takes.

    None: only the agreement asks for it, and compares whatever comes. ``own`` are the fields of the agreement that
    leads have: where one has no value of its own, its account's does not stand in for it. ``values`` are the texts
    known of a field (``lead.source``), and of the types of activities.
    """

    lead: Kinds
    account: Kinds
    own: Mapping[str, None] = field(default_factory=dict)
    values: Mapping[str, KnownValues] = field(default_factory=dict)
    types: KnownValues | None = None

    @cached_property
    def columns(self) -> dict[str, list[tuple[str, KnownValues]]]:
        """The known values of the canonical columns of ``lead`` and ``account``."""
        canonical = {"lead": COLUMNS_OF_LEAD, "account": _COLUMNS_OF_ACCOUNT}
        return {
            part: [(name, self.values[f"{part}.{name}"]) for name in names if f"{part}.{name}" in self.values]
            for part, names in canonical.items()
        }


@dataclass
class RequestMapper:
    """Maps one request and keeps what it noticed: fields left out, values not known, and values that do not fit.

    ``where`` is the request's place in the body.
    """

    known: KnownFields
    where: str
    ignored: list[str] = field(default_factory=list)
    warnings: list[UnknownValue] = field(default_factory=list)
    problems: list[FieldProblem] = field(default_factory=list)

    def live_lead(self, request: ScoreRequest, now: datetime) -> LiveLead:
        """The lead of a request; ``now`` where it names no moment."""
        lead, account, moment = request.lead, request.account, request.as_of or now
        answers = [each for disposition in request.dispositions for each in _answers(disposition)]
        if lead.created_at is not None and lead.created_at > moment:
            self._refuse("lead.created_at", CREATED_LATER if request.as_of else CREATED_IN_FUTURE)
        return LiveLead(
            as_of=microseconds(moment),
            lead_id=lead.lead_id,
            created_at=int(NO_TIME) if lead.created_at is None else microseconds(lead.created_at),
            lead=self._lead(lead),
            account={} if account is None else self._account(account),
            events=sorted([*_events(self._typed(request.activities, "", moment)), *answers]),
            account_events=(
                []
                if account is None
                else sorted(_events_of_others(self._typed(account.activities, "account.", moment)))
            ),
        )

    def _lead(self, lead: Lead) -> dict[str, Any]:
        extra = self._not_too_many(lead.__pydantic_extra__, "lead")
        personal = {name: value for name, value in extra.items() if name not in self.known.lead and is_personal(name)}
        if personal:
            extra = {name: value for name, value in extra.items() if name not in personal}
        values = self._attributes(extra, self.known.lead, "lead")
        columns = self._read(_columns(lead, COLUMNS_OF_LEAD), "lead")
        return {**self.known.own, **values, **flags_of(personal), **columns}

    def _account(self, account: Account) -> dict[str, Any]:
        extra = self._not_too_many(account.__pydantic_extra__, "account")
        values = self._attributes(extra, self.known.account, "account")
        return values | self._read(_columns(account, _COLUMNS_OF_ACCOUNT), "account")

    def _not_too_many(self, attributes: dict[str, Any], part: str) -> dict[str, Any]:
        if len(attributes) <= MAX_FIELDS:
            return attributes
        self._refuse(part, TOO_MANY_FIELDS)
        return {}

    def _attributes(self, attributes: Mapping[str, Any], kinds: Kinds, part: str) -> dict[str, Any]:
        kept = {}
        for name, sent in attributes.items():
            if name not in kinds:
                self.ignored.append(f"{part}.{name[:MAX_NAME]}")
                continue
            kind, known = kinds[name], self.known.values.get(f"{part}.{name}")
            value = text_of(sent) if kind == "categorical" and sent is not None else sent
            if isinstance(value, str) and known is not None:
                meant = self._known(value, f"{part}.{name}", known)
                value = value if meant == value else _as_kind(meant, kind)
            if value is not None and _fits(value, kind):
                kept[name] = value
            elif value is not None:
                expected = f"Expected {_EXPECTED[str(kind)]}, as in the data that the model learned from"
                self._refuse(f"{part}.{name}", expected)
        return kept

    def _read(self, values: dict[str, Any], part: str) -> dict[str, Any]:
        """The canonical columns, with the values that their texts stand for."""
        for name, known in self.known.columns[part]:
            sent = values.get(name)
            if isinstance(sent, str):
                value = self._known(sent, f"{part}.{name}", known)
                if value is None:
                    del values[name]
                else:
                    values[name] = value
        return values

    def _known(self, text: str, field: str, known: KnownValues) -> str | None:
        reading = known.read(text)
        if reading.unknown and len(self.warnings) < MAX_WARNINGS:
            self.warnings.append(known.warning(field, reading))
        return reading.value

    def _typed(self, activities: Sequence[Activity], part: str, moment: datetime) -> Sequence[Activity]:
        """The activities under the types that the model knows; of a type that it does not the first one is named."""
        types = self.known.types
        if types is None or types.know(each.type for each in activities):
            return activities
        readings = {each.type: types.read(each.type) for each in activities}
        told = set[str]()
        for place, each in enumerate(activities):
            reading = readings[each.type]
            if reading.unknown and each.type not in told and each.occurred_at < moment:
                told.add(each.type)
                if len(self.warnings) < MAX_WARNINGS:
                    self.warnings.append(types.warning(f"{part}activities[{place}].type", reading))
        return [each.model_copy(update={"type": readings[each.type].value or each.type}) for each in activities]

    def _refuse(self, field: str, message: str) -> None:
        self.problems.append(FieldProblem(field=f"{self.where}.{field}", message=message))


def _columns(part: Lead | Account, names: Collection[str]) -> dict[str, Any]:
    values = part.__dict__  # what pydantic keeps the fields in: reading it takes a fraction of as many attributes
    return {name: value for name in names if (value := values[name]) is not None}


def _as_kind(text: str | None, kind: AttributeKind | None) -> object:
    """A translated text as the kind of value that its column holds, if it is one."""
    if text is None or kind is None or kind == "categorical":
        return text
    key = normalised(text)
    if kind == "boolean":
        return key in TRUE if key in TRUE | FALSE else text
    number = number_of(key)
    return number if number == number else text


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
