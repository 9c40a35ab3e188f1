"""The training report: how a model was learned, as JSON values and sentences."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from features.arrays import Floats
from models.learning.candidates import Candidate
from models.learning.stacking import Stack
from models.log_odds import expit, log_losses
from models.samples.folds import OutOfFold


def describe_candidates(candidates: Sequence[Candidate], stacked: Stack, held: OutOfFold) -> list[dict[str, Any]]:
    """Each candidate with its weight and its log loss on held-out leads; the base rate comes last."""
    weights = [*(float(weight) for weight in stacked.weights), 1.0 - float(stacked.weights.sum())]
    named = [*((each.name, each.margins, each.settings) for each in candidates), ("base rate", held.base, {})]
    return [
        {"name": name, "weight": weight, "settings": settings} | _losses(margins, held)
        for weight, (name, margins, settings) in zip(weights, named, strict=True)
    ]


def no_skill(stacked: Stack) -> str:
    """Why every lead gets the base rate."""
    newest = stacked.newest
    gain, where = stacked.gain, "leads that it had not seen"
    if newest is not None and newest.z < gain.z:
        gain, where = newest, "the newest leads that it had not seen"
    return (
        f"No skill: on {where}, the best model gains {gain.mean:.4f} in log loss over the base rate "
        f"(standard error {gain.error:.4f}), which chance explains. Every lead gets the base rate."
    )


def _losses(margins: Floats, held: OutOfFold) -> dict[str, Any]:
    loss = log_losses(held.y, expit(margins))
    folds = [held.fold == fold for fold in np.unique(held.fold)]
    return {
        "log_loss": float(np.average(loss, weights=held.weight)),
        "log_loss_by_fold": [float(np.average(loss[rows], weights=held.weight[rows])) for rows in folds],
    }
