"""The shipped mappings on the real data sets: counts that their READMEs state, and pitfalls avoided."""

from pathlib import Path

import pandas as pd
import pytest

from data_contracts.dataset import Dataset
from data_contracts.mapping.mapping import load_mapping
from pipelines.importing.importer import import_tables
from pipelines.workspace.resources import Resources

pytestmark = pytest.mark.real_data


@pytest.fixture(scope="module")
def imported(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Dataset]:
    directory = tmp_path_factory.mktemp("real")
    names = ("bank-marketing", "x-education", "crm-sales-opportunities", "bpic2012-loan-funnel")
    for name in names:
        target = directory / name
        import_tables(
            load_mapping(name), real_data / name, target / "tables", target / "rejected", resources=Resources.of()
        )
    return {name: Dataset(directory / name / "tables") for name in names}


def outcomes(dataset: Dataset) -> dict[str, int]:
    return {str(word): int(count) for word, count in dataset.frame("deals")["outcome"].value_counts().items()}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "leads", "counts"),
    [
        ("bank-marketing", 41_188, {"won": 4_640, "lost": 36_548}),
        ("x-education", 9_240, {"won": 3_561, "lost": 5_679}),
        ("crm-sales-opportunities", 8_300, {"won": 4_238, "lost": 2_473, "open": 1_589}),
        ("bpic2012-loan-funnel", 13_087, {"won": 2_246, "lost": 2_807 + 7_635}),
    ],
)
def test_every_row_is_imported(imported: dict[str, Dataset], name: str, leads: int, counts: dict[str, int]) -> None:
    dataset = imported[name]
    assert (len(dataset.frame("leads")), outcomes(dataset)) == (leads, counts)
    assert sum(dataset.manifest.rejected.values()) == 0
    assert dataset.manifest.horizon_days == "until_closed"


@pytest.mark.slow
def test_leaks_are_known_after_the_outcome(imported: dict[str, Dataset]) -> None:
    late = {
        name: {each.name for each in dataset.manifest.attributes if each.known_at == "after_outcome"}
        for name, dataset in imported.items()
    }
    assert late["bank-marketing"] == {"duration"}
    assert late["crm-sales-opportunities"] == {"close_value"}
    assert {"tags", "lead_quality", "lead_profile", "last_activity", "last_notable_activity"} < late["x-education"]
    assert sum(label.endswith(("_index", "_score")) for label in late["x-education"]) == 4


@pytest.mark.slow
def test_codes_of_the_bank_are_missing_and_its_rows_are_in_order(imported: dict[str, Dataset]) -> None:
    leads = imported["bank-marketing"].frame("leads")
    assert leads["order"].is_monotonic_increasing
    assert leads["days_since_contact"].isna().sum() == 39_673
    assert leads["in_default"].isna().mean() == pytest.approx(0.209, abs=0.001)


@pytest.mark.slow
def test_select_of_x_education_is_not_empty_and_google_is_one(imported: dict[str, Dataset]) -> None:
    leads = imported["x-education"].frame("leads")
    assert (leads["specialization"] == "not chosen").sum() == 1_942
    assert leads["specialization"].isna().mean() == pytest.approx(0.156, abs=0.001)
    assert "google" not in set(leads["source"])
    assert (leads["order"] == leads["lead_id"].astype(float)).all()  # larger is newer


@pytest.mark.slow
def test_every_product_of_the_crm_finds_its_price(imported: dict[str, Dataset]) -> None:
    dataset = imported["crm-sales-opportunities"]
    leads = dataset.frame("leads")
    assert leads["sales_price"].notna().all()
    assert (leads["product"] == "GTX Pro").sum() > 1_000
    assert set(dataset.frame("accounts")["account_id"]) >= set(leads["account_id"].dropna())


@pytest.mark.slow
def test_the_loan_funnel_counts_work_once_and_times_in_utc(imported: dict[str, Dataset]) -> None:
    dataset = imported["bpic2012-loan-funnel"]
    activities = dataset.frame("activities")
    counts = activities["type"].value_counts()
    assert (counts["offer_sent"], counts["call_after_offer"], counts["form_submit"]) == (7_030, 22_976, 13_087)
    assert activities.loc[activities["type"] == "offer_sent", "lead_id"].nunique() == 5_015
    assert activities["occurred_at"].min() == pd.Timestamp("2011-09-30T22:38:44.546Z")
    assert dataset.manifest.snapshot.types == ("offer_sent",)
