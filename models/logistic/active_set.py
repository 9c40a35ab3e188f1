"""Newton steps that keep the signs of coefficients: the least of a quadratic under bounds at 0."""

import numpy as np
from numpy.typing import NDArray

from features.arrays import Floats

_MIN_PULL = 1e-10  # of the largest pull: below it a coefficient at 0 stays there
_ROUNDS = 3  # per coefficient; only rounding can ask for more


def signed_step(curvature: Floats, gradient: Floats, at: Floats, signs: Floats, newton: Floats | None = None) -> Floats:
    """The step (k,) that takes ``at`` to the least of a quadratic with no coefficient of the wrong sign.

    The quadratic has ``gradient`` (k,) at ``at`` (k,) and the positive definite ``curvature`` (k, k); ``signs`` (k,)
    are +1 (coefficient >= 0), -1 (<= 0) and 0 (free), and ``at`` keeps them. So does ``at - share * step`` for each
    share in [0, 1]. Where the plain Newton step, ``newton`` (k,) if that is known, keeps the signs, it is the answer.
    """
    step = np.asarray(np.linalg.solve(curvature, gradient), dtype=np.float64) if newton is None else newton
    plain = at - step
    if (signs * plain >= 0).all():
        return step
    moving = (signs == 0) | (signs * at > 0) | (signs * plain > 0)
    return at - _least(curvature, curvature @ at - gradient, at, signs, moving)


def _least(curvature: Floats, pull: Floats, at: Floats, signs: Floats, moving: NDArray[np.bool_]) -> Floats:
    """The z (k,) with the least ``z @ curvature @ z / 2 - pull @ z`` under ``signs * z >= 0``.

    The active-set method of Lawson & Hanson, "Solving Least Squares Problems" (1974), section 23.3, begun at ``at``;
    all but the ``moving`` (k,) coefficients are 0 there.
    """
    for _ in range(_ROUNDS * len(at)):
        aim = np.zeros(len(at))
        aim[moving] = np.linalg.solve(curvature[np.ix_(moving, moving)], pull[moving])
        wrong = signs * aim < 0
        if wrong.any():
            at, moving = _as_far_as_allowed(at, aim, signs, moving, wrong)
            continue
        at = aim
        wanted = np.where(moving, 0.0, signs * (pull - curvature @ at))
        if wanted.max() <= _MIN_PULL * np.abs(pull).max():
            break
        moving[np.argmax(wanted)] = True
    return at


def _as_far_as_allowed(
    at: Floats, aim: Floats, signs: Floats, moving: NDArray[np.bool_], wrong: NDArray[np.bool_]
) -> tuple[Floats, NDArray[np.bool_]]:
    """The point (k,) on the way from ``at`` to ``aim`` where the first coefficient gets to 0, and which still move."""
    share = np.full(len(at), np.inf)
    share[wrong] = at[wrong] / (at[wrong] - aim[wrong])
    first = share.min()
    reached = at + first * (aim - at)
    still = moving & (share > first)
    return np.where(still & (signs * reached >= 0), reached, 0.0), still
