"""Routing at intake: the sender's choice, or the first rule of the day whose unit exists."""

from datetime import date

import msgspec
import pytest

from cchc_shared.contract.codes import Channel, FeedbackKind, Severity
from feedback_api import rulebook
from feedback_api.directory.domain import Unit, Units
from feedback_api.routing.domain import BY_SENDER, Router, UnknownUnit
from feedback_api.routing.rules import RoutingRules
from feedback_api.rulebook import Matter, NoRuleInForce

from ..conftest import CENTRE, ENDED, HOME_AFFAIRS, OFFICE, PROFILE, UNITS

rules = rulebook.load(PROFILE, RoutingRules)
units = Units(Unit(code, since, until) for code, since, until in UNITS)


@pytest.mark.parametrize(
    ("kind", "day", "expected"),
    [
        (FeedbackKind.PROCEDURE, date(2026, 11, 18), CENTRE),
        (FeedbackKind.ON_SITE, date(2026, 11, 18), CENTRE),
        (FeedbackKind.CONDUCT, date(2025, 2, 28), OFFICE),  # the centre does not exist yet
        (FeedbackKind.VOTER_PETITION, date(2026, 11, 18), OFFICE),
    ],
)
def test_routing_on_a_day(kind: FeedbackKind, day: date, expected: str) -> None:
    routed = Router(rules).route(units, Matter(Channel.IHANOI, kind, Severity.NORMAL), day)
    assert routed.unit == expected
    (rule,) = (each for each in rules.routing if each.id == routed.trace["rule"])
    assert routed.trace == {
        "by": "rule",
        "rule": rule.id,
        "version": rules.version,
        "status": rule.status,
        "why": msgspec.to_builtins(rule.why),
    }


def test_the_sender_may_name_a_unit_that_exists_that_day() -> None:
    router = Router(rules)
    routed = router.route(
        units, Matter(Channel.IHANOI, FeedbackKind.CONDUCT, Severity.NORMAL), date(2026, 11, 18), HOME_AFFAIRS
    )
    assert routed == (HOME_AFFAIRS, BY_SENDER)
    assert (
        router.route(
            units, Matter(Channel.IHANOI, FeedbackKind.CONDUCT, Severity.NORMAL), date(2025, 6, 30), ENDED
        ).unit
        == ENDED
    )
    with pytest.raises(UnknownUnit, match=ENDED):
        router.route(units, Matter(Channel.IHANOI, FeedbackKind.CONDUCT, Severity.NORMAL), date(2025, 7, 1), ENDED)


def test_without_a_desk_nothing_is_routed() -> None:
    with pytest.raises(NoRuleInForce, match="2026-11-18"):
        Router(rules).route(
            Units(()), Matter(Channel.IHANOI, FeedbackKind.CONDUCT, Severity.NORMAL), date(2026, 11, 18)
        )


def test_both_days_of_a_period_belong_to_a_unit() -> None:
    first, last = date(2025, 3, 1), date(2025, 6, 30)
    known = Units([Unit("A", first, last), Unit("A", date(2025, 7, 2), None), Unit("B", None, first)])
    days = [date(2025, 2, 28), first, last, date(2025, 7, 1), date(2025, 7, 2)]
    assert [known.exists("A", day) for day in days] == [False, True, True, False, True]
    assert [known.exists("B", day) for day in days] == [True, True, False, False, False]
    assert not known.exists("C", first)
