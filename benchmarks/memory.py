"""Peak memory of the features stage, which must not grow with the activities."""

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.activities import write_company
from benchmarks.results import Result
from data_contracts.dataset import Dataset
from pipelines.featurization.stage import featurize
from pipelines.workspace.params import FeaturesParams
from pipelines.workspace.resources import Resources

LEADS, ACTIVITIES = 5_000_000, 100_000_000
LEADS_PER_ACCOUNT = 3.0
BAR = 6e9
# One snapshot of each lead, 300 days after it came in.
PARAMS = FeaturesParams(ages_days=(300,))


def run(scale: float) -> list[Result]:
    """`whylead features` on 100 million activities of 5 million leads at full scale, in a process of its own."""
    with tempfile.TemporaryDirectory() as directory:
        tables = Path(directory) / "tables"
        write_company(
            tables, int(LEADS * scale), int(ACTIVITIES * scale), leads_per_account=LEADS_PER_ACCOUNT, with_deals=True
        )
        arguments = [sys.executable, "-m", "benchmarks.memory", str(tables), str(Path(directory) / "features")]
        found = json.loads(subprocess.run(arguments, check=True, capture_output=True, text=True).stdout)
    note = (
        f"peak {found['peak'] / 1e9:.2f} GB with --memory 2GB, {found['features']} features of {found['rows']:,} "
        f"snapshots in {found['seconds']:.0f} s"
    )
    name = f"memory of the features stage, {ACTIVITIES * scale / 1e6:g} million activities"
    return [Result(name, "6 GB", BAR / found["peak"], 1.0, None, note)]


def measure(tables: Path, out: Path) -> dict[str, float]:
    """Featurize, and what it took: peak resident bytes, seconds, snapshots and features."""
    started = time.perf_counter()
    facts = featurize(Dataset(tables), out, PARAMS, resources=Resources.of("2GB"))
    return {
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "seconds": time.perf_counter() - started,
        "rows": facts.rows,
        "features": facts.features,
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure(Path(sys.argv[1]), Path(sys.argv[2]))))
