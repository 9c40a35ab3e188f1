"""Mails of the simulated company: the company stays the same, and the truth is apart from the export."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from features.event_types import TRACKED_TYPES
from pipelines.simulation.arrays import Flags
from pipelines.simulation.behaviour import TRACKED
from pipelines.simulation.block import Block, draw_block
from pipelines.simulation.mail import CLICK, DELIVERY, OPEN, UNSUBSCRIBE_LINK, MailEvents, MailTraffic
from pipelines.simulation.simulator import simulate
from tests.pipelines.simulation.conftest import SEED

TRAFFIC = MailTraffic()


@pytest.fixture(scope="module")
def block() -> Block:
    return draw_block(SEED, 0, TRAFFIC)


def events_of(block: Block) -> MailEvents:
    assert isinstance(block.events, MailEvents)
    return block.events


def test_the_company_is_the_same_with_and_without_mails(block: Block, blocks: list[Block]) -> None:
    without = blocks[0]
    np.testing.assert_array_equal(block.contacts.created, without.contacts.created)
    np.testing.assert_array_equal(block.outcomes.won, without.outcomes.won)
    np.testing.assert_array_equal(block.deals.amount, without.deals.amount)
    np.testing.assert_array_equal(block.truth.lead, without.truth.lead)


def test_the_truth_is_the_same_for_leads_that_are_tracked(block: Block, blocks: list[Block]) -> None:
    tracked = block.tracked[block.truth.lead]
    np.testing.assert_array_equal(block.truth.probability[tracked], blocks[0].truth.probability[tracked])
    assert not np.array_equal(block.truth.probability[~tracked], blocks[0].truth.probability[~tracked])


def test_the_truth_holds_for_leads_that_are_not_tracked() -> None:
    chance, won = [], []
    for number in range(4):
        drawn = draw_block(SEED, number, replace(TRAFFIC, untracked=1.0))
        chosen = drawn.truth.age_days == 14
        lead, age = drawn.truth.lead[chosen], 14 * 86_400
        decided = drawn.outcomes.decided_age[lead]
        chance.append(drawn.truth.probability[chosen])
        won.append(drawn.outcomes.won[lead] & (decided >= age) & (decided < age + 90 * 86_400))
    expected, seen = np.concatenate(chance), np.concatenate(won)
    deviation = np.sqrt((expected * (1 - expected)).sum())
    assert abs(seen.sum() - expected.sum()) < 3 * deviation


def test_nothing_is_tracked_without_consent(block: Block) -> None:
    events = events_of(block)
    without = ~block.tracked[events.lead]
    assert 0.05 < (~block.tracked).mean() < 0.15
    assert not np.isin(events.type[without], TRACKED).any()
    assert (events.type[without] == DELIVERY).any()
    assert set(TRACKED_TYPES) >= {"email_open", "email_click", "page_view"}


def test_opens_and_clicks_before_the_decision_are_of_a_mail_that_was_delivered(block: Block) -> None:
    events = events_of(block)
    until = np.minimum(block.outcomes.decided_age, block.contacts.end_age)[events.lead]
    acts = np.isin(events.type, (OPEN, CLICK)) & (events.age < until)
    assert (events.message[acts] >= 0).all()
    delivered: dict[tuple[int, int], int] = {}
    for lead, message, age in rows(events, events.type == DELIVERY):
        delivered[lead, message] = min(age, delivered.get((lead, message), age))
    assert all(delivered[lead, message] <= age for lead, message, age in rows(events, acts))


def rows(events: MailEvents, chosen: Flags) -> list[tuple[int, int, int]]:
    """Lead, message and age of some events."""
    columns = (events.lead[chosen].tolist(), events.message[chosen].tolist(), events.age[chosen].tolist())
    return list(zip(*columns, strict=True))


def test_gateways_hit_several_links_and_people_one_or_two(block: Block) -> None:
    events = events_of(block)
    hits: dict[bool, dict[tuple[int, int], set[int]]] = {False: {}, True: {}}
    for automated, links in hits.items():
        chosen = (events.type == CLICK) & (events.automated == automated) & (events.message >= 0)
        for (lead, message, _), link in zip(rows(events, chosen), events.link[chosen].tolist(), strict=True):
            links.setdefault((lead, message), set()).add(link)
    by_people, by_machines = ([len(links) for links in each.values()] for each in hits.values())
    assert np.mean(np.array(by_people) <= 2) > 0.97
    assert np.mean(np.array(by_machines) > 2) > 0.5
    assert any(UNSUBSCRIBE_LINK in links for links in hits[True].values())


def test_times_are_as_coarse_as_the_mail_system_keeps_them() -> None:
    drawn = draw_block(SEED, 0, replace(TRAFFIC, resolution=60))
    events = events_of(drawn)
    of_mail = (events.message >= 0) & (events.age > 0)
    assert ((drawn.contacts.created[events.lead] + events.age)[of_mail] % 60 == 0).all()
    assert (events.age >= 0).all()


def test_the_export_does_not_say_what_machines_did(tmp_path: Path) -> None:
    report = simulate(300, SEED, tmp_path / "out", traffic=TRAFFIC)
    activities = pq.read_table(tmp_path / "out" / "activities.parquet")
    truth = pq.read_table(tmp_path / "out" / "truth" / "automated.parquet")
    assert "is_automated" not in activities.column_names
    assert {"message_id", "link"} < set(activities.column_names)
    assert set(activities["activity_id"].to_pylist()) == set(truth["activity_id"].to_pylist())
    assert 0 < pc.sum(truth["is_automated"]).as_py() < len(truth)
    assert report.rows["automated"] == len(truth)
    assert pq.read_table(tmp_path / "out" / "contacts.parquet")["tracking_consent"].null_count == 0


def test_an_export_may_lack_deliveries_and_ids(tmp_path: Path) -> None:
    poor = replace(TRAFFIC, deliveries=False, message_ids=False, link_ids=False)
    simulate(100, SEED, tmp_path / "out", traffic=poor)
    activities = pq.read_table(tmp_path / "out" / "activities.parquet")
    assert not {"message_id", "link", "is_automated"} & set(activities.column_names)
    assert "email_delivered" not in activities["type"].to_pylist()
