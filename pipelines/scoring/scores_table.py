"""The table of scores: columns of Arrow with texts as codes, and the Parquet file in which a reader finds texts."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from data_contracts.errors import FileError
from features.arrays import NO_TIME, Floats
from models.explanation.points import DIMENSIONS
from models.explanation.reasons import ReasonTable
from models.explanation.wording import Coded
from models.score import EXPLAINED, PLAIN, Columns, columns_of
from models.scorer import Scores
from pipelines.scoring.moments import OUTCOMES, Moments

_ARROW = {str: pa.dictionary(pa.int32(), pa.string()), float: pa.float64(), int: pa.int32()}
# Columns whose values are seldom equal: a file with a dictionary of them would be larger and take longer.
_VARIED = frozenset({"lead_id", "probability", *DIMENSIONS, "points", "log_odds"})


def _schema(columns: Columns) -> pa.Schema:
    return pa.schema([(name, pa.string() if name == "lead_id" else _type(kind)) for name, kind in columns.items()])


def _type(kind: type[Any]) -> pa.DataType:
    """A plain type, or the list of a dataclass."""
    return _ARROW[kind] if kind in _ARROW else pa.list_(pa.struct(list(_schema(columns_of(kind)))))


SCHEMA, EXPLAINED_SCHEMA = _schema(PLAIN), _schema(EXPLAINED)
# What a file tells of each lead beside its score.
_OUTCOME = pa.field("deal_outcome", _ARROW[str])
_OTHERS = frozenset({".json", ".jsonl", ".xls", ".xlsm", ".ods", ".tsv", ".txt", ".html", ".pdf"})
_SHEET_ROWS = 1_048_575  # below the header
_WHEN = (pa.field("as_of", pa.timestamp("us", "UTC")), pa.field("model_version", _ARROW[str]))


def file_schema(schema: pa.Schema) -> pa.Schema:
    """The columns of a file of scores: those of the scores, what became of the lead, when and by which model."""
    return pa.schema([schema.field("lead_id"), _OUTCOME, *list(schema)[1:], *_WHEN])


def with_circumstances(scores: pa.Table, moments: Moments, model_version: str) -> pa.Table:
    """Scores with the columns of a file beside them."""
    count = scores.num_rows
    columns = {
        **{name: scores[name] for name in scores.column_names},
        "deal_outcome": pa.DictionaryArray.from_arrays(moments.outcome_codes, pa.array(list(OUTCOMES))),
        "as_of": pa.array(moments.shown, pa.timestamp("us", "UTC"), mask=moments.shown == NO_TIME),
        "model_version": pa.DictionaryArray.from_arrays(np.zeros(count, np.int32), pa.array([model_version])),
    }
    schema = file_schema(scores.schema)
    return pa.table([columns[name] for name in schema.names], schema=schema)


def scores_table(scores: Scores) -> pa.Table:
    """Scores as an Arrow table of SCHEMA, or of EXPLAINED_SCHEMA where they were explained."""
    columns = scores.columns()
    if not isinstance(scores.reasons, ReasonTable):
        return pa.table(columns, schema=SCHEMA)
    return pa.table({**columns, "reasons": _reason_lists(scores.reasons)}, schema=EXPLAINED_SCHEMA)


def _reason_lists(reasons: ReasonTable) -> pa.ListArray:
    kind = EXPLAINED_SCHEMA.field("reasons").type
    columns = [_column(getattr(reasons, field.name)) for field in kind.value_type]
    values = pa.StructArray.from_arrays(columns, fields=list(kind.value_type))
    return pa.ListArray.from_arrays(pa.array(reasons.start.astype(np.int32)), values, type=kind)


def _column(values: Coded | Floats) -> pa.Array:
    if not isinstance(values, Coded):
        return pa.array(values)
    return pa.DictionaryArray.from_arrays(pa.array(values.codes), pa.array(values.levels, pa.string()))


def open_scores(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    """A Parquet file for tables of the schema. What it says of itself are texts, not codes."""
    leaves = [leaf for leaf in _leaves(schema) if leaf.rpartition(".")[2] not in _VARIED]
    return pq.ParquetWriter(path, schema, store_schema=False, use_dictionary=leaves)


def check_ending(out: Path) -> None:
    """Raises FileError where the ending of a file of scores is one of another kind of file."""
    if out.suffix.lower() in _OTHERS:
        raise FileError(
            f"{out}: scores are not written as {out.suffix}.", hint="Name it .parquet, .xlsx for Excel, or .csv."
        )


def check_rows(out: Path, rows: int) -> None:
    """Raises FileError where an Excel sheet does not hold so many rows."""
    if out.suffix.lower() == ".xlsx" and rows > _SHEET_ROWS:
        raise FileError(
            f"{out}: there are {rows:,} leads to score, and a sheet holds {_SHEET_ROWS:,}.",
            hint="Name it .parquet or .csv.",
        )


def write_for_people(path: Path, ending: str) -> None:
    """Turn a Parquet file of scores into CSV or Excel, the likeliest buyers first; for other endings nothing.

    The reasons of a lead are in one cell.
    """
    if ending not in (".csv", ".xlsx"):
        return
    frame = pd.read_parquet(path).sort_values("probability", ascending=False, kind="stable")
    if "reasons" in frame:
        frame["reasons"] = [" | ".join(reason["text"] for reason in reasons) for reasons in frame["reasons"]]
    if ending == ".xlsx":
        _write_sheet(path, frame)
        return
    frame["as_of"] = frame["as_of"].map(lambda at: "" if pd.isna(at) else at.isoformat())
    frame.to_csv(path, index=False)


def _write_sheet(path: Path, frame: pd.DataFrame) -> None:
    """One sheet with a filter on its header; times are UTC, and no text is taken for a formula or a link."""
    frame["as_of"] = frame["as_of"].dt.tz_localize(None)
    options = {"strings_to_formulas": False, "strings_to_urls": False}
    with path.open("wb") as file, pd.ExcelWriter(file, engine="xlsxwriter", engine_kwargs={"options": options}) as book:
        frame.to_excel(book, sheet_name="scores", index=False)
        sheet = book.sheets["scores"]
        sheet.freeze_panes(1, 1)
        sheet.autofilter(0, 0, len(frame), len(frame.columns) - 1)


def _leaves(fields: Iterable[pa.Field], inside: str = "") -> Iterator[str]:
    """The paths of the columns of a file, those of dataclasses in lists too."""
    for field in fields:
        if pa.types.is_list(field.type):
            yield from _leaves(field.type.value_type, f"{inside}{field.name}.list.element.")
        else:
            yield f"{inside}{field.name}"
