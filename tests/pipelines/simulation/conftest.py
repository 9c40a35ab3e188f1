"""Simulated blocks and files that several tests look at."""

from pathlib import Path

import pytest

from pipelines.simulation.block import Block, draw_block
from pipelines.simulation.simulator import SimulationReport, simulate

SEED = 3


@pytest.fixture(scope="package")
def blocks() -> list[Block]:
    """100,000 leads in memory."""
    return [draw_block(SEED, number) for number in range(10)]


@pytest.fixture(scope="package")
def exported(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, SimulationReport]:
    """An export of 3,000 leads, and what the simulator says of it."""
    out = tmp_path_factory.mktemp("simulation") / "source"
    return out, simulate(3_000, SEED, out)
