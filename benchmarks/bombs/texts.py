"""Bombs of CSV files, plain and gzipped."""

import gzip
import zlib
from pathlib import Path

from benchmarks.bombs.bomb import HEADER, Bomb, healthy, row

MB = 1_000_000


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def _repeated(path: Path, start: bytes, block: bytes, times: int) -> None:
    """The start, then a block again and again; gzipped where the name says so."""
    packer = zlib.compressobj(6, zlib.DEFLATED, 31 if path.suffix == ".gz" else 15)
    with path.open("wb") as file:
        for piece in (start, *([block] * times)):
            file.write(packer.compress(piece) if path.suffix == ".gz" else piece)
        if path.suffix == ".gz":
            file.write(packer.flush())


def _header(cell: bytes) -> bytes:
    return healthy().replace(b"city", cell, 1)


def _wide(names: list[bytes], rows: int = 20) -> bytes:
    extra = b"," + b",".join(names)
    lines = [HEADER.rstrip() + extra, *(row(i).rstrip() + b",1" * len(names) for i in range(rows))]
    return b"\n".join(lines) + b"\n"


def _many_members(path: Path) -> None:
    path.write_bytes(gzip.compress(healthy()) + gzip.compress(b"") * 500_000)


def _names(count: int) -> list[bytes]:
    return [b"column %d" % i for i in range(count)]


MISSING = HEADER.replace(b"stage", b"phase")

BOMBS = [
    Bomb("header cell of 20,000 characters, a column missing", "leads.csv",
         lambda p: _write(p, MISSING.replace(b"city", b"x" * 20_000) + b"1,2,3,4,5\n"), "characters in its name"),
    Bomb("header cell of 130,000 characters, a column missing", "leads.csv",
         lambda p: _write(p, MISSING.replace(b"city", b"x" * 130_000) + b"1,2,3,4,5\n"), "characters in its name"),
    Bomb("header cell of 130,000 characters, map", "leads.csv",
         lambda p: _write(p, _header(b"x" * 130_000)), "characters in its name", "map"),
    Bomb("4,900 names of 995 characters, a column missing", "leads.csv",
         lambda p: _write(p, MISSING.rstrip() + b"".join(b",%05d" % i + b"x" * 990 for i in range(4_900)) + b"\n"),
         "does not have"),
    Bomb("100,000 columns", "leads.csv", lambda p: _write(p, _wide(_names(100_000))), "100,005 columns"),
    Bomb("100,000 columns, map", "leads.csv", lambda p: _write(p, _wide(_names(100_000))), "100,005 columns", "map"),
    Bomb("100,000 columns in a .tsv", "leads.tsv",
         lambda p: _write(p, _wide(_names(100_000)).replace(b",", b"\t")), "100,005 columns", "map"),
    Bomb("9 million commas for a header", "leads.csv", lambda p: _write(p, b"," * 9 * MB + b"\n"), "no header"),
    Bomb("a gigabyte in one line of a .gz", "leads.csv.gz",
         lambda p: _repeated(p, HEADER, b"x" * MB, 1_000), "characters or more"),
    Bomb("a gigabyte in the header of a .gz", "leads.csv.gz",
         lambda p: _repeated(p, b"id,", b"x,yz" * 250_000, 1_000), "characters or more"),
    Bomb("a gigabyte in one line of a .gz, map", "leads.csv.gz",
         lambda p: _repeated(p, HEADER, b"x" * MB, 1_000), "characters or more", "map"),
    Bomb("200 MB of newlines in a .gz", "leads.csv.gz",
         lambda p: _repeated(p, HEADER, b"\n" * MB, 200), "rows that are blank"),
    Bomb("200 MB of newlines", "leads.csv", lambda p: _repeated(p, HEADER, b"\n" * MB, 200), "rows that are blank"),
    Bomb("200 MB of newlines, map", "leads.csv",
         lambda p: _repeated(p, HEADER, b"\n" * MB, 200), "rows that are blank", "map"),
    Bomb("200 MB of lines of a space in a .gz", "leads.csv.gz",
         lambda p: _repeated(p, HEADER, b" \r\n" * 333_333, 200), "rows that are blank"),
    Bomb("200 MB of equal rows in a .gz", "leads.csv.gz",
         lambda p: _repeated(p, HEADER, row(1) * 20_000, 240), "times its size"),
    Bomb("a gigabyte of short rows in a .gz", "leads.csv.gz",
         lambda p: _repeated(p, HEADER, b",\n" * 500_000, 1_000), "rows that are blank"),
    Bomb("500,000 empty members in a .gz", "leads.csv.gz", _many_members),
    Bomb("a quote that does not close before 300 MB", "leads.csv",
         lambda p: _repeated(p, HEADER + b'"', b"x\n" * 500_000, 300), "characters or more"),
    Bomb("50 MB of quotes", "leads.csv", lambda p: _repeated(p, HEADER, b'"' * MB, 50), "more"),
    Bomb("a row of 100 million quoted cells", "leads.csv.gz",
         lambda p: _repeated(p, HEADER, b'"\n",' * 250_000, 400), "characters or more"),
    Bomb("a line of 200 MB in UTF-16", "leads.csv",
         lambda p: _repeated(p, b"\xff\xfe" + HEADER.decode().encode("utf-16-le"), b"\x0a\x01" * 500_000, 200),
         "characters or more"),
    Bomb("2,000 dates of 100,000 characters", "leads.csv",
         lambda p: _write(p, HEADER + b"".join(b"L%d,%s,Won,2024-01-01,Rome\n" % (i, b"a" * 100_000)
                                               for i in range(2_000))), "cannot be used"),
    Bomb("1,000 cells of 130,000 letters", "leads.csv",
         lambda p: _write(p, HEADER + b"".join(row(i, b"%d" % i + b"a" * 130_000) for i in range(1_000)))),
    Bomb("1,000 cells of 130,000 letters, map", "leads.csv",
         lambda p: _write(p, HEADER + b"".join(row(i, b"%d" % i + b"a" * 130_000) for i in range(1_000))), "", "map"),
    Bomb("1,000 cells of 130,000 digits, hyphens and blanks, map", "leads.csv",
         lambda p: _write(p, HEADER + b"".join(row(i, b"12 34-" * 20_000) for i in range(1_000))), "", "map"),
    Bomb("900 columns that are called alike", "leads.csv",
         lambda p: _write(p, _wide([b"!" * (i + 1) for i in range(900)], 50))),
    Bomb("1,000 columns, map", "leads.csv", lambda p: _write(p, _wide(_names(1_000), 50)), "", "map"),
    Bomb("300,000 rows with one key", "leads.csv",
         lambda p: _write(p, HEADER + row(1) * 300_000), "cannot be used"),
    Bomb("300,000 different cities", "leads.csv",
         lambda p: _write(p, HEADER + b"".join(row(i, b"c%d" % i) for i in range(300_000)))),
]  # fmt: skip
