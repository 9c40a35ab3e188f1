"""A source's rows, ready for its tables: missing codes, fixes, joins, explode and row filter done."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from data_contracts.errors import MappingError, TableError
from data_contracts.hints import did_you_mean
from data_contracts.mapping.mapping import Mapping, Source
from data_contracts.progress import Progress, silent
from data_contracts.wording import counted
from pipelines.importing.cells import text
from pipelines.importing.chunk import Chunk, filled, flat
from pipelines.importing.csv_reader import delimiter_hint, looks_like_header
from pipelines.importing.files import find_files
from pipelines.importing.header_search import header_hint
from pipelines.importing.reader import Faults, Parsed, column_names, read_chunks
from pipelines.importing.rejects import Rejects, quoted
from pipelines.importing.rule_values import drop_codes, holds, replaced
from pipelines.workspace.bounds import USUAL, Bounds

JOINT = "\x1f"  # between the parts of a key of several columns
KEY = ""  # the column of a joined source's keys


@dataclass(frozen=True)
class Demand:
    """What one reader wants of a source: columns, and where the mapping asks for each (empty: it may be absent).

    Rows that cannot be used are rejected for ``table``; without one they are only left out.
    """

    needs: dict[str, str]
    table: str = ""


@dataclass
class Sources:
    """Reads the sources of a mapping below a directory. Rows that cannot be read are rejected once."""

    mapping: Mapping
    directory: Path
    rejects: Rejects
    at_most: int | None = None  # rows of each file that are read, or a chunk more
    bounds: Bounds = USUAL
    on_progress: Progress = silent
    share: float = 0.0  # of the work that is done, for whom watches
    rows: dict[Path, int] = field(default_factory=dict)
    _reported: set[Path] = field(default_factory=set)
    _lookups: dict[tuple[str, int], dict[str, pa.Array]] = field(default_factory=dict)
    _names: dict[Path, list[str]] = field(default_factory=dict)

    def files(self, name: str) -> tuple[Path, ...]:
        """The files of a source. Raises FileError where there is none."""
        return find_files(self.mapping.sources[name], self.directory)

    def names(self, name: str) -> list[str]:
        """The columns that any file of the source has, joined ones included."""
        source = self.mapping.sources[name]
        own = [column for path in self.files(name) for column in self._columns(path, source)]
        return list(dict.fromkeys([*own, *(new for join in source.join for new in join.columns)]))

    def read(self, name: str, demands: Sequence[Demand]) -> Iterator[tuple[int, Chunk, Rejects]]:
        """Read a source once: of every chunk each demand gets (its number, the prepared chunk, what is wrong with it).

        A demand gets its own columns and perhaps more. Raises MappingError for absent columns that are asked for.
        """
        source = self.mapping.sources[name]
        before = 0
        for path in self.files(name):
            columns = [self._wanted(path, source, self._all_needs(name, demand)) for demand in demands]
            last = before
            for parsed in read_chunks(path, source, list(dict.fromkeys(chain.from_iterable(columns))), self.bounds):
                numbered = replace(parsed, chunk=replace(parsed.chunk, ordinals=parsed.chunk.ordinals + before))
                last = int(numbered.chunk.ordinals.max(initial=last))
                self.rows[path] = max(self.rows.get(path, 0), last - before)
                self.on_progress(f"{path.name}: {counted(last - before, 'row')} read", self.share)
                yield from self._handed_out(name, path, numbered, list(zip(demands, columns, strict=True)))
                if self.at_most is not None and last - before >= self.at_most:
                    break
            before = last
            if any(demand.table for demand in demands):
                self._reported.add(path)

    def _handed_out(
        self, name: str, path: Path, parsed: Parsed, demands: list[tuple[Demand, list[str]]]
    ) -> Iterator[tuple[int, Chunk, Rejects]]:
        report = path not in self._reported
        shared: tuple[Chunk, Faults] | None = None  # by all who can read every row
        for number, (demand, columns) in enumerate(demands):
            rejects = Rejects()
            faults = parsed.faults(columns)
            if report and demand.table:
                _add_all(rejects, demand.table, path.name, faults)
                report = False
            chunk = parsed.readable(faults)
            if chunk is not parsed.chunk:
                chunk, unmatched = self._prepared(name, chunk, demand.table, rejects)
            else:
                chunk, unmatched = shared = shared or self._prepared(name, chunk, demand.table, rejects)
            if demand.table:
                _add_all(rejects, demand.table, path.name, unmatched)
            yield number, chunk, rejects

    def _prepared(self, name: str, chunk: Chunk, table: str, rejects: Rejects) -> tuple[Chunk, Faults]:
        """The chunk after codes, fixes, joins, explode and row filter, and the rows that a join rejects."""
        source = self.mapping.sources[name]
        chunk = chunk.with_columns({key: drop_codes(array, source.missing) for key, array in chunk.columns.items()})
        fixes = {key: by for key, by in source.fix.items() if key in chunk.columns}
        chunk = chunk.with_columns({key: replaced(text(chunk.columns[key]), by)[0] for key, by in fixes.items()})
        unmatched: Faults = {}
        for index in range(len(source.join)):
            chunk = self._join(name, index, chunk, unmatched, table, rejects)
        if source.explode is not None and source.explode.column in chunk.columns:
            chunk = _exploded(chunk, source.explode.column, source.explode.separator)
        return chunk.keep(holds(source.where, chunk)), unmatched

    def _join(self, name: str, index: int, chunk: Chunk, unmatched: Faults, table: str, rejects: Rejects) -> Chunk:
        join = self.mapping.sources[name].join[index]
        if (name, index) not in self._lookups:
            self._lookups[name, index] = self._load(name, index, table or "leads", rejects)
        lookup = self._lookups[name, index]
        key = _key(chunk, tuple(join.on))
        place = pc.index_in(key, lookup[KEY])
        if join.unmatched == "reject":
            lost = filled(key) & ~filled(place)
            reasons = [f"{quoted(value)} is not in {join.source}" for value in key.filter(pa.array(lost)).to_pylist()]
            unmatched.setdefault(", ".join(join.on), {}).update(zip(chunk.rows[lost].tolist(), reasons, strict=True))
            chunk, place = chunk.keep(~lost), flat(place.filter(pa.array(~lost)))
        return chunk.with_columns({new: lookup[new].take(place) for new in join.columns})

    def _load(self, name: str, index: int, table: str, rejects: Rejects) -> dict[str, pa.Array]:
        """The columns of a joined source, each key once."""
        join = self.mapping.sources[name].join[index]
        where = self.mapping.where("sources", name, "join", index)
        needs = dict.fromkeys((*join.on.values(), *join.columns.values()), where)
        parts = [pa.table([pa.array([], pa.string())] * (1 + len(join.columns)), names=[KEY, *join.columns])]
        places: list[str] = []
        for _, chunk, wrong in self.read(join.source, [Demand(needs, table)]):
            rejects.merge(wrong)
            key = _key(chunk, tuple(join.on.values()))
            columns = [text(chunk.columns[theirs]) for theirs in join.columns.values()]
            keyed = pa.array(filled(key))
            parts.append(pa.table([key, *columns], names=[KEY, *join.columns]).filter(keyed))
            places += [f"{chunk.file}, row {row}" for row in chunk.rows[filled(key)]]
        rows = pa.concat_tables(parts)
        repeated = pd.Series(rows.column(KEY).to_pandas()).duplicated().to_numpy()
        if repeated.any() and join.duplicates == "reject":
            raise TableError(
                f"{places[int(np.flatnonzero(repeated)[0])]}: the key {', '.join(join.on.values())!r} is duplicated,"
                " so that rows cannot be joined to it.",
                hint=f"Mend the file, or write `duplicates: keep_first` ({where}).",
            )
        once = rows.filter(pa.array(~repeated))
        return {column: flat(once.column(column)) for column in once.column_names}

    def _all_needs(self, name: str, demand: Demand) -> dict[str, str]:
        joined = {new for join in self.mapping.sources[name].join for new in join.columns}
        needs = {column: where for column, where in demand.needs.items() if column not in joined}
        needs |= _own_needs(self.mapping, name)
        return {column: where for column, where in needs.items() if not column.startswith("$")}

    def _wanted(self, path: Path, source: Source, needs: dict[str, str]) -> list[str]:
        columns = self._columns(path, source)
        there = set(columns)
        for column, where in needs.items():
            if column not in there and where:
                hint = header_hint(column, path, source, self.bounds) or delimiter_hint(columns)
                if not hint and looks_like_header(columns):
                    hint = did_you_mean(column, columns)
                hint = hint or "Its first row looks like data, expected the columns' names."
                raise MappingError(f"{where} reads column {column!r}, which {path.name} does not have.", hint=hint)
        return [column for column in needs if column in there]

    def _columns(self, path: Path, source: Source) -> list[str]:
        if path not in self._names:
            self._names[path] = column_names(path, source, self.bounds)
        return self._names[path]


def _own_needs(mapping: Mapping, name: str) -> dict[str, str]:
    """The columns that the source itself asks for, and where; those of personal data may be absent."""
    source = mapping.sources[name]
    needs = dict.fromkeys(personal_columns(mapping, name), "")
    for column in source.fix:
        needs[column] = mapping.where("sources", name, "fix", column)
    for index, condition in enumerate(source.where):
        needs[condition.column] = "" if condition.optional else mapping.where("sources", name, "where", index)
    for index, join in enumerate(source.join):
        needs |= dict.fromkeys(join.on, mapping.where("sources", name, "join", index, "on"))
    if source.explode is not None:
        needs[source.explode.column] = mapping.where("sources", name, "explode")
    return needs


def personal_columns(mapping: Mapping, name: str) -> tuple[str, ...]:
    """The columns of a source that hold personal data by the word of the source or of a block of leads."""
    blocks = (block for block in mapping.tables.leads if block.source == name)
    named = (*mapping.sources[name].personal, *(column for block in blocks for column in block.personal.columns))
    return tuple(dict.fromkeys(named))


def _add_all(rejects: Rejects, table: str, file: str, faults: Faults) -> None:
    for column, rows in faults.items():
        rejects.add(table, file, np.array(list(rows)), column, list(rows.values()))
        rejects.considered[table, file] += len(rows)


def _key(chunk: Chunk, columns: tuple[str, ...]) -> pa.Array:
    parts = [text(chunk.columns[column]) for column in columns]
    return parts[0] if len(parts) == 1 else pc.binary_join_element_wise(*parts, JOINT)


def _exploded(chunk: Chunk, column: str, separator: str) -> Chunk:
    pieces = pc.split_pattern(text(chunk.columns[column]), separator)
    longer = chunk.take(pc.list_parent_indices(pieces).to_numpy())
    cells = drop_codes(flat(pc.list_flatten(pieces)), ())
    return longer.with_columns({column: cells}).keep(filled(cells))
