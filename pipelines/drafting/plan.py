"""Which file plays which part: leads, deals, accounts, what happened, and what is only looked up."""

import re
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pipelines.drafting.dates import Closing, begun_of, closing_of, created_of, step_of
from pipelines.drafting.guesses import PERSON_FILE, Reference, key_of, listed, references, same_rows
from pipelines.drafting.leaks import leak_reason
from pipelines.drafting.outcomes import Outcome, moment_of, outcome_of
from pipelines.drafting.profile import FileProfile

ACCOUNT_FILE = re.compile(r"(?i)account|compan|organi[sz]ation|firm|business")


@dataclass
class Plan:
    """The parts of the files, as far as they could be guessed."""

    files: list[FileProfile]
    leads: FileProfile
    outcome: Outcome | None
    deal_lead: Reference | None = None  # the deals' column that names the lead
    lead_deal: Reference | None = None  # or the leads' column that names the deal
    accounts: Reference | None = None
    activities: list[Reference] = field(default_factory=list)
    lookups: list[Reference] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)  # dates of deals with which the draft does not work, and why
    until_closed: str = ""  # why a horizon in days does not work
    late_account: str = ""  # the leads' column that names an account only once they are decided, and why

    @property
    def steps(self) -> str | None:
        """The key of the deals whose history is all that there is: each of its rows is a step of a lead."""
        return self.outcome.history if self.outcome is not None and self.outcome.file is self.leads else None

    @property
    def key(self) -> str | None:
        """The key of the leads."""
        return self.steps or key_of(self.leads)

    @property
    def hidden(self) -> bool:
        """Is the key of the leads personal, here or where others name it, so that digests take its place?"""
        links = [each for each in (self.deal_lead, *self.activities) if each is not None]
        columns = [self.leads.columns[self.key]] if self.key is not None else []
        return any(each.personal for each in (*columns, *(link.file.columns[link.column] for link in links)))

    @property
    def created(self) -> str | None:
        """The date column from which a lead exists; in a history that has no such one, the time of the first step."""
        if self.steps is None:
            own = self.outcome is not None and self.outcome.file is self.leads
            return created_of(self.leads, self.closing if own else closing_of(self.leads))
        when = step_of(self.leads, self.steps)
        return begun_of(self.leads, self.steps) or when

    @property
    def closing(self) -> Closing | None:
        """When deals were decided: in a history, when the last step was taken."""
        if self.outcome is None:
            return None
        if not self.outcome.values:
            return Closing((self.outcome.column.name,))
        if self.outcome.history is None:
            return closing_of(self.outcome.file, self.outcome.rows("open"))
        when = step_of(self.outcome.file, self.outcome.history)
        return Closing((when,)) if when is not None else None

    @property
    def used(self) -> list[FileProfile]:
        """The files that play a part."""
        ends = [link.target for link in (self.accounts, *self.lookups) if link is not None]
        outcome = [self.outcome.file] if self.outcome is not None else []
        return [self.leads, *outcome, *ends, *(link.file for link in self.activities)]

    def decided(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Which leads (rows of their file) are won, which lost."""
        nobody = np.zeros(self.leads.rows, dtype=bool)
        if self.outcome is None:
            return nobody, nobody
        won, lost = self.outcome.rows("won"), self.outcome.rows("lost")
        if self.outcome.file is self.leads:
            return won, lost
        return self._of_leads(won), self._of_leads(lost)

    def _of_leads(self, deals: NDArray[np.bool_]) -> NDArray[np.bool_]:
        assert self.outcome is not None
        if self.deal_lead is not None and self.key is not None:
            column = self.outcome.file.columns[self.deal_lead.column]
            names = pd.Series(column.cells.to_pandas(), dtype=object)[deals].dropna().astype(str)
            names = names.str.split(listed(column)).str[0] if listed(column) else names
            own = self.leads.columns[self.key]
        elif self.lead_deal is not None:
            names = pd.Series(self.outcome.file.columns[self.lead_deal.key].cells.to_pandas(), dtype=object)[deals]
            own = self.leads.columns[self.lead_deal.column]
        else:
            return np.zeros(self.leads.rows, dtype=bool)
        return np.asarray(pd.Series(own.cells.to_pandas(), dtype=object).isin(set(names)).to_numpy())


def plan_of(files: list[FileProfile]) -> Plan:
    """Guess the parts."""
    links = references(files)
    outcome = outcome_of(files, links)
    plan = Plan(files, _leads(files, outcome, links), outcome)
    if outcome is not None and outcome.file is not plan.leads:
        plan.deal_lead = _link(links, outcome.file, plan.leads) or same_rows(outcome.file, plan.leads)
        plan.lead_deal = None if plan.deal_lead else _link(links, plan.leads, outcome.file)
    deals = outcome.file if outcome is not None else None
    for link in links:
        if link.target is plan.leads and link.file is not deals and _happens(link, plan.activities):
            plan.activities.append(link)
        elif link.file is plan.leads and ACCOUNT_FILE.search(link.target.name) and plan.accounts is None:
            plan.accounts = link
        elif link.file is plan.leads and link.target is not deals:
            plan.lookups.append(link)
    if plan.accounts is not None:
        column = plan.leads.columns[plan.accounts.column]
        if why := leak_reason(column, *plan.decided()):
            plan.accounts, plan.late_account = None, f"{column.name}: {why}"
    beside = (same_rows(plan.leads, file) for file in files if file not in plan.used)
    plan.lookups += [link for link in beside if link is not None]
    return plan


def _leads(files: list[FileProfile], outcome: Outcome | None, links: list[Reference]) -> FileProfile:
    people = [file for file in files if PERSON_FILE.search(file.name) and key_of(file) is not None]
    if outcome is None:
        return max(people or [file for file in files if key_of(file)] or files, key=lambda file: file.rows)
    if outcome.file in people:
        return outcome.file
    for person in people:
        if any(
            (_link(links, outcome.file, person), _link(links, person, outcome.file), same_rows(outcome.file, person))
        ):
            return person
    return outcome.file


def _link(links: list[Reference], file: FileProfile, target: FileProfile) -> Reference | None:
    return next((link for link in links if link.file is file and link.target is target), None)


def _happens(link: Reference, known: list[Reference]) -> bool:
    """Does the file tell what happened, and is it not told of yet?"""
    return all(each.file is not link.file for each in known) and moment_of(link.file) is not None
