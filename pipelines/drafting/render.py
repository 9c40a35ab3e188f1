"""A tree of YAML with comments, and its text (ruamel.yaml)."""

import io
import re
from collections.abc import Iterable, Mapping
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import SingleQuotedScalarString

_BARE = re.compile(r"(?!_)[\w$][\w $/().+-]*\Z|\Z")


def flow(pairs: Mapping[str, Any]) -> CommentedMap:
    """A mapping on one line."""
    node = CommentedMap({_scalar(key): _scalar(value) for key, value in pairs.items()})
    node.fa.set_flow_style()
    return node


def listing(words: Iterable[str]) -> CommentedSeq:
    """A list on one line."""
    node = CommentedSeq(_scalar(word) for word in words)
    node.fa.set_flow_style()
    return node


def _scalar(value: Any) -> Any:  # noqa: ANN401 - whatever YAML holds
    """Text with signs of its own in quotes: what needs them differs between the versions of YAML."""
    odd = isinstance(value, str) and not _BARE.match(value)
    return SingleQuotedScalarString(value) if odd and value.isprintable() else value


def put(node: CommentedMap, key: str, value: Any, remark: str = "") -> None:  # noqa: ANN401 - whatever YAML holds
    """Set a key, with a remark at the end of its line."""
    node[key] = value
    if remark:
        node.yaml_add_eol_comment(remark, key, column=0)


def remark_above(node: CommentedMap, key: str, lines: list[str], *, indent: int) -> None:
    """Write remarks above the line of a key."""
    if lines:
        node.yaml_set_comment_before_after_key(key, before="\n".join(lines), indent=indent)


def text_of(*sections: CommentedMap) -> str:
    """The sections as one page, with a blank line between them.

    >>> text_of(CommentedMap(name="crm"), CommentedMap(tables=flow({"from": "contacts"})))
    'name: crm\\n\\ntables: {from: contacts}\\n'
    """
    yaml = YAML()
    yaml.width = 1_000_000  # never break a line
    yaml.indent(mapping=2, sequence=4, offset=2)
    texts = []
    for section in sections:
        yaml.dump(section, stream := io.StringIO())
        texts.append(stream.getvalue())
    return "\n".join(texts)
