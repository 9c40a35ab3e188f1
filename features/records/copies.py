"""Copies: leads that hold the same values under other ids, all but one at most, too many of them for a coincidence.

Where a few columns have a few values each, honest leads are alike. Copies differ from them in that leads which agree in
all columns but one agree in that one as well, far more often than any two leads do; and that holds for every column.
Where each copy differs in a column of its own, the same holds of leads that agree in all others but perhaps one.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from features.arrays import NO_TIME, Integers, Times
from features.records.matches import Matches
from features.records.rarity import Rarity
from features.records.records import Categorical, Column
from features.texts import normalised

MIN_COLUMNS = 3  # that tell leads apart; of fewer nobody can say
MIN_SHARE = 0.05  # of the leads that have a copy
TELLING = 0.5  # the share of pairs of leads that agree in a column, below which it tells leads apart
RARE = 0.002  # of the leads: values of so few are hardly shared by chance together with all others
DIGITS = 3  # of a number: leads that differ in later ones are nearly the same
FEWEST = 20  # leads that have a copy with a changed value: of fewer their pairs tell nothing
BUNDLES = 50  # of columns, one of which may differ: of more columns two or three, which bounds the work


def copies(columns: Mapping[str, Column], created_at: Times, ignored: Collection[str] = ()) -> Integers | None:
    """The first lead (leads,) that each lead is a copy of, itself where it is none; None where there are no copies.

    A copy came when the other one did, ``created_at`` (leads,), as far as that is known.
    """
    codes = [_codes(column) for name, column in columns.items() if name not in ignored]
    may_differ = len(codes)
    if (created_at != NO_TIME).any():
        codes.append(np.unique(created_at, return_inverse=True)[1])
    matches = Matches.of(codes) if codes else None
    if matches is None or created_at.size < 2 or len(_telling(matches)) < MIN_COLUMNS:
        return None
    rarity = Rarity.of(codes)
    links = [*_whole(matches, rarity)]
    links += _nearly(matches.bundled(BUNDLES, may_differ), rarity.bundled(BUNDLES, may_differ), may_differ)
    return _joined(links, created_at.size) if links else None


def _whole(matches: Matches, rarity: Rarity) -> Iterator[Integers]:
    """The first lead (leads,) with all values of each lead, if so many are alike."""
    hashes = matches.without()
    found = _first(hashes, rarity.together() <= max(RARE, 3 / np.unique(hashes).size))
    if _enough([found], found.size) and _beyond_chance(matches, _telling(matches)):
        yield found


def _nearly(matches: Matches, rarity: Rarity, may_differ: int) -> Iterator[Integers]:
    """For each column, or bundle, the first lead (leads,) with all other values of each lead, if so many are alike.

    Whether they are is asked of leads that have two rare values whichever column is left out.
    """
    chance = max(RARE, 3 / matches.leads)
    among = matches.among(np.flatnonzero(rarity.at_worst() <= chance))
    places = range(min(BUNDLES, may_differ))
    alike = [_first(among.without(place)) for place in places]
    if not _enough(alike, matches.leads, FEWEST):
        return
    telling = _telling(matches)
    each_its_own = _nearly_beyond_chance(among, telling, places)
    for place in places:
        alone = _enough([alike[place]], matches.leads, FEWEST)
        if each_its_own or (alone and _beyond_chance(among, _without(telling, place), place)):
            yield _first(matches.without(place), rarity.together(place) <= chance)


def _first(hashes: NDArray[np.uint64], rare: NDArray[np.bool_] | None = None) -> Integers:
    """The first lead (leads,) with the same hash; each itself where its values are not rare."""
    _, first, inverse = np.unique(hashes, return_index=True, return_inverse=True)
    if rare is None:
        return np.asarray(first[inverse], dtype=np.int64)
    return np.where(rare[first][inverse], first[inverse], np.arange(hashes.size))


def _enough(links: Sequence[Integers], leads: int, fewest: int = 1) -> bool:
    """Have so many of all leads a copy?"""
    alike = [np.bincount(first, minlength=first.size)[first] > 1 for first in links]
    return bool(alike) and int(np.any(alike, axis=0).sum()) >= max(fewest, MIN_SHARE * leads)


def _telling(matches: Matches) -> dict[int, float]:
    """The columns that tell leads apart, with the share of pairs of leads that agree in them."""
    return {place: share for place, share in enumerate(matches.usual) if share < TELLING}


def _without(telling: Mapping[int, float], place: int) -> dict[int, float]:
    return {each: usual for each, usual in telling.items() if each != place}


def _beyond_chance(matches: Matches, telling: Mapping[int, float], *left_out: int) -> bool:
    """Do leads that agree in all columns but one agree in that one as well? Apart from what is left out."""
    same = matches.share(*left_out)
    return len(telling) >= MIN_COLUMNS and all(
        same >= _bar(usual) * matches.share(place, *left_out) for place, usual in telling.items()
    )


def _nearly_beyond_chance(matches: Matches, telling: Mapping[int, float], may_differ: Sequence[int]) -> bool:
    """Do leads that agree in all columns but one and perhaps another agree in that one?"""
    same = matches.share()
    for place, usual in telling.items():
        others = [each for each in may_differ if each != place]
        alike = same + sum(matches.share(each) - same for each in others)
        at_all = matches.share(place)
        if alike < _bar(usual) * (at_all + sum(matches.share(place, each) - at_all for each in others)):
            return False
    return True


def _bar(usual: float) -> float:
    """The share of pairs that are alike otherwise above which agreeing in a column is no chance."""
    return min((1 + usual) / 2, 3 * usual)


def _joined(links: Sequence[Integers], leads: int) -> Integers:
    """The first lead (leads,) that each lead is linked to, directly or by way of others."""
    pairs = np.concatenate([np.stack([np.arange(leads), first]) for first in links], axis=1)
    graph = coo_array((np.ones(pairs.shape[1], dtype=bool), tuple(pairs)), shape=(leads, leads))
    group = connected_components(graph, directed=False)[1]
    _, first = np.unique(group, return_index=True)
    return np.asarray(first[group], dtype=np.int64)


def _codes(column: Column) -> Integers:
    if isinstance(column, Categorical):
        _, merged = np.unique([*map(normalised, column.levels), ""], return_inverse=True)
        return np.asarray(merged[column.codes], dtype=np.int64)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore", under="ignore"):
        size = np.floor(np.log10(np.abs(column))) - (DIGITS - 1)
        rounded = np.where(column == 0, 0.0, np.round(column / 10**size) * 10**size)
    _, codes = np.unique(np.where(np.isfinite(column), rounded, np.nan), return_inverse=True)
    return np.asarray(codes, dtype=np.int64)
