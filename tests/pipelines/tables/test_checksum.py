from pathlib import Path

from data_contracts.dataset import Dataset
from pipelines.tables.checksum import data_checksum
from tests.datasets import write_dataset


def test_other_data_have_another_checksum(tmp_path: Path) -> None:
    def data(name: str, lead: str) -> Dataset:
        return write_dataset(tmp_path / name, leads=[{"lead_id": lead}])

    assert data_checksum(data("a", "x")) == data_checksum(data("b", "x")) != data_checksum(data("c", "y"))
