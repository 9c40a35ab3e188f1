"""Mappings: the shipped ones and a newcomer's own, read and checked."""

from importlib import resources
from pathlib import Path

from data_contracts.errors import MappingError
from data_contracts.hints import did_you_mean
from data_contracts.located_yaml import Located, parse_located, read_located
from data_contracts.mapping.checks import check
from data_contracts.mapping.language import Block, Join, Mapping, Order, Source
from data_contracts.validation_errors import validated

__all__ = ["Block", "Join", "Mapping", "Order", "Source", "check_mapping", "load_mapping", "shipped_mappings"]

SHIPPED = resources.files("data_contracts") / "mappings"


def load_mapping(name_or_path: str) -> Mapping:
    """A shipped mapping by name, or a file.

    Raises MappingError, which names file, line and key, where it does not fit the language.
    """
    if name_or_path in shipped_mappings():
        text = (SHIPPED / f"{name_or_path}.yaml").read_text(encoding="utf-8")
        return check_mapping(parse_located(text, f"{name_or_path} (shipped mapping)"))
    path = Path(name_or_path)
    if not path.is_file():
        hint = did_you_mean(name_or_path, shipped_mappings())
        raise MappingError(f"There is no shipped mapping and no file {name_or_path!r}.", hint=hint)
    return check_mapping(read_located(path))


def shipped_mappings() -> tuple[str, ...]:
    """The names of the mappings that come with whylead."""
    return tuple(sorted(each.name.removesuffix(".yaml") for each in SHIPPED.iterdir() if each.name.endswith(".yaml")))


def check_mapping(located: Located) -> Mapping:
    """A mapping from a YAML tree. Raises MappingError as load_mapping does."""
    mapping = validated(Mapping, located)
    mapping.remember(located)
    check(mapping)
    return mapping
