"""Learning: from the feature matrix of won and lost leads to a calibrated model.

Candidates (logistic terms; trees of several depths and encodings, alone and on top of the logistic terms) are stacked
on the log-odds scale by what they say of leads that they had not seen; a calibrator is taken only where later leads
confirm it; then the candidates are fitted again on everything. Where nothing beats the base rate beyond noise, the base
rate is the model, and its facts say so.
"""

import time
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data_contracts.errors import DataFallsShort
from data_contracts.progress import Progress, silent
from data_contracts.threads import each_of
from features.arrays import Floats
from features.feature import Feature
from models.calibration.calibrators import Identity
from models.calibration.fitting import choose_calibrator
from models.calibration.venn_abers import VennAbersInterval, fit_venn_abers
from models.learning.base_rates import BLOCKS, base_rates, drift_warnings
from models.learning.candidates import Candidate, logistic_line, staged_folds, tree_candidate
from models.learning.facts import describe_candidates, describe_choice, few_leads, no_skill
from models.learning.stacking import Stack, stack
from models.learning.time_proxies import clock_warnings, find_clocks
from models.learning.tuning import Budget, tune_trees
from models.log_odds import expit, log_losses
from models.logistic.component import LogisticTerms
from models.logistic.newton import fit_shift
from models.margin.margin import Margin
from models.margin.model import LeadModel
from models.samples.folds import Fold, Groups, Rows, time_blocks
from models.samples.gain import measure_gain
from models.samples.out_of_fold import OutOfFold
from models.samples.sample import Sample
from models.samples.training_data import TrainingData
from models.trees.booster import Booster, weighted_sum
from models.trees.training import TreeParameters

FEWEST = 40  # won and lost leads each, below which there is nothing to learn from
FEW = 300  # won and lost leads each, below which trees find more noise than signal
STUMPS = TreeParameters(leaves=3)
TREES = {  # the most useful first: a small budget may not reach the last
    "trees": TreeParameters(leaves=7),
    "stumps": STUMPS,
    "one-hot trees": TreeParameters(leaves=7, encoding="one_hot"),
    "target trees": TreeParameters(leaves=7, encoding="target"),
    "deep trees": TreeParameters(leaves=15, trees=500, rate=0.03),
    "deep one-hot trees": TreeParameters(leaves=15, trees=500, rate=0.03, feature_share=0.4, encoding="one_hot"),
    "trees on the line": TreeParameters(leaves=7, offset=True),
}
HALF_LIVES = (0.5, 0.25)  # of the training rows in time order, as a share of them
_BEYOND_NOISE = 1.282  # standard errors: one-sided 90 %
_LATE = 0.6  # of the budget: no more kinds of trees after it
# Of all trees of a model, as each costs time and memory in every score: no more than it has seen leads, within these.
_FEWEST_LEAVES, _MOST_LEAVES = 12_000, 20_000
_BAGS = 4


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
    trials: int | None = None,
    monotone: tuple[int, ...] = (),
    on_progress: Progress = silent,
) -> LeadModel:
    """Learn from labelled rows of the parts ``train`` and ``calibrate``.

    X (n, features) with NaN for missing, y (n,) of 0 and 1, weight (n,), group (n,) the lead, position (n,) the rank in
    time, part (n,), ``monotone`` the sign of each feature whose rise may only raise (1) or lower (-1) the score. Optuna
    tunes the trees until about ``budget_seconds`` have passed, or for exactly ``trials`` trials: then, and with a
    budget of 0, which tunes nothing, the same input gives the same model. Raises DataFallsShort below 40 won or 40
    lost leads.
    """
    started = time.monotonic()
    data = TrainingData.of(X, y, weight, group, position, part, features, seed, ordered, monotone)
    facts = _count(data)
    few = min(facts["won"], facts["lost"]) < FEW
    if few:
        facts["warnings"].append(few_leads(facts["won"], facts["lost"]))
    if ordered:
        blocks = time_blocks(data.sample.position, data.group, BLOCKS)
        facts["base_rates"] = base_rates(data.sample.y, blocks, data.sample.weight)
        facts["warnings"] += drift_warnings(facts["base_rates"])
        clocks = find_clocks(data.sample.X, data.sample.position, data.group, data.sample.features)
        facts["clocks"] = [clock.to_json() for clock in clocks]
        facts["warnings"] += clock_warnings(clocks)
    sampled, candidates, trials = _candidates(data.sampled(), few, Budget(budget_seconds, trials), on_progress)
    held = sampled.out_of_fold()
    most = min(max(facts["leads"], _FEWEST_LEAVES), _MOST_LEAVES)
    margins = np.stack([candidate.margins for candidate in candidates])
    stacked = _stack(candidates, margins, held, ordered, most)
    facts |= {
        "half_life": sampled.sample.half_life,
        "trials": trials,
        "candidates": describe_candidates(candidates, stacked, held),
        "skill": stacked.skill,
        "gain": {"mean": stacked.gain.mean, "error": stacked.gain.error},
    }
    on_progress("fitting on all leads", 0.8)
    data = data.with_half_life(sampled.sample.half_life)
    model = (
        _stacked(data, candidates, stacked, margins, held, most, facts)
        if stacked.skill
        else _base_rate(data, stacked, facts)
    )
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
    data: TrainingData, few: bool, budget: Budget, on_progress: Progress
) -> tuple[TrainingData, list[Candidate], int]:
    """The candidates, the data with the half-life under which they were compared, and the number of tuning trials."""
    on_progress("fitting logistic terms", 0.02)
    if few:
        return data, [logistic_line(data.sample, data.folds()).candidate], 0
    data = _with_half_life(data)
    folds = data.folds()
    line = logistic_line(data.sample, folds)
    candidates = [line.candidate]
    kinds = [
        (name, parameters)
        for name, parameters in TREES.items()
        if data.sample.categorical or parameters.encoding == "native"
    ]
    for step, (name, parameters) in enumerate(kinds):
        if budget.spent > _LATE and len(candidates) > 1:
            break
        on_progress(f"training {name}", 0.1 + 0.1 * step / len(kinds))
        candidates.append(tree_candidate(name, data.sample, folds, parameters, line))
    if not budget.tunes:
        return data, candidates, 0
    tuning = tune_trees(
        data.sample,
        folds,
        budget,
        TREES["trees"],
        lambda told, share: on_progress(told, 0.2 + 0.6 * share),
        line,
    )
    return data, [*candidates, *tuning.candidates], tuning.trials


