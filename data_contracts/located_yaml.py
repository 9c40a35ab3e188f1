"""YAML whose every key remembers its line, so that an error can say where it is.

Every scalar is read as the text in the file (``No`` stays ``No``, ``007`` stays ``007``); the model that
reads the tree asks for a number or a truth value where it wants one. Letters are composed (Unicode's NFC), as those of
exports are, whose names and values a mapping repeats. A file is bounded in size and depth, so that none takes
longer than a second or two.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias
from unicodedata import normalize

import yaml

from data_contracts.errors import MappingError

Tree: TypeAlias = "dict[str, Tree] | list[Tree] | str | Any"
Step: TypeAlias = str | int

NULL = "tag:yaml.org,2002:null"
LARGEST = 1_000_000  # bytes of a file
DEEPEST = 30  # keys and lists inside each other
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times faster, in every wheel of PyYAML


@dataclass
class Located:
    """A tree read from YAML and the line (from 1) of each path in it."""

    file: str
    tree: Tree
    lines: dict[tuple[Step, ...], int] = field(default_factory=dict)
    typed: bool = False

    def line(self, path: Iterable[Step]) -> int:
        """The line of a path, or of the nearest part of it that the file has.

        Steps that a model put in between (the index of a list that the file writes without one, the name of a
        variant) are skipped.
        """
        return self.lines.get(tuple(step for step, written in self._walk(path) if written), 1)

    def key(self, path: Sequence[Step], *, absent: bool = False) -> str:
        """A path as text, without the names of variants, which the file does not have.

        The last step is kept where it names a key that is ``absent``.
        """
        steps = list(self._walk(path))
        last = len(steps) - 1 if absent else -1
        shown = [
            step for place, (step, written) in enumerate(steps) if written or isinstance(step, int) or place == last
        ]
        return ".".join(map(str, shown))

    def _walk(self, path: Iterable[Step]) -> Iterator[tuple[Step, bool]]:
        """Each step of a path, and whether the file has it below the steps before."""
        nearest: tuple[Step, ...] = ()
        for step in path:
            written = (*nearest, step) in self.lines
            nearest = (*nearest, step) if written else nearest
            yield step, written


def read_located(path: Path, *, typed: bool = False) -> Located:
    """Read a YAML file.

    Raises MappingError, with the line, where the file is absent, too large, not UTF-8 text or not YAML, repeats a key,
    uses anchors or tags, or nests too deep.
    """
    try:
        with path.open("rb") as stream:
            start = stream.read(LARGEST + 1)
        if len(start) > LARGEST:
            hint = "Is it the right file? A mapping with ten thousand columns takes less."
            raise MappingError(f"{path} is larger than the {LARGEST:,} bytes that are read as YAML.", hint=hint)
        text = start.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise MappingError(f"{path} is not UTF-8 text (byte {error.start}).", hint="Save it as UTF-8.") from error
    except OSError as error:
        raise MappingError(f"{path} cannot be read: {error.strerror}.") from error
    return parse_located(text, str(path), typed=typed)


def parse_located(text: str, file: str, *, typed: bool = False) -> Located:
    """Read YAML text; ``file`` is how errors name it. Raises as read_located does.

    With ``typed`` scalars are the numbers, dates and truth values that YAML takes them for.
    """
    text = normalize("NFC", text)
    try:
        _refuse_aliases_and_depth(text, file)
        node = yaml.compose(text, Loader=LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"{file}, line {mark.line + 1}, column {mark.column + 1}" if mark else file
        line = "".join(text.split("\n")[mark.line : mark.line + 1]) if mark else ""
        raise MappingError(f"{where}: {error.problem}.", hint=_yaml_hint(line)) from error
    except (yaml.YAMLError, RecursionError) as error:
        raise MappingError(f"{file} is not YAML text: {str(error).splitlines()[0]}.") from error
    located = Located(file, None, typed=typed)
    if node is not None:
        located.tree = _tree(node, (), located)
    return located


def _refuse_aliases_and_depth(text: str, file: str) -> None:
    """An alias inside an alias can blow a small file up to any size; what is nested too deep overflows the stack."""
    depth = 0
    for event in yaml.parse(text, Loader=LOADER):
        mark = event.start_mark
        assert mark is not None
        if isinstance(event, yaml.AliasEvent):
            where = f"{file}, line {mark.line + 1}"
            raise MappingError(f"{where}: aliases (*{event.anchor}) are not read.", hint="Write it out.")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            where = f"{file}, line {mark.line + 1}, column {mark.column + 1}"
            raise MappingError(f"{where}: nested deeper than {DEEPEST} keys and lists.", hint="Nothing needs that.")


def _tree(node: yaml.Node, path: tuple[Step, ...], located: Located) -> Tree:
    located.lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, located)
    if isinstance(node, yaml.SequenceNode):
        return [_tree(child, (*path, index), located) for index, child in enumerate(node.value)]
    if node.tag == NULL:
        return None
    return _typed(node, located) if located.typed else str(node.value)


def _typed(node: yaml.Node, located: Located) -> Tree:
    """The value of a scalar as YAML takes it, whose own errors do not say where: 2024-13-45 is no date."""
    try:
        return yaml.SafeLoader("").construct_object(node)
    except (ValueError, yaml.YAMLError) as error:
        where = f"{located.file}, line {node.start_mark.line + 1}, column {node.start_mark.column + 1}"
        raise MappingError(
            f"{where}: {str(node.value)[:60]!r} cannot be read.", hint="Put quotes around text."
        ) from error


def _mapping(node: yaml.MappingNode, path: tuple[Step, ...], located: Located) -> dict[str, Tree]:
    tree: dict[str, Tree] = {}
    for key_node, child in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            raise MappingError(f"{located.file}, line {line}: a key must be text.")
        key = str(key_node.value)
        if key in tree:
            first = located.lines[(*path, key)]
            raise MappingError(
                f"{located.file}, line {line}: key {key!r} is duplicated (first on line {first}).",
                hint="Keep one of them.",
            )
        located.lines[(*path, key)] = line
        tree[key] = _tree(child, (*path, key), located)
    return tree


def _yaml_hint(line: str) -> str:
    if "\t" in line[: len(line) - len(line.lstrip())]:
        return "YAML is indented with spaces, never with tabs."
    return "Check indentation, colons and quotes on this line and the one before."
