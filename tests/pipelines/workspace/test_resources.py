import pytest

from data_contracts.errors import ParamsError
from data_contracts.threads import MAX_THREADS, THREADS_VARIABLE
from pipelines.workspace.resources import DEFAULT_MEMORY, MEMORY_VARIABLE, Resources


@pytest.mark.parametrize(
    ("text", "bytes_"),
    [("2GB", 2 * 10**9), ("1.5 g", 15 * 10**8), (" 800mb ", 8 * 10**8), ("100000000", 10**8), ("1GiB", 2**30)],
)
def test_a_size_is_read(text: str, bytes_: int) -> None:
    assert Resources.of(text).memory == bytes_


def test_the_option_comes_before_the_environment_and_that_before_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(MEMORY_VARIABLE, raising=False)
    assert Resources.of() == Resources.of(DEFAULT_MEMORY)
    monkeypatch.setenv(MEMORY_VARIABLE, "3GB")
    assert Resources.of().memory == 3 * 10**9
    assert Resources.of("1GB").memory == 10**9


@pytest.mark.parametrize(
    "text", ["much", "-1GB", "2 XB", "", "2GB or more", "nan", "1e9GB", "2GB!", "2.5.3GB", "1,5GB", "2GB 3GB", "٢GB"]
)
def test_what_is_not_a_size_is_refused(text: str) -> None:
    with pytest.raises(ParamsError, match=r"--memory: .* is not a size"):
        Resources.of(text)


def test_too_little_is_refused_and_its_source_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(MEMORY_VARIABLE, "1MB")
    with pytest.raises(ParamsError, match="WHYLEAD_MEMORY: '1MB' is too little"):
        Resources.of()


def test_the_shares_do_not_exceed_the_whole() -> None:
    resources = Resources.of("2GB")
    assert resources.database + resources.spill + resources.block <= resources.memory


def test_the_environment_says_how_many_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(THREADS_VARIABLE, "7")
    assert Resources.of().threads == 7
    monkeypatch.delenv(THREADS_VARIABLE)
    assert 1 <= Resources.of().threads <= MAX_THREADS


@pytest.mark.parametrize("text", ["0", "-1", "many", "1.5"])
def test_what_is_not_a_number_of_threads_is_refused(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(THREADS_VARIABLE, text)
    with pytest.raises(ParamsError, match=r"WHYLEAD_THREADS: .* is not a number of threads"):
        Resources.of()
