"""What the export of a model calls things: how its values are translated, and which activities it has."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from data_contracts.strict_json import from_json

VOCABULARY = "vocabulary.json"
ACTIVITY_TYPE = "activities.type"


@dataclass(frozen=True)
class Vocabulary:
    """``values`` says, by column (``leads.source``), which value a text of the export stands for; None is missing.

    ``activity_types`` are all types that the training data hold, translated; empty where that was not looked at.
    """

    values: Mapping[str, Mapping[str, str | None]] = field(default_factory=dict)
    activity_types: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "values": {name: dict(each) for name, each in self.values.items()},
            "activity_types": self.activity_types,
        }

    @classmethod
    def from_dict(cls, entry: Mapping[str, Any]) -> "Vocabulary":
        """The inverse of ``to_dict``.

        Raises ValueError where the entry is of none.
        """
        return from_json(cls, entry)
