"""What comes back: a score with its reasons, and the facts about the model."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from data_contracts.frozen import Frozen
from features.feature import Dimension, Family
from models.score import Score, documented


@documented
@dataclass(frozen=True)
class ModelName:
    """The name of one trained model."""

    name: Annotated[str, Field(description="Name of the registered model.")]
    version: Annotated[
        str, Field(description="First characters of the artifact's checksum; another model has another one.")
    ]
    fingerprint: Annotated[str, Field(description="Checksum of the feature definitions.")]


@documented
@dataclass(frozen=True)
class ScoreAnswer(Score):
    """The score of one lead at one moment."""

    model: Annotated[ModelName, Field(description="Which model answered.")]
    as_of: Annotated[datetime, Field(description="The moment of the score.")]
    ignored: Annotated[list[str], Field(description="Fields that the model does not know, such as lead.shoe_size.")]


class BatchAnswer(Frozen):
    """The scores in the order of the items."""

    results: list[ScoreAnswer] = Field(description="One per item.")


class FeatureAnswer(Frozen):
    """A number that the model looks at."""

    name: str = Field(description="Name of the feature.")
    signal: str = Field(description="What a person sees: the reasons add up the features of one signal.")
    family: Family = Field(description="Kind of feature.")
    dimension: Dimension = Field(description="Which of the three dimensions it counts for.")
    unit: str = Field(description="Unit of the number.")
    meaning: str = Field(description="What the number says.")


class ModelAnswer(Frozen):
    """What the served model is, what it looks at, and how good it was on leads that it had never seen."""

    model: ModelName = Field(description="Which model answers.")
    trained_at: datetime | None = Field(description="When it was trained.")
    facts: dict[str, Any] = Field(description="How it was learned: data, split, choices and warnings.")
    metrics: dict[str, Any] = Field(description="Measured on the test leads.")
    agreement: dict[str, Any] = Field(description="The agreement of marketing and sales that it applies.")
    features: list[FeatureAnswer] = Field(description="What it looks at.")
