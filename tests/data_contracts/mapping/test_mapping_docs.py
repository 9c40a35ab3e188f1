"""docs/mappings.md: its example loads, and no key of the language is left out."""

import re
from pathlib import Path

from data_contracts.dataset import SnapshotRule
from data_contracts.located_yaml import parse_located
from data_contracts.mapping.language import Explode, Order, Tables
from data_contracts.mapping.mapping import Block, Join, Mapping, Source, check_mapping
from data_contracts.mapping.rules import AttributeRule, Condition, OtherColumns, Personal

PAGE = (Path(__file__).parents[3] / "docs" / "mappings.md").read_text(encoding="utf-8")


def test_the_example_of_the_docs_is_a_mapping() -> None:
    examples = [block for block in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL) if block.startswith("name:")]
    assert [check_mapping(parse_located(text, "docs")).name for text in examples] == ["my-crm"]


def test_every_key_of_the_language_stands_in_the_docs() -> None:
    parts = (Mapping, Source, Join, Explode, Tables, Block, Order, SnapshotRule)
    rules = (AttributeRule, Condition, OtherColumns, Personal)
    keys = {field.alias or name for model in (*parts, *rules) for name, field in model.model_fields.items()}
    assert [key for key in sorted(keys) if not re.search(rf"\b{re.escape(key)}\b", PAGE)] == []
