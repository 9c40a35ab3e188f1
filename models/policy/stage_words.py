"""The stage of a lead and why it is there, in words."""

from collections.abc import Mapping, Sequence
from functools import cached_property

from data_contracts.agreement import Agreement
from data_contracts.dataset import Attribute
from data_contracts.languages import said
from features.feature import Language
from features.phrases import Phrasebook, phrasebook
from models.score import Stage


class StageWords:
    """What stages and their reasons are called in one language, by an agreement and the attributes of its data."""

    def __init__(self, agreement: Agreement, attributes: Sequence[Attribute], language: Language) -> None:
        self._agreement, self._attributes, self._language = agreement, attributes, language
        self._known: dict[tuple[Stage, str], str] = {}

    def text(self, stage: Stage, reason: str) -> str:
        """Such as ``Sales candidate: asked for a demo``; the stage alone where there is no reason."""
        text = self._known.get((stage, reason))
        if text is None:
            text = self._known[stage, reason] = self._worded(stage, reason)
        return text

    def _worded(self, stage: Stage, reason: str) -> str:
        name = str(self._book.words("stages")[stage])
        if not reason:
            return name
        form: str = self._book.words("because")[stage]
        return form.format(stage=name, reason=self._why(stage, reason))

    def _why(self, stage: Stage, reason: str) -> str:
        if stage == "incomplete":
            return ", ".join(map(self._column, reason.split(", ")))
        return self._rules.get(reason, reason) if stage == "disqualified" else self._book.done(reason)

    def _column(self, field: str) -> str:
        columns, own = self._book.content["columns"], field.removeprefix("account.")
        known = columns.get(field.replace(".", "_")) or columns.get(own) or self._labels.get(own)
        return str(known or own.replace("_", " "))

    @cached_property
    def _book(self) -> Phrasebook:
        return phrasebook(self._language)

    @cached_property
    def _rules(self) -> Mapping[str, str]:
        return {rule.name: said(rule.rule, self._language) for rule in self._agreement.disqualify}

    @cached_property
    def _labels(self) -> Mapping[str, str]:
        return {each.name: each.labels.get(self._language, each.label) for each in self._attributes}
