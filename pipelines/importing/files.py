"""Files of a source: found below the source directory, named in errors by their path there."""

from pathlib import Path
from typing import Literal

from data_contracts.errors import FileError
from data_contracts.hints import did_you_mean
from data_contracts.mapping.mapping import Source

Format = Literal["csv", "parquet", "excel"]
FORMATS: dict[str, Format] = {
    "csv": "csv", "tsv": "csv", "txt": "csv", "parquet": "parquet", "pq": "parquet",
    "xlsx": "excel", "xlsm": "excel", "xls": "excel", "xlsb": "excel", "ods": "excel",
}  # fmt: skip


def find_files(source: Source, directory: Path) -> tuple[Path, ...]:
    """The files of a source in the order of their patterns, then of their names.

    Raises FileError where a pattern finds nothing (unless the source is optional) or finds a directory.
    """
    if not directory.is_dir():
        raise FileError(f"{directory} is not a directory.", hint="Give the directory of the export with --source.")
    paths: dict[Path, None] = {}
    for pattern in source.file:
        matches = sorted(directory.glob(pattern))
        if not matches and not source.optional:
            files = sorted(each.name for each in directory.iterdir())
            hint = did_you_mean(pattern, files[:20]) or "The directory is empty."
            raise FileError(f"No file {pattern!r} in {directory}.", hint=hint)
        paths |= dict.fromkeys(matches)
    for path in paths:
        if path.is_dir():
            raise FileError(f"{path} is a directory, expected a file.")
    return tuple(paths)


def file_format(path: Path, source: Source) -> Format:
    """How a file is read: as the source says, else by its ending (.gz aside).

    Raises FileError for an ending that says nothing.
    """
    if source.format is not None:
        return source.format
    by_ending = format_by_ending(path)
    if by_ending is None:
        hint = f"Write `format: csv` (or parquet, excel) in its source; known endings: {', '.join(FORMATS)}."
        raise FileError(f"{path.name}: the ending does not say what the file is.", hint=hint)
    return by_ending


def format_by_ending(path: Path) -> Format | None:
    """How a file is read by its ending (.gz aside)."""
    return FORMATS.get(path.name.removesuffix(".gz").rpartition(".")[2].lower())
