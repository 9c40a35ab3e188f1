"""Behavioural features, declared: activity type or group x window x aggregate.

To add one, add an aggregate to a Behaviour or a Behaviour to the list, and its phrases in features/phrases/.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

from data_contracts.strict_json import from_json
from features.event_types import BANT_TYPES, EMAIL_TYPES, INTENT_TYPES
from features.feature import About, Family, Feature

Aggregate = Literal[
    "count",
    "days",
    "recency",
    "first",
    "decayed",
    "trend",
    "sum",
    "last",
    "types",
    "automated",
    "mean",
    "max",
    "rate",
    "relative_recency",
]
AGGREGATES: tuple[Aggregate, ...] = get_args(Aggregate)
Scope = Literal["lead", "account"]

ALL_TIME = 0.0
_LONGEST = 36_525.0  # days of a window

# The unit of each aggregate, and what it says.
DESCRIPTIONS: dict[Aggregate, tuple[str, str]] = {
    "count": ("events", "Number of events"),
    "days": ("days", "Number of distinct days with an event"),
    "recency": ("days", "Days since the last event"),
    "first": ("days", "Days since the first event"),
    "decayed": ("events", "Events, each halved per half-life since it happened"),
    "trend": ("events", "Events in the later half of the window minus those in the earlier half"),
    "sum": ("value", "Sum of the events' values"),
    "last": ("value", "Value of the last event"),
    "types": ("types", "Number of distinct types of event"),
    "automated": ("share", "Share of the events that a bot or a security gateway caused"),
    "mean": ("value", "Mean of the events' values"),
    "max": ("value", "Highest of the events' values"),
    "rate": ("ratio", "Number of events, per event of another activity"),
    "relative_recency": ("ratio", "Days since the last event, per mean number of days between the lead's activities"),
}

# What the events of a window are about, in names and in labels.
SIGNALS: dict[About, str] = {"anything": "", "object": ".same_object", "kind": ".same_kind"}
LABELS: dict[About, str] = {
    "anything": "",
    "object": ", the same offer or product",
    "kind": ", the same kind of offer or product",
}


@dataclass(frozen=True)
class Window:
    """One aggregate over the events of one activity before the snapshot; a column of the feature matrix.

    ``activity`` is a type of event or the name of a Behaviour that groups several. ``span_days`` is the length of the
    window (0: all the time before the snapshot); for ``decayed`` it is the half-life. ``scope`` is the lead's own
    timeline or that of the other leads of its account. ``types`` () stands for every activity, known or not. A rate
    divides by the number of events of ``per``, whose types are ``per_types``. ``about`` object (kind) leaves out what
    is not about the object (kind of object) that the lead itself names; without one the value is missing.
    """

    activity: str
    aggregate: Aggregate
    span_days: float
    types: tuple[str, ...]
    scope: Scope
    family: Family
    label: str
    per: str = ""
    per_types: tuple[str, ...] = ()
    about: About = "anything"

    @property
    def signal(self) -> str:
        """What a person sees: all windows of one activity together."""
        own = f"{self.activity}{SIGNALS[self.about]}"
        return own if self.scope == "lead" else f"account.{own}"

    @property
    def name(self) -> str:
        """The column's name, such as ``pricing_view.count_7d`` or ``email_click.per_email_open``."""
        aggregate = f"per_{self.per}" if self.per else self.aggregate
        return f"{self.signal}.{aggregate}" + (f"_{self.span_days:g}d" if self.span_days else "")

    @property
    def phrase(self) -> str:
        """The key of its phrases: the aggregate; the activity itself where the value is an answer."""
        if self.activity in BANT_TYPES:
            return self.activity
        return self.aggregate if self.scope == "lead" else f"account_{self.aggregate}"

    @property
    def feature(self) -> Feature:
        """What the column means."""
        unit, meaning = DESCRIPTIONS[self.aggregate]
        return Feature(
            name=self.name,
            family=self.family,
            signal=self.signal,
            unit=unit,
            meaning=f"{meaning}: {self._what()}{self._span()}.",
            phrase=self.phrase,
            label=self.label + LABELS[self.about],
            activity=self.activity,
            window_days=0 if self.aggregate == "decayed" else self.span_days,
            per=self.per,
            about=self.about,
        )

    def _what(self) -> str:
        per = f", per {self.per.replace('_', ' ')}" if self.per else ""
        return self.label + LABELS[self.about] + per

    def _span(self) -> str:
        if self.aggregate == "decayed":
            return f", half-life {self.span_days:g} days"
        return f", in the last {self.span_days:g} days" if self.span_days else ""

    @classmethod
    def from_dict(cls, entry: dict[str, Any]) -> "Window":
        """The definition from the JSON values of its fields.

        Raises ValueError where they are of none.
        """
        window = from_json(cls, entry)
        if not 0 <= window.span_days <= _LONGEST or bool(window.per) != (window.aggregate == "rate"):
            raise ValueError(f"a window of {window.span_days:g} days, or a rate of nothing")
        return window


