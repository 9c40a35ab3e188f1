"""Learning: from the rows of won and lost leads to a calibrated model.

Candidates (logistic terms; trees of several depths and encodings, alone and on top of the logistic terms) are stacked
on the log-odds scale by what they say of leads that they had not seen; a calibrator is taken only where later leads
confirm it; then the candidates are fitted again on everything. Where nothing beats the base rate beyond noise, the base
rate is the model, and its report says so.
"""

import time
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

import numpy as np

from data_contracts.errors import DataFallsShort
from data_contracts.progress import Progress, silent
from data_contracts.threads import each_of, plain_algebra
from features.arrays import Floats
from features.labels.base_rates import base_rates
from models.calibration.calibrators import Identity, ProbabilityInterval, Sigmoid
from models.calibration.fitting import choose_calibrator
from models.calibration.venn_abers import fit_venn_abers
from models.learning.budget import Budget
from models.learning.candidates import Candidate, linear_model, tree_candidate
from models.learning.deviation import log_odds_deviation
from models.learning.drift import BLOCKS, drift_warnings
from models.learning.growth import FoldedSample, Growth
from models.learning.level import MIN_LEADS, Level, block_levels, forecast, level_warnings, without_level
from models.learning.report import describe_candidates, no_skill
from models.learning.settings import STUMPS, LearnerSettings
from models.learning.stacking import Stack, losses_without, stack
from models.learning.time_proxies import find_time_proxies, time_proxy_warnings
from models.learning.tuning import tune_trees
from models.logistic.component import LogisticTerms
from models.margin.margin import Margin
from models.margin.model import LeadModel
from models.samples.folds import Fold, OutOfFold, held_out_rows, time_blocks
from models.samples.gain import measure_gain
from models.samples.sample import Sample
from models.samples.training_rows import TrainingRows
from models.trees.booster import Booster
from models.trees.lightgbm_text import weighted_sum
from models.trees.training import TreeParameters


@plain_algebra()
def learn(rows: TrainingRows, settings: LearnerSettings, on_progress: Progress = silent) -> LeadModel:
    """Learn from the rows of the splits ``train`` and ``calibrate``.

    Raises DataFallsShort with fewer won or lost leads than ``settings.min_leads`` (a lead and its copies count once),
    ValueError where a row that is learned from has no label.

    >>> from features.feature import Feature
    >>> X = np.random.default_rng(0).normal(size=(200, 1))
    >>> number = np.arange(200)
    >>> visits = Feature("visits", "behavioural", "visits", "count", "Visits", "visits")
    >>> rows = TrainingRows(
    ...     X, y=(X[:, 0] > 0).astype(float), weight=np.ones(200), lead=number, time_rank=number,
    ...     split=np.where(number < 150, "train", "calibrate"), features=(visits,), ordered=True,
    ... )
    >>> learn(rows, LearnerSettings(seed=0)).probability(np.array([[-1.0], [1.0]])).round(1).tolist()
    [0.0, 1.0]
    """
    started = time.monotonic()
    sample = Sample.of(rows, settings.seed)
    report = _count(sample, settings.min_leads)
    if sample.ordered:
        _look_along_time(sample, report)
    if report["different"] < settings.min_leads_in_time:
        sample = replace(sample, ordered=False)
    max_leaves = settings.most_leaves(report["different"])
    compared, candidates, trials = _candidates(sample.sampled(settings.rows), settings, max_leaves, on_progress)
    held = compared.out_of_fold()
    margins = np.stack([candidate.margins for candidate in candidates])
    stacked = _stack(candidates, margins, held, sample.ordered, max_leaves, settings)
    report |= {
        "half_life": compared.half_life,
        "trials": trials,
        "candidates": describe_candidates(candidates, stacked, held),
        "skill": stacked.skill,
        "gain": asdict(stacked.gain),
    }
    on_progress("fitting on all leads", 0.8)
    sample = replace(sample, half_life=compared.half_life)
    if stacked.skill:
        margin = _sum(sample, candidates, stacked.weights, max_leaves, settings.max_bags)
        predicted, level = stacked.margin(margins, held.base), Level(0.0, 0.0)
        if sample.ordered and report["different"] >= MIN_LEADS:
            level = newest_level(sample, compared, predicted, held)
            margin = _levelled(margin, level, report)
        deviation = log_odds_deviation(
            compared, lambda part: _sum(part, candidates, stacked.weights, max_leaves, max_bags=1)
        )
        report["deviation"] = float(np.hypot(deviation, level.deviation))
        model = _calibrated(margin, sample, predicted, held, level, report)
    else:
        model = _base_rate(sample, stacked, report)
    report["seconds"] = round(time.monotonic() - started, 2)
    return model


