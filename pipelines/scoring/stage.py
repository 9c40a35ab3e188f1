"""Batch scoring: every lead of a dataset through the same scorer as a live request, into a Parquet file."""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from data_contracts.dataset import Attribute, Dataset
from data_contracts.errors import DataFallsShort
from data_contracts.progress import Progress, silent
from data_contracts.wording import counted
from features.feature import Language
from features.labels.labels import LOST, WON
from features.records.records import Records
from models.explanation.reasons import MOST
from models.scorer import Scorer
from models.storage.artifact import Artifact
from pipelines.scoring.checkpoint import Checkpoint
from pipelines.scoring.chunks import score_chunks
from pipelines.scoring.empty_columns import empty_columns, no_activities
from pipelines.scoring.moments import Moments, moments_of_leads
from pipelines.scoring.scores_table import (
    EXPLAINED_SCHEMA,
    SCHEMA,
    check_ending,
    check_rows,
    file_schema,
    open_scores,
    scores_table,
    with_circumstances,
    write_for_people,
)
from pipelines.scoring.unknown_values import unknown_values
from pipelines.tables.checksum import data_checksum
from pipelines.tables.tables import Tables
from pipelines.workspace.resources import Resources
from pipelines.workspace.writer import writing_file

AT_ONCE = 8_192


@dataclass(frozen=True)
class Scoring:
    """What a scoring left. ``left_out`` leads had not come to exist at ``as_of`` (None: undated data).

    ``closed`` says how many leads had been won or lost by then and were left out; ``resumed`` leads were scored by an
    earlier run that was interrupted.
    """

    out: str
    model_version: str
    rows: int
    left_out: int
    closed: dict[str, int]
    resumed: int
    as_of: str | None
    mean_probability: float
    grades: dict[str, int]
    stages: dict[str, int]
    warnings: list[str]
    seconds: float


def score_dataset(
    artifact: Artifact,
    dataset: Dataset,
    out: Path,
    *,
    as_of: datetime | None = None,
    include_closed: bool = False,
    reasons: int | None = MOST,
    language: Language = "en",
    resources: Resources | None = None,
    on_progress: Progress = silent,
) -> Scoring:
    """Score every lead that may still buy and write ``out``, whole or not at all: CSV where its ending says so.

    ``include_closed`` scores those that were won or lost by then too; ``reasons`` None leaves explanations out.

    An interrupted run leaves its finished chunks beside ``out``, and the same call goes on from there; the file is the
    same in the end. ``resources`` (default: those of the environment) decide how many leads' events are held at once.
    Raises DataFallsShort where there is no lead to score, ParamsError where ``as_of`` asks undated data for a moment,
    FileError where ``out`` cannot be written, BusyError where another process writes it.
    """
    started = time.perf_counter()
    check_ending(out)
    on_progress("reading tables", 0.0)
    with writing_file(out), Tables(dataset, resources) as tables:
        existing = moments_of_leads(tables, as_of)
        chosen = existing if include_closed else existing.undecided
        if not chosen.lead_index.size:
            raise _nothing_to_score(tables.leads, existing)
        check_rows(out, chosen.lead_index.size)
        scorer = Scorer(artifact)
        job = _job(artifact, dataset, chosen, reasons, language) | {"closed": include_closed}
        checkpoint = Checkpoint(out, job)
        resumed = min(checkpoint.chunks * AT_ONCE, chosen.lead_index.size)
        table = partial(_score, scorer, reasons, language)
        chunks = score_chunks(tables, chosen, table, checkpoint, at_once=AT_ONCE)
        schema = file_schema(SCHEMA if reasons is None else EXPLAINED_SCHEMA)
        probability, grades, stages = _write(checkpoint.output, schema, chunks, chosen, resumed, on_progress)
        write_for_people(checkpoint.output, out.suffix.lower())
        checkpoint.finish()
        return Scoring(
            out=str(out),
            model_version=artifact.version,
            rows=chosen.lead_index.size,
            left_out=tables.leads - existing.lead_index.size,
            closed={} if include_closed else _closed(existing),
            resumed=resumed,
            as_of=None if chosen.as_of is None else chosen.as_of.isoformat(),
            mean_probability=probability / chosen.lead_index.size,
            grades={grade: grades[grade] for grade in "ABCD"},
            stages=dict(stages.most_common()),
            warnings=[
                *chosen.warnings,
                *empty_columns(artifact.view.attributes, tables.profiles, chosen.lead_index, chosen.at),
                *no_activities(artifact.vocabulary, tables.activities),
                *other_types(artifact, dataset.manifest.attributes),
                *unknown_values(artifact.view.attributes, tables.profiles, chosen.lead_index),
                *scorer.policy.warnings,
            ],
            seconds=round(time.perf_counter() - started, 2),
        )