def _with_half_life(data: TrainingData) -> TrainingData:
    """The data under the half-life with which stumps say most of the newest leads, if that is beyond noise."""
    if not data.ordered:
        return data
    newest = data.folds()[-1]
    held = data.sample.rows(newest.held_out)
    aged = [data.with_half_life(half_life) for half_life in HALF_LIVES]
    plain, *others = each_of(lambda each: _stump_losses(each, newest), [data, *aged])
    gains = [measure_gain(plain - losses, held.weight, held.group) for losses in others]
    beyond = [(gain.mean, k) for k, gain in enumerate(gains) if gain.z > _BEYOND_NOISE]
    return aged[max(beyond)[1]] if beyond else data


def _stump_losses(data: TrainingData, fold: Fold) -> Floats:
    """Log loss of each held-out row under the number of stumps that is best there."""
    held = data.sample.rows(fold.held_out)
    losses = [log_losses(held.y, expit(margin)) for margin in staged_folds(data.sample, [fold], STUMPS)[0]]
    return min(losses, key=lambda each: float(np.average(each, weights=held.weight)))


def _base_rate(data: TrainingData, stacked: Stack, facts: dict[str, Any]) -> LeadModel:
    """The model of data in which nothing was found."""
    facts["why"] = no_skill(stacked)
    facts["warnings"].append(facts["why"])
    facts["calibrator"] = {"kind": Identity.kind, "log_loss": {}}
    sample, base = data.sample, data.sample.base
    steps = fit_venn_abers(np.full(len(sample.y), base), sample.y, sample.weight)
    return LeadModel(Margin((), (), base, sample.X.shape[1]), Identity(), VennAbersInterval(steps, Identity()), facts)


def _stacked(
    data: TrainingData,
    candidates: list[Candidate],
    stacked: Stack,
    margins: Floats,
    held: OutOfFold,
    most: int,
    facts: dict[str, Any],
) -> LeadModel:
    """The candidates that count, fitted on everything, with a calibrator and an interval."""
    margin = stacked.margin(margins, held.base)
    # The final fit learns the base rate of the newest leads from them. A calibrator that holds the shift between two
    # folds would count it twice, so only the shape is calibrated.
    for fold in np.unique(held.fold):
        rows = held.fold == fold
        margin[rows] += fit_shift(margin[rows], held.y[rows], held.weight[rows])
    choice = choose_calibrator(margin, held, data.sample.seed, data.ordered)
    facts["calibrator"] = describe_choice(choice)
    total = _sum(data.sample, candidates, stacked.weights, most)
    later = held.fold == held.fold.max() if data.ordered else np.ones(len(margin), dtype=np.bool_)
    steps = fit_venn_abers(margin[later], held.y[later], held.weight[later])
    return LeadModel(total, choice.calibrator, VennAbersInterval(steps, choice.calibrator), facts)


def _stack(candidates: list[Candidate], margins: Floats, held: OutOfFold, ordered: bool, most: int) -> Stack:
    """The weights of the candidates; as long as those that count hold more than ``most`` leaves, one is left out.

    It is the one that counts least for its leaves, and the others are weighed anew.
    """
    kept, leaves = np.ones(len(candidates), dtype=np.bool_), np.array([candidate.leaves for candidate in candidates])
    while True:
        stacked, weights = stack(margins[kept], held, ordered), np.zeros(len(candidates))
        weights[kept] = stacked.weights
        counted = leaves * (weights > 0)
        if counted.sum() <= most:
            return replace(stacked, weights=weights)
        kept[np.argmin(np.where(counted > 0, weights / np.maximum(leaves, 1), np.inf))] = False


def _sum(sample: Sample, candidates: list[Candidate], weights: Floats, most: int) -> Margin:
    """The weighted sum of what the candidates with a weight fit; lines that two of them share are there once."""
    counted = [(weight, each) for weight, each in zip(weights.tolist(), candidates, strict=True) if weight > 0]
    bags = min(_BAGS, max(1, most // max(1, sum(each.leaves for _, each in counted))))
    lines: dict[LogisticTerms, float] = {}
    trees: list[tuple[str, float]] = []
    for (weight, _), fitted in zip(counted, each_of(lambda each: each[1].fit(sample, bags), counted), strict=True):
        if fitted.line:
            lines[fitted.line] = lines.get(fitted.line, 0.0) + weight
        if fitted.trees:
            trees.append((fitted.trees.text, weight))
    boosters = (Booster(weighted_sum(*zip(*trees, strict=True))),) if trees else ()
    return Margin(
        (*lines, *boosters),
        (*lines.values(), *(1.0 for _ in boosters)),
        (1.0 - float(weights.sum())) * sample.aged().base,
        sample.X.shape[1],
    )
