"""What comes back: a score with its reasons, and the facts about the model."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from features.feature import Dimension, Family
from models.score import Grade, Stage


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Interval(_Closed):
    """How sure the model is of the probability (Venn-Abers)."""

    low: float = Field(ge=0, le=1, description="The least that the calibration leads support.")
    high: float = Field(ge=0, le=1, description="The most that they support.")


class ReasonAnswer(_Closed):
    """One signal's part in the score."""

    signal: str = Field(description="Name of the signal.")
    text: str = Field(description="The sentence for a salesperson, in the language that was asked for.")
    points: float = Field(description="Effect on the probability: 0.12 means +12 points.")
    log_odds: float = Field(description="Effect on the log-odds (exact SHAP value).")


class Dimensions(_Closed):
    """The difference between probability and base_probability, split in three; they add up to it."""

    fit: float = Field(description="Who they are.")
    interest: float = Field(description="What they do.")
    intent: float = Field(description="Whether they ask for a price, a demo or a quote, and what sales heard.")


class ModelName(_Closed):
    """The name of one trained model."""

    name: str = Field(description="Name of the registered model.")
    version: str = Field(description="First characters of the artifact's checksum; another model has another one.")
    fingerprint: str = Field(description="Checksum of the feature definitions.")


class ScoreAnswer(_Closed):
    """The score of one lead at one moment."""

    lead_id: str | None = Field(description="As it was sent.")
    probability: float = Field(ge=0, le=1, description="Probability that a deal is won within the model's horizon.")
    interval: Interval = Field(description="How sure that is.")
    score: int = Field(ge=0, le=100, description="Percentile among recent leads.")
    grade: Grade = Field(description="A (best) to D, by the limits of the agreement.")
    stage: Stage = Field(description="Where the agreement of marketing and sales puts the lead.")
    stage_reason: str = Field(description="The rule that disqualified it, or what is missing.")
    reasons: list[ReasonAnswer] = Field(description="The strongest first.")
    dimensions: Dimensions = Field(description="The difference to base_probability, split in three.")
    base_probability: float = Field(ge=0, le=1, description="Probability before anything is known about the lead.")
    model: ModelName = Field(description="Which model answered.")
    as_of: datetime = Field(description="The moment of the score.")
    ignored: list[str] = Field(description="Fields that the model does not know, such as lead.shoe_size.")


class BatchAnswer(_Closed):
    """The scores in the order of the items."""

    results: list[ScoreAnswer] = Field(description="One per item.")


class FeatureAnswer(_Closed):
    """A number that the model looks at."""

    name: str = Field(description="Name of the feature.")
    signal: str = Field(description="What a person sees: the reasons add up the features of one signal.")
    family: Family = Field(description="Kind of feature.")
    dimension: Dimension = Field(description="Which of the three dimensions it counts for.")
    unit: str = Field(description="Unit of the number.")
    meaning: str = Field(description="What the number says.")


class ModelAnswer(_Closed):
    """What the served model is, what it looks at, and how good it was on leads that it had never seen."""

    model: ModelName = Field(description="Which model answers.")
    trained_at: datetime | None = Field(description="When it was trained.")
    facts: dict[str, Any] = Field(description="How it was learned: data, split, choices and warnings.")
    metrics: dict[str, Any] = Field(description="Measured on the test leads.")
    agreement: dict[str, Any] = Field(description="The agreement of marketing and sales that it applies.")
    features: list[FeatureAnswer] = Field(description="What it looks at.")
