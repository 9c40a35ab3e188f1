"""A workbook as lines of JSON: the names of its sheets, then the rows of one of them, a thousand to a line.

`python -m pipelines.importing.sheet_process FILE SHEET BYTES` is a process of its own, since what takes a workbook
apart holds all of a sheet in memory, empty cells between others too, cannot be interrupted, and ends its process where
memory is out.
"""

import contextlib
import datetime as dt
import json
import signal
import sys
from itertools import islice

PIECE = 1_000  # rows of a line
NO_MEMORY = 3  # exit code


def main() -> None:
    """Write names and rows, of the first sheet for an empty name; a failure's reason goes to the standard error."""
    from python_calamine import CalamineError, CalamineWorkbook

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever reads this ends it
    path, name, most = sys.argv[1:]
    _bound(int(most))
    try:
        book = CalamineWorkbook.from_path(path)
        _say(list(book.sheet_names))
        if name and name not in book.sheet_names:
            return
        sheet = book.get_sheet_by_name(name) if name else book.get_sheet_by_index(0)
        left = [""] * (sheet.start or (0, 0))[1]
        rows = sheet.iter_rows()
        while piece := [left + [_text(cell) for cell in row] for row in islice(rows, PIECE)]:
            _say(piece)
    except (CalamineError, OSError, ValueError) as error:
        sys.exit(" ".join(str(error).split()) or type(error).__name__)
    except MemoryError:
        sys.exit(NO_MEMORY)


def _say(value: object) -> None:
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


def _bound(most: int) -> None:
    """Let this process have no more memory than that, where the system can."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (most, most))


def _text(cell: object) -> str:
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, dt.datetime | dt.date | dt.time):
        return cell.isoformat()
    return str(cell)


if __name__ == "__main__":
    main()
