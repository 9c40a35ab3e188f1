"""One definition of a score, and every surface that is derived from it."""

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pydantic import TypeAdapter

from features.records.live_lead import LiveLead
from models.score import EXPLAINED, PLAIN, PLAIN_ROW, Reason, Score, columns_of
from models.scorer import Scorer
from pipelines.explanation.one_lead import LeadScore
from pipelines.registry import tracking
from pipelines.scoring.scores_table import EXPLAINED_SCHEMA, SCHEMA, file_schema, open_scores, scores_table
from serving.schemas.answers import ScoreAnswer, UnknownValue
from tests.features.requests import moments_of
from tests.models.small_artifact import NOW, artifact, records, requests

LIVE = LiveLead(as_of=NOW, lead={"email_kind": "business", "rooms": 7.0})


def score() -> Score:
    return Scorer(artifact()).score_live([LIVE], ["en"])[0]


def test_an_answer_over_http_is_a_score_and_what_is_added_to_it() -> None:
    own = [field.name for field in dataclasses.fields(Score)]
    assert [field.name for field in dataclasses.fields(ScoreAnswer)] == [
        *own,
        "model_version",
        "as_of",
        "ignored",
        "warnings",
    ]


def test_a_schema_says_what_the_docstrings_say_and_allows_nothing_else() -> None:
    schema: dict[str, Any] = TypeAdapter(ScoreAnswer).json_schema()
    shapes = {shape.__name__: shape for shape in (Reason, UnknownValue)}
    assert schema["description"] == ScoreAnswer.__doc__
    assert {name: part["description"] for name, part in schema["$defs"].items()} == {
        name: shape.__doc__ for name, shape in shapes.items()
    }
    assert not any(part["additionalProperties"] for part in (schema, *schema["$defs"].values()))


def test_the_columns_of_a_file_are_those_of_a_score() -> None:
    rows = np.arange(3)
    scorer, moments = Scorer(artifact()), moments_of(requests())[rows]
    for reasons, columns, schema in ((None, PLAIN, SCHEMA), (5, EXPLAINED, EXPLAINED_SCHEMA)):
        table = scorer.score(records(), rows, moments, reasons=reasons)
        assert table.columns().keys() == columns.keys()
        assert scores_table(table).schema == schema
        assert schema.names == list(columns)
    assert set(EXPLAINED) == set(columns_of(Score))
    assert EXPLAINED_SCHEMA.field("reasons").type.value_type.field("points").type == pa.float64()


@pytest.mark.parametrize("reasons", [None, 5])
def test_a_reader_of_the_file_finds_texts_where_the_table_has_codes(reasons: int | None, tmp_path: Path) -> None:
    rows = np.arange(3)
    table = scores_table(Scorer(artifact()).score(records(), rows, moments_of(requests())[rows], reasons=reasons))
    with open_scores(tmp_path / "scores.parquet", table.schema) as file:
        file.write_table(table)
    read = pq.read_table(tmp_path / "scores.parquet")
    plain = {"grade": pa.string(), "lead_id": pa.string(), "probability": pa.float64(), "score": pa.int32()}
    assert {name: read.schema.field(name).type for name in plain} == plain
    if reasons:
        texts, numbers = (
            [("signal", pa.string()), ("text", pa.string())],
            [("points", pa.float64()), ("log_odds", pa.float64())],
        )
        assert read.schema.field("reasons").type == pa.list_(pa.field("element", pa.struct(texts + numbers)))
    assert read.to_pylist() == table.to_pylist()


def test_a_row_holds_plain_values_of_the_kinds_that_the_signature_promises() -> None:
    row = score().row()
    assert {name: type(value) for name, value in row.items()} == PLAIN_ROW
    assert tracking._signature().outputs.input_names() == list(PLAIN_ROW)


def test_every_surface_calls_the_same_thing_the_same() -> None:
    http = [field.name for field in dataclasses.fields(ScoreAnswer)]
    file = file_schema(EXPLAINED_SCHEMA).names
    lead = LeadScore(score(), None, "173333631db3", None, "open")
    assert set(http) - {"ignored", "warnings"} <= set(file)
    assert set(file) <= set(lead.to_json())
    assert set(PLAIN_ROW) <= set(http)
