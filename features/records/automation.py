"""Automated activities: opens and clicks that a gateway, a bot or an image proxy did, told by evidence.

Security gateways fetch the links of a mail before its reader sees it, providers' proxies load its images, and a CRM
counts both as opens and clicks. Clicks on one mail in quick succession are judged together: each piece of evidence
gives points, and the rule is the piece that gave most. docs/automated.md explains the evidence.

A verdict rests on what happened up to a moment, and counts only after it: a batch and a request at any moment agree.
"""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from features.arrays import Codes, Times
from features.event_types import CORE_TYPES
from features.records.machines import code_of
from features.signatures import CODES, INTEGERS, compiled

ACT, DELIVERY, OPEN, CLICK, UNSUBSCRIBE = range(5)
UNKNOWN = -1  # a mail or link that is not known
NOT_SAID = -1

# What tells by name which evidence gave the most points; the place + 1 is the code of a verdict, 0 is none.
RULES = ("several_links", "every_link", "click_at_delivery", "click_before_open", "like_before", "open_at_delivery")
_SEVERAL_LINKS, _EVERY_LINK, _AT_DELIVERY, _BEFORE_OPEN, _LIKE_BEFORE, _OPEN_AT_DELIVERY = range(1, 7)

DELIVERY_TYPES = ("email_delivered", "email_sent")
_OF_MAILS = {"email_open": OPEN, "email_click": CLICK, "unsubscribe": UNSUBSCRIBE}
_ROLES = {**_OF_MAILS, **dict.fromkeys(DELIVERY_TYPES, DELIVERY)}
_NO_ACTS = ("bounce", "call", "ad_click", *_ROLES)  # what others do, or what says nothing of who clicked
ROLE_OF: dict[str, int] = {**dict.fromkeys((kind for kind in CORE_TYPES if kind not in _NO_ACTS), ACT), **_ROLES}
JUDGED = frozenset(kind for kind, role in ROLE_OF.items() if role >= OPEN)
_CLICKS = frozenset(kind for kind, role in ROLE_OF.items() if role >= CLICK)
UNSUBSCRIBING = r"(?i)unsubscri|opt[-_]?out|abmeld|desabonn|desuscri|disiscri|darse[-_]?de[-_]?baja"  # in a link
_UNSUBSCRIBING = re.compile(UNSUBSCRIBING)


class Evidence(NamedTuple):
    """Points and limits of the evidence; times in seconds. Three links at once are enough, two are not quite.

    A point is about a factor of e in the odds that a machine did it, rounded, and never more than what is said in
    public of gateways. The limits are those of people: nobody reads a mail and clicks within 5 seconds of its delivery,
    hits two links within a second, or needs all links of a mail.
    """

    enough: int = 3  # if nothing that a person does follows within ``wait``
    certain: int = 5  # whatever follows
    wait: int = 60

    together: int = 30  # clicks of one mail that are no further apart are judged together ...
    longest: int = 90  # ... up to this long
    few_quick: int = 4  # two links within ``quick`` seconds
    quick: int = 1
    few_brisk: int = 2  # two links within ``brisk`` seconds, or in the same minute where times are whole minutes
    brisk: int = 3
    some_quick: int = 6  # three links or more, on average within ``brisk`` seconds of each other
    some_in_a_minute: int = 5  # three links or more in the same minute where times are whole minutes
    some: int = 2  # three links further apart
    many: int = 4  # four links or more further apart
    unsubscribing: int = 3  # the link to unsubscribe among two others or more
    unsubscribing_too: int = 2  # the same with one other

    instant: int = 5  # a click within ``instantly`` seconds of delivery
    instantly: int = 5
    soon: int = 2  # within ``scanning`` seconds
    scanning: int = 60
    late: int = -2  # more than ``later`` seconds after a delivery that is known
    later: int = 120
    unopened: int = 1  # not opened ``reading`` seconds before: the open is missing, or counted with the click
    reading: int = 2
    again: int = 1  # clicks on an earlier mail of the lead were automated, or those on ``habit`` mails came so soon
    habit: int = 2
    often: int = 2  # clicks on ``several`` mails were automated
    several: int = 3

    proxy: int = 3  # an open within so many seconds of delivery, whatever follows
    prefetch: int = 10  # the same if nothing that a person does follows within ``wait``
    beside: int = 3  # an open so shortly before automated clicks on the same mail is theirs


