"""Reasons: the signals that move a lead's probability most, as sentences."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from features.feature import Feature, Language
from features.phrases import Phrasebook, phrasebook
from features.records import Floats
from models.score import Reason

SMALLEST_POINTS = 0.0005  # shown as 0.1 points; what is below says nothing to a person
SMALLEST_SHARE = 0.02  # of the sum of all signals' sizes


@dataclass(frozen=True)
class _Signal:
    """The columns of the features that a person sees as one."""

    name: str
    columns: tuple[int, ...]


class Reasons:
    """Chooses and words the reasons for leads scored on a list of features."""

    def __init__(self, features: Sequence[Feature]) -> None:
        self.features = tuple(features)
        columns: dict[str, list[int]] = {}
        for column, feature in enumerate(self.features):
            columns.setdefault(feature.signal, []).append(column)
        self._signals = [_Signal(name, tuple(chosen)) for name, chosen in columns.items()]

    def of_lead(
        self, x: Floats, log_odds: Floats, points: Floats, *, language: Language = "en", most: int = 5
    ) -> tuple[Reason, ...]:
        """At most ``most`` reasons, the largest first, for one lead's features, SHAP values and points (features,).

        Signals too small to be worth reading are left out; the largest one stays wherever anything moves the score.
        """
        total = np.array([points[list(signal.columns)].sum() for signal in self._signals])
        book, size = phrasebook(language), np.abs(total)
        least = max(SMALLEST_POINTS, SMALLEST_SHARE * float(size.sum()))
        order = np.argsort(-size, kind="stable")[:most].tolist()
        chosen = [k for rank, k in enumerate(order) if size[k] >= least or (rank == 0 and size[k] > 0)]
        return tuple(self._reason(self._signals[k], x, log_odds, points, book) for k in chosen)

    def _reason(self, signal: _Signal, x: Floats, log_odds: Floats, points: Floats, book: Phrasebook) -> Reason:
        columns = list(signal.columns)
        effect, moved = float(points[columns].sum()), float(log_odds[columns].sum())
        speaker = columns[int(np.argmax(log_odds[columns] * np.sign(moved)))]
        sentence = book.sentence(self.features[speaker], float(x[speaker]), raising=effect > 0)
        return Reason(signal.name, f"{sentence}: {book.points(effect)}", effect, moved)
