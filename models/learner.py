"""Learning: from the feature matrix of won and lost leads to a calibrated model.

Candidates (logistic terms, trees of several depths) are stacked on the log-odds scale by what they say of leads that
they had not seen; the calibrator is chosen on the later, disjoint ``calibrate`` part; then the candidates are fitted
again on everything. Where nothing beats the base rate beyond noise, the base rate is the model, and its facts say so.
"""

import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data_contracts.errors import DataFallsShort
from data_contracts.progress import Progress, silent
from features.feature import Feature
from features.records import Floats
from models.boosting import Growth
from models.calibration import Identity
from models.calibration_fit import choose_calibrator
from models.candidates import Candidate, logistic_candidate, mean_loss, tree_candidate
from models.drift import base_rates, drift_warnings
from models.folds import Groups, Rows
from models.learning_facts import describe_candidates, describe_choice, few_leads, no_skill
from models.margin import Margin
from models.model import LeadModel
from models.newton import fit_shift
from models.stacking import OutOfFold, Stack, stack
from models.training_data import TrainingData, log_odds
from models.tuning import tune_trees
from models.venn_abers import VennAbersInterval, fit_venn_abers

FEWEST = 40  # won and lost leads each, below which there is nothing to learn from
FEW = 300  # won and lost leads each, below which trees find more noise than signal
STUMPS = Growth(leaves=3)
GROWTHS = {"trees": Growth(leaves=7), "deep trees": Growth(leaves=15)}
_LEAST_TUNING = 0.5  # of the budget, however long the first candidates took
HALF_LIVES = (None, 0.5, 0.25)  # of the training rows in time order, as a share of them


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
    on_progress: Progress = silent,
) -> LeadModel:
    """Learn from labelled rows of the parts ``train`` and ``calibrate``.

    X (n, features) with NaN for missing, y (n,) of 0 and 1, weight (n,), group (n,) the lead, position (n,) the rank in
    time, part (n,). With ``budget_seconds`` 0 nothing is tuned and the same input gives the same model; otherwise
    Optuna tunes the trees for about that long. Raises DataFallsShort below 40 won or 40 lost leads.
    """
    started = time.monotonic()
    data = TrainingData.of(X, y, weight, group, position, part, features, seed, ordered)
    facts = _count(data)
    few = min(facts["won"], facts["lost"]) < FEW
    if few:
        facts["warnings"].append(few_leads(facts["won"], facts["lost"]))
    if ordered:
        facts["base_rates"] = base_rates(data.sample.y, data.sample.weight, data.group, data.sample.position)
        facts["warnings"] += drift_warnings(facts["base_rates"])
    sampled, candidates, trials = _candidates(data.sampled(), few, budget_seconds, on_progress)
    held = sampled.out_of_fold()
    margins = np.stack([candidate.margins for candidate in candidates])
    stacked = stack(margins, held, ordered, np.array([candidate.trees for candidate in candidates]))
    facts |= {
        "half_life": sampled.sample.half_life,
        "trials": trials,
        "candidates": describe_candidates(candidates, stacked, held),
        "skill": stacked.skill,
        "gain": {"mean": stacked.gain.mean, "error": stacked.gain.error},
    }
    on_progress("fitting on all leads", 0.8)
    data = data.with_half_life(sampled.sample.half_life)
    model = _stacked(data, candidates, stacked, margins, held, facts) if stacked.skill else _base_rate(data, facts)
    facts["seconds"] = round(time.monotonic() - started, 2)
    return model


def _count(data: TrainingData) -> dict[str, Any]:
    leads, won = len(np.unique(data.group)), len(np.unique(data.group[data.sample.y > 0]))
    if min(won, leads - won) < FEWEST:
        raise DataFallsShort(
            f"{won} won and {leads - won} lost leads to learn from, expected at least {FEWEST} of each.",
            hint="Bring a longer history, or check in the mapping how the outcome reads.",
        )
    rate = float(np.average(data.sample.y, weights=data.sample.weight))
    return {"rows": len(data.group), "leads": leads, "won": won, "lost": leads - won, "base_rate": rate, "warnings": []}


