"""Mail traffic: mails delivered to leads, what people do with them, and what gateways, bots and image proxies do.

None of it depends on the lead's class but the open or click that ``behaviour.py`` has drawn, around which a person's
visit is made. docs/simulator.md says what that means for the truth.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from pipelines.simulation.aftermath import ALL_TYPES
from pipelines.simulation.arrays import DAY, Flags, Floats, Integers, Rows
from pipelines.simulation.behaviour import Events

MAIL_TYPES = (*ALL_TYPES, "email_delivered")
DELIVERY, OPEN, CLICK, VIEW = (
    MAIL_TYPES.index(name) for name in ("email_delivered", "email_open", "email_click", "page_view")
)
UNSUBSCRIBE_LINK, NOT_OF_MAIL = 0, -1
MESSAGES = 300  # campaigns of a block; each writes to many leads
FIRST_DAYS = 60  # campaigns write to a lead this long


@dataclass(frozen=True, kw_only=True)
class MailTraffic:
    """How a company's mails are read and scanned, and what its export tells of that.

    Shares are of leads unless something else is said. Pairs are the ends of a range; times are in seconds.
    """

    mails_a_day: float = 0.1  # beyond those that a person reacts to
    links: tuple[int, int] = (1, 8)  # of a mail, besides the link to unsubscribe
    gateways: float = 0.2  # of the companies: a gateway fetches links of their mails
    thorough: float = 0.7  # of the gateways fetch every link, also that to unsubscribe; the others some
    gateway_delay: tuple[float, float] = (1, 60)  # from delivery to the first link, by gateway
    gateway_gap: tuple[float, float] = (0.1, 4)  # mean time between links, by gateway
    loads_images: float = 0.5  # of the gateways, which so count as an open before the links
    scanned: float = 0.9  # of the mails to a lead behind a gateway
    naive_bots: float = 0.02  # a bot clicks one link of each mail
    naive_delay: tuple[float, float] = (0, 10)
    proxies: float = 0.35  # the provider's proxy opens each mail
    proxy_delay: tuple[float, float] = (0, 10)
    quick: float = 0.05  # of people's visits begin within a minute of delivery
    quick_delay: tuple[float, float] = (8, 60)
    blocked_images: float = 0.15  # of people's clicks come without an open
    reading: tuple[float, float] = (2, 60)  # from a person's open to the click
    second_link: float = 0.25  # of people's clicks are followed by one on another link
    second_delay: tuple[float, float] = (3, 90)
    double_clicks: float = 0.02  # of people's clicks are counted twice
    landing: float = 0.7  # of people's clicks are followed by a page that is viewed
    deliveries: bool = True  # whether the export has them
    message_ids: bool = True
    link_ids: bool = True
    resolution: int = 1  # times are cut to so many seconds
    untracked: float = 0.1  # have not consented to tracking: no opens, clicks or pages viewed


@dataclass(frozen=True)
class MailEvents(Events):
    """m activities, and message and link by number (-1 none, link 0 unsubscribes); types are of MAIL_TYPES."""

    message: Integers
    link: Integers

    @classmethod
    def without_mail(cls, events: Events) -> "MailEvents":
        """Activities that are not of a mail."""
        nothing = np.full(events.lead.size, NOT_OF_MAIL, dtype=np.int64)
        return cls(events.lead, events.age, events.type, events.automated, nothing, nothing)


@dataclass(frozen=True)
class _Mails(Rows):
    """k mails; ``visit`` is the age at which a person acts first, -1 for never, and ``kind`` what that is."""

    lead: Integers
    delivered: Integers
    message: Integers
    links: Integers
    visit: Integers
    kind: Integers


def draw_mail_events(
    rng: np.random.Generator, traffic: MailTraffic, human: Events, account: Integers, business: Flags, until: Integers
) -> MailEvents:
    """What happens with mails to n leads before an age in seconds, in order of lead and age.

    ``human`` holds what people do: their opens and clicks get a mail each, the rest stays. ``account`` (n,) is the
    lead's company, ``business`` (n,) whether its address is that of a company.
    """
    mails = _draw_mails(rng, traffic, human, until)
    parts = [
        MailEvents.without_mail(human.take((human.type != OPEN) & (human.type != CLICK))),
        _events(mails, np.arange(mails.lead.size), mails.delivered, DELIVERY, automated=False),
        *_by_people(rng, traffic, mails),
        *_by_gateways(rng, traffic, mails, account, business),
        *_by_bots(rng, traffic, mails, until.size),
    ]
    events = MailEvents.joined(parts)
    events = events.take(events.age < until[events.lead])
    return events.take(np.lexsort((events.type, events.age, events.lead)))


def _draw_mails(rng: np.random.Generator, traffic: MailTraffic, human: Events, until: Integers) -> _Mails:
    """A mail for each open or click of a person, and mails that nobody reacts to."""
    acts = human.take((human.type == OPEN) | (human.type == CLICK))
    quick = rng.random(acts.lead.size) < traffic.quick
    slow = np.exp(rng.normal(np.log(7200), 1.6, quick.size)) + traffic.quick_delay[1]
    delay = np.minimum(np.where(quick, _between(rng, traffic.quick_delay, quick.size), slow), acts.age)
    window = np.clip(until, 0, FIRST_DAYS * DAY)
    ignored = np.repeat(np.arange(until.size), rng.poisson(traffic.mails_a_day * window / DAY))
    lead = np.concatenate([acts.lead, ignored])
    unread = (rng.random(ignored.size) * window[ignored]).astype(np.int64)
    message = rng.integers(0, MESSAGES, lead.size)
    links = rng.integers(traffic.links[0], traffic.links[1] + 1, MESSAGES)
    nothing = np.full(ignored.size, -1, dtype=np.int64)
    return _Mails(
        lead=lead,
        delivered=np.concatenate([acts.age - delay.astype(np.int64), unread]),
        message=message,
        links=links[message],
        visit=np.concatenate([acts.age, nothing]),
        kind=np.concatenate([acts.type, nothing]),
    )


def _by_people(rng: np.random.Generator, traffic: MailTraffic, mails: _Mails) -> Iterator[MailEvents]:
    """Opens, the opens before clicks, clicks, second clicks and the pages that clicks lead to."""
    opened, clicked = np.flatnonzero(mails.kind == OPEN), np.flatnonzero(mails.kind == CLICK)
    yield _events(mails, opened, mails.visit[opened], OPEN, automated=False)
    size, at = clicked.size, mails.visit[clicked]
    link = 1 + (rng.random(size) * mails.links[clicked]).astype(np.int64)
    yield _events(mails, clicked, at, CLICK, automated=False, link=link)
    seen = rng.random(size) >= traffic.blocked_images
    before = at - np.minimum(_seconds(rng, traffic.reading, size), (at - mails.delivered[clicked]) // 2)
    yield _events(mails, clicked[seen], before[seen], OPEN, automated=False)
    lands = rng.random(size) < traffic.landing
    yield _events(mails, clicked[lands], at[lands] + rng.integers(0, 4, lands.sum()), VIEW, automated=False)
    twice = rng.random(size) < traffic.double_clicks
    again = at[twice] + rng.integers(0, 2, twice.sum())
    yield _events(mails, clicked[twice], again, CLICK, automated=False, link=link[twice])
    more = (rng.random(size) < traffic.second_link) & (mails.links[clicked] > 1)
    other = 1 + link[more] % mails.links[clicked[more]]
    later = at[more] + _seconds(rng, traffic.second_delay, int(more.sum()))
    yield _events(mails, clicked[more], later, CLICK, automated=False, link=other)


def _by_gateways(
    rng: np.random.Generator, traffic: MailTraffic, mails: _Mails, account: Integers, business: Flags
) -> Iterator[MailEvents]:
    """Opens and clicks of the gateways of companies: all links of a mail, or some, one shortly after the other."""
    companies = int(account.max(initial=-1)) + 1
    guarded = rng.random(companies) < traffic.gateways
    thorough = rng.random(companies) < traffic.thorough
    loads = rng.random(companies) < traffic.loads_images
    delay, gap = (_log_between(rng, each, companies) for each in (traffic.gateway_delay, traffic.gateway_gap))
    of = account[mails.lead]
    scanned = guarded[of] & business[mails.lead] & (rng.random(of.size) < traffic.scanned)
    rows = np.flatnonzero(scanned)
    of = of[rows]
    start = mails.delivered[rows] + delay[of] * np.exp(rng.normal(0, 0.3, rows.size))
    some = np.minimum(2 + (rng.random(rows.size) * mails.links[rows]).astype(np.int64), mails.links[rows])
    hits = np.where(thorough[of], mails.links[rows] + 1, some)
    hit = np.repeat(np.arange(rows.size), hits)
    nth = np.arange(hit.size) - np.repeat(np.cumsum(hits) - hits, hits)
    at = start[hit] + np.where(nth == 0, 0, rng.exponential(1, hit.size) * gap[of[hit]])
    at = _running(at, start, hit, nth)
    link = np.where(thorough[of[hit]] & (nth == mails.links[rows[hit]]), UNSUBSCRIBE_LINK, nth + 1)
    yield _events(mails, rows[hit], at.astype(np.int64), CLICK, automated=True, link=link)
    opening = rows[loads[of]]
    early = start[loads[of]] - rng.random(opening.size)
    yield _events(mails, opening, np.maximum(early.astype(np.int64), mails.delivered[opening]), OPEN, automated=True)


def _running(at: Floats, start: Floats, hit: Integers, nth: Integers) -> Floats:
    """Moments (m,) at which the time between links is added up within each mail."""
    gaps = at - start[hit]
    total = np.cumsum(gaps)
    first = np.flatnonzero(nth == 0)
    return np.asarray(start[hit] + total - total[first][hit], dtype=np.float64)


def _by_bots(rng: np.random.Generator, traffic: MailTraffic, mails: _Mails, leads: int) -> Iterator[MailEvents]:
    """Single clicks of naive bots, and opens by image proxies."""
    bots = np.flatnonzero((rng.random(leads) < traffic.naive_bots)[mails.lead])
    link = 1 + (rng.random(bots.size) * mails.links[bots]).astype(np.int64)
    at = mails.delivered[bots] + _seconds(rng, traffic.naive_delay, bots.size)
    yield _events(mails, bots, at, CLICK, automated=True, link=link)
    fetched = np.flatnonzero((rng.random(leads) < traffic.proxies)[mails.lead])
    at = mails.delivered[fetched] + _seconds(rng, traffic.proxy_delay, fetched.size)
    yield _events(mails, fetched, at, OPEN, automated=True)


def _events(
    mails: _Mails, rows: Integers, age: Integers, kind: int, *, automated: bool, link: Integers | None = None
) -> MailEvents:
    """Events of mails by their rows; pages are no longer of the mail."""
    size = rows.size
    of_mail = kind != VIEW
    return MailEvents(
        lead=mails.lead[rows],
        age=age,
        type=np.full(size, kind, dtype=np.int64),
        automated=np.full(size, automated, dtype=np.bool_),
        message=mails.message[rows] if of_mail else np.full(size, NOT_OF_MAIL, dtype=np.int64),
        link=np.full(size, NOT_OF_MAIL, dtype=np.int64) if link is None else link,
    )


def _between(rng: np.random.Generator, ends: tuple[float, float], size: int) -> Floats:
    return np.asarray(ends[0] + rng.random(size) * (ends[1] - ends[0]), dtype=np.float64)


def _log_between(rng: np.random.Generator, ends: tuple[float, float], size: int) -> Floats:
    return np.asarray(np.exp(_between(rng, (np.log(ends[0]), np.log(ends[1])), size)), dtype=np.float64)


def _seconds(rng: np.random.Generator, ends: tuple[float, float], size: int) -> Integers:
    return _between(rng, ends, size).astype(np.int64)