EVIDENCE = Evidence()
_SECOND = 1_000_000
_MINUTE = 60 * _SECOND
_LOOK_BACK = 512  # activities of a lead that are searched for the delivery or the open of a mail
_HOUR = 3600 * _SECOND


@compiled(numba.boolean(numba.int64, numba.int64))
def _same_mail(one: int, other: int) -> bool:
    """Whether two activities can be of the same mail."""
    return one == other or UNKNOWN in (one, other)


@compiled(numba.int64(INTEGERS, CODES, CODES, numba.int64, numba.int64))
def _since_delivery(at: Times, role: Codes, mail: Codes, begin: int, i: int) -> int:
    """Microseconds from the delivery of the mail of activity i to it, -1 where no delivery is known."""
    for k in range(i, max(begin, i - _LOOK_BACK) - 1, -1):
        if role[k] == DELIVERY and _same_mail(mail[k], mail[i]):
            return int(at[i] - at[k])
    return -1


@compiled(numba.int64(INTEGERS, CODES, CODES, numba.int64, numba.int64, numba.boolean))
def _delivery_points(at: Times, role: Codes, mail: Codes, begin: int, i: int, whole_minute: bool) -> int:
    """What the time from delivery to the first click says."""
    since = _since_delivery(at, role, mail, begin, i)
    if since < 0:
        return 0
    if since > EVIDENCE.later * _SECOND:
        return EVIDENCE.late
    by_minute = whole_minute and (at[i] - since) % _MINUTE == 0  # 0 seconds may be up to 59
    if since <= EVIDENCE.instantly * _SECOND and not by_minute:
        return EVIDENCE.instant
    return EVIDENCE.soon if since <= EVIDENCE.scanning * _SECOND else 0


@compiled(numba.boolean(INTEGERS, CODES, CODES, numba.int64, numba.int64, numba.boolean))
def _opened_before(at: Times, role: Codes, mail: Codes, begin: int, i: int, whole_minute: bool) -> bool:
    """Whether the mail of click i was opened long enough before for a person to have read it."""
    needed = 0 if whole_minute else EVIDENCE.reading * _SECOND
    for k in range(i, max(begin, i - _LOOK_BACK) - 1, -1):
        known = mail[k] == mail[i] and mail[i] != UNKNOWN
        if not known and at[i] - at[k] > _HOUR:
            continue
        if role[k] == OPEN and _same_mail(mail[k], mail[i]) and at[i] - at[k] >= needed:
            return True
    return False


@compiled(numba.int64(numba.int64, numba.int64, numba.boolean))
def _link_points(links: int, span: int, whole_minute: bool) -> int:
    """What so many different links within so many microseconds say."""
    if links < 2:
        return 0
    if whole_minute and span == 0:
        return EVIDENCE.some_in_a_minute if links > 2 else EVIDENCE.few_brisk
    brisk = span <= EVIDENCE.brisk * _SECOND * (links - 1)
    if links > 2:
        return EVIDENCE.some_quick if brisk else EVIDENCE.some if links == 3 else EVIDENCE.many
    if span <= EVIDENCE.quick * _SECOND:
        return EVIDENCE.few_quick
    return EVIDENCE.few_brisk if brisk else 0


@compiled(numba.boolean(INTEGERS, CODES, CODES, numba.int64, numba.int64, numba.int64, numba.int64))
def _act_follows(at: Times, role: Codes, given: Codes, begin: int, i: int, end: int, until: int) -> bool:
    """Whether a person does something at or after the time of activity i, until a moment."""
    first = i
    while first > begin and at[first - 1] == at[i]:
        first -= 1
    for k in range(first, end):
        if at[k] > until:
            return False
        if role[k] == ACT and given[k] != 1:
            return True
    return False


@compiled(numba.boolean(CODES, CODES, CODES, numba.int64))
def _hits_before(role: Codes, link: Codes, members: Codes, n: int) -> bool:
    """Whether an earlier member of a group hit the link that member n hits; False where it is not known."""
    one = members[n]
    for k in range(n):
        other = members[k]
        if link[one] == link[other] and link[one] != UNKNOWN and (role[one] == role[other]):
            return True
    return False


