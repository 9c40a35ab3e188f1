"""What an interrupted scoring leaves beside its output: the chunks that are done, and what they are of.

.NAME.unfinished/job.json        the model, the data and the options that the chunks were scored with
.NAME.unfinished/000000.arrow    a chunk of scores, whole or not there
.NAME.unfinished/output.parquet  the output as far as it is written; every run writes it anew
"""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from data_contracts.errors import FileError
from data_contracts.replacing import move_into_place, replacing_file

JOB = "job.json"


class Checkpoint:
    """The directory of one scoring. ``chunks`` is how many were there already, without a gap from the first on."""

    def __init__(self, out: Path, job: Mapping[str, Any]) -> None:
        """Take up what the same job has left beside ``out``; what another job has left is removed.

        Raises FileError where nothing can be written there, or ``out`` is a directory.
        """
        if out.is_dir():
            raise FileError(f"{out} is a directory, expected the name of a file such as scores.csv.")
        self._out = out
        self.directory = out.with_name(f".{out.name}.unfinished")
        try:
            if _read_job(self.directory) != dict(job):
                shutil.rmtree(self.directory, ignore_errors=True)
                self.directory.mkdir(parents=True)
                (self.directory / JOB).write_text(json.dumps(job, indent=2) + "\n", encoding="utf-8")
        except OSError as error:
            raise FileError(f"{out} cannot be written: {error.strerror}.") from error
        self.chunks = 0
        while self._is_whole(self.chunks):
            self.chunks += 1

    def _path(self, chunk: int) -> Path:
        return self.directory / f"{chunk:06d}.arrow"

    def _is_whole(self, chunk: int) -> bool:
        try:
            with pa.memory_map(str(self._path(chunk))) as file:
                pa.ipc.open_file(file)
        except (OSError, pa.ArrowInvalid):
            return False
        return True

    def read(self, chunk: int) -> pa.Table:
        """A chunk that is done."""
        with pa.memory_map(str(self._path(chunk))) as file:
            return pa.ipc.open_file(file).read_all()

    def write(self, chunk: int, scores: pa.Table) -> None:
        """Keep a chunk; it appears whole or not at all."""
        options = pa.ipc.IpcWriteOptions(compression="lz4")
        with (
            replacing_file(self._path(chunk)) as path,
            pa.OSFile(str(path), "wb") as file,
            pa.ipc.new_file(file, scores.schema, options=options) as writer,
        ):
            writer.write_table(scores)

    @property
    def output(self) -> Path:
        """Where the output is written until it is whole."""
        return self.directory / "output.parquet"

    def finish(self) -> None:
        """Move the output to its place and forget the chunks."""
        move_into_place(self.output, self._out)
        shutil.rmtree(self.directory)


def _read_job(directory: Path) -> dict[str, Any] | None:
    try:
        job = json.loads((directory / JOB).read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError, json.JSONDecodeError, UnicodeDecodeError):
        return None
    return job if isinstance(job, dict) else None
