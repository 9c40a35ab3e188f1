"""The model card: what a model is, what it was learned from, what it may be used for, as Markdown for a person."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from features.view import FeatureView
from models.margin.model import LeadModel
from models.policy.policy import Policy

_MAX_ENTRIES = 12  # entries of a list; longer ones are counted


def write_card(model: LeadModel, view: FeatureView, policy: Policy, facts: Mapping[str, Any], created_at: str) -> str:
    """The card's text. ``facts`` are JSON values by topic, written out as they are."""
    lines = [
        "# Model card",
        "",
        f"A whylead model, trained at {created_at}. It gives the probability that a lead buys within the horizon, its",
        "interval, and how far each signal moves it.",
        "",
        "## Use",
        "",
        "Meant for ordering a company's own leads and for deciding which of them sales contacts first. It was learned",
        "from that company's closed deals and says nothing about another company's leads. It describes who bought so",
        "far, not why: a reason says what the model relies on, not what would happen if it changed. Do not use it to",
        "decide on a person's access to credit, work, housing or public services.",
        "",
        "## Model",
        "",
        *_model(model),
        *_features(view),
        "",
        "## Agreement",
        "",
        *_agreement(policy),
    ]
    for topic, content in facts.items():
        lines += ["", f"## {_words(topic).capitalize()}", "", *_items(content)]
    return "\n".join(lines) + "\n"


def _model(model: LeadModel) -> Iterator[str]:
    pairs = zip(model.margin.weights, model.margin.components, strict=True)
    parts = ", ".join(f"{weight:g} x {component.kind}" for weight, component in pairs)
    yield f"- margin (log-odds): {model.margin.intercept:g} + {parts or 'nothing'}"
    yield f"- calibrator: {model.calibrator.kind}"


def _features(view: FeatureView) -> Iterator[str]:
    counts = Counter(feature.family for feature in view.features)
    families = ", ".join(f"{count} {family}" for family, count in counts.most_common())
    yield f"- features: {len(view.features)} ({families or 'none'})"
    yield f"- fingerprint of the features: {view.fingerprint}"


def _agreement(policy: Policy) -> Iterator[str]:
    agreement = policy.agreement
    yield f"- {agreement.name}, version {agreement.version}"
    yield f"- required: {', '.join(agreement.required) or 'nothing'}"
    yield f"- disqualified: {', '.join(rule.name for rule in agreement.disqualify) or 'nobody'}"
    for warning in policy.warnings:
        yield f"- {warning}"


def _items(content: Any, depth: int = 0) -> Iterator[str]:  # noqa: ANN401 - whatever JSON can hold
    """A JSON value as a nested list."""
    if not isinstance(content, Mapping):
        yield f"{'  ' * depth}- {_inline(content)}"
        return
    for key, value in content.items():
        if isinstance(value, Mapping) and value:
            yield f"{'  ' * depth}- {_words(key)}:"
            yield from _items(value, depth + 1)
        else:
            yield f"{'  ' * depth}- {_words(key)}: {_inline(value)}"


def _inline(value: Any) -> str:  # noqa: ANN401 - whatever JSON can hold
    if isinstance(value, list | tuple):
        shown = ", ".join(_inline(each) for each in value[:_MAX_ENTRIES])
        return f"{shown} and {len(value) - _MAX_ENTRIES} more" if len(value) > _MAX_ENTRIES else shown or "none"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_inline(each)}" for key, each in value.items()) or "none"
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _words(name: Any) -> str:  # noqa: ANN401 - a JSON key
    return str(name).replace("_", " ")
