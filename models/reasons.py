"""Reasons: the signals that move a lead's probability most, as sentences."""

from collections.abc import Sequence

import numpy as np

from features.feature import Feature, Language
from features.phrases import Phrasebook, phrasebook
from features.records import Floats
from models.explanation import by_signal
from models.score import Reason

SMALLEST_POINTS = 0.0005  # shown as 0.1 points; what is below says nothing to a person
SMALLEST_SHARE = 0.02  # of the sum of all signals' sizes


class Reasons:
    """Chooses and words the reasons for leads scored on a list of features."""

    def __init__(self, features: Sequence[Feature]) -> None:
        self.features = tuple(features)
        self._columns: dict[str, list[int]] = {}
        for column, feature in enumerate(self.features):
            self._columns.setdefault(feature.signal, []).append(column)

    def of_leads(
        self, X: Floats, log_odds: Floats, points: Floats, *, language: Language = "en", most: int = 5
    ) -> tuple[tuple[Reason, ...], ...]:
        """At most ``most`` reasons per lead, the largest first, for features, SHAP values and points (n, features).

        Signals too small to be worth reading are left out; the largest one stays wherever anything moves the score.
        """
        signals, effect = by_signal(points, self.features)
        _, moved = by_signal(log_odds, self.features)
        book, size = phrasebook(language), np.abs(effect)
        order = np.argsort(-size, axis=1, kind="stable")[:, :most]
        least = np.maximum(SMALLEST_POINTS, SMALLEST_SHARE * size.sum(axis=1))
        found = []
        for row, chosen in enumerate(order.tolist()):
            kept = [k for rank, k in enumerate(chosen) if size[row, k] >= (least[row] if rank else 1e-300)]
            found.append(
                tuple(
                    self._reason(signals[k], X[row], log_odds[row], float(effect[row, k]), float(moved[row, k]), book)
                    for k in kept
                )
            )
        return tuple(found)

    def _reason(
        self, signal: str, x: Floats, log_odds: Floats, effect: float, moved: float, book: Phrasebook
    ) -> Reason:
        direction = 1.0 if moved > 0 else -1.0
        speaker = max(self._columns[signal], key=lambda column: direction * float(log_odds[column]))
        sentence = book.sentence(self.features[speaker], float(x[speaker]), raising=effect > 0)
        return Reason(signal, f"{sentence}: {book.points(effect)}", effect, moved)
