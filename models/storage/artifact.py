"""The model artifact: a directory of text and JSON that holds everything a score needs, checked when it is loaded.

    components/         LightGBM text files, logistic terms as JSON, margin.json: their weights and the intercept
    calibrator.json     calibrator and interval
    features.json       the feature view and its fingerprint
    agreement.yaml      the agreement of marketing and sales
    reference.json      quantiles of recent leads' probabilities
    vocabulary.json     what the export's own words stand for, and the types of its activities
    card.md             what the model is, for a person
    manifest.json       sha256 of each file, versions, facts, metrics

Nothing in it is code or a pickle: loading it runs nothing that it brings.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from data_contracts.agreement import Agreement, load_agreement
from data_contracts.dataset import Attribute
from data_contracts.errors import ArtifactError
from data_contracts.replacing import replacing, replacing_file
from features.view import FeatureView
from models.calibration.calibrators import VennAbersInterval, calibrator_from_dict
from models.margin.components import component_from_entry
from models.margin.margin import Margin
from models.margin.model import LeadModel
from models.policy.policy import Policy
from models.policy.reference import Reference
from models.storage.card import write_card
from models.storage.manifest import (
    AGAIN,
    MANIFEST,
    checked_files,
    checksum_of,
    read_json,
    read_manifest,
    short,
    write_json,
    write_manifest,
)
from models.storage.vocabulary import VOCABULARY, Vocabulary


@dataclass(frozen=True)
class Artifact:
    """A model with all that turns its probability into an answer.

    ``checksum`` is one sha256 over all files but the manifest: two artifacts with the same one give the same scores.
    """

    model: LeadModel
    view: FeatureView
    agreement: Agreement
    reference: Reference
    vocabulary: Vocabulary = field(default_factory=Vocabulary)
    facts: Mapping[str, Any] = field(default_factory=dict)
    metrics: Mapping[str, Any] = field(default_factory=dict)
    created_at: str = ""
    checksum: str = ""

    @property
    def version(self) -> str:
        """The one name of this model, wherever one is shown: the first characters of its checksum."""
        return short(self.checksum)

    @property
    def attributes(self) -> tuple[Attribute, ...]:
        """The attributes of the data that it was trained on, those without a feature included."""
        return tuple(Attribute.model_validate(each) for each in self.facts.get("attributes", ()))

    @property
    def policy(self) -> Policy:
        """The agreement, applied to this model's scores."""
        return Policy(self.agreement, self.reference)


def save_artifact(
    directory: Path,
    *,
    model: LeadModel,
    view: FeatureView,
    agreement: Agreement,
    reference: Reference,
    facts: Mapping[str, Any],
    vocabulary: Vocabulary | None = None,
) -> None:
    """Write an artifact in place of ``directory``; it appears there whole or not at all.

    ``facts`` (JSON values) go into the card and the manifest.
    """
    with replacing(directory) as (fresh,):
        _write_model(fresh, model)
        write_json(fresh / "features.json", view.to_dict())
        content = agreement.model_dump(mode="json", exclude_none=True)
        (fresh / "agreement.yaml").write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
        write_json(fresh / "reference.json", reference.to_dict())
        write_json(fresh / VOCABULARY, (vocabulary or Vocabulary()).to_dict())
        created_at = datetime.now(UTC).isoformat(timespec="seconds")
        card = write_card(model, view, Policy(agreement, reference), facts, created_at)
        (fresh / "card.md").write_text(card, encoding="utf-8")
        write_manifest(fresh, view.fingerprint, facts, created_at)


def load_artifact(directory: Path) -> Artifact:
    """Read an artifact, whole and unchanged, made by these feature definitions.

    Raises ArtifactError, which names the file and says what to do.
    """
    manifest = read_manifest(directory)
    files = checked_files(directory, manifest)
    try:
        view = FeatureView.from_dict(read_json(directory / "features.json"))
        return Artifact(
            model=_read_model(directory, len(view.features), manifest["facts"]),
            view=view,
            agreement=load_agreement(directory / "agreement.yaml"),
            reference=Reference.from_dict(read_json(directory / "reference.json")),
            vocabulary=_read_vocabulary(directory, files),
            facts=manifest["facts"],
            metrics=manifest["metrics"],
            created_at=manifest["created_at"],
            checksum=checksum_of(files),
        )
    except (KeyError, TypeError, ValueError, OSError) as error:
        raise ArtifactError(f"{directory} is not a readable artifact: {error!r}.", hint=AGAIN) from error


def add_metrics(directory: Path, metrics: Mapping[str, Any]) -> None:
    """Put what was measured on the test leads into the manifest of an artifact; its checksum stays.

    Raises ArtifactError where the directory holds no artifact.
    """
    manifest = read_manifest(directory)
    manifest["metrics"] = dict(metrics)
    with replacing_file(directory / MANIFEST) as fresh:
        write_json(fresh, manifest)


def _read_vocabulary(directory: Path, files: Mapping[str, str]) -> Vocabulary:
    """Nothing where an earlier version of whylead wrote the artifact."""
    return Vocabulary.from_dict(read_json(directory / VOCABULARY)) if VOCABULARY in files else Vocabulary()


def _write_model(directory: Path, model: LeadModel) -> None:
    components = directory / "components"
    components.mkdir()
    entries = [
        component.save(components, f"{number:02d}_{component.kind}")
        for number, component in enumerate(model.margin.components)
    ]
    margin = {**vars(model.margin), "components": entries, "weights": list(model.margin.weights)}
    write_json(components / "margin.json", margin)
    calibrator = {"calibrator": model.calibrator.to_dict(), "interval": model.interval.to_dict()}
    write_json(directory / "calibrator.json", calibrator)


def _read_model(directory: Path, width: int, facts: dict[str, Any]) -> LeadModel:
    components = directory / "components"
    state, calibrator = read_json(components / "margin.json"), read_json(directory / "calibrator.json")
    if state["width"] != width:
        raise ArtifactError(
            f"{directory}: the model takes {state['width']} features, features.json holds {width}.", hint=AGAIN
        )
    margin = Margin(**state | {"components": [component_from_entry(components, each) for each in state["components"]]})
    interval = VennAbersInterval.from_dict(calibrator["interval"])
    return LeadModel(margin, calibrator_from_dict(calibrator["calibrator"]), interval, facts.get("learning", {}))
