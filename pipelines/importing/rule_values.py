"""Rules on a chunk: where a value comes from and what is done to it before it is converted; row conditions."""

import hashlib
import re
from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data_contracts.mapping.rules import FILE, PLACEHOLDER, ROW, Condition, Rule
from features.records.automation import UNSUBSCRIBING
from pipelines.importing.cells import text
from pipelines.importing.chunk import Chunk, Mask, as_mask, filled, flat


def evaluate(rule: Rule, chunk: Chunk) -> tuple[pa.Array, Mask]:
    """The rule's value per row, and where `other: reject` found a value that `values` does not name."""
    array = drop_codes(_origin(rule, chunk), rule.missing)
    unknown = np.zeros(len(chunk), dtype=bool)
    if rule.split is not None:
        array = _part(text(array), rule.split, rule.part)
    if rule.lower:
        array = pc.utf8_lower(text(array))
    if rule.values is not None:
        array, unknown = _renamed(text(array), rule)
    if rule.default is not None:
        array = pc.fill_null(text(array), rule.default)
    if rule.present:
        array = array.is_valid()
    if rule.hash:
        array = _digests(text(array))
    return flat(array), unknown


def drop_codes(array: pa.Array, codes: Sequence[str]) -> pa.Array:
    """The array with null where a cell is one of the codes (numbers compare as numbers)."""
    if pa.types.is_string(array.type):
        array = pc.utf8_trim_whitespace(array)
        return pc.if_else(pc.is_in(array, pa.array(["", *codes])), None, array)
    wanted = [float(code) for code in codes if _is_number(code)]
    if wanted and (pa.types.is_integer(array.type) or pa.types.is_floating(array.type)):
        hit = pc.is_in(array.cast(pa.float64(), safe=False), pa.array(wanted))
        return pc.if_else(hit, None, array)
    return array


def replaced(array: pa.Array, by: Mapping[str, str | None]) -> tuple[pa.Array, Mask]:
    """Text with the values that ``by`` names replaced, and where it named them."""
    place = pc.index_in(array, pa.array(list(by)))
    hit = filled(place) & filled(array)
    new = pa.array(list(by.values()), pa.string()).take(place)
    return pc.if_else(pa.array(hit), new, array), hit


def holds(conditions: Sequence[Condition], chunk: Chunk) -> Mask:
    """Where all conditions hold."""
    mask = np.ones(len(chunk), dtype=bool)
    for condition in conditions:
        mask &= _holds(condition, built_in(condition.column, chunk))
    return mask


def built_in(name: str, chunk: Chunk) -> pa.Array:
    """A column by name, built-in ones included; all missing where the file lacks it."""
    if name == ROW:
        return pa.array(chunk.ordinals)
    if name == FILE:
        return pa.array([chunk.file] * len(chunk), pa.string())
    column = chunk.columns.get(name)
    return pa.nulls(len(chunk), pa.string()) if column is None else column


def _origin(rule: Rule, chunk: Chunk) -> pa.Array:
    if rule.constant is not None:
        return pa.array([rule.constant] * len(chunk), pa.string())
    if rule.template is not None:
        return _filled_in(rule.template, chunk)
    if rule.column is not None:
        return built_in(rule.column, chunk)
    arrays = [built_in(name, chunk) for name in rule.columns if name in chunk.columns or name.startswith("$")]
    arrays = [drop_codes(each, rule.missing) for each in arrays]
    if len({each.type for each in arrays}) > 1:
        arrays = [text(each) for each in arrays]
    return pc.coalesce(*arrays) if arrays else pa.nulls(len(chunk), pa.string())


def _filled_in(template: str, chunk: Chunk) -> pa.Array:
    pieces = PLACEHOLDER.split(template)  # text, column, text, column, ..., text
    parts: list[pa.Array | pa.Scalar] = []
    for i, piece in enumerate(pieces):
        parts.append(text(built_in(piece, chunk)) if i % 2 else pa.scalar(piece))
    return pc.binary_join_element_wise(*parts, "")


def _part(array: pa.Array, separator: str, which: str) -> pa.Array:
    pieces = pc.split_pattern(array, separator)
    last = pc.subtract(pc.list_value_length(pieces), 1) if which == "last" else None
    if last is None:
        return drop_codes(flat(pc.list_element(pieces, 0)), ())
    starts = pieces.offsets.to_numpy()[:-1]
    at = starts + last.fill_null(0).to_numpy(zero_copy_only=False)
    picked = pieces.values.take(pa.array(np.where(filled(array), at, 0)))
    return drop_codes(pc.if_else(array.is_valid(), picked, None), ())


def _renamed(array: pa.Array, rule: Rule) -> tuple[pa.Array, Mask]:
    new, hit = replaced(array, rule.values or {})
    unknown = filled(array) & ~hit
    if rule.other == "missing":
        new = pc.if_else(pa.array(unknown), None, new)
    return new, unknown if rule.other == "reject" else np.zeros(len(array), dtype=bool)


def _digests(array: pa.Array) -> pa.Array:
    """128 bits of BLAKE2b of the lower-cased text: the same person gets the same digest in every file."""
    codes = array.dictionary_encode()
    digests = [
        hashlib.blake2b(word.lower().encode(), digest_size=16).hexdigest() for word in codes.dictionary.to_pylist()
    ]
    return pa.array(digests, pa.string()).take(codes.indices)


def _holds(condition: Condition, array: pa.Array) -> Mask:
    mask = np.ones(len(array), dtype=bool)
    words = text(array)
    if condition.is_ is not None:
        mask &= as_mask(pc.is_in(words, pa.array(condition.is_, pa.string())))
    if condition.is_not is not None:
        mask &= ~as_mask(pc.is_in(words, pa.array(condition.is_not, pa.string())))
    if condition.present is not None:
        mask &= filled(words) == condition.present
    if condition.matches is not None:
        mask &= as_mask(pc.match_substring_regex(words, condition.matches))
    return mask


def _is_number(code: str) -> bool:
    try:
        float(code)
    except ValueError:
        return False
    return True


def link_keys(links: pa.Array) -> pa.Array:
    """Digests in place of addresses, which may name whom they were sent to; one that unsubscribes still says so."""
    codes = links.dictionary_encode()
    keys = [_link_key(link) for link in codes.dictionary.to_pylist()]
    return pa.array(keys, pa.string()).take(codes.indices)


def _link_key(link: str) -> str:
    digest = hashlib.blake2b(link.encode(), digest_size=8).hexdigest()
    return f"unsubscribe-{digest}" if re.search(UNSUBSCRIBING, link) else digest
