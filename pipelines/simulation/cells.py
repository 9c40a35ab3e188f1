"""Cells: ids, times, numbers and names as an export writes them."""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.simulation.arrays import Flags, Floats, Integers
from pipelines.simulation.block import BLOCK_LEADS, Block
from pipelines.simulation.people import named, where

DIRTY_SHARE = 0.03
TIME = pa.timestamp("us", tz="UTC")


def lead_ids(block: Block, lead: Integers) -> pa.Array:
    """Ids of the block's leads."""
    return _ids("C", numbered(block, lead))


def account_ids(block: Block, account: Integers) -> pa.Array:
    """Ids of the block's companies, null for the stand-in of a lead without one."""
    return where(block.accounts.named[account], _ids("A", numbered(block, account)))


def numbered(block: Block, rows: Integers) -> Integers:
    """Numbers of the block's leads or companies over all blocks, from 1; those of companies have gaps."""
    return block.number * BLOCK_LEADS + 1 + rows


def times(seconds: Integers, missing: Flags | None = None) -> pa.Array:
    """Seconds since 1970 as UTC timestamps, null where missing."""
    known = seconds if missing is None else np.where(missing, 0, seconds)
    return pa.array(known * 1_000_000, mask=missing).cast(TIME)


def numbers(values: Floats) -> pa.Array:
    """Numbers, null where NaN."""
    return pa.array(values, mask=np.isnan(values))


def dirty(rng: np.random.Generator, names: tuple[str, ...], codes: Integers, variant: Callable[[str], str]) -> pa.Array:
    """Names of codes, of which a small share is written in another way."""
    other = (codes >= 0) & (rng.random(codes.size) < DIRTY_SHARE)
    return named((*names, *(variant(name) for name in names)), codes + len(names) * other)


def _ids(letter: str, number: Integers) -> pa.Array:
    return pc.binary_join_element_wise(letter, pc.utf8_lpad(pa.array(number).cast(pa.string()), 7, "0"), "")
