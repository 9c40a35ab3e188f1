"""How much of a file is read: what lies beyond a bound is refused before it costs memory or time."""

from typing import Annotated

from pydantic import ByteSize, Field

from data_contracts.errors import FileError
from data_contracts.frozen import Frozen

Count = Annotated[int, Field(ge=1)]
Size = Annotated[ByteSize, Field(ge=1)]

FREE = 10_000_000  # bytes or cells that a file of any size may hold: only what is larger is measured against its size


class Bounds(Frozen):
    """The bounds of one file; docs/settings.md says why they are where they are.

    >>> Bounds(columns=3).beyond("columns", "leads.csv, row 1", "4 columns").message
    'leads.csv, row 1: 4 columns, more than the 3 that are read.'
    """

    columns: Count = 10_000
    header_characters: Count = 1_000
    cell_characters: Count = 131_072
    row_characters: Count = 10_000_000
    rows: Count = 200_000_000
    unfit_rows: Count = 1_000_000
    unpacked_bytes: Size = ByteSize(50_000_000_000)
    unpacked_ratio: Count = 100
    sheets: Count = 200
    sheet_bytes: Size = ByteSize(4_000_000_000)

    def beyond(self, name: str, where: str, found: str) -> FileError:
        """The refusal of what was found in a place, beyond the bound of this name."""
        limit = getattr(self, name)
        shown = limit.human_readable(decimal=True) if isinstance(limit, ByteSize) else f"{limit:,}"
        hint = f"If the file is as it should be, raise `bounds.{name}` in params.yaml (docs/settings.md)."
        return FileError(f"{where}: {found}, more than the {shown} that are read.", hint=hint)

    def check(self, name: str, where: str, count: int, noun: str) -> None:
        """Raise FileError where the count is beyond the bound of this name."""
        if count > getattr(self, name):
            raise self.beyond(name, where, f"{count:,} {noun}")

    def check_unpacked(self, where: str, size: int, packed: int) -> None:
        """Raise FileError where a file of ``packed`` bytes unpacks to more than is read, or than such files do."""
        if size > self.unpacked_bytes:
            raise self.beyond("unpacked_bytes", where, f"{size:,} bytes when unpacked, or more")
        if size > max(FREE, self.unpacked_ratio * packed):
            times = size // max(packed, 1)
            raise self.beyond("unpacked_ratio", where, f"it unpacks to {times:,} times its size of {packed:,} bytes")


USUAL = Bounds()
