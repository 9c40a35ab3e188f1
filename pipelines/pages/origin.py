"""Where a page comes from: when it was made, of which model and data, by which whylead."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version

from pipelines.pages.texts import Texts


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Origin:
    """The model's version (empty: of no model), the end of its data where that is known, and when the page was made."""

    model_version: str = ""
    data_cutoff: datetime | None = None
    made_at: datetime = field(default_factory=_now)

    def lines(self, say: Texts) -> list[str]:
        """What stands at the head of a page."""
        lines = [say("made", date=say.date(self.made_at), whylead=version("whylead"))]
        if self.model_version:
            lines.append(say("model", version=self.model_version))
        if self.data_cutoff:
            lines.append(say("data_until", date=say.date(self.data_cutoff)))
        return lines


def cutoff_of(text: str | None) -> datetime | None:
    """The end of the data as ``facts.json`` of the features has it."""
    return datetime.fromisoformat(text) if text else None