@compiled(numba.int64(INTEGERS, CODES, CODES, numba.int64, numba.int64, CODES))
def _gather(at: Times, role: Codes, mail: Codes, first: int, end: int, members: Codes) -> int:
    """Put the clicks that are judged together with click ``first`` into ``members``; gives how many they are."""
    members[0], count, last = first, 1, at[first]
    by_minute = at[first] % _MINUTE == 0
    gap = _MINUTE if by_minute else EVIDENCE.together * _SECOND
    longest = 2 * _MINUTE if by_minute else EVIDENCE.longest * _SECOND
    for k in range(first + 1, end):
        step = gap if at[k] % _MINUTE == 0 else EVIDENCE.together * _SECOND
        if at[k] - last > step or at[k] - at[first] > longest or count == members.size:
            break
        if (role[k] == CLICK or role[k] == UNSUBSCRIBE) and mail[k] == mail[first]:
            members[count], last = k, at[k]
            count += 1
    return count


@compiled(numba.int64(INTEGERS, numba.int64, numba.int64))
def _history_points(decided: Times, soon: int, moment: int) -> int:
    """What earlier groups of clicks of the lead say: those automated before a moment, and ``soon`` after delivery."""
    count = 0
    for k in range(decided.size):
        count += decided[k] < moment
        if count == EVIDENCE.several:
            return EVIDENCE.often
    return EVIDENCE.again if count or soon >= EVIDENCE.habit else 0


@compiled(numba.int64(numba.int64, numba.int64))
def _unsubscribing_points(others: int, links: int) -> int:
    """What it says that the link to unsubscribe is among ``links``, ``others`` of which are different ones."""
    if others > 1:
        return EVIDENCE.unsubscribing
    return EVIDENCE.unsubscribing_too if links > 1 else 0


@compiled(numba.int64(INTEGERS))
def _named(points: NDArray[np.int64]) -> int:
    """The code of the rule that gave most of the points (rules + 1,), or that of all links where they tell."""
    return _EVERY_LINK if points[_EVERY_LINK] >= EVIDENCE.unsubscribing else int(np.argmax(points))


@compiled(numba.types.UniTuple(numba.int64, 2)(
    INTEGERS, CODES, CODES, CODES, CODES, numba.int64, numba.int64, numba.int64, numba.int64, CODES
))  # fmt: skip
def _judge_group(
    at: Times, role: Codes, mail: Codes, link: Codes, given: Codes, begin: int, end: int, delivery: int, history: int,
    members: Codes,
) -> tuple[int, int]:  # fmt: skip
    """The rule of a group of clicks (0: people did it) and the moment by which that is clear.

    ``delivery`` and ``history`` are the points of the time since delivery and of what happened before.
    """
    first = members[0]
    code, moment = 0, 0
    points = np.zeros(len(RULES) + 1, np.int64)
    by_minute = at[first] % _MINUTE == 0
    points[_AT_DELIVERY] = delivery
    points[_BEFORE_OPEN] = 0 if _opened_before(at, role, mail, begin, first, by_minute) else EVIDENCE.unopened
    others, unsubscribes, known = 0, False, True
    for n in range(members.size):
        k = members[n]
        unsubscribes |= role[k] == UNSUBSCRIBE
        others += role[k] == CLICK and not _hits_before(role, link, members, n)
        known &= link[k] != UNKNOWN
        # Who unsubscribes clicks, and may be counted twice for it: that is not a second link.
        links = others + (unsubscribes and (others > 1 or (others == 1 and known)))
        points[_SEVERAL_LINKS] = _link_points(links, at[k] - at[first], by_minute and at[k] % _MINUTE == 0)
        if links == 2 and not known:  # or one link that was clicked twice
            points[_SEVERAL_LINKS] = min(points[_SEVERAL_LINKS], EVIDENCE.few_brisk)
        points[_EVERY_LINK] = _unsubscribing_points(others, links) if unsubscribes else 0
        points[_LIKE_BEFORE] = history if links > 1 or points[_AT_DELIVERY] > 0 else 0
        total = points.sum()
        if total >= EVIDENCE.certain:
            if code == 0 or at[k] < moment:
                code, moment = _named(points), int(at[k])
            break
        until = at[k] + EVIDENCE.wait * _SECOND
        if code == 0 and total >= EVIDENCE.enough and not _act_follows(at, role, given, begin, first, end, until):
            code, moment = _named(points), int(until)
    return code, moment


