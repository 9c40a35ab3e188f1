"""What a lead gets: a probability, its interval, its place, and the reasons.

This is the one definition of a score. What other programs see of it is derived: the HTTP answer
(serving/schemas/answers.py adds the model), the columns of the Parquet file, the output and the signature of MLflow's
pyfunc.
"""

from dataclasses import asdict, dataclass
from typing import Annotated, Any, Literal, TypeAlias, TypeVar, get_args, get_origin, get_type_hints

from pydantic import ConfigDict, Field

from features.feature import Dimension

Grade = Literal["A", "B", "C", "D"]
Stage = Literal["disqualified", "incomplete", "nurture", "mql", "sql_candidate"]
T = TypeVar("T")
Columns: TypeAlias = dict[str, type[Any]]


def documented(shape: type[T]) -> type[T]:
    """Let schemas of a dataclass hold its docstring, and no fields but its own."""
    config = ConfigDict(extra="forbid", json_schema_extra={"description": shape.__doc__ or ""})
    setattr(shape, "__pydantic_config__", config)  # noqa: B010 - where pydantic looks for it
    return shape


@documented
@dataclass(frozen=True)
class Reason:
    """One signal's part in the score."""

    signal: Annotated[
        str, Field(description="Name of the signal; other.FAMILY where it is what is left of a family of signals.")
    ]
    text: Annotated[str, Field(description="The sentence for a salesperson, in the language that was asked for.")]
    points: Annotated[float, Field(description="Effect on the probability: 0.12 means +12 percentage points.")]
    log_odds: Annotated[float, Field(description="Effect on the log-odds (exact SHAP value).")]


@documented
@dataclass(frozen=True)
class Score:
    """The score of one lead at one moment."""

    lead_id: Annotated[str | None, Field(description="As it was sent.")]
    probability: Annotated[
        float, Field(ge=0, le=1, description="Probability that a deal is won within the model's horizon.")
    ]
    low: Annotated[float, Field(ge=0, le=1, description="Lower end; about four of five true probabilities lie within.")]
    high: Annotated[float, Field(ge=0, le=1, description="Its upper end.")]
    score: Annotated[int, Field(ge=0, le=100, description="Percentile among recent leads.")]
    grade: Annotated[Grade, Field(description="A (best) to D, by the limits of the agreement.")]
    stage: Annotated[Stage, Field(description="Where the agreement of marketing and sales puts the lead.")]
    stage_reason: Annotated[
        str, Field(description="The rule that disqualified it, what is missing, or what was asked for.")
    ]
    stage_text: Annotated[str, Field(description="Stage and reason in words, in the language that was asked for.")]
    reasons: Annotated[
        tuple[Reason, ...],
        Field(description="Signals, the strongest first; then what is left of a kind of signals, if it is much."),
    ]
    rest: Annotated[float, Field(description="Effect of all signals that are not among the reasons.")]
    rest_signals: Annotated[int, Field(description="How many signals those are.")]
    fit: Annotated[
        float, Field(description="Who they are and where they came from: a part of the difference to base_probability.")
    ]
    interest: Annotated[float, Field(description="What they do and since when: a part of the same difference.")]
    intent: Annotated[
        float,
        Field(description="Whether they ask for a price, a demo or a quote, and what sales heard: the rest of it."),
    ]
    base_probability: Annotated[
        float, Field(ge=0, le=1, description="Probability before anything is known about the lead.")
    ]

    @property
    def dimensions(self) -> dict[Dimension, float]:
        """The difference between probability and base_probability, split in three; they add up to it."""
        return {"fit": self.fit, "interest": self.interest, "intent": self.intent}

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)

    def row(self) -> dict[str, str | float]:
        """Its values under the names of PLAIN_ROW."""
        texts = " | ".join(reason.text for reason in self.reasons)
        values = {**vars(self), "reasons": texts}
        return {name: values[name] for name in PLAIN_ROW}


def columns_of(shape: type[Any]) -> Columns:
    """The columns of a table of a dataclass and their types: str, float, int, or the dataclass in a list.

    >>> columns_of(Score)["high"], columns_of(Score)["grade"], columns_of(Score)["reasons"]
    (<class 'float'>, <class 'str'>, <class 'models.score.Reason'>)
    """
    columns: Columns = {}
    for name, kind in get_type_hints(shape).items():
        if get_origin(kind) is Literal:
            columns[name] = type(get_args(kind)[0])
        else:
            columns[name] = get_args(kind)[0] if get_args(kind) else kind
    return columns


_EXPLANATION = ("base_probability", *get_args(Dimension), "reasons", "rest", "rest_signals")
# The columns of a table of scores without reasons and with them, in their order.
PLAIN: Columns = {name: kind for name, kind in columns_of(Score).items() if name not in _EXPLANATION}
EXPLAINED: Columns = PLAIN | {name: columns_of(Score)[name] for name in _EXPLANATION}
# A row for programs that take no lists: the sentences of the reasons are one text.
PLAIN_ROW: Columns = {name: kind for name, kind in PLAIN.items() if name != "lead_id"} | {"reasons": str}
