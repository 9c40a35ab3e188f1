"""Whole or not at all."""

from pathlib import Path

import pytest

from data_contracts.errors import FileError
from data_contracts.replacing import replacing, replacing_file


def test_directories_take_the_place_of_older_ones(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "old").touch()
    with replacing(tmp_path / "a", tmp_path / "deep" / "b") as fresh:
        for directory in fresh:
            (directory / "new").touch()
        assert (tmp_path / "a" / "old").exists()
    assert sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")) == [
        "a", "a/new", "deep", "deep/b", "deep/b/new",
    ]  # fmt: skip


def _fail_to_write(directory: Path) -> None:
    (directory / "new").touch()
    directory.write_text("not a file")


def test_after_an_error_everything_is_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "old").write_text("old")
    with pytest.raises(IsADirectoryError, match="a"), replacing(tmp_path / "deep" / "a") as (fresh,):
        _fail_to_write(fresh)
    with pytest.raises(IsADirectoryError, match="partial"), replacing_file(tmp_path / "old") as file:
        _fail_to_write(file.parent)
    assert [path.name for path in tmp_path.iterdir()] == ["old"]
    assert (tmp_path / "old").read_text() == "old"


def test_what_a_killed_process_left_is_removed(tmp_path: Path) -> None:
    (tmp_path / ".a.partial" / "a").mkdir(parents=True)
    (tmp_path / ".a.partial" / "a" / "half").touch()
    with replacing(tmp_path / "a"):
        pass
    assert list(tmp_path.rglob("*")) == [tmp_path / "a"]


def test_a_file_takes_the_place_of_an_older_one(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("old")
    with replacing_file(tmp_path / "page.html") as file:
        file.write_text("new")
        assert (tmp_path / "page.html").read_text() == "old"
    assert (tmp_path / "page.html").read_text() == "new"
    assert list(tmp_path.iterdir()) == [tmp_path / "page.html"]


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(FileError, match="file cannot be written"), replacing(tmp_path / "file" / "a"):
        pass
    with pytest.raises(FileError, match="is a directory"), replacing_file(tmp_path):
        pass