@compiled(numba.void(
    INTEGERS, CODES, CODES, CODES, numba.int64, numba.int64, numba.int64, CODES, INTEGERS
))  # fmt: skip
def _mark(
    at: Times, role: Codes, mail: Codes, members: Codes, begin: int, code: int, moment: int, rule: Codes,
    after: Times,
) -> None:  # fmt: skip
    """Mark a group of clicks, and the opens beside it, as automated by a rule that is clear at a moment."""
    for k in members:
        rule[k], after[k] = code, max(np.int64(0), moment - at[k])
    first, k = members[0], members[0]
    while k > begin and at[k - 1] >= at[first] - EVIDENCE.beside * _SECOND:
        k -= 1
    for member in members:
        while k < member:
            clear = max(moment, at[member])  # that a click follows the open is known when it does
            if role[k] == OPEN and _same_mail(mail[k], mail[first]) and (rule[k] == 0 or clear - at[k] < after[k]):
                rule[k], after[k] = code, clear - at[k]
            k += 1


@compiled(numba.void(INTEGERS, CODES, CODES, CODES, CODES, numba.int64, numba.int64, INTEGERS, CODES, CODES, INTEGERS))
def _judge_clicks(
    at: Times, role: Codes, mail: Codes, link: Codes, given: Codes, begin: int, end: int, decided: Times,
    members: Codes, rule: Codes, after: Times,
) -> None:  # fmt: skip
    """Judge the clicks of one lead; ``decided`` becomes when each group of clicks was (one place per activity)."""
    groups, soon = 0, 0
    taken = np.zeros(end - begin, np.bool_)
    for first in range(begin, end):
        if taken[first - begin] or (role[first] != CLICK and role[first] != UNSUBSCRIBE):
            continue
        count = _gather(at, role, mail, first, end, members)
        for n in range(count):
            taken[members[n] - begin] = True
        delivery = _delivery_points(at, role, mail, begin, first, at[first] % _MINUTE == 0)
        history = _history_points(decided[:groups], soon, at[first])
        soon += delivery > 0 and given[first] != 0
        code, moment = _judge_group(at, role, mail, link, given, begin, end, delivery, history, members[:count])
        if code == 0:
            continue
        if given[members[0]] != 0:  # what is said to be a person's work says nothing of machines
            decided[groups] = moment
            groups += 1
        _mark(at, role, mail, members[:count], begin, code, moment, rule, after)


@compiled(numba.int64(INTEGERS, CODES, CODES, CODES, CODES, INTEGERS, numba.int64, numba.int64))
def _clear_of_clicks(
    at: Times, role: Codes, mail: Codes, given: Codes, rule: Codes, after: Times, i: int, end: int
) -> int:
    """The moment by which it is clear that no person clicked on the mail of open i within ``wait``; -1 for never."""
    until = at[i] + EVIDENCE.wait * _SECOND
    moment = until
    for k in range(i + 1, end):
        if at[k] > until:
            break
        if role[k] == CLICK and _same_mail(mail[k], mail[i]) and given[k] != 1:
            if rule[k] == 0 or given[k] == 0:
                return -1
            moment = max(moment, at[k] + after[k])
    return int(moment)


@compiled(numba.int64(INTEGERS, CODES, CODES, CODES, CODES, INTEGERS, numba.int64, numba.int64, numba.int64))
def _clear_open(
    at: Times, role: Codes, mail: Codes, given: Codes, rule: Codes, after: Times, begin: int, i: int, end: int
) -> int:
    """The moment by which it is clear that a proxy made open i within seconds of delivery; -1 for never."""
    since = _since_delivery(at, role, mail, begin, i)
    if since < 0 or since > EVIDENCE.prefetch * _SECOND:
        return -1
    if since <= EVIDENCE.proxy * _SECOND and (since > 0 or at[i] % _MINUTE != 0):
        return int(at[i])
    if _act_follows(at, role, given, begin, i, end, at[i] + EVIDENCE.wait * _SECOND):
        return -1
    return _clear_of_clicks(at, role, mail, given, rule, after, i, end)


