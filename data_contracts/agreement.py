"""The agreement of marketing and sales: what a qualified lead is, written down and checked."""

from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field, model_validator

from data_contracts.errors import AgreementError
from data_contracts.frozen import Frozen
from data_contracts.languages import said
from data_contracts.located_yaml import Located, Step, parse_located, read_located
from data_contracts.spoken import Spoken
from data_contracts.validation_errors import raising, validated

DEFAULT_AGREEMENT = Path(__file__).parent / "agreement.yaml"
VERDICT = "verdict"  # the field that stands for the newest answer of sales
VERDICTS = ("accepted", "ready", "nurture", "suspect")

Operator = Literal["is", "is_not", "in", "not_in", "<", "<=", ">", ">=", "missing"]
Value: TypeAlias = bool | int | float | str | None
Share = Annotated[float, Field(gt=0, le=1)]
Hours = Annotated[float, Field(gt=0)]


class Rule(Frozen):
    """A lead of which ``field op value`` is true is disqualified.

    ``rule`` is what the stage's reason says, in one language or in several.
    """

    rule: Spoken
    field: Annotated[str, Field(min_length=1)]
    op: Operator
    value: Value | tuple[Value, ...] = None

    @model_validator(mode="after")
    def _value_fits_operator(self) -> "Rule":
        problem = _value_problem(self.op, self.value)
        if problem:
            raise ValueError(problem)
        if self.field == VERDICT:
            _check_verdicts(self.value)
        if self.op in ("in", "not_in") or self.field in ("country", "language"):
            _check_words(self.value)
        return self

    @property
    def name(self) -> str:
        """The rule in English, or in the language that it is given in."""
        return said(self.rule)


class Grades(Frozen):
    """The worst lead of A, B and C: as share of recent leads counted from the best, or as probability."""

    by: Literal["share", "probability"]
    A: Share
    B: Share
    C: Share

    @model_validator(mode="after")
    def _in_order(self) -> "Grades":
        limits = [self.A, self.B, self.C]
        if limits != sorted(limits, reverse=self.by == "probability"):
            order = "grow" if self.by == "share" else "fall"
            raise ValueError(f"limits by {self.by} {order} from A to C, found {limits}")
        return self


class Capacity(Frozen):
    """As many leads as sales can contact: ``contacts_per_week`` of ``leads_per_week`` (None: as counted in the data).

    ``share`` is taken where the data have no dates and the leads per week are not known.
    """

    by: Literal["capacity"]
    contacts_per_week: Annotated[float, Field(gt=0)]
    leads_per_week: Annotated[float, Field(gt=0)] | None = None
    share: Share = 0.2


class Worth(Frozen):
    """Contact pays when probability * deal_value * margin > cost_per_contact (all money in one currency)."""

    by: Literal["value"]
    deal_value: Annotated[float, Field(gt=0)]
    margin: Share = 1.0
    cost_per_contact: Annotated[float, Field(gt=0)]


class Fixed(Frozen):
    """A least probability."""

    by: Literal["probability"]
    at_least: Annotated[float, Field(ge=0, le=1)]


class Intent(Frozen):
    """Activities that make a lead a candidate for sales at once, and for how many days."""

    events: Annotated[tuple[str, ...], Field(min_length=1)]
    within_days: Annotated[float, Field(gt=0)]


class ResponseHours(Frozen):
    """How soon sales answers a lead of each stage."""

    sql_candidate: Hours = 4
    mql: Hours = 24


class Agreement(Frozen):
    """The whole agreement (docs/agreement.md)."""

    name: str = "agreement"
    version: int = 1
    required: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    disqualify: tuple[Rule, ...] = ()
    grades: Grades
    mql: Annotated[Capacity | Worth | Fixed, Field(discriminator="by")]
    sql_candidate: Intent | None = None
    response_hours: ResponseHours = ResponseHours()

    def fields(self) -> tuple[str, ...]:
        """The fields of a lead or its account that the agreement reads, without the verdict."""
        named = (*self.required, *(rule.field for rule in self.disqualify))
        return tuple(dict.fromkeys(field for field in named if field != VERDICT))


def load_agreement(path: Path | None = None) -> Agreement:
    """The agreement of a file, the shipped one for None.

    Raises AgreementError, which names the file, the line, the rule and what was expected.
    """
    with raising(AgreementError):
        return _agreement(read_located(path or DEFAULT_AGREEMENT, typed=True))


def parse_agreement(text: str, where: str) -> Agreement:
    """Parse the text of an agreement; ``where`` names it in errors.

    Raises AgreementError.
    """
    with raising(AgreementError):
        return _agreement(parse_located(text, where, typed=True))


def _agreement(located: Located) -> Agreement:
    tree: Any = located.tree

    def describe(path: tuple[Step, ...]) -> str:
        """``rule 'too small', `` for a place inside a disqualifying rule that has a name."""
        if len(path) < 2 or path[0] != "disqualify" or not isinstance(path[1], int):
            return ""
        rule = tree["disqualify"][path[1]]
        name = rule.get("rule") if isinstance(rule, dict) else None
        name = next(iter(name.values()), None) if isinstance(name, dict) else name
        return f"rule {name!r}, " if name else ""

    return validated(Agreement, located, describe)


def _value_problem(op: Operator, value: Value | tuple[Value, ...]) -> str:
    """What is wrong with the value of a rule; empty where nothing is."""
    several = isinstance(value, tuple)
    if op in ("in", "not_in"):
        return "" if several and value else f"op {op!r} needs a list of values, found {value!r}"
    if op == "missing":
        return "" if value is None else f"op 'missing' takes no value, found {value!r}"
    if op in ("<", "<=", ">", ">="):
        number = isinstance(value, int | float) and not isinstance(value, bool)
        return "" if number else f"op {op!r} needs a number, found {value!r}"
    return f"op {op!r} needs one value, found {value!r}" if several or value is None else ""


def _check_verdicts(value: Value | tuple[Value, ...]) -> None:
    for verdict in value if isinstance(value, tuple) else (value,):
        if verdict is not None and verdict not in VERDICTS:
            raise ValueError(f"{verdict!r} is not a verdict; the verdicts are {', '.join(VERDICTS)}")


def _check_words(value: Value | tuple[Value, ...]) -> None:
    if any(isinstance(one, bool) for one in (value if isinstance(value, tuple) else (value,))):
        raise ValueError("true or false found among words: write 'NO' and 'no' with quotes, YAML reads them as false")
