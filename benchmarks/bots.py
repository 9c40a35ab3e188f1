"""How many activities by machines the import finds in simulated exports that do not say which they are.

The worlds differ in what gateways, bots, proxies and people do, and in what the export tells. The points of the
evidence were set on companies with other seeds and parameters.
"""

import argparse
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchmarks.results import Result, markdown
from data_contracts.mapping.mapping import load_mapping
from pipelines.importing.importer import import_tables
from pipelines.simulation.mail import MailTraffic
from pipelines.simulation.simulator import simulate
from pipelines.workspace.resources import Resources

LEADS, SEEDS = 2_000, range(500, 510)
RECALL, PRECISION = 0.9, 0.95
USUAL = MailTraffic()
WORLDS = {
    "usual": USUAL,
    "many mails of few links": replace(USUAL, mails_a_day=0.4, links=(1, 3)),
    "few mails of many links": replace(USUAL, mails_a_day=0.02, links=(8, 20)),
    "slow gateways": replace(USUAL, gateway_delay=(20, 60), gateway_gap=(2, 8), thorough=0.5, loads_images=0.9),
    "quick people": replace(USUAL, quick=0.25, quick_delay=(6, 40), second_link=0.5, second_delay=(2, 20)),
    "simple bots": replace(USUAL, gateways=0.03, naive_bots=0.15),
    "image proxies": replace(USUAL, gateways=0.05, proxies=0.8),
    "no pages viewed": replace(USUAL, landing=0.0, blocked_images=0.4),
    "no message ids": replace(USUAL, message_ids=False),
    "no links": replace(USUAL, link_ids=False, double_clicks=0.05),
    "no ids at all": replace(USUAL, message_ids=False, link_ids=False),
    "whole minutes": replace(USUAL, resolution=60),
    "whole minutes without ids": replace(USUAL, resolution=60, message_ids=False, link_ids=False),
    "no deliveries": replace(USUAL, deliveries=False, proxies=0.0, naive_bots=0.0),
}


def drawn(number: int) -> MailTraffic:
    """A world whose numbers are drawn at random, far to both sides of what is usual."""
    rng = np.random.default_rng([2026, number])
    links, delay, gap = int(rng.integers(1, 8)), rng.uniform(1, 30), rng.uniform(0.05, 2)
    return MailTraffic(
        mails_a_day=rng.uniform(0.03, 0.4),
        links=(links, links + int(rng.integers(0, 8))),
        gateways=rng.uniform(0.05, 0.4),
        thorough=rng.uniform(0.3, 1),
        gateway_delay=(delay, 2 * delay),
        gateway_gap=(gap, 3 * gap),
        loads_images=rng.random(),
        naive_bots=rng.uniform(0, 0.1),
        naive_delay=(0, rng.uniform(2, 60)),
        proxies=rng.uniform(0, 0.7),
        quick=rng.uniform(0.01, 0.15),
        quick_delay=(rng.uniform(5, 15), 60),
        blocked_images=rng.uniform(0.05, 0.4),
        second_link=rng.uniform(0.1, 0.5),
        second_delay=(rng.uniform(2, 5), rng.uniform(20, 120)),
        landing=rng.random(),
        message_ids=bool(rng.random() < 0.7),
        link_ids=bool(rng.random() < 0.7),
        resolution=int(rng.choice([1, 60])),
    )


WORLDS |= {f"drawn {number}": drawn(number) for number in range(1, 7)}


@dataclass(frozen=True)
class Found:
    """Activities by machines, those that were found, and those that were rightly found."""

    automated: int
    found: int
    right: int

    @property
    def recall(self) -> float:
        """Share of what machines did that was found."""
        return self.right / self.automated if self.automated else 1.0

    @property
    def precision(self) -> float:
        """Share of what was found that machines did."""
        return self.right / self.found if self.found else 1.0


def run(scale: float) -> list[Result]:
    """Recall and precision of each world, the lowest of ten seeds against the bar."""
    results = []
    for name, traffic in WORLDS.items():
        each = [find(traffic, seed, max(int(LEADS * scale), 200)) for seed in SEEDS]
        recall, precision = ([getattr(one, measure) for one in each] for measure in ("recall", "precision"))
        note = f"mean of {len(each)} seeds: recall {np.mean(recall):.3f}, precision {np.mean(precision):.3f}"
        results += [
            Result(f"bots, {name}: recall", "the truth", min(recall), RECALL, None, note),
            Result(f"bots, {name}: precision", "the truth", min(precision), PRECISION, None, note),
        ]
    return results


def find(traffic: MailTraffic, seed: int, leads: int) -> Found:
    """Simulate a company, import its export, and compare with the truth."""
    with tempfile.TemporaryDirectory() as directory:
        source, tables = Path(directory) / "source", Path(directory) / "tables"
        simulate(leads, seed, source, traffic=traffic)
        import_tables(load_mapping("simulated"), source, tables, Path(directory) / "rejected", resources=Resources.of())
        truth = _flags(source / "truth" / "automated.parquet")
        found = _flags(tables / "activities.parquet")
    right = sum(truth[key] for key in found if found[key])
    return Found(sum(truth[key] for key in found), sum(found.values()), right)


def _flags(path: Path) -> dict[str, bool]:
    """Whether each activity is automated, by its id."""
    rows = pq.read_table(path, columns=["activity_id", "is_automated"])
    ids = rows["activity_id"].cast("string").to_pylist()
    return dict(zip(ids, pc.fill_null(rows["is_automated"], False).to_pylist(), strict=True))


def main() -> None:
    """The table of all worlds, without the packages of the other benchmarks."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bots", description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="share of the full size, 0 to 1")
    results = run(parser.parse_args().scale)
    sys.stdout.write(markdown(results))
    sys.exit(0 if all(each.reached for each in results) else 1)


if __name__ == "__main__":
    main()