@dataclass(frozen=True)
class Behaviour:
    """An activity and its aggregates; ``types`` None stands for the activity's own type, () for every activity.

    Rates are per event of ``per``, which is a type.
    """

    activity: str
    family: Family
    label: str
    aggregates: tuple[tuple[Aggregate, float], ...]
    types: tuple[str, ...] | None = None
    scope: Scope = "lead"
    per: str = ""
    about: About = "anything"

    def windows(self) -> Iterator[Window]:
        """One Window per aggregate, in the order declared."""
        for aggregate, span in self.aggregates:
            yield self._window(aggregate, span)

    @property
    def total(self) -> Window:
        """The number of its events in all the time before the snapshot."""
        return replace(self, per="")._window("count", ALL_TIME)

    def _window(self, aggregate: Aggregate, span: float) -> Window:
        types = (self.activity,) if self.types is None else self.types
        per_types = (self.per,) if self.per else ()
        return Window(
            self.activity, aggregate, span, types, self.scope, self.family, self.label, self.per, per_types, self.about
        )


# Shorter windows come first: of two columns that are equal on the training rows the first is kept.
OF_OTHERS: tuple[tuple[Aggregate, float], ...] = (
    ("count", 7), ("count", 30), ("count", 90), ("count", ALL_TIME), ("recency", ALL_TIME), ("decayed", 7),
)  # fmt: skip
RHYTHM: tuple[tuple[Aggregate, float], ...] = (("relative_recency", ALL_TIME),)
STANDARD = (*OF_OTHERS, *RHYTHM)
OF_VALUES: tuple[tuple[Aggregate, float], ...] = (
    ("sum", 30), ("sum", ALL_TIME), ("mean", ALL_TIME), ("max", ALL_TIME), ("last", ALL_TIME),
)  # fmt: skip
WITH_VALUE = (*STANDARD, *OF_VALUES)
RATE: tuple[tuple[Aggregate, float], ...] = (("rate", ALL_TIME),)
ONCE: tuple[tuple[Aggregate, float], ...] = (("count", ALL_TIME), ("recency", ALL_TIME))
ANSWER: tuple[tuple[Aggregate, float], ...] = (("last", ALL_TIME),)

BEHAVIOURS: tuple[Behaviour, ...] = (
    Behaviour("pricing_view", "intent", "visits to the pricing page", (*STANDARD, ("days", 30), ("trend", 14))),
    Behaviour("demo_request", "intent", "requests for a demo", STANDARD),
    Behaviour("quote_request", "intent", "requests for a quote", WITH_VALUE),
    Behaviour("trial_start", "intent", "trials started", STANDARD),
    Behaviour("meeting_booked", "intent", "meetings booked", STANDARD),
    Behaviour("cart_add", "intent", "products put into the cart", WITH_VALUE),
    Behaviour("page_view", "behavioural", "pages viewed", (*STANDARD, ("days", 30), ("trend", 14))),
    Behaviour("email_open", "behavioural", "e-mails opened", STANDARD),
    Behaviour("email_click", "behavioural", "clicks in e-mails", STANDARD),
    Behaviour("email_reply", "behavioural", "replies to e-mails", STANDARD),
    Behaviour("form_submit", "behavioural", "forms submitted", STANDARD),
    Behaviour("download", "behavioural", "downloads", STANDARD),
    Behaviour("webinar", "behavioural", "webinars attended", WITH_VALUE),
    Behaviour("call", "behavioural", "calls", WITH_VALUE),
    Behaviour("ad_click", "behavioural", "clicks on advertisements", STANDARD),
    Behaviour("newsletter_subscribe", "behavioural", "newsletter subscriptions", ONCE),
    Behaviour("unsubscribe", "undesirable", "unsubscribing", ONCE),
    Behaviour("bounce", "undesirable", "e-mails that bounced", ONCE),
    Behaviour("verdict_accepted", "qualification", "accepted by sales", ONCE),
    Behaviour("verdict_ready", "qualification", "found ready to buy by sales", ONCE),
    Behaviour("verdict_nurture", "qualification", "sent back to marketing by sales", ONCE),
    Behaviour("verdict_suspect", "qualification", "disqualified by sales", ONCE),
    Behaviour("pricing_view", "intent", "visits to the pricing page", RATE, per="page_view"),
    Behaviour("cart_add", "intent", "products put into the cart", RATE, per="page_view"),
    Behaviour("demo_request", "intent", "requests for a demo", RATE, per="pricing_view"),
    Behaviour("form_submit", "behavioural", "forms submitted", RATE, per="page_view"),
    Behaviour("download", "behavioural", "downloads", RATE, per="page_view"),
    Behaviour("email_click", "behavioural", "clicks in e-mails", RATE, per="email_open"),
    Behaviour("email_reply", "behavioural", "replies to e-mails", RATE, per="email_open"),
    Behaviour("bant_budget", "qualification", "budget", ANSWER),
    Behaviour("bant_authority", "qualification", "authority to decide", ANSWER),
    Behaviour("bant_need", "qualification", "need", ANSWER),
    Behaviour("bant_timeline", "qualification", "date to buy by", ANSWER),
    Behaviour("bant_sentiment", "qualification", "mood in talks with sales", ANSWER),
    Behaviour(
        "email", "behavioural", "e-mails opened, clicked or answered", (*STANDARD, ("trend", 14)), types=EMAIL_TYPES,
    ),
    Behaviour(
        "any", "behavioural", "any activity",
        (
            *STANDARD, ("count", 1), ("decayed", 1), ("decayed", 30), ("days", 7), ("days", 30), ("days", ALL_TIME),
            ("first", ALL_TIME), ("trend", 14), ("trend", 60), ("types", 7), ("types", ALL_TIME),
        ),
        types=(),
    ),
    Behaviour("automated", "undesirable", "what bots or security gateways did", (("automated", ALL_TIME),), types=()),
    Behaviour(
        "intent", "intent", "asking for price, demo or quote", (*STANDARD, ("days", 30), ("types", ALL_TIME)),
        types=INTENT_TYPES,
    ),
    Behaviour(
        "any", "behavioural", "activity of other people of the company", (*OF_OTHERS, ("days", 30)),
        types=(), scope="account",
    ),
    Behaviour(
        "intent", "intent", "other people of the company asking for price, demo or quote", OF_OTHERS,
        types=INTENT_TYPES, scope="account",
    ),
    Behaviour(
        "lead_created", "firmographic", "other leads of the company",
        (("count", 30), ("count", ALL_TIME), ("first", ALL_TIME), ("recency", ALL_TIME)),
        scope="account",
    ),
    Behaviour(
        "deal_won", "firmographic", "deals won with the company", (*ONCE, ("sum", ALL_TIME)),
        scope="account",
    ),
    Behaviour("deal_lost", "firmographic", "deals lost with the company", ONCE, scope="account"),
)  # fmt: skip

