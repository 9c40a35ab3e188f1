"""What comes back: a score with its reasons, and the facts about the model."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from data_contracts.dataset import AttributeKind
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
class UnknownValue:
    """A value that the model does not know, so that it tells less than it was meant to."""

    field: Annotated[str, Field(description="Where, for example lead.source or activities[3].type.")]
    message: Annotated[str, Field(description="What is wrong with it; never the value that was sent.")]
    did_you_mean: Annotated[str | None, Field(description="The nearest value that the model knows, if one is near.")]


@documented
@dataclass(frozen=True)
class ScoreAnswer(Score):
    """The score of one lead at one moment."""

    model_version: Annotated[str, Field(description="Which model answered; GET /v1/model tells more about it.")]
    as_of: Annotated[datetime, Field(description="The moment of the score.")]
    ignored: Annotated[list[str], Field(description="Fields that the model does not know, such as lead.shoe_size.")]
    warnings: Annotated[
        list[UnknownValue], Field(description="Values that the model does not know; the score stands without them.")
    ]


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


class FieldAnswer(Frozen):
    """A field of lead or account that the model looks at, and what it takes."""

    field: str = Field(description="Where it is in a request, for example lead.source.")
    kind: AttributeKind = Field(description="A number, a category (text) or a yes or no.")
    label: str = Field(description="What people call it.")
    levels: list[str] | None = Field(
        description="The values that the model tells apart, the most frequent first; null for what is no category."
    )
    translated: dict[str, str | None] = Field(
        description="Words of the export that are taken too, and what each stands for; null is missing."
    )


class ModelAnswer(Frozen):
    """What the served model is, what it looks at, and how good it was on leads that it had never seen."""

    model: ModelName = Field(description="Which model answers.")
    on_disk: Literal["served", "another", "damaged"] = Field(
        description="What lies by now where it was loaded from: this model, another, which a restart would serve, or "
        "none that can be loaded. This one goes on answering."
    )
    trained_at: datetime | None = Field(description="When it was trained.")
    facts: dict[str, Any] = Field(description="How it was learned: data, split, choices and warnings.")
    metrics: dict[str, Any] = Field(description="Measured on the test leads.")
    agreement: dict[str, Any] = Field(description="The agreement of marketing and sales that it applies.")
    fields: list[FieldAnswer] = Field(description="The fields of lead and account that it looks at.")
    activity_types: list[str] = Field(description="The types of activities that its training data hold.")
    features: list[FeatureAnswer] = Field(description="What it looks at.")
