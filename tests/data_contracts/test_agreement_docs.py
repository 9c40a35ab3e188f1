import re
from pathlib import Path

import pytest

from data_contracts.agreement import parse_agreement
from data_contracts.errors import AgreementError

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "agreement.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)


def test_there_are_examples() -> None:
    assert len(EXAMPLES) == 3


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_every_example_of_an_agreement_is_valid(example: str) -> None:
    parse_agreement(example, "docs/agreement.md")


def test_the_error_shown_is_what_a_broken_agreement_says() -> None:
    (shown,) = re.findall(r"our-agreement\.yaml, line \d+: (.*)", TEXT)
    broken = """
grades: {by: share, A: 0.05, B: 0.20, C: 0.50}
mql: {by: probability, at_least: 0.3}
disqualify:
  - {rule: free address, field: email_kind, op: is, value: free}
  - {rule: too small, field: employees, op: "<", value: ten}
"""
    with pytest.raises(AgreementError) as caught:
        parse_agreement(broken, "our-agreement.yaml")
    assert caught.value.message == f"our-agreement.yaml, line 6: {shown}"
