"""Behavioural features, declared: activity type or group x window x aggregate.

To add one, add an aggregate to a Behaviour or a Behaviour to the list, and its phrases in features/phrases/.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, get_args

from features.event_types import BANT_TYPES, EMAIL_TYPES, INTENT_TYPES
from features.feature import Family, Feature

Aggregate = Literal["count", "days", "recency", "first", "decayed", "trend", "sum", "last", "types", "automated"]
AGGREGATES: tuple[Aggregate, ...] = get_args(Aggregate)
Scope = Literal["lead", "account"]

ALL_TIME = 0.0

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
}


@dataclass(frozen=True)
class Window:
    """One aggregate over the events of one activity before the snapshot; a column of the feature matrix.

    ``activity`` is a type of event or the name of a Behaviour that groups several. ``span_days`` is the length of the
    window (0: all the time before the snapshot); for ``decayed`` it is the half-life. ``scope`` is the lead's own
    timeline or that of the other leads of its account. ``types`` () stands for every activity, known or not.
    """

    activity: str
    aggregate: Aggregate
    span_days: float
    types: tuple[str, ...]
    scope: Scope
    family: Family
    label: str

    @property
    def signal(self) -> str:
        """What a person sees: all windows of one activity together."""
        return self.activity if self.scope == "lead" else f"account.{self.activity}"

    @property
    def name(self) -> str:
        """The column's name, such as ``pricing_view.count_7d``."""
        return f"{self.signal}.{self.aggregate}" + (f"_{self.span_days:g}d" if self.span_days else "")

    @property
    def is_total(self) -> bool:
        """Whether it counts the events of all the time before the snapshot."""
        return self.aggregate == "count" and self.span_days == ALL_TIME

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
            meaning=f"{meaning}: {self.label}{self._span()}.",
            phrase=self.phrase,
            label=self.label,
            activity=self.activity,
            window_days=0 if self.aggregate == "decayed" else self.span_days,
        )

    def _span(self) -> str:
        if self.aggregate == "decayed":
            return f", half-life {self.span_days:g} days"
        return f", in the last {self.span_days:g} days" if self.span_days else ""

    @classmethod
    def from_dict(cls, entry: dict[str, Any]) -> "Window":
        """The definition from the JSON values of its fields."""
        return cls(**(entry | {"types": tuple(entry["types"])}))


@dataclass(frozen=True)
class Behaviour:
    """An activity and its aggregates; ``types`` None stands for the activity's own type, () for every activity."""

    activity: str
    family: Family
    label: str
    aggregates: tuple[tuple[Aggregate, float], ...]
    types: tuple[str, ...] | None = None
    scope: Scope = "lead"

    def windows(self) -> Iterator[Window]:
        """One Window per aggregate, in the order declared."""
        types = (self.activity,) if self.types is None else self.types
        for aggregate, span in self.aggregates:
            yield Window(self.activity, aggregate, span, types, self.scope, self.family, self.label)


# Shorter windows come first: of two columns that are equal on the training rows the first is kept.
STANDARD: tuple[tuple[Aggregate, float], ...] = (
    ("count", 7), ("count", 30), ("count", 90), ("count", ALL_TIME), ("recency", ALL_TIME), ("decayed", 7),
)  # fmt: skip
WITH_VALUE: tuple[tuple[Aggregate, float], ...] = (*STANDARD, ("sum", 30), ("sum", ALL_TIME), ("last", ALL_TIME))
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
        "any", "behavioural", "activity of other people of the company", (*STANDARD, ("days", 30)),
        types=(), scope="account",
    ),
    Behaviour(
        "intent", "intent", "other people of the company asking for price, demo or quote", STANDARD,
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

OPEN_AGGREGATES: tuple[tuple[Aggregate, float], ...] = (*STANDARD, ("first", ALL_TIME), ("sum", ALL_TIME))


def open_behaviour(kind: str) -> Behaviour:
    """The features of a type that is not in the core list; one that is called like a group is told apart from it."""
    grouped = any(behaviour.activity == kind for behaviour in BEHAVIOURS)
    activity = f"{kind} events" if grouped else kind
    return Behaviour(activity, "behavioural", activity.replace("_", " "), OPEN_AGGREGATES, types=(kind,))
