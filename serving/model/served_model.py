"""What the routes need of a model; serving/model/artifact_model.py has the real one."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from serving.schemas.answers import ModelName, ScoreAnswer
from serving.schemas.requests import ScoreRequest


class ServedModel(Protocol):
    """A loaded, warm model that turns requests into answers."""

    @property
    def name(self) -> ModelName:
        """Name, version and fingerprint."""
        ...

    def score(self, requests: Sequence[ScoreRequest], places: Sequence[str], now: datetime) -> list[ScoreAnswer]:
        """One answer per request; ``now`` where a request names no moment.

        ``places`` says where in the body each request stands. Raises ProblemError that names the fields which the
        model cannot read.
        """
        ...

    def describe(self) -> dict[str, Any]:
        """The JSON values of answers.ModelAnswer."""
        ...