def _count(sample: Sample, min_leads: int) -> dict[str, Any]:
    leads, won = len(np.unique(sample.lead)), len(np.unique(sample.lead[sample.y > 0]))
    is_won = np.isin(sample.lead, sample.lead[sample.y > 0])
    of_won, of_lost = (len(np.unique(sample.together[rows])) for rows in (is_won, ~is_won))
    different = len(np.unique(sample.together))
    if min(of_won, of_lost) < min_leads:
        kind = "" if different == leads else "different "
        raise DataFallsShort(
            f"{of_won} won and {of_lost} lost {kind}leads to learn from, expected at least {min_leads} of each.",
            hint="Bring a longer history, or check in the mapping how the outcome reads.",
        )
    counts = {"rows": len(sample), "leads": leads, "different": different, "won": won, "lost": leads - won}
    return counts | {"base_rate": float(np.average(sample.y, weights=sample.weight)), "warnings": []}


def _look_along_time(sample: Sample, report: dict[str, Any]) -> None:
    """Add how the base rate moves and which features tell the time, with a warning where that matters."""
    rates = base_rates(sample.y, time_blocks(sample.time_rank, sample.lead, BLOCKS), sample.weight)
    proxies = find_time_proxies(sample.X, sample.time_rank, sample.lead, sample.features)
    report |= {"base_rates": rates, "clocks": [proxy.to_json() for proxy in proxies]}
    report["warnings"] += [*drift_warnings(rates), *time_proxy_warnings(proxies)]


def _candidates(
    sample: Sample, settings: LearnerSettings, max_leaves: int, on_progress: Progress
) -> tuple[Sample, list[Candidate], int]:
    """The candidates, the rows with the half-life under which they were compared, and the number of tuning trials.

    A candidate has at most ``max_leaves``.
    """
    budget = Budget(settings.budget_seconds, settings.trials)
    on_progress("fitting logistic terms", 0.02)
    sample = _with_half_life(sample, settings)
    linear = linear_model(sample, sample.folds(), settings.C)
    folded = FoldedSample(sample, sample.folds(), linear.terms)
    candidates = [linear.candidate]
    best: tuple[TreeParameters, Candidate] | None = None
    start: TreeParameters | None = None  # the best of LightGBM's trees
    kinds: list[tuple[str, TreeParameters | Mapping[str, Any]]] = [*settings.trees.items(), *settings.variants.items()]
    for step, (name, kind) in enumerate(kinds):
        if budget.spent > settings.late and len(candidates) > 1:
            break
        parameters = kind if isinstance(kind, TreeParameters) else replace(start or STUMPS, **kind)
        if not _suits(parameters, sample, settings):
            continue
        on_progress(f"training {name}", 0.1 + 0.1 * step / len(kinds))
        parameters = parameters.scaled(folded.sample).within(max_leaves)
        rival = best[1].margins if best and settings.reject_hopeless else None
        candidate = tree_candidate(name, folded, parameters, linear, rival)
        if candidate is None:
            continue
        candidates.append(candidate)
        if best is None or held_out_loss(folded, candidate) < held_out_loss(folded, best[1]):
            best = parameters, candidate
            start = parameters if parameters.shape == "free" else start
    if not budget.tunes or best is None:
        return sample, candidates, 0
    tuned, trials = tune_trees(
        folded, budget, start or STUMPS, lambda text, share: on_progress(text, 0.2 + 0.6 * share), linear, max_leaves
    )
    return sample, [*candidates, *tuned], trials


def _suits(parameters: TreeParameters, sample: Sample, settings: LearnerSettings) -> bool:
    """Whether such trees are worth their time on these rows."""
    if parameters.shape == "symmetric" and len(sample) > settings.max_symmetric_rows:
        return False
    return parameters.encoding == "native" or bool(sample.categorical)


def _with_half_life(sample: Sample, settings: LearnerSettings) -> Sample:
    """The rows under the half-life with which stumps say most of the newest leads, if that is beyond noise."""
    if not sample.ordered:
        return sample
    newest = sample.folds()[-1:]
    held = sample.rows(newest[0].held_out)
    weighted = [replace(sample, half_life=half_life) for half_life in settings.half_lives]
    plain, *others = (_losses(each, newest, settings.stumps) for each in [sample, *weighted])
    gains = [measure_gain(plain - losses, held.weight, held.lead) for losses in others]
    beyond = [(gain.mean, k) for k, gain in enumerate(gains) if gain.z > settings.half_life_z]
    return weighted[max(beyond)[1]] if beyond else sample


def _losses(sample: Sample, newest: list[Fold], stumps: TreeParameters) -> Floats:
    """Log loss of each held-out row under the number of stumps that is best there."""
    folded = FoldedSample(sample, newest)
    return folded.losses(Growth(folded, stumps.scaled(sample)).complete().margins, [0])


def held_out_loss(folded: FoldedSample, candidate: Candidate) -> float:
    """The mean log loss of a candidate on the held-out rows."""
    numbers = range(len(folded.folds))
    return float(np.average(folded.losses(candidate.margins, numbers), weights=folded.held(numbers).weight))


