"""Whole or not at all."""

import os
import subprocess
import sys
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


KILLED = """
import os, signal, sys
from pathlib import Path
from data_contracts import replacing
target, call = Path(sys.argv[1]), int(sys.argv[2])
calls = 0
def killing(name):
    whole = getattr(os, name)
    def one(*args, **kwargs):
        global calls
        calls += 1
        if calls == call:
            os.kill(os.getpid(), signal.SIGKILL)
        return whole(*args, **kwargs)
    setattr(os, name, one)
for name in ("mkdir", "rename", "replace", "fsync", "unlink", "rmdir"):
    killing(name)
with replacing.replacing(target) as (fresh,):
    (fresh / "new").write_text("new")
print(calls)
"""


def killed(target: Path, call: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", KILLED, str(target), str(call)], capture_output=True, text=True)


def test_killed_at_every_call_the_old_or_the_new_is_there_after_the_next_writer(tmp_path: Path) -> None:
    calls = int(killed(tmp_path / "count", 0).stdout)
    assert calls > 10
    for call in range(1, calls + 1):
        target = tmp_path / str(call) / "a"
        target.mkdir(parents=True)
        (target / "old").write_text("old")
        assert killed(target, call).returncode == -9
        with pytest.raises(ZeroDivisionError, match="by zero"), replacing(target):
            _ = 1 // 0
        assert [path.name for path in target.parent.iterdir()] == ["a"]
        assert [path.name for path in target.iterdir()] in (["old"], ["new"])


def test_what_a_living_process_writes_is_left_alone(tmp_path: Path) -> None:
    with replacing(tmp_path / "a") as (first,):
        (first / "first").touch()
        with replacing(tmp_path / "a") as (second,):
            (second / "second").touch()
        assert [path.name for path in (tmp_path / "a").iterdir()] == ["second"]
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["first"]
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_what_is_unfinished_of_a_longer_name_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / ".a.b.abcdefgh.partial").mkdir()
    with replacing_file(tmp_path / "a") as file:
        file.touch()
    assert (tmp_path / ".a.b.abcdefgh.partial").exists()


def test_everything_is_on_the_disk_before_its_name_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    sync, rename = os.fsync, Path.rename

    def synced(descriptor: int) -> None:
        seen.append(Path(os.readlink(f"/proc/self/fd/{descriptor}")).name)
        sync(descriptor)

    def renamed(self: Path, target: Path) -> Path:
        seen.append("rename")
        return rename(self, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "rename", renamed)
    with replacing(tmp_path / "a") as (fresh,):
        (fresh / "deep").mkdir()
        (fresh / "deep" / "file").touch()
    at = seen.index("rename")
    assert {"a", "deep", "file"} <= set(seen[:at])
    assert seen[at + 1 :] == [tmp_path.name]


def test_a_name_may_be_as_long_as_a_file_system_allows(tmp_path: Path) -> None:
    with replacing_file(tmp_path / ("ñ" * 127)) as file:
        file.touch()
    assert len(list(tmp_path.iterdir())) == 1


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
