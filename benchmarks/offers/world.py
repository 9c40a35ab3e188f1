"""A simulated reward programme: members receive offers in waves, view some of them and complete fewer.

Whether an offer is completed depends on what its member likes. That shows in what the member did with this offer and
with offers of its kind earlier, and in how often and how much the member buys.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from features.arrays import DAY, Floats, Integers

START = 20_000 * DAY
WAVES = tuple(range(0, 40, 4))  # days
DAYS = 50
RECEIVES = 0.75  # the share of members in each wave
KINDS = ("bogo", "discount", "informational")
KIND_OF = np.array([0, 0, 0, 0, 1, 1, 1, 1, 2, 2])  # of the ten offers
DIFFICULTY = np.array([10, 10, 5, 5, 20, 7, 10, 10, 0, 0])
REWARD = np.array([10, 10, 5, 5, 5, 3, 2, 2, 0, 0])
EVENTS = ("offer_received", "offer_viewed", "offer_completed", "transaction")
TIME = pa.timestamp("us", tz="UTC")
EXPIRY = 7  # days to complete an offer
NO_OFFER = -1


@dataclass(frozen=True)
class Members:
    """What n members are like."""

    age: Floats
    income: Floats
    views: Floats  # log-odds of viewing an offer
    likes_kind: Floats  # (n, kinds)
    likes_offer: Floats  # (n, offers)
    purchases: Floats  # per day
    amount: Floats  # logarithm of the usual amount

    @classmethod
    def drawn(cls, random: np.random.Generator, n: int) -> "Members":
        """Members whose habits have little to do with their age and income."""
        age, income = random.uniform(18, 90, n), random.lognormal(11, 0.4, n)
        wealth = (np.log(income) - 11) / 0.4
        return cls(
            age=age,
            income=income,
            views=random.normal(0.6, 1.3, n),
            likes_kind=random.normal(0, 1.8, (n, len(KINDS))) + 0.3 * wealth[:, None],
            likes_offer=random.normal(0, 1.5, (n, len(KIND_OF))),
            purchases=random.gamma(1.5, 0.15, n),
            amount=random.normal(2.3, 0.6, n) + 0.3 * wealth,
        )


@dataclass(frozen=True)
class Log:
    """m events of members in any order."""

    member: Integers
    at: Integers
    event: Integers  # of EVENTS
    offer: Integers  # NO_OFFER for transactions
    amount: Floats  # NaN for all others


@dataclass(frozen=True)
class Received:
    """One row per offer that a member received."""

    member: Integers
    offer: Integers
    at: Integers
    closed_at: Integers
    completed: NDArray[np.bool_]


def simulate(random: np.random.Generator, members: Members) -> tuple[Received, Log]:
    """All offers received, and everything that happened."""
    received = _received(random, members)
    bought = random.poisson(members.purchases * DAYS)
    who = np.repeat(np.arange(bought.size), bought)
    chance = _share(members.views[received.member] + random.normal(0, 0.5, received.at.size))
    viewed = random.random(received.at.size) < chance
    completed = received.completed & (viewed | (random.random(viewed.size) < 0.2))
    received = Received(received.member, received.offer, received.at, received.closed_at, completed)
    seen_at = received.at + (random.exponential(0.7, viewed.size) * DAY).astype(np.int64)
    amount = np.round(np.exp(members.amount[who] + random.normal(0, 0.5, who.size)), 2)
    bought_at = START + (random.random(who.size) * DAYS * DAY).astype(np.int64)
    offers = [received.offer, received.offer[viewed], received.offer[completed]]
    times = [received.at, seen_at[viewed], received.closed_at[completed], bought_at]
    log = Log(
        member=np.concatenate([received.member, received.member[viewed], received.member[completed], who]),
        at=np.concatenate(times),
        event=np.repeat(np.arange(len(EVENTS)), [each.size for each in times]),
        offer=np.concatenate([*offers, np.full(who.size, NO_OFFER)]),
        amount=np.concatenate([np.full(sum(each.size for each in offers), np.nan), amount]),
    )
    return received, log


def _received(random: np.random.Generator, members: Members) -> Received:
    member = np.concatenate([np.flatnonzero(random.random(members.age.size) < RECEIVES) for _ in WAVES])
    wave = np.repeat(np.arange(len(WAVES)), np.bincount(np.cumsum(np.diff(member, prepend=-1) < 0)))
    offer = random.integers(0, len(KIND_OF), member.size)
    at = START + np.array(WAVES)[wave] * DAY + random.integers(1, 3_600_000_000, member.size)
    liked = members.likes_kind[member, KIND_OF[offer]] + members.likes_offer[member, offer]
    habit = np.log(members.purchases[member] + 0.02) + members.amount[member] - 0.06 * DIFFICULTY[offer]
    completes = random.random(member.size) < _share(-0.2 + liked + 1.2 * habit)
    days = np.where(completes, random.uniform(0.5, EXPIRY, member.size), EXPIRY)
    return Received(member, offer, at, at + (days * DAY).astype(np.int64), completes)


def _share(log_odds: Floats) -> Floats:
    return 1 / (1 + np.exp(-log_odds))


def write_export(directory: Path, members: int, seed: int) -> None:
    """The two files of the export: each offer received is a lead, with all that its member ever did as activities."""
    random = np.random.default_rng(seed)
    people = Members.drawn(random, members)
    received, log = simulate(random, people)
    directory.mkdir(parents=True, exist_ok=True)
    pq.write_table(_offers(people, received), directory / "offers.parquet")
    pq.write_table(_events(received, log), directory / "events.parquet")


def _offers(members: Members, received: Received) -> pa.Table:
    return pa.table(
        {
            "id": _ids(np.arange(received.at.size)),
            "received_at": pa.array(received.at, TIME),
            "closed_at": pa.array(received.closed_at, TIME),
            "outcome": np.where(received.completed, "won", "lost"),
            "offer": _offer_names(received.offer),
            "kind": np.array(KINDS)[KIND_OF[received.offer]],
            "difficulty": DIFFICULTY[received.offer].astype(float),
            "reward": REWARD[received.offer].astype(float),
            "age": members.age[received.member],
            "income": members.income[received.member],
        }
    )


def _events(received: Received, log: Log) -> pa.Table:
    """The events of a member once for each of its offers."""
    by_member = np.argsort(log.member, kind="stable")
    sizes = np.bincount(log.member, minlength=received.member.max() + 1)
    begins = np.cumsum(sizes) - sizes
    count = sizes[received.member]
    lead = np.repeat(np.arange(count.size), count)
    inside = np.arange(lead.size) - np.repeat(np.cumsum(count) - count, count)
    row = by_member[np.repeat(begins[received.member], count) + inside]
    offer = log.offer[row]
    return pa.table(
        {
            "id": _ids(lead),
            "at": pa.array(log.at[row], TIME),
            "event": np.array(EVENTS)[log.event[row]],
            "offer": pa.array(np.where(offer == NO_OFFER, "", _offer_names(offer))),
            "kind": pa.array(np.where(offer == NO_OFFER, "", np.array(KINDS)[KIND_OF[offer]])),
            "amount": pa.array(log.amount[row], from_pandas=True),
        }
    )


def _ids(numbers: Integers) -> NDArray[np.str_]:
    return np.char.mod("R%06d", numbers)


def _offer_names(offers: Integers) -> NDArray[np.str_]:
    return np.char.mod("offer %d", offers)
