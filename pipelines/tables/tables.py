"""The tables of a company, open: what a stage reads of them, within the resources of its command."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from data_contracts.dataset import TABLES, Dataset, DatasetManifest
from data_contracts.errors import InputError
from features.records.ids import UNKNOWN, Ids
from features.records.records import Records
from pipelines.tables.block_plan import BlockPlan, one_block, plan_blocks
from pipelines.tables.blocks import Blocks, open_blocks
from pipelines.tables.database import open_database
from pipelines.tables.events import index_leads, texts_of
from pipelines.tables.events_file import NAME, EventsFile, open_events
from pipelines.tables.events_writer import write_events
from pipelines.tables.lead_columns import read_profiles
from pipelines.workspace.resources import Resources

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


class Tables:
    """The tables of a dataset in one database, open inside ``with``.

    Leads are named by their position in the table of leads. What is read once is kept: profiles, ids.
    """

    def __init__(self, dataset: Dataset, resources: Resources | None = None) -> None:
        """``resources`` None: those of the environment."""
        self.dataset = dataset
        self.resources = resources or Resources.of()
        self._open = ExitStack()

    def __enter__(self) -> Self:
        """Raises FileError where a table is absent."""
        for table in TABLES:
            self.dataset.path(table)
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    @cached_property
    def database(self) -> "DuckDBPyConnection":
        """The database, opened where something of it is asked for first."""
        return self._open.enter_context(open_database(self.dataset, self.resources))

    @property
    def manifest(self) -> DatasetManifest:
        """What the import said of the tables."""
        return self.dataset.manifest

    @cached_property
    def profiles(self) -> Records:
        """The leads, in the order of their table, and their accounts; nothing has happened to anybody."""
        return read_profiles(lambda: self.database, self.dataset)

    @property
    def leads(self) -> int:
        """How many leads there are."""
        return len(self.profiles.lead_ids)

    @cached_property
    def index(self) -> Ids:
        """The position of each lead by its id."""
        return index_leads(self.dataset)

    @cached_property
    def events(self) -> EventsFile:
        """The events of the leads, as the import left them; tables that something else wrote are grouped now.

        Raises FileError where they lack a column of their contract.
        """
        events = open_events(self.dataset)
        if events is None:
            path = Path(self._open.enter_context(TemporaryDirectory(prefix="whylead-"))) / NAME
            write_events(self.database, self.dataset, path, self.resources)
            events = EventsFile(path)
        return events

    def positions(self, lead_ids: Sequence[str]) -> NDArray[np.int64]:
        """The positions (n,) of n leads by their ids.

        Raises InputError, which names the first id that is not in the table.
        """
        position = self.index.find(*texts_of(pa.array(lead_ids, pa.string())))
        if (position == UNKNOWN).any():
            lead_id = lead_ids[int(np.argmax(position == UNKNOWN))]
            raise InputError(
                f"{self.dataset.path('leads')} has no lead {lead_id!r}.",
                hint="The tables were imported again: run `whylead features` and `whylead train` again.",
            )
        return position.astype(np.int64)

    def records(self, leads: NDArray[np.int64] | None = None) -> Records:
        """The records of all leads with the events of ``leads`` (positions; None: all), and of their accounts."""
        with self._open_blocks(self._plan(leads)) as blocks:
            return blocks.load(0)

    def blocks(
        self, starts: NDArray[np.int64] | None = None, leads: NDArray[np.int64] | None = None
    ) -> AbstractContextManager[Blocks]:
        """All leads block by block, within the memory. Each block begins at one of ``starts``, None: of the file's.

        The events are those of ``leads`` (positions; None: all), and of their accounts.
        """
        where = np.unique(self.events.first[:-1]) if starts is None else starts
        return self._open_blocks(plan_blocks(self._plan(leads), where, self.activities, self.resources.block))

    def _open_blocks(self, plan: BlockPlan) -> AbstractContextManager[Blocks]:
        return open_blocks(lambda: self.database, lambda: self.index, self.profiles, self.events, plan, self.resources)

    def _plan(self, leads: NDArray[np.int64] | None) -> BlockPlan:
        accounts = self.profiles.account_events.starts.size - 1
        plan = one_block(self.profiles.account_of, accounts, self.activities)
        if leads is None:
            return plan
        wanted = np.zeros(self.leads, np.bool_)
        wanted[leads] = True
        return replace(plan, wanted=wanted)

    @property
    def activities(self) -> int:
        """How many activities there are."""
        return int(pq.read_metadata(self.dataset.path("activities")).num_rows)
