"""The base of what is read from files and requests, and written to files and answers."""

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """Unknown keys are errors, values never change."""

    model_config = ConfigDict(frozen=True, extra="forbid")
