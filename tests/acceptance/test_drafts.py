"""Each layout's draft, untouched, decides what a person would and reads all that is there."""

from pathlib import Path

import pandas as pd
import pytest

from data_contracts.mapping.mapping import load_mapping
from tests.acceptance.company import leads_of
from tests.acceptance.decisions import decisions, differences
from tests.acceptance.layouts import LAYOUTS
from tests.acceptance.trial import MAPPINGS, roc_auc, trial


@pytest.fixture(scope="session")
def leads() -> pd.DataFrame:
    return leads_of(500)


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_draft_decides_what_a_person_would(name: str, leads: pd.DataFrame, tmp_path: Path) -> None:
    tried = trial(name, leads, tmp_path)
    assert tried.wrong == []
    assert tried.rows == tried.true_rows
    assert "cannot work" not in tried.draft.read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_draft_runs_untouched(leads: pd.DataFrame, tmp_path: Path) -> None:
    tried = trial("odoo", leads, tmp_path)
    assert 0 < roc_auc(tried.draft, tried.source, tmp_path / "workspace") < 1


def test_a_wrong_decision_is_seen() -> None:
    right = decisions(load_mapping(str(MAPPINGS / "pipedrive.yaml")))
    other = decisions(load_mapping(str(MAPPINGS / "german.yaml")))
    assert differences(right, right) == []
    assert {each.split(":")[0] for each in differences(other, right)} >= {
        "leads", "key", "created", "deals", "outcome", "won", "lost", "closed", "amount", "known"
    }  # fmt: skip
