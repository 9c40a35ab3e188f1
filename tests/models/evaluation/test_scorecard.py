import textwrap
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
import yaml

from data_contracts.errors import AgreementError
from data_contracts.mapping.language import Mapping
from data_contracts.mapping.mapping import load_mapping, shipped_mappings
from data_contracts.personal import EmailKind
from data_contracts.scorecard import DEFAULT_SCORECARD, SCORECARDS, PointRule, PointRules, read_scorecard, scorecard_of
from features.feature import Feature
from features.values.attributes import CANONICAL
from features.values.windows import BEHAVIOURS, Window
from models.evaluation.scorecard import find_column, score_points

NAN = float("nan")
SHIPPED = sorted(SCORECARDS.glob("*.yaml"))


def attribute(name: str, categories: tuple[str, ...] | None = None) -> Feature:
    return Feature(name, "demographic", name, "", "", "", label=name, categories=categories)


def count(activity: str, span: float) -> Feature:
    return Window(activity, "count", span, (activity,), "lead", "intent", activity).feature


def points_of(feature: Feature, values: list[float], *rules: dict[str, Any]) -> list[float]:
    """The points of leads that have these values of one feature."""
    named = [{"rule": f"rule {number}", "points": 10, **rule} for number, rule in enumerate(rules)]
    scorecard = PointRules.model_validate({"name": "test", "rules": named})
    return [float(each) for each in score_points(np.array(values)[:, None], (feature,), scorecard)]


AGE = attribute("lead.age")
JOB = attribute("lead.job", ("Boss", "clerk"))  # codes 0 and 1, 2 for unknown


def test_points_of_all_rules_add_up() -> None:
    rules = ({"field": "age", "at_least": 30}, {"field": "age", "at_least": 60, "points": -4})
    assert points_of(AGE, [20, 30, 60], *rules) == [0, 10, 6]


def test_a_range_holds_its_lower_end_only() -> None:
    assert points_of(AGE, [29, 30, 39, 40, NAN], {"field": "age", "at_least": 30, "below": 40}) == [0, 10, 10, 0, 0]


def test_words_are_found_whatever_their_case() -> None:
    assert points_of(JOB, [0, 1, 2, NAN], {"field": "job", "is": "boss"}) == [10, 0, 0, 0]
    assert points_of(JOB, [0, 1, 2, NAN], {"field": "job", "is": ["Clerk", "BOSS"]}) == [10, 10, 0, 0]


def test_yes_and_no_are_what_flags_are() -> None:
    assert points_of(AGE, [1, 0, NAN], {"field": "age", "is": "yes"}) == [10, 0, 0]
    assert points_of(AGE, [1, 0, NAN], {"field": "age", "is": "no"}) == [0, 10, 0]


def test_missing_can_be_asked_for_and_against() -> None:
    assert points_of(AGE, [1, NAN], {"field": "age", "missing": "true"}) == [0, 10]
    assert points_of(AGE, [1, NAN], {"field": "age", "missing": "false"}) == [10, 0]


def test_all_conditions_of_a_rule_have_to_hold() -> None:
    assert points_of(AGE, [20, 40, NAN], {"field": "age", "missing": "false", "at_least": 30}) == [0, 10, 0]
    assert points_of(AGE, [0, 1], {"field": "age", "is": ["yes", "no"], "at_least": 1}) == [0, 10]


def test_the_code_of_a_category_is_no_number() -> None:
    assert points_of(JOB, [0, 1, 2], {"field": "job", "at_least": 0}) == [0, 0, 0]
    assert points_of(JOB, [0, 1, 2], {"field": "job", "below": 9}) == [0, 0, 0]


def test_an_activity_counts_once_it_happened() -> None:
    download = count("download", 0)
    assert points_of(download, [0, 1, 5], {"activity": "download"}) == [0, 10, 10]
    assert points_of(download, [0, 1, 5], {"activity": "download", "at_least": 3}) == [0, 0, 10]
    assert points_of(download, [0, 1, 5], {"activity": "download", "below": 3}) == [10, 10, 0]


@pytest.mark.parametrize("rule", [{"field": "shoe_size", "at_least": 1}, {"activity": "webinar"}])
def test_what_the_features_lack_gives_no_points(rule: dict[str, Any]) -> None:
    assert points_of(AGE, [50, NAN], rule) == [0, 0]


@pytest.mark.parametrize(
    ("asked", "span"), [(7, 7), (1, 7), (14, 7), (20, 30), (30, 30), (80, 90), (None, 0), (5000, 90)]
)
def test_an_activity_is_read_in_the_window_nearest_to_the_one_asked(asked: float | None, span: float) -> None:
    features = [count("download", each) for each in (90, 7, 0, 30)]
    rule = PointRule(rule="test", points=1, activity="download", within_days=asked)
    column = find_column(rule, features)
    assert column is not None
    assert features[column].window_days == span


def test_only_the_count_of_just_this_activity_is_read() -> None:
    others = [
        Window("download", "recency", 0, ("download",), "lead", "intent", "").feature,
        Window("download", "count", 0, ("download",), "account", "intent", "").feature,
        count("download_again", 0),
    ]
    rule = PointRule(rule="test", points=1, activity="download")
    assert find_column(rule, others) is None
    assert find_column(rule, [*others, count("download", 90)]) == 3


def test_a_field_is_the_leads_before_it_is_the_accounts() -> None:
    rule = PointRule(rule="test", points=1, field="country", missing=True)
    both = [attribute("account.country"), attribute("lead.country")]
    assert find_column(rule, both) == 1
    assert find_column(rule, both[:1]) == 0
    of_account = rule.model_copy(update={"field": "account.country"})
    assert find_column(of_account, both) == 0


