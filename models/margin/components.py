"""The kinds of component that a margin can hold. To add one, add its class here."""

from collections.abc import Mapping
from dataclasses import dataclass

from data_contracts.errors import ArtifactError
from data_contracts.strict_json import from_json
from models.logistic.component import LogisticTerms
from models.margin.margin import Component
from models.trees.booster import Booster

KINDS: dict[str, type[Booster] | type[LogisticTerms]] = {Booster.kind: Booster, LogisticTerms.kind: LogisticTerms}
FOLDER = "components"


@dataclass(frozen=True)
class _Entry:
    kind: str
    file: str


def component_from_entry(files: Mapping[str, str], entry: object, width: int) -> Component:
    """The component over ``width`` features that ``Component.save`` described by ``entry``, from texts by their names.

    Raises ArtifactError for a kind that this version does not know, or a damaged file.
    """
    named = entry.get("kind") if isinstance(entry, dict) else None
    kind = KINDS.get(named) if isinstance(named, str) else None
    if kind is None:
        raise ArtifactError(
            f"A component is of the kind {str(named)[:40]!r}, expected one of {sorted(KINDS)}.",
            hint="Load it with the version of whylead that wrote it.",
        )
    name = f"The entry of a component of kind {named}"
    try:
        name = f"{FOLDER}/{from_json(_Entry, entry).file}"
        if name not in files:
            raise ArtifactError(f"{name[:80]} is not among the files of the model.")
        return kind.load(files[name], width)
    except (ValueError, OverflowError) as error:
        raise ArtifactError(f"{name} cannot be read: {error}.") from error
