"""The import: the files of an export through a mapping into the canonical tables, all of them or none."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from data_contracts.checksum import sha256
from data_contracts.contract import arrow_schema, load_contract
from data_contracts.dataset import TABLES, DatasetManifest, SourceFile, write_manifest
from data_contracts.errors import MappingError, TableError
from data_contracts.mapping import Mapping, Order
from data_contracts.progress import Progress, silent
from data_contracts.replacing import replacing
from pipelines.importing.attributes import LEVELS, Attributes, settle
from pipelines.importing.chunk import as_mask, filled
from pipelines.importing.converter import Converter
from pipelines.importing.rejects import Rejects
from pipelines.importing.sieve import Sieve
from pipelines.importing.sources import Sources
from pipelines.importing.table_file import Origin, TableFile, add_missing_accounts, latest_time

ORDER = ("accounts", "leads", "activities", "deals", "dispositions", "changes")  # owners before what refers to them


def import_tables(
    mapping: Mapping,
    source: Path,
    tables_dir: Path,
    rejected_dir: Path,
    *,
    max_rejected: float = 0.05,
    on_progress: Progress = silent,
) -> DatasetManifest:
    """Import the files below ``source`` into ``tables_dir``; rows that cannot be used go to ``rejected_dir``.

    Both directories are replaced when everything has been written, else left as they were. Raises FileError,
    MappingError or TableError for what cannot be read, does not fit, or where more than the share ``max_rejected`` of
    a file's rows cannot be used.
    """
    with replacing(tables_dir, rejected_dir) as (tables, rejected):
        job = _Import(mapping, tables, Sources(mapping, source, Rejects()), on_progress)
        manifest = job.run(max_rejected)
        write_manifest(manifest, tables)
        job.sources.rejects.write(rejected)
    return manifest


@dataclass
class _Import:
    mapping: Mapping
    directory: Path
    sources: Sources
    on_progress: Progress
    attributes: Attributes = field(default_factory=Attributes)
    owners: dict[str, "_Owners"] = field(default_factory=dict)

    def run(self, max_rejected: float) -> DatasetManifest:
        for name in self.mapping.sources:
            self.sources.files(name)  # every file is there before the first is read
        self.attributes = settle(self.mapping, self.sources)
        files = {table: self._table(table, max_rejected) for table in ORDER}
        if not files["leads"].rows:
            raise TableError(
                f"No lead is left of {', '.join(self._file_names('leads'))}.",
                hint="Is the file empty below its header, or does the `where` of the leads leave nothing?",
            )
        add_missing_accounts(files["accounts"], files["leads"].column("account_id"))
        self._refuse_identifiers(files)
        return self._manifest(files)

    def _table(self, table: str, max_rejected: float) -> TableFile:
        rejects = self.sources.rejects
        with TableFile(table, arrow_schema(table, self.attributes.manifest()), self.directory) as file:
            owners = _Owners()
            for index in range(len(self.mapping.tables.blocks(table))):
                self._block(table, index, file, owners)
        file.make_unique(rejects)
        rejects.check(max_rejected)
        if table in ("leads", "accounts"):
            owners.kept = file.column(f"{table[:-1]}_id")
            self.owners[table] = owners
        return file

    def _block(self, table: str, index: int, file: TableFile, owners: "_Owners") -> None:
        rules = self.attributes.rules.get((table, index), {})
        converter = Converter(self.mapping, table, index, file.schema, rules, self.sources.rejects)
        keep_first = converter.block.duplicates == "keep_first"
        done = 0
        for chunk in self.sources.chunks(converter.block.source, converter.needs(), table):
            rows, kept = converter.convert(chunk)
            if table not in ("leads", "accounts"):
                sieve = Sieve(table, kept, (), self.sources.rejects)
                self._refuse_orphans(rows, sieve, ignore=converter.block.orphans == "ignore")
                rows, kept = rows.filter(pa.array(sieve.alive)), kept.keep(sieve.alive)
            file.append(rows, Origin(chunk.file, kept.rows, keep_first))
            done += len(chunk)
            self.on_progress(f"{table}: {done:,} rows", ORDER.index(table) / len(ORDER))
        owners.aside += converter.aside
        owners.excluded += converter.excluded
        for name, count in converter.blanked.items():
            self.attributes.notes.append(
                f"{table}.{name}: {count:,} cells with an e-mail address or phone were blanked."
            )

    def _refuse_orphans(self, rows: pa.Table, sieve: Sieve, *, ignore: bool) -> None:
        for column in load_contract(sieve.table).columns:
            if column.reference is None:
                continue
            owners = self.owners[column.reference.table]
            ids = rows.column(column.name).combine_chunks()
            lost = filled(ids) & ~as_mask(pc.is_in(ids, owners.kept))
            if not lost.any():
                continue
            sieve.drop(lost & as_mask(pc.is_in(ids, _ids(owners.excluded))))
            follows = lost & as_mask(pc.is_in(ids, _ids(owners.aside)))
            sieve.reject(follows, column.name, "{} was set aside", ids, counted=False)
            if ignore:
                sieve.drop(lost)
            sieve.reject(lost, column.name, f"{{}} is not in {column.reference.table}", ids)

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
                    f" in {file.rows:,} rows: that is an identifier, no category.",
                    hint="Leave it out, or map its values to a few groups.",
                )

    def _file_names(self, table: str) -> list[str]:
        paths = (path for block in self.mapping.tables.blocks(table) for path in self.sources.files(block.source))
        return list(dict.fromkeys(path.name for path in paths))

    def _manifest(self, files: dict[str, TableFile]) -> DatasetManifest:
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
            attributes=self.attributes.manifest(),
            files=tuple(
                SourceFile(file=str(path.relative_to(self.sources.directory)), sha256=sha256(path), rows=rows)
                for path, rows in self.sources.rows.items()
            ),
            rows={table: files[table].rows for table in TABLES},
            rejected={table: rejects.counts.get(table, 0) for table in TABLES},
            notes=tuple(self.attributes.notes),
        )


@dataclass
class _Owners:
    """Ids of leads or accounts: those in the table, those set aside, and those that a filter left out."""

    kept: pa.Array = field(default_factory=lambda: pa.array([], pa.string()))
    aside: list[pa.Array] = field(default_factory=list)
    excluded: list[pa.Array] = field(default_factory=list)


def _ids(parts: list[pa.Array]) -> pa.Array:
    return pa.concat_arrays(parts) if parts else pa.array([], pa.string())
