"""Files whose cells, keys or links to other files are wrong."""

# ruff: noqa: E501 - a case is a line

from tests.pipelines.broken_case import GOOD, Case, csv, lines, more
from tests.pipelines.export import MAPPING, as_csv, healthy, spoil

ACTIVITIES = """\
  activities:
    from: more
    columns: {lead_id: lead, occurred_at: at, type: what}
"""
DISPOSITIONS = """\
  dispositions:
    from: more
    columns: {lead_id: lead, at: at, verdict: verdict, sentiment: mood}
"""
CHANGES = """\
  changes:
    from: more
    columns: {lead_id: lead, account_id: account, field: what, value: value, changed_at: at}
"""
ACCOUNTS = """\
  accounts:
    from: more
    columns: {account_id: id, employees: staff, founded_year: founded}
"""
CITY = "      city: {type: categorical}\n"
JOIN = "    file: leads.csv\n    join: {source: more, on: {city: town}, columns: {country: land}%s}\n"

CELLS = [
    csv("dates of three formats", spoil("created", lambda i: f"{i + 1:02d}/06/2023" if i % 2 else f"Jun {i + 1}, 2023"),
        "Row 2", "'created'", "Jun 1, 2023", "ISO"),
    csv("days first", spoil("created", lambda i: f"{i % 28 + 1:02d}/01/2023", range(100)), "Row 2", "'created'", "01/01/2023"),
    csv("a day that no month has", spoil("created", "2023-02-30"), "Row 2", "'created'", "2023-02-30"),
    csv("Excel serial dates", spoil("created", lambda i: str(44927 + i), range(100)), "Row 2", "'created'", "'44927'"),
    csv("years of two digits", spoil("created", "23-01-15"), "Row 2", "'created'", "23-01-15"),
    csv("times without a date", spoil("created", "09:30:00"), "Row 2", "'created'", "09:30:00"),
    csv("the year 9999", spoil("closed", "9999-12-31"), "Row 2", "'closed'", "9999", "1900 to 2199"),
    csv("the year 1", spoil("created", "0001-01-01"), "Row 2", "'created'", "0001"),
    csv("creation in the future", spoil("created", "2150-01-01"), "Row 2", "created_at", "future"),
    csv("closing in the future", spoil("closed", "2150-01-01"), "Row 2", "closed_at", "future"),
    csv("closed before opened", spoil("closed", "2022-06-01"), "Row 2", "closed_at", "before it was opened"),
    csv("milliseconds since 1970", spoil("created", "1672531200000"), "Row 2", "'created'", "1672531200000"),
    csv("no time of creation", spoil("created", ""), "Row 2", "created_at", "empty"),
    csv("text for a number", spoil("score", "high"), "Row 2", "'score'", "'high'", "number"),
    csv("infinite number", spoil("score", "inf"), "Row 2", "'score'", "finite"),
    csv("minus infinity", spoil("score", "-Infinity"), "Row 2", "'score'", "finite"),
    csv("NaN as text", spoil("score", "NaN"), "Row 2", "'score'", "'NaN'"),
    csv("number beyond any", spoil("score", "1e999"), "Row 2", "'score'", "finite"),
    csv("decimal commas", spoil("score", "1,5"), "Row 2", "'score'", "'1,5'"),
    csv("thousands separators", spoil("amount", "1,200.00"), "Row 2", "'amount'", "1,200.00"),
    csv("a unit of size", spoil("amount", "$100k"), "Row 2", "'amount'", "$100k"),
    csv("two signs", spoil("score", "12%%"), "Row 2", "'score'", "12%%"),
    csv("hexadecimal", spoil("score", "0x1F"), "Row 2", "'score'", "0x1F"),
    csv("a formula's error", spoil("amount", "#DIV/0!"), "Row 2", "'amount'", "#DIV/0!"),
    csv("neither yes nor no", spoil("active", "maybe"), "Row 2", "'active'", "'maybe'", "yes or no"),
    csv("negative amount", spoil("amount", "-5"), "Row 2", "amount", "0 or more"),
    csv("unknown outcome", spoil("stage", "Verbal yes"), "Row 2", "outcome", "Verbal yes", "won, lost, open"),
    csv("no outcome", spoil("stage", ""), "Row 2", "outcome", "empty"),
    csv("outcome in other case", spoil("stage", "WON", range(100)), "Row 2", "outcome", "'WON'"),
    csv("id twice", spoil("id", "L00050"), "lead_id", "L00050", "Row 3"),
    csv("one key for all", spoil("id", "L1", range(100)), "lead_id", "'L1'", "99 of 100"),
    csv("no key", spoil("id", ""), "Row 2", "lead_id", "empty"),
    csv("key of spaces", spoil("id", "   "), "Row 2", "lead_id", "empty"),
    csv("e-mail addresses as keys", GOOD, "Row 2", "lead_id", "e-mail", "hash",
        mapping=MAPPING.replace("lead_id: id", "lead_id: email").replace("email: email", "phone: [name]")),
    csv("10,000 categories", as_csv([[*row[:8], f"City {i}", *row[9:]] if i else row for i, row in enumerate(healthy(10_000))]),
        "'city'", "10,000", "identifier", mapping=MAPPING),
    csv("a code that numbers are compared with", spoil("score", "n/a"), "Row 2", "'score'", "'n/a'"),
    csv("all cells moved by one", [[*row[-1:], *row[:-1]] if i else row for i, row in enumerate(healthy())], "Row 2", "'created'"),
    csv("header in the middle", [*healthy()[1:50], *healthy()[:1], *healthy()[50:]], "'id'", "looks like data"),
    csv("no header, and a value twice in the first row", [[*r[:10], r[8]] for r in healthy()[1:]], "row 1", "looks like data"),
    csv("order by text", GOOD, "Row 2", "'city'", "order", mapping=MAPPING.replace("order: time", "order: {column: city}")),
    csv("order by cells that are empty", spoil("score", ""), "Row 2", "'score'", "order",
        mapping=MAPPING.replace("order: time", "order: {column: score}")),
    csv("a filter that leaves nothing", GOOD, "contains no usable leads", mapping=MAPPING.replace(
        "    from: export\n", "    from: export\n    where: {column: city, is: Atlantis}\n", 1)),
    csv("a value that `other: reject` does not know", GOOD, "Row 2", "'city'", "'Rome'", "Madrid", mapping=MAPPING.replace(
        CITY, "      city: {type: categorical, values: {Madrid: M}, other: reject}\n")),
]  # fmt: skip

