from tests.pipelines.commands_page import PAGE, page


def test_the_page_says_what_the_commands_are() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m tests.pipelines.commands_page"
