"""The documents name nothing that does not exist. Each check is tried on a text that it has to object to."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from tests.docs import markdown, names

CHECKS = [
    names.unknown_paths,
    names.unknown_modules,
    names.unknown_identifiers,
    names.unknown_variables,
    names.unknown_targets,
    names.unknown_routes,
    names.unknown_commands,
    names.misused_commands,
]
Check = Callable[[str], list[str]]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("page", names.DOCUMENTS, ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_a_document_names_only_what_exists(page: Path, check: Check) -> None:
    assert check(page.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("page", names.DOCUMENTS, ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_the_links_of_a_document_lead_somewhere(page: Path) -> None:
    assert markdown.broken_links(page.read_text(encoding="utf-8"), page) == []


@pytest.mark.parametrize(
    ("check", "text", "objection"),
    [
        (names.unknown_paths, "see `features/widnows.py`", "features/widnows.py"),
        (names.unknown_paths, "see `widnows.py`", "widnows.py"),
        (names.unknown_paths, "words in `features/phrases/{en,fr}.yaml`", "features/phrases/{en,fr}.yaml"),
        (names.unknown_paths, "one `pipelines/commands/NAME_comand.py` each", "pipelines/commands/NAME_comand.py"),
        (names.unknown_paths, "it writes `evaluation/raport.html`", "evaluation/raport.html"),
        (names.unknown_modules, "run `python -m benchmarks.grwoth`", "benchmarks.grwoth"),
        (names.unknown_modules, "```\npython -m tests.docs.nothing\n```", "tests.docs.nothing"),
        (names.unknown_modules, "it calls `pipelines.cli.mian`", "pipelines.cli.mian"),
        (names.unknown_modules, "```python\nwhylead.fti(data)\n```", "whylead.fti"),
        (names.unknown_modules, "set `features.horizon_dais`", "features.horizon_dais"),
        (names.unknown_identifiers, "`FeatureVeiw.compute` is", "FeatureVeiw"),
        (names.unknown_identifiers, "`KERNLES` lists", "KERNLES"),
        (names.unknown_identifiers, "`test_nothing_of_the_kind` holds it", "test_nothing_of_the_kind"),
        (names.unknown_identifiers, "`COMMANDS` in `pipelines/kernels.py`", "COMMANDS in pipelines/kernels.py"),
        (names.unknown_variables, "set WHYLEAD_MEMROY", "WHYLEAD_MEMROY"),
        (names.unknown_targets, "`make tset`", "tset"),
        (names.unknown_targets, "```\nmake PYTHON=python3.12 dmeo\n```", "dmeo"),
        (names.unknown_routes, "ask `POST /v1/socre`", "POST /v1/socre"),
        (names.unknown_commands, "`whylead trian`", "whylead trian"),
        (names.unknown_commands, "`whylead train --budgte 5`", "whylead train --budgte 5"),
        (names.unknown_commands, "with `--budgte`", "--budgte"),
        (names.misused_commands, "```\nwhylead score\n```", "whylead score"),
        (names.misused_commands, "```console\n$ whylead train --trials many\n```", "whylead train --trials many"),
        (names.misused_commands, "```bash\nwhylead map x --uot y\n```", "whylead map x --uot y"),
        (names.misused_commands, "Example: `whylead run`", "whylead run"),
        (names.misused_commands, "```\npython -m benchmarks --prats shap\n```", "python -m benchmarks --prats shap"),
    ],
)
def test_what_does_not_exist_is_noticed(check: Check, text: str, objection: str) -> None:
    assert check(text) == [objection]


@pytest.mark.parametrize(
    ("target", "text"),
    [
        ("docs/nowhere.md", "[x](docs/nowhere.md)"),
        ("docs/http.md#nowhere", "[x](docs/http.md#nowhere)"),
        ("#b", "# A\n[x](#b)"),
    ],
)
def test_a_link_to_nowhere_is_noticed(target: str, text: str) -> None:
    assert markdown.broken_links(text, REPOSITORY / "README.md") == [target]


def test_each_check_has_something_to_look_at() -> None:
    text = "\n".join(page.read_text(encoding="utf-8") for page in names.DOCUMENTS)
    assert len(names.DOCUMENTS) > 12
    assert len(markdown.spans(text)) > 500
    assert len([line for line in markdown.shell_lines(text) if "whylead " in line]) > 10
    assert len(markdown.links(text)) > 30
