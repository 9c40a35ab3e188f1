import pytest

from data_contracts.errors import ParamsError
from pipelines.workspace.memory import DEFAULT, VARIABLE, memory_of


@pytest.mark.parametrize(
    ("text", "bytes_"), [("2GB", 2 * 10**9), ("1.5 g", 15 * 10**8), ("800mb", 8 * 10**8), ("100000000", 10**8)]
)
def test_a_size_is_read(text: str, bytes_: int) -> None:
    assert memory_of(text).total == bytes_


def test_the_option_comes_before_the_environment_and_that_before_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert memory_of(None) == memory_of(DEFAULT)
    monkeypatch.setenv(VARIABLE, "3GB")
    assert memory_of(None).total == 3 * 10**9
    assert memory_of("1GB").total == 10**9


@pytest.mark.parametrize("text", ["much", "-1GB", "2 XB", ""])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(ParamsError, match=r"--memory: .* is no size"):
        memory_of(text)


def test_too_little_is_refused_and_its_source_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "1MB")
    with pytest.raises(ParamsError, match="WHYLEAD_MEMORY: '1MB' is too little"):
        memory_of(None)


def test_the_shares_do_not_exceed_the_whole() -> None:
    memory = memory_of("2GB")
    assert memory.database + memory.runs + memory.block <= memory.total
