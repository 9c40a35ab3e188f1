"""Learning: from the feature matrix of won and lost leads to a calibrated model.

Candidates (logistic terms, trees of several depths) are stacked on the log-odds scale by what they say of leads that
they had not seen; the calibrator is chosen on the later, disjoint ``calibrate`` part; then the candidates are fitted
again on everything. Where nothing beats the base rate beyond noise, the base rate is the model, and its facts say so.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data_contracts.errors import DataFallsShort
from features.feature import Feature
from features.records import Floats
from models.boosting import Growth
from models.calibration import Identity, logistic
from models.calibration_fit import Choice, choose_calibrator
from models.candidates import Candidate, Sample, held_out_rows, held_out_weight, logistic_candidate, tree_candidate
from models.drift import base_rates, drift_warnings
from models.folds import Fold, Groups, Rows, forward_folds, group_folds, time_blocks
from models.gain import Gain, log_losses
from models.margin import Margin
from models.model import LeadModel
from models.newton import fit_shift
from models.stacking import OutOfFold, Stack, stack
from models.tuning import tune_trees
from models.venn_abers import VennAbersInterval, fit_venn_abers

FEWEST = 40  # won and lost leads each, below which there is nothing to learn from
FEW = 300  # won and lost leads each, below which trees find more noise than signal
GROWTHS = {"stumps": Growth(leaves=3), "trees": Growth(leaves=7), "deep trees": Growth(leaves=15)}
_MOST_ROWS = 60_000  # rows on which candidates are compared; the chosen ones learn from all
_BLOCKS, _SKIPPED = 5, 2  # of the training part in order: the first two blocks are only learned from
_FOLDS = 3  # of the training part without order

Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class _Training:
    sample: Sample
    group: Groups
    position: Rows
    calibrate: NDArray[np.bool_]
    ordered: bool


def learn(
    X: Floats,
    y: Floats,
    *,
    weight: Floats,
    group: Groups,
    position: Rows,
    part: NDArray[np.str_],
    features: tuple[Feature, ...],
    budget_seconds: float,
    seed: int,
    ordered: bool,
    on_progress: Progress = lambda message, share: None,
) -> LeadModel:
    """Learn from labelled rows of the parts ``train`` and ``calibrate``.

    X (n, features) with NaN for missing, y (n,) of 0 and 1, weight (n,), group (n,) the lead, position (n,) the rank in
    time, part (n,). With ``budget_seconds`` 0 nothing is tuned and the same input gives the same model; otherwise
    Optuna tunes the trees for about that long. Raises DataFallsShort below 40 won or 40 lost leads.
    """
    started = time.monotonic()
    counts = _count(y, group)
    training = _prepare(X, y, weight, group, position, part, features, seed, ordered)
    few = min(counts["won"], counts["lost"]) < FEW
    chosen = _sampled(training)
    folds = _folds(chosen)
    candidates, trials = _candidates(chosen.sample, folds, few, budget_seconds, on_progress)
    held = _out_of_fold(chosen, folds)
    margins = np.stack([candidate.margins for candidate in candidates])
    stacked = stack(margins, held)
    facts = counts | {
        "candidates": _describe(candidates, stacked, held),
        "base_log_loss": _mean_loss(held, held.base),
        "trials": trials,
        "warnings": [],
    }
    if few:
        facts["warnings"].append(
            f"Only {counts['won']} won and {counts['lost']} lost leads: a regularised logistic model was learned."
        )
    _tell_drift(facts, training)
    on_progress("fitting the final model", 0.8)
    model = _final(training, candidates, stacked, margins, held, facts)
    facts["seconds"] = round(time.monotonic() - started, 2)
    return model


def _count(y: Floats, group: Groups) -> dict[str, Any]:
    won = len(np.unique(group[y > 0]))
    leads = len(np.unique(group))
    lost = leads - won
    if min(won, lost) < FEWEST:
        raise DataFallsShort(
            f"{won} won and {lost} lost leads to learn from, expected at least {FEWEST} of each.",
            hint="Bring a longer history, or check in the mapping how the outcome reads.",
        )
    return {"rows": len(y), "leads": leads, "won": won, "lost": lost, "base_rate": float(np.mean(y))}


def _prepare(
    X: Floats,
    y: Floats,
    weight: Floats,
    group: Groups,
    position: Rows,
    part: Any,
    features: Any,
    seed: int,
    ordered: bool,
) -> _Training:
    known = np.isin(part, ("train", "calibrate"))
    order = np.flatnonzero(known)
    sample = Sample(
        np.ascontiguousarray(X[order], dtype=np.float64), np.asarray(y, float)[order], np.asarray(weight, float)[order],
        tuple(features), len(order) / len(np.unique(group[order])), seed,
    )  # fmt: skip
    return _Training(sample, group[order], position[order], part[order] == "calibrate", ordered)


def _sampled(training: _Training) -> _Training:
    """At most _MOST_ROWS rows, whole leads at random."""
    if len(training.group) <= _MOST_ROWS:
        return training
    leads, lead = np.unique(training.group, return_inverse=True)
    drawn = np.random.default_rng(training.sample.seed).permutation(len(leads))
    rows = np.flatnonzero(drawn[lead] < len(leads) * _MOST_ROWS / len(lead))
    X, y, weight = training.sample.rows(rows)
    sample = Sample(X, y, weight, training.sample.features, training.sample.rows_per_lead, training.sample.seed)
    return _Training(sample, training.group[rows], training.position[rows], training.calibrate[rows], training.ordered)


def _folds(training: _Training) -> list[Fold]:
    """Folds within the training part, and the calibrate part predicted from all of it as the last fold.

    In time order each fold counts twice as much as the one before: the newest is the most like what will be scored.
    """
    train, calibrate = np.flatnonzero(~training.calibrate), np.flatnonzero(training.calibrate)
    if training.ordered:
        blocks = time_blocks(training.position[train], training.group[train], _BLOCKS)
        inner = list(forward_folds(blocks, _SKIPPED))
    else:
        inner = list(group_folds(training.sample.y[train], training.group[train], _FOLDS, training.sample.seed))
    folds = [Fold(train[fold.train], train[fold.held_out]) for fold in inner] + [Fold(train, calibrate)]
    if not training.ordered:
        return folds
    return [replace(fold, weight=0.5**age) for age, fold in zip(reversed(range(len(folds))), folds, strict=True)]


def _candidates(
    sample: Sample, folds: list[Fold], few: bool, budget_seconds: float, on_progress: Progress
) -> tuple[list[Candidate], int]:
    on_progress("fitting logistic terms", 0.02)
    candidates = [logistic_candidate(sample, folds)]
    if few:
        return candidates, 0
    for step, (name, growth) in enumerate(GROWTHS.items()):
        on_progress(f"growing {name}", 0.05 + 0.05 * step)
        candidates.append(tree_candidate(name, sample, folds, growth))
    if budget_seconds <= 0:
        return candidates, 0
    tuning = tune_trees(
        sample, folds, budget_seconds, GROWTHS["trees"], lambda text, share: on_progress(text, 0.2 + 0.6 * share)
    )
    return candidates + ([tuning.candidate] if tuning.candidate else []), tuning.trials


def _out_of_fold(training: _Training, folds: list[Fold]) -> OutOfFold:
    rows = held_out_rows(folds)
    sample = training.sample
    rates = [np.average(sample.y[fold.train], weights=sample.weight[fold.train]) for fold in folds]
    sizes = [len(fold.held_out) for fold in folds]
    return OutOfFold(
        sample.y[rows],
        held_out_weight(sample, folds),
        training.group[rows],
        np.repeat(np.arange(len(folds)), sizes),
        np.repeat([_log_odds(rate) for rate in rates], sizes),
    )


def _final(
    training: _Training,
    candidates: list[Candidate],
    stacked: Stack,
    margins: Floats,
    held: OutOfFold,
    facts: dict[str, Any],
) -> LeadModel:
    """Fit the candidates that count on everything, with the calibrator and interval of the calibrate part."""
    sample = training.sample
    later = held.fold == held.fold.max()
    y, weight, group = held.y[later], held.weight[later], held.group[later]
    base = _log_odds(np.average(sample.y, weights=sample.weight))
    facts["skill"] = stacked.skill
    facts["gain"] = {"mean": stacked.gain.mean, "error": stacked.gain.error}
    if not stacked.skill:
        facts["why"] = _no_skill(stacked.gain)
        facts["warnings"].append(facts["why"])
        facts["calibrator"] = {"kind": Identity.kind, "log_loss": {}}
        steps = fit_venn_abers(np.full(len(y), base), y, weight)
        return LeadModel(
            Margin((), (), base, sample.X.shape[1]), Identity(), VennAbersInterval(steps, Identity()), facts
        )
    margin = stacked.margin(margins[:, later], held.base[later])
    # The final fit learns the base rate of the calibrate part from its rows. A calibrator with that shift in it would
    # count it twice, so only the shape is calibrated.
    margin += fit_shift(margin, y, weight)
    choice = choose_calibrator(margin, y, weight, group, sample.seed)
    facts["calibrator"] = _describe_choice(choice)
    interval = VennAbersInterval(fit_venn_abers(margin, y, weight), choice.calibrator)
    counted = [(weight, candidate) for weight, candidate in zip(stacked.weights, candidates, strict=True) if weight > 0]
    intercept = (1.0 - float(stacked.weights.sum())) * base
    margin_of = Margin(
        tuple(candidate.fit(sample) for _, candidate in counted),
        tuple(float(weight) for weight, _ in counted),
        intercept,
        sample.X.shape[1],
    )
    return LeadModel(margin_of, choice.calibrator, interval, facts)


def _describe(candidates: list[Candidate], stacked: Stack, held: OutOfFold) -> list[dict[str, Any]]:
    return [
        {
            "name": candidate.name,
            "weight": float(weight),
            "log_loss": _mean_loss(held, candidate.margins),
            "log_loss_by_fold": [
                float(
                    np.average(
                        log_losses(held.y[held.fold == f], logistic(candidate.margins[held.fold == f])),
                        weights=held.weight[held.fold == f],
                    )
                )
                for f in np.unique(held.fold)
            ],
            "settings": candidate.settings,
        }
        for candidate, weight in zip(candidates, stacked.weights, strict=True)
    ]


def _describe_choice(choice: Choice) -> dict[str, Any]:
    return {
        "kind": choice.calibrator.kind,
        "log_loss": choice.losses,
        "gain": choice.gain.mean,
        "error": choice.gain.error,
    }


def _mean_loss(held: OutOfFold, margin: Floats) -> float:
    return float(np.average(log_losses(held.y, logistic(margin)), weights=held.weight))


def _no_skill(gain: Gain) -> str:
    return (
        "No skill: on leads that it had not seen, the best model gains "
        f"{gain.mean:.4f} (standard error {gain.error:.4f}) in log loss over the base rate, which chance explains. "
        "Every lead gets the base rate."
    )


def _tell_drift(facts: dict[str, Any], training: _Training) -> None:
    if not training.ordered:
        return
    rates = base_rates(training.sample.y, training.sample.weight, training.group, training.position)
    facts["base_rates"] = rates
    facts["warnings"] += drift_warnings(rates)


def _log_odds(rate: float) -> float:
    cut = min(max(float(rate), 1e-6), 1 - 1e-6)
    return float(np.log(cut / (1 - cut)))
