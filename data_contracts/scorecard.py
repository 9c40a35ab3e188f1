"""A hand-weighted scorecard: points for what a lead is and does, as marketing writes them today."""

from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field, model_validator

from data_contracts.errors import AgreementError
from data_contracts.frozen import Frozen
from data_contracts.located_yaml import read_located
from data_contracts.validation_errors import raising, validated

SCORECARDS = Path(__file__).parent / "scorecards"
DEFAULT_SCORECARD = SCORECARDS / "default.yaml"

Words = Annotated[tuple[str, ...], BeforeValidator(lambda words: [words] if isinstance(words, str) else words)]


class PointRule(Frozen):
    """``points`` where a field or a number of activities fulfils all conditions given.

    A ``field`` of the lead or its account ``is`` one of some words (``yes`` and ``no`` for flags), is ``at_least`` or
    ``below`` a number, or is ``missing``. An ``activity`` happened ``at_least`` (default: once) ``within_days``.
    """

    rule: Annotated[str, Field(min_length=1)]
    points: Annotated[float, Field(ge=-1000, le=1000)]
    field: str | None = None
    activity: str | None = None
    within_days: Annotated[float, Field(gt=0)] | None = None
    is_: Words | None = Field(None, alias="is")
    at_least: float | None = None
    below: float | None = None
    missing: bool | None = None

    @model_validator(mode="after")
    def _one_subject(self) -> "PointRule":
        if (self.field is None) == (self.activity is None):
            raise ValueError(f"rule {self.rule!r} names a field or an activity, and not both")
        asked = (self.is_, self.at_least, self.below, self.missing)
        if self.field is not None and all(condition is None for condition in asked):
            raise ValueError(f"rule {self.rule!r} says nothing of its field: is, at_least, below or missing")
        if self.activity is not None and (self.is_ is not None or self.missing is not None):
            raise ValueError(f"rule {self.rule!r} can ask of an activity only at_least, below and within_days")
        if self.within_days is not None and self.activity is None:
            raise ValueError(f"rule {self.rule!r} has within_days, which is for activities")
        return self


class PointRules(Frozen):
    """The whole scorecard; points add up."""

    name: str
    description: str = ""
    rules: Annotated[tuple[PointRule, ...], Field(min_length=1)]


def read_scorecard(path: Path = DEFAULT_SCORECARD) -> PointRules:
    """Read a scorecard.

    Raises AgreementError, which names the file, the line and what was expected.
    """
    with raising(AgreementError, "data_contracts/scorecards/default.yaml is an example."):
        return validated(PointRules, read_located(path))


def scorecard_of(mapping: str) -> PointRules:
    """The scorecard shipped for a mapping's name, else the default one."""
    path = SCORECARDS / f"{mapping}.yaml"
    return read_scorecard(path if path.parent == SCORECARDS and path.exists() else DEFAULT_SCORECARD)
