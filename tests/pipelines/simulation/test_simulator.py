import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from data_contracts.errors import FileError, ParamsError
from data_contracts.mapping.mapping import load_mapping
from pipelines.simulation.people import FIRST_NAMES, LAST_NAMES
from pipelines.simulation.simulator import FILES, SimulationReport, simulate

PERSONAL = ("first_name", "last_name", "email", "phone", "linkedin_url")


def files(directory: Path) -> dict[str, bytes]:
    return {str(path.relative_to(directory)): path.read_bytes() for path in sorted(directory.rglob("*.parquet"))}


def test_the_export_has_the_files_of_a_crm_and_the_truth_apart(exported: tuple[Path, SimulationReport]) -> None:
    out, report = exported
    assert set(files(out)) == {f"{name}.parquet" for name in FILES}
    assert report.rows["contacts"] == 3_000
    for name in FILES:
        assert report.rows[name.split("/")[-1]] == pq.read_metadata(out / f"{name}.parquet").num_rows
    assert report.won + report.lost + report.open == report.rows["deals"]
    json.dumps(report.as_dict(), allow_nan=False)


def test_the_same_seed_gives_the_same_files_and_another_seed_others(
    exported: tuple[Path, SimulationReport], tmp_path: Path
) -> None:
    simulate(3_000, 3, tmp_path / "again")
    simulate(3_000, 4, tmp_path / "other")
    first, again, other = files(exported[0]), files(tmp_path / "again"), files(tmp_path / "other")
    assert first == again
    assert all(first[name] != other[name] for name in first)


def test_a_smaller_simulation_is_the_beginning_of_a_larger(
    exported: tuple[Path, SimulationReport], tmp_path: Path
) -> None:
    simulate(100, 3, tmp_path / "small")
    small = pq.read_table(tmp_path / "small" / "contacts.parquet")
    assert small.equals(pq.read_table(exported[0] / "contacts.parquet").slice(0, 100))
    truth = pq.read_table(tmp_path / "small" / "truth" / "probabilities.parquet")
    whole = pq.read_table(exported[0] / "truth" / "probabilities.parquet")
    assert truth.equals(whole.filter(pc.is_in(whole["lead_id"], small["contact_id"])).combine_chunks())


def test_personal_data_stand_only_in_contacts(exported: tuple[Path, SimulationReport]) -> None:
    out, _ = exported
    contacts = pq.read_table(out / "contacts.parquet")
    assert set(PERSONAL) < set(contacts.column_names)
    secrets = {value for name in ("email", "phone", "linkedin_url") for value in contacts[name].drop_null().to_pylist()}
    secrets |= {*FIRST_NAMES, *LAST_NAMES}
    for name in FILES[1:]:
        for column in pq.read_table(out / f"{name}.parquet").columns:
            if pa.types.is_string(column.type):
                assert not secrets & set(column.unique().to_pylist())


def test_addresses_are_of_all_kinds_and_company_domains_are_reserved_for_examples(
    exported: tuple[Path, SimulationReport],
) -> None:
    email = pq.read_table(exported[0] / "contacts.parquet")["email"]
    domains = {address.split("@")[1] for address in email.drop_null().to_pylist()}
    assert {"gmail.com", "mailinator.com", "invented-college-one.edu"} < domains
    assert 0 < email.null_count < 300
    assert sum(domain.endswith(".example") for domain in domains) > len(domains) - 15


def test_every_row_belongs_to_a_contact_or_company_of_the_export(exported: tuple[Path, SimulationReport]) -> None:
    out, _ = exported
    contacts, companies = pq.read_table(out / "contacts.parquet"), pq.read_table(out / "companies.parquet")
    assert len(companies["company_id"].unique()) == companies.num_rows
    assert pc.all(pc.is_in(contacts["company_id"].drop_null(), companies["company_id"])).as_py()
    for name, key in (("activities", "activity_id"), ("deals", "deal_id"), ("dispositions", "report_id")):
        table = pq.read_table(out / f"{name}.parquet")
        assert len(table[key].unique()) == table.num_rows
        assert pc.all(pc.is_in(table["contact_id"], contacts["contact_id"])).as_py()


def test_activities_are_in_the_order_of_time_within_a_row_group(exported: tuple[Path, SimulationReport]) -> None:
    file = pq.ParquetFile(exported[0] / "activities.parquet")
    for group in range(file.num_row_groups):
        at = file.read_row_group(group)["occurred_at"].cast(pa.int64()).to_numpy()
        assert (np.diff(at) >= 0).all()


def test_categories_are_written_in_more_than_one_way(exported: tuple[Path, SimulationReport]) -> None:
    contacts = pq.read_table(exported[0] / "contacts.parquet")
    assert {"DE", "Germany"} < set(contacts["country"].unique().to_pylist())
    assert {"paid_social", "Paid Social"} < set(contacts["lead_source"].unique().to_pylist())


def test_the_shipped_mapping_names_the_export_and_never_the_truth(exported: tuple[Path, SimulationReport]) -> None:
    mapping = load_mapping("simulated")
    named = {pattern for source in mapping.sources.values() for pattern in source.file}
    assert named == {f"{name}.parquet" for name in FILES[:-1]}
    assert mapping.data_cutoff is not None
    assert mapping.data_cutoff.isoformat() == exported[1].data_cutoff
    attributes = mapping.tables.leads[0].attributes
    leaks = ("lifecycle_stage", "onboarding_owner", "last_note_code")
    assert all(attributes[name].known_at == "unknown" for name in leaks)


@pytest.mark.parametrize("leads", [1, 10_000, 10_001])
def test_exactly_as_many_leads_as_asked_for(leads: int, tmp_path: Path) -> None:
    assert simulate(leads, 0, tmp_path / "out").rows["contacts"] == leads


def test_progress_ends_at_one(tmp_path: Path) -> None:
    shares: list[float] = []
    simulate(10_500, 0, tmp_path / "out", on_progress=lambda message, share: shares.append(share))
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_a_directory_of_other_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(FileError, match=r"holds 'thesis\.txt', which the simulator did not write"):
        simulate(10, 0, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_an_earlier_simulation_is_replaced(tmp_path: Path) -> None:
    simulate(10, 0, tmp_path / "out")
    simulate(20, 0, tmp_path / "out")
    assert pq.read_metadata(tmp_path / "out" / "contacts.parquet").num_rows == 20


def test_nothing_is_left_behind_when_it_fails(tmp_path: Path) -> None:
    def stop(message: str, share: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        simulate(10, 0, tmp_path / "out", on_progress=stop)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("leads", "seed", "message"), [(0, 1, "--leads: expected 1 to"), (5, -1, "--seed: expected")])
def test_numbers_that_cannot_be_simulated_are_refused(leads: int, seed: int, message: str, tmp_path: Path) -> None:
    with pytest.raises(ParamsError, match=message):
        simulate(leads, seed, tmp_path / "out")


def test_a_file_in_the_place_of_the_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("")
    with pytest.raises(FileError, match="is a file, expected a directory"):
        simulate(5, 0, tmp_path / "out")
