"""Bombs of Parquet files, mappings and settings."""

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.bombs.bomb import MAPPING, Bomb, healthy

LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{after}: &{after} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, after in zip("abcdefgh", "bcdefghi", strict=True)
)


def _equal(n: int) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        cells = {"id": "L1", "created": "2024-01-01", "stage": "Won", "closed": "2024-02-01", "city": "Rome"}
        piece = pa.table({name: pa.array([cell] * 1_000_000) for name, cell in cells.items()})
        with pq.ParquetWriter(path, piece.schema, compression="zstd") as writer:
            for _ in range(n // 1_000_000):
                writer.write_table(piece)

    return write


def _long_cell(path: Path) -> None:
    _one_column(path, pa.DictionaryArray.from_arrays(pa.array([0] * 300_000, pa.int32()), ["x" * 1_000_000]))


def _long_cells(path: Path) -> None:
    _one_column(path, pa.DictionaryArray.from_arrays(pa.array([0] * 300_000, pa.int32()), ["x" * 130_000]))


def _one_column(path: Path, array: pa.Array) -> None:
    n = len(array)
    ids = pa.array([f"L{i}" for i in range(n)])
    days = pa.array(["2024-01-01"] * n)
    stages = pa.array(["Won", "Lost"] * (n // 2))
    table = pa.table({"id": ids, "created": days, "stage": stages, "closed": days, "city": array})
    pq.write_table(table, path, compression="zstd")


def _zeros(path: Path) -> None:
    cells = ["0" * 100_000] * 10_000
    table = pa.table({"id": cells, "created": cells, "stage": cells, "closed": cells})
    pq.write_table(table, path, compression="zstd", use_dictionary=False)


def _wide(path: Path) -> None:
    pq.write_table(pa.table({f"column {i}": [1] for i in range(50_000)}), path)


def _deep(path: Path) -> None:
    array = pa.array([1])
    for _ in range(90):
        array = pa.StructArray.from_arrays([array], ["x"])
    pq.write_table(pa.table({"id": array, "created": array, "stage": array, "closed": array}), path)


def _mapping(text: str) -> Callable[[Path], None]:
    """The files of a healthy export and a mapping of this text beside their directory."""

    def write(path: Path) -> None:
        path.write_bytes(healthy())
        (path.parent.parent / "mapping.yaml").write_text(text)

    return write


def _params(text: str) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        path.write_bytes(healthy())
        (path.parent.parent / "params.yaml").write_text(text)

    return write


USUAL = MAPPING.format(file="leads.csv")
STARS = USUAL.replace("leads.csv", "'" + "**/" * 30 + "*.csv'")
MANY_KEYS = USUAL + "".join(f"key {i}: 1\n" for i in range(70_000))
LONG_KEY = USUAL + "? " + "x" * 900_000 + "\n: 1\n"
LONG_NUMBER = "features: {seed: " + "9" * 900_000 + "}\n"
BOMBS = [
    Bomb("20 million equal rows", "leads.parquet", _equal(20_000_000), "times its size"),
    Bomb("20 million equal rows, map", "leads.parquet", _equal(20_000_000), "times its size", "map"),
    Bomb("a cell of a million characters, 300,000 times", "leads.parquet", _long_cell, "characters in a cell"),
    Bomb("a cell of 130,000 characters, 300,000 times", "leads.parquet", _long_cells, "times its size"),
    Bomb("4 GB of zeros", "leads.parquet", _zeros, "times its size"),
    Bomb("50,000 columns", "leads.parquet", _wide, "50,000 columns"),
    Bomb("records in records, 90 deep", "leads.parquet", _deep, "are not read"),
    Bomb("a billion laughs for a mapping", "leads.csv", _mapping(LAUGHS), "aliases"),
    Bomb("a billion laughs for settings", "leads.csv", _params(LAUGHS), "aliases"),
    Bomb("a mapping of 10 MB", "leads.csv", _mapping(USUAL + "# x\n" * 2_500_000), "larger than"),
    Bomb("a mapping of 900,000 brackets", "leads.csv", _mapping("a: " + "[" * 900_000), "nested deeper"),
    Bomb("a mapping of 70,000 unknown keys", "leads.csv", _mapping(MANY_KEYS), "unknown key"),
    Bomb("a mapping with a key of 900,000 characters", "leads.csv", _mapping(LONG_KEY), "unknown key"),
    Bomb("settings with a number of 900,000 digits", "leads.csv", _params(LONG_NUMBER), "features.seed"),
    Bomb("a mapping with a pattern of many stars", "leads.csv", _mapping(STARS), ""),
]
