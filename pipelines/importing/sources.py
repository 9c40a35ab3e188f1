"""A source's rows, ready for its tables: missing codes, fixes, joins, explode and row filter done."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from data_contracts.errors import MappingError, TableError
from data_contracts.hints import did_you_mean
from data_contracts.mapping import Mapping, Source
from pipelines.importing.cells import text
from pipelines.importing.chunk import Chunk, filled, flat
from pipelines.importing.csv_reader import delimiter_hint, looks_like_header
from pipelines.importing.files import find_files
from pipelines.importing.reader import SetAside, column_names, read_chunks
from pipelines.importing.rejects import Rejects
from pipelines.importing.rule_values import drop_codes, holds, replaced

JOINT = "\x1f"  # between the parts of a key of several columns


@dataclass(frozen=True)
class Lookup:
    """A joined source by its key."""

    keys: pa.Array
    columns: dict[str, pa.Array]


@dataclass
class Sources:
    """Reads the sources of a mapping below a directory. Rows that cannot be read are set aside once."""

    mapping: Mapping
    directory: Path
    rejects: Rejects
    rows: dict[Path, int] = field(default_factory=dict)
    _told: set[Path] = field(default_factory=set)
    _lookups: dict[tuple[str, int], Lookup] = field(default_factory=dict)
    _names: dict[Path, list[str]] = field(default_factory=dict)

    def files(self, name: str) -> tuple[Path, ...]:
        """The files of a source. Raises FileError where there is none."""
        return find_files(self.mapping.sources[name], self.directory)

    def names(self, name: str) -> list[str]:
        """The columns that any file of the source has, joined ones included."""
        source = self.mapping.sources[name]
        found = [column for path in self.files(name) for column in self._columns(path, source)]
        return list(dict.fromkeys([*found, *(new for join in source.join for new in join.columns)]))

    def chunks(self, name: str, needs: dict[str, str], table: str) -> Iterator[Chunk]:
        """Prepared chunks with the columns that ``needs`` names; its values say where the mapping asks for them.

        An empty value marks a column that may be absent. Without a ``table`` nothing is set aside, only left out.
        Raises MappingError for absent columns that are asked for.
        """
        source = self.mapping.sources[name]
        joined = {new for join in source.join for new in join.columns}
        needs = {column: where for column, where in needs.items() if column not in joined} | _own_needs(
            self.mapping, name
        )
        before = 0
        for path in self.files(name):
            wanted = self._wanted(path, source, needs)
            last = before
            for chunk in read_chunks(path, source, wanted, self._aside(path, table)):
                self.rows[path] = max(self.rows.get(path, 0), int(chunk.ordinals.max(initial=0)))
                numbered = replace(chunk, ordinals=chunk.ordinals + before)
                last = int(numbered.ordinals.max(initial=last))
                yield self._prepared(name, source, numbered, table)
            before = last
            if table:
                self._told.add(path)

    def _prepared(self, name: str, source: Source, chunk: Chunk, table: str) -> Chunk:
        chunk = chunk.with_columns({key: drop_codes(array, source.missing) for key, array in chunk.columns.items()})
        fixes = {key: by for key, by in source.fix.items() if key in chunk.columns}
        chunk = chunk.with_columns({key: replaced(text(chunk.columns[key]), by)[0] for key, by in fixes.items()})
        for index in range(len(source.join)):
            chunk = self._join(name, index, chunk, table)
        if source.explode is not None and source.explode.column in chunk.columns:
            chunk = _exploded(chunk, source.explode.column, source.explode.separator)
        return chunk.keep(holds(source.where, chunk))

    def _join(self, name: str, index: int, chunk: Chunk, table: str) -> Chunk:
        join = self.mapping.sources[name].join[index]
        if (name, index) not in self._lookups:
            self._lookups[name, index] = self._load(name, index, table or "leads")
        lookup = self._lookups[name, index]
        key = _key(chunk, tuple(join.on))
        place = pc.index_in(key, lookup.keys)
        if join.unmatched == "reject":
            lost = filled(key) & ~filled(place)
            reasons = [f"{value!r} is not in {join.source}" for value in key.filter(pa.array(lost)).to_pylist()]
            if table:
                self.rejects.add(table, chunk.file, chunk.rows[lost], ", ".join(join.on), reasons)
                self.rejects.considered[table, chunk.file] += int(lost.sum())
            chunk, place = chunk.keep(~lost), flat(place.filter(pa.array(~lost)))
        return chunk.with_columns({new: lookup.columns[new].take(place) for new in join.columns})

    def _load(self, name: str, index: int, table: str) -> Lookup:
        join = self.mapping.sources[name].join[index]
        where = self.mapping.where("sources", name, "join", index)
        needs = dict.fromkeys((*join.on.values(), *join.columns.values()), where)
        parts = [pa.table([pa.array([], pa.string())] * (1 + len(join.columns)), names=["", *join.columns])]
        places: list[str] = []
        for chunk in self.chunks(join.source, needs, table):
            key = _key(chunk, tuple(join.on.values()))
            columns = [text(chunk.columns[theirs]) for theirs in join.columns.values()]
            keyed = pa.array(filled(key))
            parts.append(pa.table([key, *columns], names=["", *join.columns]).filter(keyed))
            places += [f"{chunk.file}, row {row}" for row in chunk.rows[filled(key)]]
        found = pa.concat_tables(parts)
        twice = pd.Series(found.column("").to_pandas()).duplicated().to_numpy()
        if twice.any() and join.duplicates == "reject":
            raise TableError(
                f"{places[int(np.flatnonzero(twice)[0])]}: the key {', '.join(join.on.values())!r} stands twice,"
                " so that rows cannot be joined to it.",
                hint=f"Mend the file, or write `duplicates: keep_first` ({where}).",
            )
        once = found.filter(pa.array(~twice))
        return Lookup(flat(once.column("")), {new: flat(once.column(new)) for new in join.columns})

    def _wanted(self, path: Path, source: Source, needs: dict[str, str]) -> list[str]:
        there = self._columns(path, source)
        for column, where in needs.items():
            if column not in there and where:
                hint = delimiter_hint(there) or did_you_mean(column, there)
                hint = (
                    hint if looks_like_header(there) else "Its first row looks like data, expected the columns' names."
                )
                raise MappingError(f"{where} reads column {column!r}, which {path.name} does not have.", hint=hint)
        return [column for column in needs if column in there]

    def _columns(self, path: Path, source: Source) -> list[str]:
        if path not in self._names:
            self._names[path] = column_names(path, source)
        return self._names[path]

    def _aside(self, path: Path, table: str) -> SetAside:
        def set_aside(rows: list[int], columns: list[str], reasons: list[str]) -> None:
            if path in self._told or not table:
                return
            for column in dict.fromkeys(columns):
                picked = [i for i, each in enumerate(columns) if each == column]
                numbers = np.array([rows[i] for i in picked])
                self.rejects.add(table, path.name, numbers, column, [reasons[i] for i in picked])
            self.rejects.considered[table, path.name] += len(rows)

        return set_aside


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
    return {column: where for column, where in needs.items() if not column.startswith("$")}


def personal_columns(mapping: Mapping, name: str) -> tuple[str, ...]:
    """The columns of a source that hold personal data by the word of the source or of a block of leads."""
    blocks = (block for block in mapping.tables.leads if block.source == name)
    named = (*mapping.sources[name].personal, *(column for block in blocks for column in block.personal.columns))
    return tuple(dict.fromkeys(named))


def _key(chunk: Chunk, columns: tuple[str, ...]) -> pa.Array:
    parts = [text(chunk.columns[column]) for column in columns]
    return parts[0] if len(parts) == 1 else pc.binary_join_element_wise(*parts, JOINT)


def _exploded(chunk: Chunk, column: str, separator: str) -> Chunk:
    pieces = pc.split_pattern(text(chunk.columns[column]), separator)
    longer = chunk.take(pc.list_parent_indices(pieces).to_numpy())
    cells = drop_codes(flat(pc.list_flatten(pieces)), ())
    return longer.with_columns({column: cells}).keep(filled(cells))
