"""The agreement applied to one request: what policy.py asks of columns is asked of cells here."""

from collections.abc import Sequence

from data_contracts.agreement import VERDICT
from features.arrays import DAY, NO_TIME, Floats
from features.records.request import ACCOUNT_KEYS, LEAD_KEYS, Event, LeadRequest
from models.policy.fields import Cell, holds, is_true
from models.policy.policy import Placement, Policy, ProfileAnswers

_VERDICT_TYPE = "verdict_"


class LivePolicy:
    """A policy for requests that hold no changes of attributes."""

    def __init__(self, policy: Policy) -> None:
        agreement, ignored = policy.agreement, policy.ignored_fields
        self._policy = policy
        self._rules = [rule for rule in agreement.disqualify if rule.field == VERDICT or rule.field not in ignored]
        self._required = [field for field in agreement.required if field not in ignored]
        self._intent = agreement.sql_candidate

    def place(
        self, requests: Sequence[LeadRequest], events: Sequence[Sequence[Event]], probability: Floats
    ) -> Placement:
        """Place n leads by their probabilities (n,); ``events`` are their ``lead_events``."""
        answers = (self._answers(request, own) for request, own in zip(requests, events, strict=True))
        return self._policy.place_by_answers(answers, probability)

    def _answers(self, request: LeadRequest, events: Sequence[Event]) -> ProfileAnswers:
        rules = (rule.rule for rule in self._rules if is_true(rule, _cell(rule.field, request, events)))
        missing = [field for field in self._required if not holds(field, _cell(field, request, events))]
        return ProfileAnswers(next(rules, ""), ", ".join(missing), self._asked_for(events, request["as_of"]))

    def _asked_for(self, events: Sequence[Event], moment: int) -> str:
        intent = self._intent
        if intent is None:
            return ""
        back = None if intent.within_days is None or moment == NO_TIME else moment - round(intent.within_days * DAY)
        for at, kind, _, _, _, automated in reversed(events):
            if back is not None and at < back:
                break
            if at < moment and kind in intent.events and not automated:
                return kind
        return ""


def _cell(field: str, request: LeadRequest, events: Sequence[Event]) -> Cell:
    """The value of a field: the lead's own or else its account's, as ``models.profile.locate`` finds it."""
    if field == VERDICT:
        return _verdict(events, request["as_of"])
    lead = request["lead"]
    if field in lead and field not in LEAD_KEYS:
        return _read(lead[field])
    account = request.get("account")
    name = field.removeprefix("account.")
    return None if account is None or name in ACCOUNT_KEYS else _read(account.get(name))


def _read(value: Cell) -> Cell:
    """Numbers and flags as a column would hold them."""
    return value if value is None or isinstance(value, str) else float(value)


def _verdict(events: Sequence[Event], moment: int) -> Cell:
    """The newest answer of sales."""
    for at, kind, *_ in reversed(events):
        if at < moment and kind.startswith(_VERDICT_TYPE):
            return kind.removeprefix(_VERDICT_TYPE)
    return None