@compiled(numba.void(INTEGERS, CODES, CODES, CODES, numba.int64, numba.int64, CODES, INTEGERS))
def _judge_opens(
    at: Times, role: Codes, mail: Codes, given: Codes, begin: int, end: int, rule: Codes, after: Times
) -> None:
    """Judge the opens of one lead by their delivery; those beside automated clicks may have been clear later."""
    for i in range(begin, end):
        if role[i] == OPEN:
            moment = _clear_open(at, role, mail, given, rule, after, begin, i, end)
            if moment >= 0 and (rule[i] == 0 or moment - at[i] < after[i]):
                rule[i], after[i] = _OPEN_AT_DELIVERY, moment - at[i]


@compiled(numba.void(INTEGERS, INTEGERS, CODES, CODES, CODES, CODES, CODES, INTEGERS))
def judge(
    starts: NDArray[np.int64], at: Times, role: Codes, mail: Codes, link: Codes, given: Codes, rule: Codes, after: Times
) -> None:
    """Fill the verdicts on m activities: the code of the rule (0: none), and after how many microseconds it is clear.

    The activities of lead i are ``starts[i]:starts[i + 1]``, ordered by time, role, mail, link and ``given``, which is
    1 and 0 where the export says who did it, else NOT_SAID. Those count as evidence, and get no verdict. ``rule`` and
    ``after`` (m,) begin as zeros.
    """
    members = np.empty(64, np.int32)
    for owner in range(starts.size - 1):
        begin, end = starts[owner], starts[owner + 1]
        decided = np.empty(end - begin, np.int64)
        _judge_clicks(at, role, mail, link, given, begin, end, decided, members, rule, after)
        _judge_opens(at, role, mail, given, begin, end, rule, after)
        for k in range(begin, end):
            if given[k] != NOT_SAID:
                rule[k], after[k] = 0, 0


class Clue(NamedTuple):
    """What an activity of a lead tells; ``given`` is whether a machine did it, None where the sender does not say."""

    at: int
    kind: str
    mail: str | None
    link: str | None
    given: bool | None


def codes_of(clues: Sequence[Clue]) -> list[int]:
    """Who did each activity of one lead, as ``Events.automated`` has it: as it is given, else by the evidence.

    >>> delivered = Clue(0, "email_delivered", "mail", None, None)
    >>> codes_of([delivered, Clue(2_000_000, "email_click", "mail", "link", None)])
    [0, 1]
    """
    codes = [1 if clue.given else 0 for clue in clues]
    if not _tells(clues):
        return codes
    rows = sorted((_sortable(clue), place) for place, clue in enumerate(clues) if clue.kind in ROLE_OF)
    at, role, mail, link, given = zip(*(row for row, _ in rows), strict=True)
    rule, after = np.zeros(len(rows), np.int32), np.zeros(len(rows), np.int64)
    judge(
        np.array([0, len(rows)]), np.array(at, np.int64), np.array(role, np.int32), _numbered(mail), _numbered(link),
        np.array(given, np.int32), rule, after,
    )  # fmt: skip
    for k in np.flatnonzero(rule).tolist():
        codes[rows[k][1]] = code_of(True, int(after[k]))
    return codes


def _tells(clues: Sequence[Clue]) -> bool:
    """Whether a verdict is possible: most requests hold no delivery, and no two clicks in quick succession."""
    kinds = {clue.kind for clue in clues}
    if not kinds.isdisjoint(DELIVERY_TYPES):
        return not kinds.isdisjoint(JUDGED)
    if kinds.isdisjoint(_CLICKS):
        return False
    clicks = sorted(clue.at for clue in clues if clue.kind in _CLICKS)
    return any(later - click <= _MINUTE for click, later in pairwise(clicks))


def _sortable(clue: Clue) -> tuple[int, int, str, str, int]:
    """Time, role, mail, link and what is given, in the order in which activities are judged."""
    role, link = ROLE_OF[clue.kind], clue.link or ""
    if role == CLICK and _UNSUBSCRIBING.search(link):
        role = UNSUBSCRIBE
    return clue.at, role, clue.mail or "", link, NOT_SAID if clue.given is None else int(clue.given)


def _numbered(texts: Sequence[str]) -> Codes:
    """Codes of texts, UNKNOWN for none."""
    codes = {"": UNKNOWN}
    return np.array([codes.setdefault(text, len(codes)) for text in texts], np.int32)