def _nothing_to_score(leads: int, existing: Moments) -> DataFallsShort:
    if not existing.lead_index.size:
        return DataFallsShort(
            f"Of {counted(leads, 'lead')} none existed at {existing.as_of}.", hint="Ask for a later --as-of."
        )
    counts = " and ".join(f"{count:,} {name}" for name, count in _closed(existing).items())
    return DataFallsShort(
        f"Of {counted(existing.lead_index.size, 'lead')} none is open: {counts}.",
        hint="With --include-closed they are scored as well.",
    )


def _closed(existing: Moments) -> dict[str, int]:
    """How many leads had been won and lost."""
    return {name: int((existing.outcome == value).sum()) for name, value in (("won", WON), ("lost", LOST))}


def _score(
    scorer: Scorer,
    reasons: int | None,
    language: Language,
    records: Records,
    lead: NDArray[np.int64],
    moments: Moments,
) -> pa.Table:
    scores = scorer.score(records, lead, moments.at, language=language, reasons=reasons)
    return with_circumstances(scores_table(scores), moments, scorer.artifact.version)


def _job(
    artifact: Artifact, dataset: Dataset, chosen: Moments, reasons: int | None, language: Language
) -> dict[str, Any]:
    """Whatever decides what the chunks hold, as JSON values."""
    return {
        "whylead": version("whylead"),
        "model": artifact.checksum,
        "features": artifact.view.fingerprint,
        "data": data_checksum(dataset),
        "as_of": None if chosen.as_of is None else chosen.as_of.isoformat(),
        "leads": int(chosen.lead_index.size),
        "reasons": reasons,
        "language": language,
        "chunk": AT_ONCE,
    }


def _write(
    path: Path, schema: pa.Schema, chunks: Iterator[pa.Table], chosen: Moments, resumed: int, on_progress: Progress
) -> tuple[float, Counter[str], Counter[str]]:
    """Write the chunks; the sum of their probabilities, and how many leads there are of each grade and stage."""
    probability, grades, stages = 0.0, Counter[str](), Counter[str]()
    done, total = 0, chosen.lead_index.size
    on_progress(f"going on after {counted(resumed, 'lead')}" if resumed else "grouping events", 0.1)
    with open_scores(path, schema) as writer:
        for scores in chunks:
            writer.write_table(scores)
            probability += float(scores["probability"].to_numpy().sum())
            grades.update(_counts(scores["grade"]))
            stages.update(_counts(scores["stage"]))
            done += scores.num_rows
            on_progress(f"{done:,} of {counted(total, 'lead')}", 0.1 + 0.9 * done / total)
    return probability, grades, stages


def other_types(artifact: Artifact, attributes: Sequence[Attribute]) -> list[str]:
    """A warning for each attribute that was read as another type than the model was trained with."""
    kinds = {(each.table, each.name): each.kind for each in attributes}
    return [
        f"The column {each.name!r} of {each.table} is {kind}, in the model {each.kind}: say its type in the mapping."
        for each in artifact.view.attributes
        if (kind := kinds.get((each.table, each.name), each.kind)) != each.kind
    ]


def _counts(column: pa.ChunkedArray) -> dict[str, int]:
    return {each["values"]: each["counts"] for each in column.value_counts().to_pylist()}
