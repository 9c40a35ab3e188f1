"""From the files of an export to features: a request made of the export's own rows is judged as the import judges."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from data_contracts.dataset import Dataset
from data_contracts.mapping.mapping import load_mapping
from features.arrays import is_untracked
from features.live import LiveView
from features.records.live_lead import LiveLead
from features.values.windows import BEHAVIOURS
from features.view import FeatureView
from pipelines.importing.importer import import_tables
from pipelines.simulation.mail import MailTraffic
from pipelines.simulation.simulator import simulate
from pipelines.workspace.resources import Resources
from serving.model.lead_request import EPOCH, MICROSECOND, KnownFields, RequestMapper
from serving.schemas.requests import ScoreRequest
from tests.datasets import load_records

SECOND = 1_000_000
LATER = (0, 1, 2, 10, 61, 100)  # seconds after an activity: in the middle of bursts, and after them
VIEW = FeatureView(
    attributes=(),
    calendar=(),
    windows=tuple(
        window
        for behaviour in BEHAVIOURS
        if behaviour.scope == "lead" and behaviour.family != "qualification"
        for window in behaviour.windows()
    ),
)
SENT = ("type", "channel", "campaign", "value", "message_id", "link")


def test_requests_made_of_an_export_have_the_features_of_its_import(tmp_path: Path) -> None:
    traffic = replace(MailTraffic(), gateways=0.6, naive_bots=0.2, untracked=0.2)
    simulate(60, 3, tmp_path / "source", traffic=traffic)
    import_tables(
        load_mapping("simulated"), tmp_path / "source", tmp_path / "tables", tmp_path / "rejected",
        resources=Resources.of(),
    )  # fmt: skip
    records = load_records(Dataset(tmp_path / "tables"))
    rng, leads, index, moments = np.random.default_rng(0), [], [], []
    for lead_id, consent, rows in exported(tmp_path / "source"):
        for row in rng.choice(len(rows), min(len(rows), 12), replace=False).tolist():
            index.append(records.lead_ids.tolist().index(lead_id))
            moments.append(rows[row]["occurred_at"] + SECOND * int(rng.choice(LATER)))
            leads.append(live_lead(consent, rows, moments[-1]))
    batch = VIEW.observe(records, np.array(index), np.array(moments))
    live = LiveView(VIEW).observe(leads)
    assert batch.tobytes() == live.tobytes()
    share = batch[:, [window.name for window in VIEW.windows].index("automated.automated")]
    assert 0.1 < np.nanmean(share) < 0.9
    assert any(map(is_untracked, batch[:, 0].tolist()))


def exported(source: Path) -> list[tuple[str, bool, list[dict[str, object]]]]:
    """Each lead's id, its consent and the rows of its activities, times in microseconds."""
    contacts = pq.read_table(source / "contacts.parquet", columns=["contact_id", "tracking_consent"]).to_pylist()
    table = pq.read_table(source / "activities.parquet")
    table = table.set_column(2, "occurred_at", table["occurred_at"].cast("int64"))
    rows = table.to_pylist()
    return [
        (each["contact_id"], each["tracking_consent"], [r for r in rows if r["contact_id"] == each["contact_id"]])
        for each in contacts
    ]


def live_lead(consent: bool, rows: list[dict[str, object]], moment: int) -> LiveLead:
    """The lead as a request describes it that knows nothing of who did what."""
    activities = [
        {name: row[name] for name in SENT} | {"occurred_at": EPOCH + int(str(row["occurred_at"])) * MICROSECOND}
        for row in rows
    ]
    body = {"lead": {"tracking_consent": consent}, "activities": activities, "as_of": EPOCH + moment * MICROSECOND}
    return RequestMapper(KnownFields({}, {}), "body").live_lead(ScoreRequest.model_validate(body), EPOCH)
