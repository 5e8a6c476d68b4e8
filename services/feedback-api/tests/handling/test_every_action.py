"""Every action by everyone in every state, and what is then true of each report, of the lists and of the counts."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pytest

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.contract.codes import FeedbackStatus, Role
from cchc_shared.http import access_log
from feedback_api.reports.transitions import FeedbackAction
from tests.support.tokens import TestTokens

from ..conftest import Service
from .actions import ACTIONS, WAIT
from .stands import CALLERS, STATUSES
from .walk import LONG, Report, Walk
from .ways import Map, explore


def test_the_model_knows_every_action_status_and_role() -> None:
    assert set(ACTIONS) == set(FeedbackAction)
    assert set(FeedbackStatus) == STATUSES
    assert {role for caller in CALLERS.values() for role in caller.roles} == set(Role)


@pytest.fixture(scope="module")
def ways() -> Map:
    """Of a scope of its own: it takes seconds, in which a service that is there already would lose its connections."""
    return explore()


@pytest.fixture
def walk(ways: Map, service: Service, clock: FixedClock, tokens: TestTokens) -> Iterator[Walk]:
    access_log.write_with(lambda _: None)  # thousands of lines would hide what failed
    yield Walk(ways, service, clock, tokens)
    access_log.write_with(access_log.by_structlog)


async def test_every_action_by_everyone_in_every_state(walk: Walk, clock: FixedClock) -> None:
    await walk.everything()
    assert walk.tried >= frozenset().union(*walk.map.kinds)
    hit = {(each.status, each.action, each.relation) for each in walk.tried}
    in_status = {status: {each.relation for each in walk.tried if each.status == status} for status in STATUSES}
    assert len({each.relation for each in walk.tried}) == 17
    assert hit >= {(status, action, who) for status in STATUSES for action in ACTIONS for who in in_status[status]}
    clock.advance(LONG)
    for report in walk.reports:
        report.clocks.happen(WAIT)
    await lists_agree(walk)
    await counts_agree(walk)


async def lists_agree(walk: Walk) -> None:
    """Whoever oversees all finds each report under its status and its unit, and as overdue."""

    async def listed(name: str = "inspector", **query: str) -> set[str]:
        items = (await walk.get("/v1/feedback", name, limit="200", **query))["items"]
        return {item["code"] for item in items if item["code"].count("-") == 2}  # without their parts

    def expected(reports: Iterable[Report]) -> set[str]:
        return {report.code for report in reports}

    reports = walk.reports
    assert await listed() == expected(reports)
    for status in STATUSES:
        assert await listed(status=status) == expected(each for each in reports if each.stand.status == status)
    for unit in {each.stand.unit for each in reports}:
        assert await listed(unit=unit) == expected(each for each in reports if each.stand.unit == unit)
    is_open = [each for each in reports if each.stand.is_open]
    overdue = expected(each for each in is_open if each.clocks.promised.resolution == "overdue")
    own_overdue = expected(each for each in is_open if each.clocks.holders.resolution == "overdue")
    assert await listed(overdue="true") == overdue
    assert await listed(own_overdue="true") == own_overdue
    for sender in ("citizen", "channel"):
        assert await listed(sender) == expected(each for each in reports if each.stand.sent_by == sender)
    assert await listed("another citizen") == set()


COUNTS = ("received", "resolved", "on_time", "late", "overdue_open", "missed", "reopened")


async def counts_agree(walk: Walk) -> None:
    """The statistics of all, by what senders were promised, and of each unit, by the time that it had itself."""
    (row,) = (await walk.get("/v1/statistics/feedback"))["rows"]
    assert {name: row[name] for name in COUNTS} == dict(promised(walk.reports))
    rated = [each.satisfied for each in walk.reports if each.satisfied is not None]
    assert row["satisfied_rate"] == pytest.approx(sum(rated) / len(rated))
    rows = (await walk.get("/v1/statistics/feedback", group_by="unit"))["rows"]
    assert {row["unit"]: {name: row[name] for name in COUNTS} for row in rows} == by_unit(walk.reports)


def promised(reports: Iterable[Report]) -> Mapping[str, int]:
    counts = Counter(dict.fromkeys(COUNTS, 0))
    for report in reports:
        stood = report.clocks.promised.resolution
        counts["received"] += 1
        counts["resolved"] += report.stand.answered
        counts["on_time"] += report.stand.answered and stood == "met"
        counts["late"] += stood == "missed"
        counts["overdue_open"] += stood == "overdue"
        counts["reopened"] += report.reopenings > 0
    return counts


def by_unit(reports: Iterable[Report]) -> Mapping[str, Mapping[str, int]]:
    counts: dict[str, dict[str, Any]] = {}

    def add(unit: str, **more: int) -> None:
        row = counts.setdefault(unit, dict.fromkeys(COUNTS, 0))
        for name, value in more.items():
            row[name] += value

    for report in reports:
        stand, stood = report.stand, report.clocks.holders.resolution
        add(stand.unit, received=1, resolved=stand.answered, reopened=report.reopenings > 0)
        if stand.answered:
            add(stand.unit, on_time=stood == "met", late=stood == "missed")
        if stand.is_open:
            add(stand.holder, overdue_open=stood == "overdue")
        for unit in report.parts:
            add(unit, overdue_open=1)
        for unit in report.missed:
            add(unit, missed=1)
    return counts
