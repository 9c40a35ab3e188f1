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

from data_contracts.agreement import Agreement, parse_agreement
from data_contracts.dataset import Attribute
from data_contracts.errors import ArtifactError, WhyleadError
from data_contracts.replacing import replacing, replacing_file
from data_contracts.strict_json import from_json, parse_json
from data_contracts.wording import reason
from features.view import FeatureView
from models.calibration.calibrators import ProbabilityInterval, calibrator_from_dict
from models.log_odds import LARGEST_LOG_ODDS
from models.logistic.component import LogisticTerms
from models.logistic.terms import CategoryTerm
from models.margin.components import FOLDER, component_from_entry
from models.margin.margin import Component, Margin
from models.margin.model import LeadModel
from models.policy.policy import Policy
from models.policy.reference import Reference
from models.storage.card import write_card
from models.storage.files import AGAIN, MANIFEST
from models.storage.manifest import (
    checked_files,
    checksum_of,
    read_manifest,
    short,
    write_json,
    write_manifest,
    write_sealed,
)
from models.storage.signature import require_key
from models.storage.vocabulary import VOCABULARY, Vocabulary

_LONG = 500  # letters of what an error of a library says


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

    ``facts`` (JSON values) go into the card and the manifest. Raises ArtifactError where it is to be signed and there
    is no key.
    """
    require_key(directory)
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

    Each file is read once, what was checked is what is used. Raises ArtifactError, which names the file and says what
    to do, whatever the directory holds.
    """
    manifest = read_manifest(directory)
    try:
        return _read(directory, manifest)
    except WhyleadError as error:
        if isinstance(error, ArtifactError):
            raise
        raise ArtifactError(f"{directory} is not a readable artifact: {error.message[:_LONG]}", hint=AGAIN) from error
    except (ArithmeticError, AttributeError, LookupError, OSError, RecursionError, TypeError, ValueError) as error:
        raise ArtifactError(f"{directory} is not a readable artifact: {reason(error)[:_LONG]}.", hint=AGAIN) from error


def _read(directory: Path, manifest: Mapping[str, Any]) -> Artifact:
    files = checked_files(directory, manifest)
    view = FeatureView.from_dict(parse_json(files["features.json"]))
    if view.fingerprint != manifest["fingerprint"]:
        raise ArtifactError(f"{directory}: features.json is not that of {MANIFEST}.", hint=AGAIN)
    return Artifact(
        model=_read_model(files, view, manifest["facts"].get("learning", {})),
        view=view,
        agreement=parse_agreement(files["agreement.yaml"], str(directory / "agreement.yaml")),
        reference=Reference.from_dict(parse_json(files["reference.json"])),
        # Nothing where an earlier version of whylead wrote the artifact.
        vocabulary=Vocabulary.from_dict(parse_json(files[VOCABULARY])) if VOCABULARY in files else Vocabulary(),
        facts=manifest["facts"],
        metrics=manifest["metrics"],
        created_at=manifest["created_at"],
        checksum=checksum_of(manifest["files"]),
    )


def add_metrics(directory: Path, metrics: Mapping[str, Any]) -> None:
    """Put what was measured on the test leads into the manifest of an artifact; its checksum stays.

    Raises ArtifactError where the directory holds no artifact, or it is to be signed and there is no key.
    """
    manifest = read_manifest(directory)
    require_key(directory)
    with replacing_file(directory / MANIFEST) as fresh:
        write_sealed(fresh, manifest | {"metrics": dict(metrics)})


def _write_model(directory: Path, model: LeadModel) -> None:
    components = directory / FOLDER
    components.mkdir()
    entries = [
        component.save(components, f"{number:02d}_{component.kind}")
        for number, component in enumerate(model.margin.components)
    ]
    margin = {**vars(model.margin), "components": entries, "weights": list(model.margin.weights)}
    write_json(components / "margin.json", margin)
    calibrator = {"calibrator": model.calibrator.to_dict(), "interval": model.interval.to_dict()}
    write_json(directory / "calibrator.json", calibrator)


@dataclass(frozen=True)
class _State:
    """What margin.json holds."""

    components: tuple[dict[str, Any], ...]
    weights: tuple[float, ...]
    intercept: float
    width: int


@dataclass(frozen=True)
class _Calibration:
    """What calibrator.json holds."""

    calibrator: dict[str, Any]
    interval: dict[str, Any]


def _read_model(files: Mapping[str, str], view: FeatureView, report: dict[str, Any]) -> LeadModel:
    state = from_json(_State, parse_json(files[f"{FOLDER}/margin.json"]))
    calibration = from_json(_Calibration, parse_json(files["calibrator.json"]))
    width = len(view.features)
    if state.width != width:
        raise ArtifactError(f"The model takes {state.width} features, features.json holds {width}.", hint=AGAIN)
    if len(state.weights) != len(state.components):
        raise ArtifactError("The model has not as many weights as components.", hint=AGAIN)
    if any(abs(each) > LARGEST_LOG_ODDS for each in (*state.weights, state.intercept)):
        raise ArtifactError(f"A weight of the model is larger than {LARGEST_LOG_ODDS:g}.", hint=AGAIN)
    components = [component_from_entry(files, each, width) for each in state.components]
    for component in components:
        _check_tables(component, view)
    margin = Margin(components, [float(each) for each in state.weights], float(state.intercept), width)
    interval = ProbabilityInterval.from_dict(calibration.interval)
    return LeadModel(margin, calibrator_from_dict(calibration.calibrator), interval, report)


def _check_tables(component: Component, view: FeatureView) -> None:
    """Raises ArtifactError where a table of levels is not for the levels of its feature."""
    for term in component.terms if isinstance(component, LogisticTerms) else ():
        levels = view.features[term.feature].categories
        if isinstance(term, CategoryTerm) and len(term.table) != len(levels or ()) + 2:
            raise ArtifactError(f"A table of the model is not for {view.features[term.feature].name}.", hint=AGAIN)
