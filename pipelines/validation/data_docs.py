"""Data Docs: what was expected of the tables and what was found, as pages that need no network.

Great Expectations renders the sections; its own page frame is left out because it fetches style sheets, scripts and
images from elsewhere and is empty without them.
"""

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data_contracts.contract import load_contract
from pipelines.pages.page import render

if TYPE_CHECKING:
    from pipelines.validation.result import Validation


def write_data_docs(validation: "Validation", results: Mapping[str, Any], directory: Path) -> None:
    """Write ``index.html`` with every finding, and a page per table with Great Expectations' results."""
    directory.mkdir(parents=True, exist_ok=True)
    index = render("data_docs.html.j2", v=validation)
    (directory / "index.html").write_text(index, encoding="utf-8")
    for table, result in results.items():
        contract = load_contract(table)
        described = {column.name: column.description for column in contract.columns}
        page = render(
            "data_docs_table.html.j2",
            contract=contract,
            examined=validation.tables[table],
            broken=validation.broken(table),
            sections=[(name, described.get(name, ""), html) for name, html in render_sections(result)],
        )
        (directory / f"{table}.html").write_text(page, encoding="utf-8")


def render_sections(result: Any) -> list[tuple[str, str]]:  # noqa: ANN401 - Great Expectations has no stubs
    """Name and HTML of each section of a suite's result: the table, then its columns."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        from great_expectations.render.renderer.page_renderer import ValidationResultsPageRenderer
        from great_expectations.render.view.view import DefaultJinjaSectionView

    view = DefaultJinjaSectionView()
    _overview, *sections = ValidationResultsPageRenderer().render(result).sections
    return [
        (section.section_name, view.render({"section": section.to_json_dict(), "section_loop": {"index": place}}))
        for place, section in enumerate(sections, start=1)
    ]