def _base_rate(sample: Sample, stacked: Stack, report: dict[str, Any]) -> LeadModel:
    """The model of data in which nothing was found."""
    report["why"] = no_skill(stacked)
    report["warnings"].append(report["why"])
    report["calibrator"] = {"kind": Identity.kind, "log_loss": {}}
    steps = fit_venn_abers(np.full(len(sample), sample.base), sample.y, sample.weight)
    margin = Margin((), (), sample.base, sample.X.shape[1])
    return LeadModel(margin, Identity(), ProbabilityInterval(steps, Identity(), 0.0), report)


def newest_level(sample: Sample, compared: Sample, margin: Floats, held: OutOfFold) -> Level:
    """How much more the leads to come win than what is learned of all of ``sample`` says.

    ``margin`` (n,) is what the candidates said of the held-out rows of ``compared``, which may be fewer.
    """
    weight, folds = sample.time_weighted().weight, sample.folds()
    learned = [float(weight[folds[0].train].sum()), *(float(weight[fold.held_out].sum()) for fold in folds)]
    time_rank = compared.time_rank[held_out_rows(compared.folds())]
    return forecast(*block_levels(margin, held, time_rank, learned))


def _levelled(margin: Margin, level: Level, report: dict[str, Any]) -> Margin:
    """The margin at the level of the newest leads."""
    report["level"] = asdict(level)
    report["warnings"] += level_warnings(level)
    return replace(margin, intercept=margin.intercept + level.mean)


def _calibrated(
    total: Margin, sample: Sample, margin: Floats, held: OutOfFold, level: Level, report: dict[str, Any]
) -> LeadModel:
    """``total`` with the calibrator and the interval that the margins (n held-out rows) of its candidates ask for.

    Where the ``level`` of the newest leads is uncertain, a line gives the mean probability over what it may be.
    """
    # The final fit learns the base rate of the newest leads from them, and its intercept their level. A calibrator that
    # holds the shift between two folds would count it twice, so only the shape is calibrated.
    margin = without_level(margin, held.y, held.weight, held.fold)
    choice = choose_calibrator(margin, held, sample.seed, sample.ordered)
    calibrator = choice.calibrator
    if isinstance(calibrator, Sigmoid):
        calibrator = calibrator.averaged(level.deviation)
    report["calibrator"] = {"kind": calibrator.kind, "log_loss": choice.losses, "gain": asdict(choice.gain)}
    later = held.fold == held.fold.max() if sample.ordered else np.ones(len(margin), dtype=np.bool_)
    steps = fit_venn_abers(margin[later], held.y[later], held.weight[later])
    return LeadModel(total, calibrator, ProbabilityInterval(steps, calibrator, report["deviation"]), report)


def _stack(
    candidates: list[Candidate], margins: Floats, held: OutOfFold, ordered: bool, max_leaves: int,
    settings: LearnerSettings,
) -> Stack:  # fmt: skip
    """The weights of the candidates; as long as those that count hold too many leaves, one is left out.

    It is the one whose leaves say least of the held-out leads, and the others are weighed anew. More than
    ``max_leaves`` are too many, and more than are free where that one's are not worth what they cost in each score.
    """
    kept, leaves = np.ones(len(candidates), dtype=np.bool_), np.array([candidate.leaves for candidate in candidates])
    usual = np.array([candidate.usual for candidate in candidates])
    while True:
        stacked, weights = stack(margins[kept], held, ordered, usual[kept]), np.zeros(len(candidates))
        weights[kept] = stacked.weights
        counted = leaves * (weights > 0)
        missed = losses_without(weights, margins, held, ordered)
        worth = np.where(counted > 0, missed / np.maximum(leaves, 1), np.inf)
        paid = counted.sum() <= settings.free_leaves or worth.min() >= settings.worth_of_leaf
        if paid and counted.sum() <= max_leaves:
            return replace(stacked, weights=weights)
        kept[np.argmin(worth)] = False


def _sum(sample: Sample, candidates: list[Candidate], weights: Floats, max_leaves: int, max_bags: int) -> Margin:
    """The weighted sum of what the candidates with a weight fit; a linear model that two share is in it once."""
    counted = [(weight, each) for weight, each in zip(weights.tolist(), candidates, strict=True) if weight > 0]
    bags = min(max_bags, max(1, max_leaves // max(1, sum(each.leaves for _, each in counted))))
    linear: dict[LogisticTerms, float] = {}
    trees: list[tuple[str, float]] = []
    threads = 1 if bags > 1 else None  # the bags of a candidate are trained beside each other
    fits = each_of(lambda each: each[1].fit(sample, bags), counted, threads)
    for (weight, _), fitted in zip(counted, fits, strict=True):
        if fitted.linear:
            linear[fitted.linear] = linear.get(fitted.linear, 0.0) + weight
        if fitted.trees:
            trees.append((fitted.trees.text, weight))
    boosters = (Booster(weighted_sum(*zip(*trees, strict=True))),) if trees else ()
    return Margin(
        (*linear, *boosters),
        (*linear.values(), *(1.0 for _ in boosters)),
        (1.0 - float(weights.sum())) * sample.time_weighted().base,
        sample.X.shape[1],
    )