TABLES = [
    more("activities of nobody", ACTIVITIES, "acts.csv", lines("lead,at,what", "X1,2023-02-01,call"), "Row 2", "lead_id", "'X1'"),
    more("activities without a time", ACTIVITIES, "acts.csv", lines("lead,at,what", "L00001,,call"), "Row 2", "occurred_at"),
    more("activities without a type", ACTIVITIES, "acts.csv", lines("lead,at,what", "L00001,2023-02-01,"), "Row 2", "type"),
    more("activities in the future", ACTIVITIES, "acts.csv", lines("lead,at,what", "L00001,2150-02-01,call"), "Row 2", "future"),
    more("activities of no lead at all", ACTIVITIES, "acts.csv", lines("lead,at,what", ",2023-02-01,call"), "Row 2", "lead_id"),
    more("verdict that nobody gives", DISPOSITIONS, "sal.csv", lines("lead,at,verdict,mood", "L00001,2023-02-01,meh,0"),
         "Row 2", "verdict", "'meh'", "accepted"),
    more("mood out of range", DISPOSITIONS, "sal.csv", lines("lead,at,verdict,mood", "L00001,2023-02-01,ready,7"),
         "Row 2", "sentiment", "1 or less"),
    more("change of nothing", CHANGES, "log.csv", lines("lead,account,what,value,at", ",,score,1,2023-02-01"), "Row 2", "lead"),
    more("change of an unknown lead", CHANGES, "log.csv", lines("lead,account,what,value,at", "X,,score,1,2023-02-01"),
         "Row 2", "lead_id", "'X'"),
    more("change of an unknown account", CHANGES, "log.csv", lines("lead,account,what,value,at", ",A9,score,1,2023-02-01"),
         "Row 2", "account_id", "'A9'"),
    more("account twice", ACCOUNTS, "firms.csv", lines("id,staff,founded", "A,1,1990", "A,2,1991"), "Row 3", "account_id", "'A'"),
    more("fewer than no employees", ACCOUNTS, "firms.csv", lines("id,staff,founded", "A,-1,1990"), "Row 2", "employees"),
    more("founded in the year 20", ACCOUNTS, "firms.csv", lines("id,staff,founded", "A,1,20"), "Row 2", "founded_year"),
    more("founded in half a year", ACCOUNTS, "firms.csv", lines("id,staff,founded", "A,1,1990.5"), "Row 2", "whole"),
    Case("deals of unknown leads", ("deals.csv", "Row 2", "lead_id", "'X'"),
         {"leads.csv": GOOD, "deals.csv": b"id,lead,how\nD1,X,Won\n"},
         MAPPING.split("  deals:")[0].replace("order:", "  d: {file: deals.csv}\norder:") + (
             "  deals: {from: d, columns: {deal_id: id, lead_id: lead, outcome: {column: how, values: {Won: won}}}}\n")),
    Case("key of a join twice", ("towns.csv", "row 3", "'town'", "duplicates: keep_first"),
         {"leads.csv": GOOD, "towns.csv": b"town,land\nRome,IT\nRome,US\n"},
         MAPPING.replace("    file: leads.csv\n", JOIN % "" + "  more: {file: towns.csv}\n")
         .replace(CITY, "      country_x: {column: country}\n")),
    Case("join that finds nothing", ("leads.csv", "Row 2", "'city'", "'Rome'"),
         {"leads.csv": GOOD, "towns.csv": b"town,land\nParis,FR\n"},
         MAPPING.replace("    file: leads.csv\n", JOIN % ", unmatched: reject" + "  more: {file: towns.csv}\n")
         .replace(CITY, "      country_x: {column: country}\n")),
    Case("column of a join missing", ("towns.csv", "'land'", "sources.export.join"),
         {"leads.csv": GOOD, "towns.csv": b"town,nation\nRome,IT\n"},
         MAPPING.replace("    file: leads.csv\n", JOIN % "" + "  more: {file: towns.csv}\n")
         .replace(CITY, "      country_x: {column: country}\n")),
]  # fmt: skip
