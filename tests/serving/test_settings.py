"""Settings come from the environment, and a wrong one is named."""

import re
from pathlib import Path

import pytest

from data_contracts.errors import ParamsError
from serving.settings import PREFIX, Settings, read_settings

DOCUMENTATION = Path(__file__).parents[2] / "docs" / "http.md"


def test_settings_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WHYLEAD_MODEL", "some/model")
    monkeypatch.setenv("WHYLEAD_PORT", "9000")
    monkeypatch.setenv("WHYLEAD_SOMETHING_ELSE", "is left alone")
    settings = read_settings()
    assert (settings.model, settings.port, settings.host) == (Path("some/model"), 9000, "127.0.0.1")


def test_a_missing_model_says_which_variable_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WHYLEAD_MODEL", raising=False)
    with pytest.raises(ParamsError, match="WHYLEAD_MODEL is not set"):
        read_settings()


@pytest.mark.parametrize(
    ("variable", "value"),
    [("PORT", "http"), ("PORT", "70000"), ("WORKERS", "0"), ("MAX_BODY_BYTES", "-1"), ("LOG_LEVEL", "loud")],
)
def test_a_wrong_value_names_variable_and_value(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    monkeypatch.setenv("WHYLEAD_MODEL", "some/model")
    monkeypatch.setenv(f"WHYLEAD_{variable}", value)
    with pytest.raises(ParamsError, match=f"WHYLEAD_{variable}: .*, found '{value}'"):
        read_settings()


def test_the_documentation_has_each_setting_with_its_default_and_meaning() -> None:
    rows = re.findall(rf"^\| `{PREFIX}(\w+)` \| (.*) \| (.*) \|$", DOCUMENTATION.read_text("utf-8"), re.MULTILINE)
    expected = [
        (name.upper(), "required" if each.is_required() else f"`{each.default}`", each.description)
        for name, each in Settings.model_fields.items()
    ]
    assert rows == expected
