"""Checks of a table as a whole, such as whether it holds enough outcomes to learn from."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from data_contracts.checks.finding import Level
from data_contracts.checks.spec import CheckSpec, Measurement, Verdict, quoted
from data_contracts.contract import load_contract
from data_contracts.dataset import Attribute, DatasetManifest
from data_contracts.wording import counted

MAX_REJECTED_SHARE = 0.2
MAX_LEVELS = 1_000
TIME_ORDER = ("created_at", "order")  # which of them is needed depends on the data; a check of its own says so
RELATED = ("related_to", "related_kind")  # few exports name it, and the campaign stands in for it
OF_MAILS = ("message_id", "link", "is_automated", "automated_by", "automated_after", "tracking_consent")  # the same
NEEDED: dict[str, tuple[Level, str]] = {
    "leads": ("error", "Check which file the mapping reads leads from."),
    "deals": ("error", "Nothing can be learned without outcomes: export the deals too."),
    "activities": ("warning", "Without activities only who the leads are is learned, not what they do."),
}
ORDERS = {"time": "dated", "column": "undated: only an order is known", "none": "undated, in no order"}


def table_checks(table: str, manifest: DatasetManifest) -> Iterator[CheckSpec]:
    """The checks of a table as a whole."""
    if table in NEEDED:
        yield _rows(table)
    if rejected := manifest.rejected.get(table, 0):
        yield _rejected(table, rejected)
    if table == "leads":
        yield _dated(ORDERS[manifest.order], passed=manifest.order == "time")
    yield _empty_columns(table)
    if attributes := [attribute for attribute in manifest.attributes if attribute.table == table]:
        yield from _attributes(table, attributes)


def _rows(table: str) -> CheckSpec:
    level, advice = NEEDED[table]
    metric = Measurement(_counted(table), lambda rows: Verdict(rows > 0, counted(rows, "row")))
    return CheckSpec(table, "has rows", "at least one row", advice, level, metric)


def _rejected(table: str, rejected: int) -> CheckSpec:
    def judge(rows: int) -> Verdict:
        share = rejected / (rows + rejected)
        found = f"{rejected:,} of {counted(rows + rejected, 'row')} rejected ({share:.1%})"
        return Verdict(False, found, rejected, "error" if share > MAX_REJECTED_SHARE else "warning")

    advice = f"See rejected/{table}.parquet for the file, the row and the reason."
    return CheckSpec(table, "rows could be read", "all rows", advice, metric=Measurement(_counted(table), judge))


def _dated(found: str, *, passed: bool) -> CheckSpec:
    advice = "Without dates the test is not out of time and recency is not learned; map dates if there are any."
    metric = Measurement(_counted("leads"), lambda _rows: Verdict(passed, found))
    return CheckSpec("leads", "leads are dated", "created_at known", advice, "warning", metric)


def _empty_columns(table: str) -> CheckSpec:
    optional = [column.name for column in load_contract(table).columns if not column.required]
    optional = [name for name in optional if name not in (*TIME_ORDER, *RELATED, *OF_MAILS)]
    judge = _no_column(optional, lambda _name, count: count == 0, "no value in", "every column has values")
    return CheckSpec(
        table,
        "columns have values",
        "a value in some row of each column",
        "Map these columns if the export knows them; the model does without them otherwise.",
        "warning",
        Measurement(_counted(table, *(f"count({quoted(name)})" for name in optional)), judge),
    )


def _attributes(table: str, attributes: Sequence[Attribute]) -> Iterator[CheckSpec]:
    kinds = {each.name: each.kind for each in attributes}
    query = _counted(table, *(f"count(DISTINCT {quoted(name)})" for name in kinds))
    vary = _no_column(kinds, lambda _name, levels: levels < 2, "one value or none in", "every attribute varies")
    repeat = _no_column(
        kinds,
        lambda name, levels: kinds[name] == "categorical" and levels > MAX_LEVELS,
        f"more than {MAX_LEVELS:,} different values in",
        "few different values",
    )
    advice = "Such a column says nothing: leave it out of the mapping."
    metric = Measurement(query, vary)
    yield CheckSpec(table, "attributes vary", "two values or more", advice, "warning", metric)
    advice = "Looks like an identifier or free text: leave it out, or map its values to fewer."
    expected, metric = f"at most {MAX_LEVELS:,} different values", Measurement(query, repeat)
    yield CheckSpec(table, "attributes repeat their values", expected, advice, "warning", metric)


def _no_column(
    names: Iterable[str], breaks: Callable[[str, int], bool], found: str, otherwise: str
) -> Callable[..., Verdict | None]:
    """Judges the counts of columns, of which none may break a rule; nothing is said of a table without rows."""

    def judge(rows: int, *counts: int) -> Verdict | None:
        broken = [name for name, count in zip(names, counts, strict=True) if breaks(name, count)]
        return Verdict(not broken, f"{found} {', '.join(broken)}" if broken else otherwise) if rows else None

    return judge


def _counted(table: str, *more: str) -> str:
    return f"SELECT {', '.join(('count(*)', *more))} FROM {table}"  # noqa: S608 - names of contracts and attributes
