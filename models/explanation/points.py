"""How much each feature moves a probability: SHAP values in log-odds and in percentage points."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import TypeVar, get_args

import numpy as np

from features.arrays import Floats, Integers
from features.feature import Dimension, Feature
from models.explanation.kernels import chords, share_points, sum_columns
from models.margin.model import Calibrator

Key = TypeVar("Key", bound=Hashable)

# Points per unit of log-odds beyond which a chord is a step of the calibrator, not a slope: four times the steepest
# slope of the logistic function.
MAX_SLOPE = 1.0
DIMENSIONS: tuple[Dimension, ...] = get_args(Dimension)
_MIN_CHORD = 1e-6  # log-odds; a chord shorter than this says nothing about the slope
_AROUND = 1e-3  # log-odds; half the width of the difference taken instead


@dataclass(frozen=True)
class Explanation:
    """The parts of n probabilities, one column per feature.

    ``log_odds`` (n, features) are SHAP values, ``base`` (n,) the margin without them; ``points`` (n, features) add up
    to ``probability - base_probability``.
    """

    log_odds: Floats
    base: Floats
    points: Floats
    probability: Floats
    base_probability: Floats


def explain_contributions(calibrator: Calibrator, contributions: Floats, probability: Floats) -> Explanation:
    """Turn contributions (n, features + 1), base last, into points that lead from f(base) to ``probability`` (n,)."""
    log_odds, base = contributions[:, :-1], contributions[:, -1]
    base_probability = calibrator.predict(base)
    points = probability_points(calibrator, log_odds, base, probability - base_probability)
    return Explanation(log_odds, base, points, probability, base_probability)


def probability_points(calibrator: Calibrator, log_odds: Floats, base: Floats, change: Floats) -> Floats:
    """Points (n, features): ``phi_i * (f(m1) - f(m0)) / (m1 - m0)``, f the calibrator, m0 = base, m1 = m0 + sum(phi).

    This is the Aumann-Shapley value of f along the straight path from m0 to m1, for a step function as for a smooth
    one; ``change`` (n,) is f(m1) - f(m0), to which a row adds up. Where the path is too short to have a slope, the
    slope around it is taken. Where a step of the calibrator makes it steeper than MAX_SLOPE, only that much is given in
    proportion to phi, and the rest to the contributions of the step's own direction: otherwise two large contributions
    that nearly cancel out would each get more than 100 points.
    """
    points, change = np.empty(log_odds.shape), np.ascontiguousarray(change)
    share_points(log_odds, _slope(calibrator, log_odds, base, change), MAX_SLOPE, change, points)
    return points


def sum_by(values: Floats, keys: Sequence[Key]) -> tuple[tuple[Key, ...], Floats]:
    """Add up the columns of values (n, columns) that have the same key; the keys in order of first appearance."""
    unique, place = places_of(keys)
    total = np.zeros((len(values), len(unique)))
    sum_columns(values, place, total)
    return unique, total


def places_of(keys: Sequence[Key]) -> tuple[tuple[Key, ...], Integers]:
    """The keys in order of first appearance, and the place of each of ``keys`` among them."""
    place = {key: index for index, key in enumerate(dict.fromkeys(keys))}
    return tuple(place), np.array([place[key] for key in keys], dtype=np.int64)


def by_signal(values: Floats, features: Sequence[Feature]) -> tuple[tuple[str, ...], Floats]:
    """Signals and their values (n, signals): the sum over the features that a person sees as one."""
    return sum_by(values, [feature.signal for feature in features])


def dimensions_of(features: Sequence[Feature]) -> Integers:
    """The place of each feature's dimension among DIMENSIONS."""
    return np.array([DIMENSIONS.index(feature.dimension) for feature in features], dtype=np.int64)


def sum_dimensions(values: Floats, place: Integers) -> dict[Dimension, Floats]:
    """Fit, interest and intent of the values (n, features), each (n,), by the places of ``dimensions_of``."""
    total = np.zeros((len(values), len(DIMENSIONS)))
    sum_columns(values, place, total)
    return {dimension: total[:, k] for k, dimension in enumerate(DIMENSIONS)}


def _slope(calibrator: Calibrator, log_odds: Floats, base: Floats, change: Floats) -> Floats:
    slope = np.empty(len(log_odds))
    if chords(log_odds, change, _MIN_CHORD, slope):
        short = np.isnan(slope)
        rise = calibrator.predict(base[short] + _AROUND) - calibrator.predict(base[short] - _AROUND)
        slope[short] = rise / (2 * _AROUND)
    return slope
