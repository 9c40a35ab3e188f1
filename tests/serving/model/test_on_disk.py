"""What lies on the disk by now is told, and read again only where a file changed."""

import logging
from pathlib import Path
from types import SimpleNamespace

import pytest

from data_contracts.errors import ArtifactError
from serving.model import on_disk
from serving.model.on_disk import OnDisk


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The directories that were read; the version of a model is what its one file holds, "bad" cannot be loaded."""
    directories: list[Path] = []

    def load_artifact(directory: Path) -> SimpleNamespace:
        directories.append(directory)
        version = (directory / "model").read_text()
        if version == "bad":
            raise ArtifactError("model was changed after training.", hint="Train again.")
        return SimpleNamespace(version=version)

    monkeypatch.setattr(on_disk, "load_artifact", load_artifact)
    return directories


def test_every_change_is_told_and_logged_once(
    read: list[Path], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "model").write_text("one")
    disk = OnDisk(tmp_path)
    disk.version = "one"
    assert disk.state() == "served"
    assert read == []
    told = []
    with caplog.at_level(logging.WARNING):
        for content in ("another", "bad", "one", "one more"):
            (tmp_path / "model").write_text(content)
            told += [disk.state(), disk.state()]
    assert told == ["another"] * 2 + ["damaged"] * 2 + ["served"] * 2 + ["another"] * 2
    assert len(read) == 4
    assert [record.getMessage()[:38] for record in caplog.records] == [
        "There is another model on the disk; th", "The model on the disk cannot be loaded",
        "The model on the disk is the one that ", "There is another model on the disk; th",
    ]  # fmt: skip
    assert "model was changed after training. Train again." in caplog.records[1].getMessage()


def test_a_directory_that_is_gone_holds_no_model(read: list[Path], tmp_path: Path) -> None:
    directory = tmp_path / "champion"
    directory.mkdir()
    (directory / "model").write_text("one")
    disk = OnDisk(directory)
    (directory / "model").unlink()
    directory.rmdir()
    assert disk.state() == "damaged"
