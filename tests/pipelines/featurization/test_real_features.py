"""The features stage on the real data sets, with the shipped mappings."""

from pathlib import Path

import pandas as pd
import pytest

from data_contracts.dataset import Dataset
from data_contracts.mapping.mapping import load_mapping
from pipelines.featurization.stage import MatrixMetadata, featurize
from pipelines.importing.importer import import_tables
from pipelines.workspace.params import FeaturesParams
from pipelines.workspace.resources import Resources

pytestmark = [pytest.mark.real_data, pytest.mark.slow]


def features(name: str, real_data: Path, workspace: Path) -> tuple[MatrixMetadata, pd.DataFrame, pd.DataFrame]:
    import_tables(
        load_mapping(name), real_data / name, workspace / "tables", workspace / "rejected", resources=Resources.of()
    )
    facts = featurize(Dataset(workspace / "tables"), workspace / "features", FeaturesParams())
    snapshots, matrix = (
        pd.read_parquet(workspace / "features" / f"{file}.parquet") for file in ("snapshots", "matrix")
    )
    return facts, snapshots, matrix


def test_bank_marketing_is_tested_on_the_last_fifth_of_the_file(real_data: Path, tmp_path: Path) -> None:
    facts, snapshots, matrix = features("bank-marketing", real_data, tmp_path)
    assert (facts.rows, facts.positives, facts.parts["test"]["rows"]) == (41_188, 4_640, 8_238)
    assert (snapshots["part"].to_numpy()[-8_238:] == "test").all()
    assert "lead.duration" not in matrix
    assert facts.base_rates[-1]["rate"] > 10 * facts.base_rates[0]["rate"]


def test_x_education_is_tested_on_the_newest_leads(real_data: Path, tmp_path: Path) -> None:
    facts, snapshots, matrix = features("x-education", real_data, tmp_path)
    assert (facts.rows, facts.positives) == (9_240, 3_561)
    numbers = snapshots.assign(number=snapshots["lead_id"].astype(int)).groupby("part")["number"]
    assert numbers.min()["test"] > numbers.max()["calibrate"] >= numbers.min()["calibrate"] > numbers.max()["train"]
    assert not [column for column in map(str, matrix) if "tags" in column.lower() or "quality" in column.lower()]


def test_the_loan_funnel_is_scored_at_the_first_offer(real_data: Path, tmp_path: Path) -> None:
    facts, snapshots, matrix = features("bpic2012-loan-funnel", real_data, tmp_path)
    assert (facts.rows, facts.labelled, facts.positives) == (5_015, 4_688, 2_246)
    assert snapshots["lead_id"].is_unique
    assert not [
        column for column in matrix if str(column).startswith(("offer_sent", "application_approved", "offer_accepted"))
    ]


def test_open_opportunities_have_no_label(real_data: Path, tmp_path: Path) -> None:
    facts, snapshots, matrix = features("crm-sales-opportunities", real_data, tmp_path)
    assert (facts.won_leads, facts.lost_leads) == (4_238, 2_473)
    assert snapshots.loc[snapshots["label"].isna(), "part"].eq("unlabelled").all()
    assert "lead.close_value" not in matrix
