"""What is sent to be scored: a lead, its account, and what it did."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator
from pydantic_core import PydanticCustomError

from data_contracts.frozen import Frozen
from features.feature import Language
from models.explanation.reasons import MOST
from serving.schemas.fields import Amount, AttributeValue, Flag, Key, Moment, Number, Text

MAX_BATCH = 1_000
MAX_EVENTS = 10_000
MAX_FIELDS = 1_000  # attributes of a lead or an account

EmailKind = Literal["business", "free", "disposable", "education", "none"]
Verdict = Literal["accepted", "ready", "nurture", "suspect"]


class _WithAttributes(BaseModel):
    """Further fields are attributes of the model; the answer lists those that it does not know."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, AttributeValue]


class Lead(_WithAttributes):
    """A person who might buy: what the company's own export says about them, and any attribute of the model.

    Fields with a name, e-mail address or phone number become flags (has_name, email_kind, has_phone) at once and are
    neither stored nor logged; it is better not to send them.
    """

    lead_id: Key | None = Field(None, description="Key of the lead; comes back with the score.")
    created_at: Moment | None = Field(None, description="When the lead came to exist.")
    source: Text | None = Field(None, description="Where the lead came from, such as organic_search or referral.")
    channel: Text | None = Field(None, description="Marketing channel, such as search, social or partner.")
    campaign: Text | None = Field(None, description="Campaign that brought the lead.")
    related_to: Text | None = Field(None, description="Offer, campaign or product that the lead is about.")
    related_kind: Text | None = Field(None, description="Kind of what it is about, such as discount.")
    job_title: Text | None = Field(None, description="Job title as the lead wrote it.")
    seniority: Text | None = Field(None, description="Level of the job, such as c_level, director or staff.")
    department: Text | None = Field(None, description="Department that the lead works in.")
    country: Text | None = Field(None, description="Country of the lead.")
    language: Text | None = Field(None, description="Language of the lead as an ISO 639-1 code.")
    email_kind: EmailKind | None = Field(None, description="Kind of e-mail address; the address is not needed.")
    has_name: Flag | None = Field(None, description="Whether a name was given.")
    has_phone: Flag | None = Field(None, description="Whether a phone number was given.")
    has_social: Flag | None = Field(None, description="Whether a social profile was given.")
    tracking_consent: Flag | None = Field(
        None, description="Whether the lead consented to tracking; false: opens, clicks and views are unknown."
    )


class Activity(Frozen):
    """Something that the lead did, or that was done with it. Only what happened before ``as_of`` counts."""

    occurred_at: Moment = Field(description="When it happened.")
    type: Key = Field(description="What happened: page_view, pricing_view, demo_request ...; any word is accepted.")
    channel: Text | None = Field(None, description="Marketing channel in which it happened.")
    campaign: Text | None = Field(None, description="Campaign that it belongs to.")
    related_to: Text | None = Field(None, description="Offer, campaign or product that it is about.")
    related_kind: Text | None = Field(None, description="Kind of what it is about, such as discount.")
    value: Number | None = Field(None, description="Amount that comes with it, such as the worth of a cart.")
    message_id: Text | None = Field(None, description="Mail or campaign whose delivery, open or click it is.")
    link: Text | None = Field(None, description="Link that was clicked.")
    is_automated: Flag | None = Field(
        None, description="Whether a bot or a security gateway did it; null: opens and clicks are judged by evidence."
    )
    activity_id: Key | None = Field(None, description="Key of the activity; not used.")
    lead_id: Key | None = Field(
        None, description="Lead of the account that did it; without it, opens and clicks of others are not judged."
    )


class Account(_WithAttributes):
    """The company that the lead belongs to, and any account attribute of the model."""

    account_id: Key | None = Field(None, description="Key of the account.")
    industry: Text | None = Field(None, description="Industry of the company.")
    employees: Amount | None = Field(None, description="Number of employees.")
    annual_revenue: Amount | None = Field(None, description="Revenue per year in the export's currency.")
    founded_year: Number | None = Field(None, description="Year in which the company was founded.")
    country: Text | None = Field(None, description="Country of the company's seat.")
    kind: Text | None = Field(None, description="Such as prospect, customer, partner or competitor.")
    activities: list[Activity] = Field(
        [], max_length=MAX_EVENTS, fail_fast=True, description="What other leads of the account did, in any order."
    )


class Disposition(Frozen):
    """What sales answered about the lead. Only what was answered before ``as_of`` counts."""

    at: Moment = Field(description="When sales answered.")
    verdict: Verdict = Field(description="The answer.")
    budget: Flag | None = Field(None, description="Whether there is a budget.")
    authority: Flag | None = Field(None, description="Whether the lead may decide.")
    need: Flag | None = Field(None, description="Whether there is a need.")
    timeline: Flag | None = Field(None, description="Whether there is a date to buy by.")
    sentiment: Number | None = Field(None, ge=-1, le=1, description="Mood of the lead, -1 (hostile) to 1 (keen).")


class ScoreRequest(Frozen):
    """One lead and the moment for which its score is asked."""

    lead: Lead = Field(description="Who is scored.")
    account: Account | None = Field(None, description="The company that the lead belongs to.")
    activities: list[Activity] = Field([], max_length=MAX_EVENTS, fail_fast=True, description="In any order.")
    dispositions: list[Disposition] = Field([], max_length=MAX_EVENTS, fail_fast=True, description="In any order.")
    as_of: Moment | None = Field(None, description="The moment of the score; now, if it is not given.")
    language: Language = Field("en", description="Language of the reasons.")
    reasons: int = Field(MOST, strict=True, ge=0, le=50, description="How many reasons the answer may have.")


class BatchRequest(Frozen):
    """Up to a thousand leads, each with its own moment and language."""

    items: list[ScoreRequest] = Field(description="One per lead.", json_schema_extra={"maxItems": MAX_BATCH})

    @field_validator("items", mode="before")
    @classmethod
    def _not_too_many(cls, items: Any) -> Any:  # noqa: ANN401 - what was sent, before it is checked
        if isinstance(items, list) and len(items) > MAX_BATCH:
            raise PydanticCustomError(
                "batch_too_large",
                "Expected at most {limit} items, found {found}",
                {"limit": MAX_BATCH, "found": len(items)},
            )
        return items
