import json
import re
import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from data_contracts.dataset import Attribute, Dataset
from data_contracts.errors import FileError, InputError, ParamsError
from data_contracts.mapping.mapping import load_mapping
from models.calibration.calibrators import Sigmoid
from models.storage.artifact import Artifact, load_artifact
from pipelines.cli import build_app
from pipelines.commands.explain_command import page_of
from pipelines.explanation.one_lead import score_one, similar
from pipelines.explanation.profile import JOB
from pipelines.importing.importer import import_tables
from pipelines.scoring.moments import moments_of_leads, parse_as_of
from pipelines.simulation.simulator import simulate
from pipelines.tables.tables import Tables
from pipelines.workspace.resources import Resources
from pipelines.workspace.workspace import Workspace
from tests.models.small_artifact import artifact, requests
from tests.pipelines.small_tables import write_tables
from tests.pipelines.small_workspace import save_small_artifact


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Imported leads of the simulator and the model of another company: columns that it lacks are missing values."""
    workspace = Workspace(tmp_path_factory.mktemp("one_lead"))
    simulate(60, 1, workspace.source)
    import_tables(
        load_mapping("simulated"), workspace.source, workspace.tables, workspace.rejected, resources=Resources.of()
    )
    save_small_artifact(workspace.model)
    return workspace


@pytest.fixture(scope="module")
def lead_id(workspace: Workspace) -> str:
    with Tables(Dataset(workspace.tables)) as tables:
        scored = moments_of_leads(tables, None).lead_index
        return str(tables.profiles.lead_ids[scored[0]])


def opened(workspace: Workspace) -> tuple[Artifact, Dataset]:
    return load_artifact(workspace.model), Dataset(workspace.tables)


def test_the_command_prints_the_score_and_writes_its_page(workspace: Workspace, lead_id: str) -> None:
    arguments = ["explain", "--workspace", str(workspace.root), "--lead", lead_id, "--json"]
    result = CliRunner().invoke(build_app(), arguments, catch_exceptions=False)
    found = json.loads(result.stdout)
    score = score_one(*opened(workspace), lead_id).score
    assert found["lead_id"] == lead_id
    assert found["probability"] == score.probability
    assert found["reasons"] == [reason.__dict__ for reason in score.reasons]
    assert Path(found["page"]) == workspace.root / "leads" / f"{lead_id}.html"
    assert lead_id in Path(found["page"]).read_text(encoding="utf-8")


def explained(workspace: Workspace, lead_id: str, *arguments: str) -> Result:
    return CliRunner().invoke(build_app(), ["explain", "-w", str(workspace.root), "--lead", lead_id, *arguments])


def test_the_champion_is_what_explains_unless_another_model_is_named(workspace: Workspace, lead_id: str) -> None:
    save_small_artifact(workspace.champion, cautious())
    try:
        shown = json.loads(explained(workspace, lead_id, "--json").stdout)
        other = json.loads(explained(workspace, lead_id, "--json", "--model", str(workspace.model)).stdout)
    finally:
        shutil.rmtree(workspace.champion)
    assert shown["model_version"] == saved_version(cautious(), workspace.root / "again")
    assert other["model_version"] == load_artifact(workspace.model).version
    assert shown["probability"] < other["probability"]


def saved_version(artifact: Artifact, directory: Path) -> str:
    save_small_artifact(directory, artifact)
    return load_artifact(directory).version


def cautious() -> Artifact:
    """The same model, whose probabilities are lower."""
    model = artifact().model
    return replace(artifact(), model=replace(model, calibrator=Sigmoid(0.9, -1.0)))


def test_what_became_of_a_lead_is_told(workspace: Workspace) -> None:
    deals = Dataset(workspace.tables).frame("deals")
    won = deals[deals["outcome"] == "won"].iloc[0]
    told = score_one(*opened(workspace), won["lead_id"])
    assert (told.deal_outcome, told.closed_at) == ("won", won["closed_at"].to_pydatetime())
    before = score_one(*opened(workspace), won["lead_id"], as_of=won["closed_at"].to_pydatetime() - timedelta(hours=1))
    assert (before.deal_outcome, before.closed_at) == ("open", None)
    assert told.to_json()["closed_at"] == won["closed_at"].isoformat()


def test_the_profile_is_what_the_tables_say_of_job_and_company(workspace: Workspace) -> None:
    leads, accounts = (Dataset(workspace.tables).frame(table) for table in ("leads", "accounts"))
    scored = leads[leads["account_id"].isin(accounts[accounts["industry"].notna()]["account_id"])].iloc[0]
    company = accounts[accounts["account_id"] == scored["account_id"]].iloc[0]
    profile = score_one(*opened(workspace), scored["lead_id"]).to_json()["profile"]
    assert profile["account"] == scored["account_id"]
    assert profile["company"]["industry"] == company["industry"]
    assert profile["company"].get("employees") == (None if company.isna()["employees"] else company["employees"])
    assert profile["job"] == {name: scored[name] for name in JOB if not scored.isna()[name]}


def test_what_a_file_of_leads_says_of_companies_is_theirs(tmp_path: Path) -> None:
    named = {"industry_attribute": "Industry", "size": "Company size", "employees": "properties.employees"}
    attributes = tuple(
        Attribute(table="leads", name=name, column=column, kind="categorical", label=name, known_at="created")
        for name, column in named.items()
    )
    told = [
        request | {"lead": {**request["lead"], "industry_attribute": "mining", "size": "9", "employees": "10-50"}}
        for request in requests()[:20]
    ]
    for each in told:
        each.pop("account", None)
    dataset = write_tables(tmp_path / "tables", told, attributes)
    profile = score_one(artifact(), dataset, "L3").profile
    assert (profile.company, profile.account) == ({"industry": "mining", "employees": "10-50"}, "")


@pytest.mark.parametrize("option", ["--model", "--as-of", "--out"])
def test_options_for_one_lead_are_refused_without_one(workspace: Workspace, option: str) -> None:
    result = CliRunner().invoke(build_app(), ["explain", "-w", str(workspace.root), option, "2025-01-01"])
    assert isinstance(result.exception, ParamsError)
    assert f"{option}: only for the score of one lead" in str(result.exception)


@pytest.mark.parametrize(("out", "match"), [("", "is a directory"), ("file/below.html", "cannot be written")])
def test_a_page_that_cannot_be_written_does_not_keep_the_reasons(
    workspace: Workspace, lead_id: str, tmp_path: Path, out: str, match: str
) -> None:
    (tmp_path / "file").write_text("")
    result = explained(workspace, lead_id, "--out", str(tmp_path / out))
    assert isinstance(result.exception, FileError)
    assert re.search(match, str(result.exception))
    assert lead_id in result.stdout
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_workspace_that_cannot_be_written_still_explains(workspace: Workspace, lead_id: str) -> None:
    shutil.rmtree(workspace.root / "leads", ignore_errors=True)
    (workspace.root / "leads").write_text("a file where the folder of pages would be")
    try:
        result = explained(workspace, lead_id)
    finally:
        (workspace.root / "leads").unlink()
    assert result.exit_code == 0
    assert lead_id in result.stdout
    assert "no page was written" in result.stderr


def test_an_unknown_lead_is_refused_with_ids_that_look_like_it(workspace: Workspace, lead_id: str) -> None:
    with pytest.raises(InputError, match=rf"none of them with lead_id '{lead_id}9'\. Did you mean .*{lead_id}"):
        score_one(*opened(workspace), f"{lead_id}9")


def test_a_lead_that_did_not_exist_yet_has_no_score(workspace: Workspace, lead_id: str) -> None:
    with pytest.raises(InputError, match="did not exist at 2001-01-01"):
        score_one(*opened(workspace), lead_id, as_of=parse_as_of("2001-01-01"))


def test_an_unknown_language_is_refused(workspace: Workspace, lead_id: str) -> None:
    arguments = ["explain", "--workspace", str(workspace.root), "--lead", lead_id, "--language", "fr"]
    result = CliRunner().invoke(build_app(), arguments)
    assert result.exit_code == 2
    assert "'fr' is not one of 'en', 'es', 'it'" in result.output


def test_an_id_never_leads_out_of_the_workspace() -> None:
    assert page_of(Workspace(Path("w")), "../../etc/passwd") == Path("w/leads/_.._etc_passwd.html")
    assert page_of(Workspace(Path("w")), "a b/ü").parent == Path("w/leads")


def test_a_slip_of_the_pen_is_found_among_the_ids() -> None:
    assert similar("brt-2", ["anna-1", "bert-2", "carl-3"]) == "Did you mean bert-2?"


def test_a_cut_off_id_shows_its_neighbours_in_the_alphabet() -> None:
    assert similar("b", ["aaaaaaaa", "bbbbbbbbb", "ccccccccc"]) == "Did you mean aaaaaaaa or bbbbbbbbb?"


def test_no_leads_no_hint() -> None:
    assert similar("x", []) == ""