def _candidates(
    data: TrainingData, few: bool, budget_seconds: float, on_progress: Progress
) -> tuple[TrainingData, list[Candidate], int]:
    """The candidates, the data with the half-life under which they were compared, and the number of tuning trials."""
    started = time.monotonic()
    folds = data.folds()
    on_progress("fitting logistic terms", 0.02)
    if few:
        return data, [logistic_candidate(data.sample, folds)], 0
    data, stumps = _choose_half_life(data)
    candidates = [logistic_candidate(data.sample, folds), stumps]
    for step, (name, growth) in enumerate(GROWTHS.items()):
        on_progress(f"growing {name}", 0.1 + 0.05 * step)
        candidates.append(tree_candidate(name, data.sample, folds, growth))
    if budget_seconds <= 0:
        return data, candidates, 0
    left = max(budget_seconds - (time.monotonic() - started), budget_seconds * _LEAST_TUNING)
    tuning = tune_trees(
        data.sample, folds, left, GROWTHS["trees"], lambda told, share: on_progress(told, 0.2 + 0.6 * share)
    )
    return data, candidates + ([tuning.candidate] if tuning.candidate else []), tuning.trials


def _choose_half_life(data: TrainingData) -> tuple[TrainingData, Candidate]:
    """The half-life under which stumps say most of held-out leads; none where the leads have no order in time."""
    tried: list[tuple[float, int, TrainingData, Candidate]] = []
    for half_life in HALF_LIVES if data.ordered else (None,):
        aged = data.with_half_life(half_life)
        stumps = tree_candidate("stumps", aged.sample, aged.folds(), STUMPS)
        tried.append((mean_loss(stumps, aged.sample, aged.folds()), len(tried), aged, stumps))
    _, _, best, stumps = min(tried)
    return best, stumps


def _base_rate(data: TrainingData, facts: dict[str, Any]) -> LeadModel:
    """The model of data in which nothing was found."""
    facts["why"] = no_skill(facts["gain"])
    facts["warnings"].append(facts["why"])
    facts["calibrator"] = {"kind": Identity.kind, "log_loss": {}}
    sample = data.sample
    base = log_odds(facts["base_rate"])
    steps = fit_venn_abers(np.full(len(sample.y), base), sample.y, sample.weight)
    return LeadModel(Margin((), (), base, sample.X.shape[1]), Identity(), VennAbersInterval(steps, Identity()), facts)


def _stacked(
    data: TrainingData,
    candidates: list[Candidate],
    stacked: Stack,
    margins: Floats,
    held: OutOfFold,
    facts: dict[str, Any],
) -> LeadModel:
    """The candidates that count, fitted on everything, with the calibrator and interval of the calibrate part."""
    later = held.fold == held.fold.max()
    y, weight, group = held.y[later], held.weight[later], held.group[later]
    margin = stacked.margin(margins[:, later], held.base[later])
    # The final fit learns the base rate of the calibrate part from its rows. A calibrator with that shift in it would
    # count it twice, so only the shape is calibrated.
    margin = margin + fit_shift(margin, y, weight)
    position = held.position[later] if data.ordered else None
    choice = choose_calibrator(margin, y, weight, group, data.sample.seed, position)
    facts["calibrator"] = describe_choice(choice)
    counted = [(float(share), each) for share, each in zip(stacked.weights, candidates, strict=True) if share > 0]
    _, learned_y, learned_weight = data.sample.learned()
    base = log_odds(np.average(learned_y, weights=learned_weight))
    total = Margin(
        tuple(candidate.fit(data.sample) for _, candidate in counted),
        tuple(share for share, _ in counted),
        (1.0 - sum(share for share, _ in counted)) * base,
        data.sample.X.shape[1],
    )
    interval = VennAbersInterval(fit_venn_abers(margin, y, weight), choice.calibrator)
    return LeadModel(total, choice.calibrator, interval, facts)
