"""One layout tried: the export written, drafted, imported, and compared with what is right."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from data_contracts.dataset import DatasetManifest
from data_contracts.located_yaml import parse_located
from data_contracts.mapping.mapping import check_mapping, load_mapping
from pipelines.drafting.draft import draft_mapping
from pipelines.importing.importer import import_tables
from pipelines.workspace.resources import Resources
from tests.acceptance.decisions import decisions, differences
from tests.acceptance.layouts import LAYOUTS

MAPPINGS = Path(__file__).parent / "mappings"  # made by hand


@dataclass(frozen=True)
class Trial:
    """A draft and what came of it; ``wrong`` are its decisions that differ from the hand-made mapping's."""

    name: str
    source: Path
    draft: Path
    wrong: list[str]
    rows: dict[str, int]
    true_rows: dict[str, int]

    @property
    def right(self) -> bool:
        """Whether nothing is to be mended."""
        return not self.wrong and self.rows == self.true_rows

    @property
    def by_hand(self) -> Path:
        """The hand-made mapping."""
        return MAPPINGS / f"{self.name}.yaml"


def trial(name: str, leads: pd.DataFrame, directory: Path) -> Trial:
    """Write, draft and import one layout below a directory."""
    source = directory / "export"
    source.mkdir(parents=True)
    LAYOUTS[name](leads, source)
    text = draft_mapping(source).text
    draft = directory / "draft.yaml"
    draft.write_text(text, encoding="utf-8")
    mapping, right = check_mapping(parse_located(text, "draft")), load_mapping(str(MAPPINGS / f"{name}.yaml"))
    manifest = import_tables(mapping, source, directory / "tables", directory / "rejected", resources=Resources.of())
    wrong = differences(decisions(mapping), decisions(right))
    return Trial(name, source, draft, wrong, _rows(manifest, directory / "tables"), _true_rows(name, leads))


def roc_auc(mapping: Path, source: Path, workspace: Path) -> float:
    """The ROC AUC that `whylead run` reports; RuntimeError where it does not run."""
    options = {"--mapping": mapping, "--source": source, "--workspace": workspace, "--trials": 0}
    words = [str(word) for option in options.items() for word in option]
    program = Path(sys.executable).with_name("whylead")
    done = subprocess.run([program, "run", *words, "--json"], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{mapping}: {done.stderr[-2000:]}")
    return float(json.loads(done.stdout)["test"]["roc_auc"]["value"])


def _rows(manifest: DatasetManifest, tables: Path) -> dict[str, int]:
    """Leads and deals by outcome, and rows set aside."""
    ends = pq.read_table(tables / "deals.parquet", columns=["outcome"]).column("outcome").to_pylist()
    counts = {end: ends.count(end) for end in ("won", "lost", "open")}
    return {"leads": manifest.rows["leads"], **counts, "set aside": sum(manifest.rejected.values())}


def _true_rows(name: str, leads: pd.DataFrame) -> dict[str, int]:
    """What the company has. Lists of deals have no leads without one; a history has no row that says open."""
    dealt = leads[leads.deal_id.notna()]
    with_leads = ("hubspot", "zoho", "salesforce-data-export", "suitecrm", "dynamics-leads", "odoo")
    told = leads if name in ("dynamics-leads", "odoo") else dealt
    counts = {end: int((told.outcome == end).sum()) for end in ("won", "lost", "open")}
    counts["open"] *= name != "stage-history"
    return {"leads": len(leads if name in with_leads else dealt), **counts, "set aside": 0}