OPEN_AGGREGATES: tuple[tuple[Aggregate, float], ...] = (*OF_OTHERS, ("first", ALL_TIME), *OF_VALUES)
OF_THINGS: tuple[tuple[Aggregate, float], ...] = (("count", ALL_TIME), ("recency", ALL_TIME), ("sum", ALL_TIME))
OPEN_OF_OTHERS: tuple[tuple[Aggregate, float], ...] = (("count", 30), *OF_THINGS, ("mean", ALL_TIME))
MAX_OPEN_RATES = 10
_OF_LEADS: tuple[Family, ...] = ("behavioural", "intent")  # what leads do, and not what sales or gateways did


def open_behaviour(kind: str, scope: Scope = "lead", *, repeated: bool = True) -> Behaviour:
    """The features of a type that is not in the core list; one that is called like a group is told apart from it.

    ``repeated`` says whether leads do it more than once: then their rhythm says something of it.
    """
    activity = _open_activity(kind)
    aggregates = OPEN_AGGREGATES + RHYTHM * repeated if scope == "lead" else OPEN_OF_OTHERS
    return Behaviour(activity, "behavioural", _open_label(activity, scope), aggregates, types=(kind,), scope=scope)


def _open_label(activity: str, scope: Scope) -> str:
    return activity.replace("_", " ") + (" of other people of the company" if scope == "account" else "")


def _open_activity(kind: str) -> str:
    grouped = any(behaviour.activity == kind for behaviour in BEHAVIOURS)
    return f"{kind} events" if grouped else kind


def open_rates(kinds: Sequence[str], scope: Scope = "lead") -> list[Behaviour]:
    """The rates among types that are not in the core list, the most frequent first: steps of one funnel.

    Such steps begin with the same word, as offer_received, offer_viewed and offer_completed do, and a funnel narrows:
    the rarer type is counted per more frequent one.
    """
    pairs = [(kind, per) for place, kind in enumerate(kinds) for per in kinds[:place] if _word(kind) == _word(per)]
    return [replace(open_behaviour(kind, scope), aggregates=RATE, per=per) for kind, per in pairs[:MAX_OPEN_RATES]]


def _word(kind: str) -> str:
    return re.split(r"[\W_]", kind.casefold(), maxsplit=1)[0]


def about_things(behaviours: Sequence[Behaviour]) -> Iterator[Behaviour]:
    """What leads do, looked at again for the object that the lead itself names, and for that kind of object."""
    abouts: tuple[About, ...] = ("object", "kind")
    for about in abouts:
        for each in behaviours:
            if each.family in _OF_LEADS:
                yield replace(each, aggregates=RATE if each.per else OF_THINGS, about=about)


ABOUT_THINGS = tuple(about_things(BEHAVIOURS))
