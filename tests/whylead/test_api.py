"""The public names do what docs/python.md says, on DataFrames and on files alike."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import whylead
from data_contracts.errors import InputError, ParamsError
from tests.conftest import REPOSITORY

PAGE = (REPOSITORY / "docs" / "python.md").read_text("utf-8")
LEADS = 1500


def opportunities() -> pd.DataFrame:
    """A CRM's list of closed opportunities, as a person would have it in a notebook."""
    random = np.random.default_rng(5)
    created = pd.Timestamp("2024-01-01") + pd.to_timedelta(random.uniform(0, 500, LEADS), unit="D")
    source = random.choice(["Webinar", "Referral", "Paid search"], LEADS)
    size = np.exp(random.normal(4, 1.2, LEADS)).round()
    odds = -0.8 + 0.9 * (np.log(size) - 4) + 1.5 * (source == "Referral")
    won = random.random(LEADS) < 1 / (1 + np.exp(-odds))
    closed = created + pd.to_timedelta(random.gamma(3, 9, LEADS), unit="D")
    return pd.DataFrame(
        {
            "Record ID": [f"R{number}" for number in range(LEADS)],
            "Created": created.strftime("%d/%m/%Y %H:%M"),
            "Lead source": source,
            "Company size": size,
            "Stage": np.where(won, "Closed Won", "Closed Lost"),
            "Closed on": closed.strftime("%d/%m/%Y %H:%M"),
        }
    )


@pytest.fixture(scope="module")
def mapping(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("mapping") / "mine.yaml"
    path.write_text(whylead.draft_mapping({"opportunities.csv": opportunities()}), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def data(mapping: Path, tmp_path_factory: pytest.TempPathFactory) -> whylead.Data:
    workspace = tmp_path_factory.mktemp("work") / "mine"
    return whylead.import_export(mapping, {"opportunities.csv": opportunities()}, workspace)


@pytest.fixture(scope="module")
def model(data: whylead.Data) -> whylead.Model:
    return whylead.fit(data, budget_seconds=0, seed=1)


def test_the_page_names_each_public_name_and_no_other() -> None:
    named = set(re.findall(r"^\| `whylead\.(\w+)", PAGE, re.MULTILINE))
    assert named == set(whylead.__all__) - {"__version__"}
    assert all(hasattr(whylead, name) for name in whylead.__all__)


def test_what_the_page_calls_exists() -> None:
    for name in re.findall(r"(?:model|Model)\.(\w+)\(|`\.(\w+)\((?:data|\))", PAGE):
        assert hasattr(whylead.Model, name[0] or name[1])


def test_an_import_of_the_package_brings_no_heavy_one() -> None:
    program = "import sys, whylead; print(sorted({'mlflow', 'shap', 'optuna', 'sklearn'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_frames_and_files_give_the_same_tables(data: whylead.Data, mapping: Path, tmp_path: Path) -> None:
    export = tmp_path / "export"
    export.mkdir()
    opportunities().to_csv(export / "opportunities.csv", index=False)
    assert whylead.draft_mapping(export) == mapping.read_text("utf-8")
    from_files = whylead.import_export(mapping, export, tmp_path / "work")
    for name in ("leads", "deals"):
        pd.testing.assert_frame_equal(from_files.table(name), data.table(name))


def test_the_way_from_frames_to_reasons(data: whylead.Data, model: whylead.Model) -> None:
    evaluation = model.evaluate(bootstrap=50)
    assert evaluation.skill, evaluation.verdict
    assert (data.workspace.evaluation / "report.html").exists()
    assert model.importance().signals["label"].head(3).str.contains("size", case=False).any()

    scores = model.score(data, include_closed=True)
    assert set(scores["deal_outcome"]) == {"won", "lost"}
    assert sorted(scores["lead_id"]) == sorted(opportunities()["Record ID"])
    assert scores["probability"].between(0, 1).all()
    first = scores.iloc[0]
    why = model.explain(data, first["lead_id"], language="es")
    assert why.probability == first["probability"]
    assert why.reasons


def test_a_model_is_found_again_in_its_workspace(data: whylead.Data, model: whylead.Model) -> None:
    again = whylead.load(workspace=data.workspace.root)
    assert again.artifact.checksum == model.artifact.checksum
    opened = whylead.open_data(data.workspace.root)
    left, right = (each.score(opened, reasons=None, include_closed=True) for each in (again, model))
    pd.testing.assert_frame_equal(left, right)


def test_a_name_that_no_table_has_is_corrected(data: whylead.Data) -> None:
    with pytest.raises(InputError, match="'lead' is not a table") as caught:
        data.table("lead")
    assert "leads" in caught.value.hint


def test_a_frame_needs_the_name_of_a_file() -> None:
    with pytest.raises(InputError, match=r"'contacts' is neither a \.csv nor a \.parquet file"):
        whylead.draft_mapping({"contacts": opportunities()})


def test_a_parameter_that_is_wrong_is_named(data: whylead.Data) -> None:
    with pytest.raises(ParamsError, match=r"test_share: .*found 2"):
        whylead.fit(data, test_share=2)
