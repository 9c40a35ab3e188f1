"""The kinds of component that a margin can hold. To add one, add its class here."""

from pathlib import Path
from typing import Any

from data_contracts.errors import ArtifactError
from data_contracts.wording import reason
from models.logistic.component import LogisticTerms
from models.margin.margin import Component
from models.trees.booster import Booster

KINDS: dict[str, type[Booster] | type[LogisticTerms]] = {Booster.kind: Booster, LogisticTerms.kind: LogisticTerms}


def component_from_entry(directory: Path, entry: dict[str, Any]) -> Component:
    """Load the component that ``Component.save`` described by ``entry``.

    Raises ArtifactError for a kind that this version does not know, or a damaged file.
    """
    kind = KINDS.get(entry.get("kind", ""))
    if kind is None:
        raise ArtifactError(
            f"{directory} holds a component of kind {entry.get('kind')!r}, expected one of {sorted(KINDS)}.",
            hint="Load it with the version of whylead that wrote it.",
        )
    try:
        return kind.load(directory, entry)
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise ArtifactError(f"{directory / str(entry.get('file'))} cannot be read: {reason(error)}.") from error
