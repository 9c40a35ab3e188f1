"""Findings about outcomes: what the features stage will make of them, so that nothing passes that it would refuse."""

from collections.abc import Iterator

import numpy as np

from data_contracts.checks.finding import Finding, Level
from data_contracts.dataset import Dataset
from data_contracts.errors import DataFallsShort
from data_contracts.wording import counted
from features.labels.splits import TEST, Candidates, Shares, split
from pipelines.labelling.labelled import label_snapshots, split_candidates
from pipelines.labelling.standing import MIN_PER_CLASS, Standing
from pipelines.tables.tables import Tables
from pipelines.workspace.params import FeaturesParams
from pipelines.workspace.resources import Resources

MIN_RARER_SHARE = 0.01  # of the rarer outcome


def outcome_findings(dataset: Dataset, params: FeaturesParams, resources: Resources) -> list[Finding]:
    """Whether enough leads can be learned from, in words that say what there is and why some of it is not used."""
    with Tables(dataset, resources) as tables:
        labelled = label_snapshots(tables, params)
    candidates = split_candidates(labelled)
    standing = Standing.of(labelled, candidates, dataset.manifest.where)
    findings = [
        _enough(standing, "won", standing.learned_won),
        _enough(standing, "lost", standing.learned_lost),
        *_balanced(standing),
        _told(standing),
        _different(standing),
    ]
    return [*findings, *_divided(candidates, params)] if standing.enough else findings


def _enough(standing: Standing, outcome: str, count: int) -> Finding:
    passed = count >= MIN_PER_CLASS
    lead = "different lead" if standing.copies else "lead"
    found = f"{counted(count, lead)} {outcome}" + ("" if passed else f"; {standing}")
    return _finding(f"enough leads are {outcome}", "error", passed, found, f"at least {MIN_PER_CLASS}", standing.advice)


def _balanced(standing: Standing) -> Iterator[Finding]:
    won, lost = standing.learned_won, standing.learned_lost
    if won + lost:
        share = min(won, lost) / (won + lost)
        found = f"{won:,} won, {lost:,} lost ({share:.1%} in the rarer outcome)"
        expected = f"at least {MIN_RARER_SHARE:.0%} in the rarer outcome"
        advice = "Check that lost deals (or won ones) are not left out of the export."
        yield _finding("outcomes are balanced", "warning", share >= MIN_RARER_SHARE, found, expected, advice)


def _told(standing: Standing) -> Finding:
    unused = [each for each in standing.reasons if each.key != "horizon_days"]  # young leads are in every export
    told = [*standing.assumptions, *(f"{each} and are not learned from" for each in unused)]
    found = "; ".join(told) or "as expected"
    expected = "an outcome and the time of it for each decided lead"
    advice = "Map when deals were won and lost if the export knows it; otherwise the model rests on what is said here."
    return _finding("outcomes are told with their time", "warning", not told, found, expected, advice)


def _different(standing: Standing) -> Finding:
    found, expected = standing.copies or "as expected", "each lead once"
    advice = "Remove copies from the export, or map the key that they share: they add nothing to learn from."
    finding = _finding("leads are not copies of each other", "warning", not standing.copies, found, expected, advice)
    return finding.model_copy(update={"table": "leads"})


def _divided(candidates: Candidates, params: FeaturesParams) -> Iterator[Finding]:
    try:
        part = split(candidates, params.split, Shares(params.test_share, params.calibrate_share), params.seed).part
    except DataFallsShort as error:
        found = str(error)
    else:
        won, lost = candidates.decided(np.isin(part, ("train", "calibrate")))
        found = "" if min(won, lost) >= MIN_PER_CLASS else f"{won} won and {lost} lost leads outside the {TEST} part"
    expected = f"{MIN_PER_CLASS} won and {MIN_PER_CLASS} lost leads to learn from, and both in the test"
    advice = "Bring more closed deals; another `split` or `test_share` in params.yaml may do."
    yield _finding("leads can be split", "error", not found, found or "as expected", expected, advice)


def _finding(name: str, level: Level, passed: bool, found: str, expected: str, advice: str) -> Finding:
    return Finding(name=name, table="deals", level=level, passed=passed, found=found, expected=expected, advice=advice)
