"""The import: the files of an export through a mapping into the canonical tables, all of them or none."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from data_contracts.checksum import sha256
from data_contracts.contract import arrow_schema, load_contract
from data_contracts.dataset import TABLES, Attribute, Dataset, DatasetManifest, SourceFile, write_manifest
from data_contracts.errors import MappingError, TableError
from data_contracts.mapping.mapping import Mapping, Order
from data_contracts.mapping.values import values_of
from data_contracts.progress import Progress, silent
from data_contracts.replacing import replacing
from data_contracts.wording import counted
from pipelines.importing.attributes import LEVELS, Attributes, settle
from pipelines.importing.chunk import Mask, filled
from pipelines.importing.converter import Converter
from pipelines.importing.currencies import names_currency
from pipelines.importing.personal_columns import kind_of_cells
from pipelines.importing.rejects import Rejects
from pipelines.importing.row_filter import RowFilter
from pipelines.importing.sources import Demand, Sources
from pipelines.importing.spill import Piece, Spill
from pipelines.importing.table_file import Origin, TableFile, add_missing_accounts, latest_time
from pipelines.importing.verdicts import judge_activities
from pipelines.tables.events_writer import group_events
from pipelines.workspace.bounds import USUAL, Bounds
from pipelines.workspace.resources import Resources

WHOLLY_PERSONAL = {"person": "names of people", "address": "postal addresses", "tax": "tax ids"}
ORDER = ("accounts", "leads", "activities", "deals", "dispositions", "changes")  # owners before what refers to them


def import_tables(
    mapping: Mapping,
    source: Path,
    tables_dir: Path,
    rejected_dir: Path,
    *,
    resources: Resources,
    known: Sequence[Attribute] = (),
    max_rejected: float = 0.05,
    at_most: int | None = None,
    bounds: Bounds = USUAL,
    on_progress: Progress = silent,
) -> DatasetManifest:
    """Import the files below ``source`` into ``tables_dir``; rows that cannot be used go to ``rejected_dir``.

    ``known`` are the attributes of the model that is to score the rows: types that the mapping leaves open are the
    model's. ``at_most`` reads the first rows of each file only; ``bounds`` say what is refused as too large. Both
    directories are replaced when everything has been written, else left as they were. Raises FileError,
    MappingError or TableError for what cannot be read, does not fit, or where more than the share ``max_rejected`` of
    a file's rows cannot be used.
    """
    with replacing(tables_dir, rejected_dir) as (tables, rejected):
        sources = Sources(mapping, source, Rejects(), at_most, bounds, on_progress)
        job = _Import(mapping, tables, sources, resources, known, on_progress)
        manifest = job.run(max_rejected)
        write_manifest(manifest, tables)
        on_progress("grouping events", 1.0)
        group_events(Dataset(tables), resources)
        job.sources.rejects.write(rejected)
    return manifest


@dataclass
class _Import:
    mapping: Mapping
    directory: Path
    sources: Sources
    resources: Resources
    known: Sequence[Attribute]
    on_progress: Progress
    attributes: Attributes = field(default_factory=Attributes)
    currencies: dict[str, set[str]] = field(default_factory=dict)
    owners: dict[str, "_Owners"] = field(default_factory=dict)
    converters: dict[tuple[str, int], Converter] = field(default_factory=dict)
    spills: dict[tuple[str, int], Spill] = field(default_factory=dict)

    def run(self, max_rejected: float) -> DatasetManifest:
        for name in self.mapping.sources:
            self.sources.files(name)  # every file is there before the first is read
        self.attributes = settle(self.mapping, self.sources, self.known)
        files = {table: self._table(table, max_rejected) for table in ORDER}
        if not files["leads"].rows:
            raise TableError(
                f"{', '.join(self._file_names('leads'))} contains no usable leads.",
                hint="Is the file empty below its header, or does the `where` of the leads leave nothing?",
            )
        add_missing_accounts(files["accounts"], files["leads"].column("account_id"))
        self._refuse_identifiers(files)
        if not self.known:
            self._refuse_people(files)
        automated = judge_activities(files["activities"].path, files["leads"].path, self.resources)
        return self._manifest(files, automated)

    def _table(self, table: str, max_rejected: float) -> TableFile:
        rejects, self.sources.share = self.sources.rejects, ORDER.index(table) / len(ORDER)
        with TableFile(table, arrow_schema(table, self.attributes.manifest()), self.directory) as file:
            owners = _Owners()
            for index in range(len(self.mapping.tables.blocks(table))):
                self._block(table, index, file, owners)
        file.make_unique(rejects, threads=self.resources.threads, memory=self.resources.database)
        rejects.check(max_rejected)
        if table in ("leads", "accounts"):
            owners.kept.add(file.column(f"{table[:-1]}_id"))
            self.owners[table] = owners
        return file

    def _block(self, table: str, index: int, file: TableFile, owners: "_Owners") -> None:
        block, done = self.mapping.tables.blocks(table)[index], 0
        for piece in self._pieces(table, index):
            self.sources.rejects.merge(piece.rejects)
            passing = RowFilter(table, piece.origin, (), self.sources.rejects)
            if table not in ("leads", "accounts"):
                self._refuse_orphans(piece.rows, passing, ignore=block.orphans == "ignore")
            kept = piece.origin.keep(passing.alive)
            origin = Origin(kept.file, kept.rows, keep_first=block.duplicates == "keep_first")
            file.append(piece.rows.filter(pa.array(passing.alive)), origin)
            done += piece.read
            self.on_progress(f"{table}: {counted(done, 'row')}", self.sources.share)
        converter = self.converters[table, index]
        owners.rejected.add(*converter.rejected)
        owners.excluded.add(*converter.excluded)
        for name, count in converter.blanked.items():
            cells = counted(count, "cell")
            self.attributes.notes.append(
                f"{table}.{name}: {cells} with an e-mail address or phone {'was' if count == 1 else 'were'} blanked."
            )
        for name, found in converter.currencies.items():
            self.currencies.setdefault(f"{table}.{name}", set()).update(found)
        for name, count in converter.unread.items():
            if count:
                kind = converter.attributes[name].type
                who = counted(count, "cell counts as missing: it is", "cells count as missing: they are")
                self.attributes.notes.append(f"{table}.{name}: {who} not {kind}, as in training.")

    def _pieces(self, table: str, index: int) -> Iterator[Piece]:
        """A block's rows. The first block of a source reads it for all; the rows of the others wait for their turn."""
        if (table, index) in self.spills:
            yield from self.spills.pop((table, index)).pieces()
            return
        source = self.mapping.tables.blocks(table)[index].source
        converters = [self._converter(other, i) for other in ORDER for i in self._blocks_of(source, other)]
        for other in converters[1:]:
            path = self.directory / f"{other.table}-{other.index}.spill"
            self.spills[other.table, other.index] = Spill(path, other.schema)
        demands = [Demand(each.needs(), each.table) for each in converters]
        for number, chunk, rejects in self.sources.read(source, demands):
            converter = converters[number]
            rows, kept = converter.convert(chunk, rejects)
            piece = Piece(rows, replace(kept, columns={}), rejects, len(chunk))
            if number == 0:
                yield piece
            else:
                self.spills[converter.table, converter.index].add(piece)

    def _blocks_of(self, source: str, table: str) -> list[int]:
        return [i for i, block in enumerate(self.mapping.tables.blocks(table)) if block.source == source]

    def _converter(self, table: str, index: int) -> Converter:
        schema = arrow_schema(table, self.attributes.manifest())
        rules = self.attributes.rules.get((table, index), {})
        forgiven = frozenset(name for name in rules if (table, name) in self.attributes.learned)
        source = self.mapping.tables.blocks(table)[index].source
        beside = tuple(column for column in self.sources.names(source) if names_currency(column))
        self.converters[table, index] = Converter(self.mapping, table, index, schema, rules, forgiven, beside)
        return self.converters[table, index]

    def _refuse_orphans(self, rows: pa.Table, passing: RowFilter, *, ignore: bool) -> None:
        for column in load_contract(passing.table).columns:
            if column.reference is None:
                continue
            owners = self.owners[column.reference.table]
            ids = rows.column(column.name).combine_chunks()
            lost = filled(ids) & ~owners.kept.contain(ids)
            if not lost.any():
                continue
            passing.drop(lost & owners.excluded.contain(ids))
            follows = lost & owners.rejected.contain(ids)
            passing.reject(follows, column.name, "{} was rejected", ids, counted=False)
            if ignore:
                passing.drop(lost)
            passing.reject(lost, column.name, f"{{}} is not in {column.reference.table}", ids)

    def _refuse_identifiers(self, files: dict[str, TableFile]) -> None:
        for attribute in self.attributes.manifest():
            file = files[attribute.table]
            if attribute.kind != "categorical" or file.rows <= LEVELS:
                continue
            levels = pc.count_distinct(file.column(attribute.name)).as_py()
            if levels > LEVELS and levels > file.rows / 2:
                read = ", ".join(self._file_names(attribute.table))
                raise MappingError(
                    f"{read}: attribute {attribute.name!r} of {attribute.table} has {levels:,} different values"
                    f" in {file.rows:,} rows: that is an identifier, not a category.",
                    hint="Leave it out, or map its values to a few groups.",
                )

    def _refuse_people(self, files: dict[str, TableFile]) -> None:
        """A category whose values are people is personal, however it is mapped; digests and listed values are not."""
        for (table, index), rules in self.attributes.rules.items():
            for name, rule in rules.items():
                if rule.type != "categorical" or rule.hash or rule.values is not None:
                    continue
                levels = pc.unique(files[table].column(name).drop_null().cast(pa.string()))
                kind = kind_of_cells(levels) if len(levels) else None
                if kind in WHOLLY_PERSONAL:
                    column = (rule.sources_named or (name,))[0]
                    raise MappingError(
                        f"{self.mapping.where('tables', table, index, 'attributes', name)}: column {column!r} holds"
                        f" {WHOLLY_PERSONAL[kind]}, which are not stored.",
                        hint="Declare it under `personal`, write `hash: true`, or map its values to groups (`values`).",
                    )

    def _file_names(self, table: str) -> list[str]:
        paths = (path for block in self.mapping.tables.blocks(table) for path in self.sources.files(block.source))
        return list(dict.fromkeys(path.name for path in paths))

    def _manifest(self, files: dict[str, TableFile], automated: dict[str, int]) -> DatasetManifest:
        latest = [time for file in files.values() if isinstance(time := latest_time(file.path), datetime)]
        cutoff = self.mapping.data_cutoff or max(latest, default=None)
        if cutoff is not None and cutoff.tzinfo is None:
            cutoff = cutoff.replace(tzinfo=UTC)
        rejects = self.sources.rejects
        return DatasetManifest(
            mapping=self.mapping.name,
            order="column" if isinstance(self.mapping.order, Order) else self.mapping.order,
            snapshot=self.mapping.snapshot,
            horizon_days=self.mapping.horizon_days,
            data_cutoff=cutoff,
            currency=self.mapping.currency,
            attributes=self.attributes.manifest(),
            files=tuple(
                SourceFile(file=str(path.relative_to(self.sources.directory)), sha256=sha256(path), rows=rows)
                for path, rows in self.sources.rows.items()
            ),
            rows={table: files[table].rows for table in TABLES},
            rejected={table: rejects.counts.get(table, 0) for table in TABLES},
            automated=automated,
            values=values_of(self.mapping),
            where=self._where(),
            currencies={name: tuple(sorted(found)) for name, found in self.currencies.items() if len(found) > 1},
            notes=tuple(self.attributes.notes),
        )

    def _where(self) -> dict[str, str]:
        """Where the mapping says what a later stage may refuse."""
        return {
            "horizon_days": self.mapping.where("horizon_days"),
            "created_at": self.mapping.where("tables", "leads", 0, "columns", "created_at"),
            "closed_at": self.mapping.where("tables", "deals", 0, "columns", "closed_at"),
            "outcome": self.mapping.where("tables", "deals", 0, "columns", "outcome"),
        }


class _Ids:
    """A growing set of ids."""

    def __init__(self) -> None:
        self._parts: list[pa.Array] = []
        self._index: pd.Index | None = None

    def add(self, *ids: pa.Array) -> None:
        """Add all of these."""
        self._parts += ids
        self._index = None

    def contain(self, ids: pa.Array) -> Mask:
        """Where ``ids`` (n,) are in the set; the table of hashes is made once, not for every chunk."""
        if self._index is None:
            self._index = pd.Index(pa.chunked_array(self._parts, pa.string()).to_pandas()).drop_duplicates()
        return self._index.get_indexer(ids.to_pandas()) >= 0


@dataclass
class _Owners:
    """Ids of leads or accounts: those in the table, those rejected, and those that a filter left out."""

    kept: _Ids = field(default_factory=_Ids)
    rejected: _Ids = field(default_factory=_Ids)
    excluded: _Ids = field(default_factory=_Ids)
