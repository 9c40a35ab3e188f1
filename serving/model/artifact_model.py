"""The model behind the routes: requests in, answers out, through the same scorer as the batch."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from data_contracts.agreement import VERDICT
from features.event_types import CORE_TYPES, INTERNAL_TYPES
from features.feature import LANGUAGES
from features.records.automation import DELIVERY_TYPES
from features.values.attributes import AttributeFeature
from models.scorer import Scorer
from models.storage.artifact import Artifact, load_artifact
from models.storage.manifest import LENGTH_OF_VERSION
from models.storage.registry import MODEL_NAME
from models.storage.vocabulary import ACTIVITY_TYPE, Vocabulary
from serving.model.known_values import NOT_SEEN, KnownValues
from serving.model.lead_request import COLUMNS_OF_LEAD, KnownFields, RequestMapper
from serving.problems import invalid_body
from serving.schemas.answers import FeatureAnswer, ModelName, ScoreAnswer
from serving.schemas.examples import EVERYTHING, LEAST
from serving.schemas.requests import Account, Lead, ScoreRequest

_NO_ATTRIBUTES = frozenset({VERDICT, "account_id", "order"})  # an agreement may name them, no column holds them


def load_model(directory: Path) -> "ArtifactModel":
    """Load and warm the model of an artifact directory.

    Raises ArtifactError where it is damaged or made by other feature definitions.
    """
    model = ArtifactModel(load_artifact(directory))
    model.warm()
    return model


class ArtifactModel:
    """An artifact as the routes see it; several threads may use it, as nothing changes after the warm-up."""

    def __init__(self, artifact: Artifact) -> None:
        self.artifact = artifact
        self.scorer = Scorer(artifact)
        self.known = known_fields(artifact)
        self.name = ModelName(MODEL_NAME, artifact.version, artifact.view.fingerprint[:LENGTH_OF_VERSION])

    def warm(self) -> None:
        """Score in each language, with every part of a request and with none: kernels compile, phrases load."""
        bodies = [body | {"language": each} for each in LANGUAGES for body in (EVERYTHING, LEAST)]
        requests = [ScoreRequest.model_validate(body) for body in bodies]
        self.score(requests, [""] * len(requests), datetime.now(UTC))

    def score(self, requests: Sequence[ScoreRequest], places: Sequence[str], now: datetime) -> list[ScoreAnswer]:
        """See ServedModel."""
        mappers = [RequestMapper(self.known, place) for place in places]
        leads = [each.live_lead(request, now) for each, request in zip(mappers, requests, strict=True)]
        problems = [problem for each in mappers for problem in each.problems]
        if problems:
            raise invalid_body(problems)
        languages, most = [request.language for request in requests], [request.reasons for request in requests]
        scores = self.scorer.score_live(leads, languages, most)
        return [
            ScoreAnswer(
                **vars(score),
                model_version=self.name.version,
                as_of=request.as_of or now,
                ignored=each.ignored,
                warnings=each.warnings,
            )
            for score, request, each in zip(scores, requests, mappers, strict=True)
        ]

    def describe(self) -> dict[str, Any]:
        """See ServedModel."""
        artifact = self.artifact
        agreement = artifact.agreement.model_dump(mode="json", exclude_none=True)
        return {
            "model": self.name,
            "trained_at": artifact.created_at or None,
            "facts": dict(artifact.facts),
            "metrics": dict(artifact.metrics),
            "agreement": agreement | {"warnings": list(self.scorer.policy.warnings)},
            "fields": [_describe(each, artifact.vocabulary) for each in artifact.view.attributes],
            "activity_types": list(artifact.vocabulary.activity_types),
            "features": [
                {name: getattr(each, name) for name in FeatureAnswer.model_fields} for each in artifact.view.features
            ],
        }


def _describe(attribute: AttributeFeature, vocabulary: Vocabulary) -> dict[str, Any]:
    """The JSON values of answers.FieldAnswer."""
    return {
        "field": _field(attribute),
        "kind": attribute.kind,
        "label": attribute.label,
        "levels": None if attribute.categories is None else list(attribute.categories),
        "translated": dict(vocabulary.values.get(attribute.column, {})),
    }


def _field(attribute: AttributeFeature) -> str:
    """Where an attribute is in a request, such as ``lead.source``."""
    return f"{attribute.table.removesuffix('s')}.{attribute.name}"


def known_fields(artifact: Artifact) -> KnownFields:
    """What the features and the agreement look at beyond the canonical columns."""
    lead: dict[str, Any] = {}
    account: dict[str, Any] = {}
    for field in artifact.agreement.fields():
        if not field.startswith("account."):
            lead[field] = None
        account[field.removeprefix("account.")] = None
    own = {*COLUMNS_OF_LEAD, *artifact.reference.lead_attributes}
    for attribute in artifact.view.attributes:
        (lead if attribute.table == "leads" else account)[attribute.name] = attribute.kind
    return KnownFields(
        lead={name: kind for name, kind in lead.items() if name not in {*Lead.model_fields, *_NO_ATTRIBUTES}},
        account={name: kind for name, kind in account.items() if name not in {*Account.model_fields, *_NO_ATTRIBUTES}},
        own=dict.fromkeys(own.intersection(artifact.agreement.fields())),
        values={
            _field(each): KnownValues(each.categories, translated)
            for each in artifact.view.attributes
            if (translated := artifact.vocabulary.values.get(each.column, {})) or each.categories is not None
        },
        types=_known_types(artifact),
    )


def _known_types(artifact: Artifact) -> KnownValues:
    """The types in the training data, what is told of deals and mails, and in an earlier artifact all core types."""
    vocabulary = artifact.vocabulary
    kinds = [kind for timeline in artifact.view.timelines for kind in timeline.kinds]
    seen = vocabulary.activity_types or (*CORE_TYPES, *kinds)
    levels = list(dict.fromkeys((*seen, *INTERNAL_TYPES, *DELIVERY_TYPES)))
    return KnownValues(levels, vocabulary.values.get(ACTIVITY_TYPE, {}), NOT_SEEN)