def read(directory: Path, rule: str) -> PointRules:
    path = directory / "mine.yaml"
    path.write_text(textwrap.dedent(f"name: mine\nrules:\n  - {rule}\n"), encoding="utf-8")
    return read_scorecard(path)


def test_a_scorecard_file_is_read(tmp_path: Path) -> None:
    (rule,) = read(tmp_path, "{rule: old, field: age, at_least: 60, points: -5}").rules
    assert (rule.rule, rule.field, rule.at_least, rule.points) == ("old", "age", 60, -5)


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ("{rule: old, points: 5}", "line 3: .*rule 'old' names a field or an activity, and not both"),
        ("{rule: old, field: age, activity: call, points: 5}", "rule 'old' names a field or an activity, and not both"),
        ("{rule: old, field: age, points: 5}", "rule 'old' says nothing of its field"),
        ("{rule: old, activity: call, is: 'yes', points: 5}", "rule 'old' can ask of an activity only"),
        ("{rule: old, field: age, below: 5, within_days: 5, points: 5}", "rule 'old' has within_days"),
        ("{rule: old, field: age, at_least: 60}", "line 3: key 'rules.0.points' is missing"),
        ("{rule: old, field: age, at_least: many, points: 5}", "line 3: rules.0.at_least: .*found 'many'"),
        ("{rule: old, field: age, at_least: 60, points: 5000}", "line 3: rules.0.points: .*1000"),
        (
            "{rule: old, activity: call, within_days: 0, points: 5}",
            "line 3: rules.0.within_days: .* above 0",
        ),
    ],
)
def test_a_wrong_rule_is_told_with_its_file_and_line(tmp_path: Path, rule: str, told: str) -> None:
    with pytest.raises(AgreementError, match=told) as raised:
        read(tmp_path, rule)
    assert "mine.yaml" in raised.value.message
    assert "default.yaml is an example" in raised.value.hint


def test_a_misspelt_key_is_told_with_the_right_one(tmp_path: Path) -> None:
    with pytest.raises(AgreementError, match=r"unknown key 'rules\.0\.at_lest'") as raised:
        read(tmp_path, "{rule: old, field: age, at_lest: 60, points: 5}")
    assert "Did you mean at_least" in raised.value.hint


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(AgreementError, match=r"none\.yaml"):
        read_scorecard(tmp_path / "none.yaml")


@pytest.mark.parametrize("mapping", ["x-education", "bank-marketing"])
def test_a_mapping_has_the_scorecard_of_its_name(mapping: str) -> None:
    assert scorecard_of(mapping).name == mapping


@pytest.mark.parametrize("mapping", ["of a company", "../agreement", "/etc/hostname", ""])
def test_any_other_mapping_has_the_default_scorecard(mapping: str) -> None:
    assert scorecard_of(mapping) == read_scorecard(DEFAULT_SCORECARD)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_scorecards_are_named_after_a_shipped_mapping(path: Path) -> None:
    assert read_scorecard(path).name == path.stem
    assert path.stem in (*shipped_mappings(), "default")


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_rules_of_a_shipped_scorecard_have_names_of_their_own(path: Path) -> None:
    names = [rule.rule for rule in read_scorecard(path).rules]
    assert len(set(names)) == len(names)


def kinds_of(mapping: Mapping) -> dict[str, str]:
    """Each field that a scorecard may name, and its kind; those known only after the outcome are left out."""
    kinds: dict[str, str] = {}
    for table, prefix in (("leads", ""), ("accounts", "account.")):
        blocks = mapping.tables.blocks(table)
        columns = {name for block in blocks for name in block.columns}
        kinds |= {prefix + each.name: each.kind for each in CANONICAL if each.table == table and each.name in columns}
        for block in blocks:
            known = {name: rule for name, rule in block.attributes.items() if rule.known_at != "after_outcome"}
            kinds |= {prefix + name: rule.type for name, rule in known.items()}
    return kinds


def activities_of(mapping: Mapping) -> set[str]:
    """Each activity that the mapping writes, and the groups of them."""
    written = {
        kind for block in mapping.tables.blocks("activities") for kind in (block.columns["type"].values or {}).values()
    }
    return {kind for kind in written if kind} | {
        behaviour.activity for behaviour in BEHAVIOURS if behaviour.types is not None
    }


@pytest.mark.parametrize("path", [path for path in SHIPPED if path.stem != "default"], ids=lambda path: path.stem)
def test_a_shipped_scorecard_names_only_what_its_mapping_defines(path: Path) -> None:
    mapping = load_mapping(path.stem)
    kinds, activities = kinds_of(mapping), activities_of(mapping)
    for rule in read_scorecard(path).rules:
        if rule.activity is not None:
            assert rule.activity in activities, rule.rule
            continue
        kind = kinds.get(rule.field or "")
        asked = "numeric" if rule.is_ is None else "boolean" if set(rule.is_) <= {"yes", "no"} else "categorical"
        assert rule.missing is not None or kind == asked, (rule.rule, kind)


def test_the_default_scorecard_names_only_fields_and_activities_of_the_common_language() -> None:
    fields = {each.name if each.table == "leads" else f"account.{each.name}" for each in CANONICAL}
    activities = {behaviour.activity for behaviour in BEHAVIOURS if behaviour.scope == "lead"}
    for rule in read_scorecard().rules:
        assert rule.activity in activities if rule.activity is not None else rule.field in fields, rule.rule
        if rule.field == "email_kind":
            assert set(rule.is_ or ()) <= set(get_args(EmailKind)), rule.rule


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_scorecards_hold_nothing_that_is_not_read(path: Path) -> None:
    written = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert len(read_scorecard(path).rules) == len(written["rules"])
    assert [rule["points"] for rule in written["rules"]] == [rule.points for rule in read_scorecard(path).rules]
