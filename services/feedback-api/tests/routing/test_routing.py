"""Routing at intake: the sender's choice, or the first rule that holds, or else the desk."""

from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cchc_shared.contract.codes import Channel, FeedbackKind, Severity
from cchc_shared.directory.domain import Unit, Units
from feedback_api.routing.domain import BY_SENDER, Case, PassedOver, Router, UnknownUnit
from feedback_api.rulebook import Matter, NoRuleInForce

from ..conftest import CENTRE, ENDED, HOME_AFFAIRS, JUSTICE, OFFICE
from .cases import CALENDAR, KNOWN, NOWHERE, RULES, case, on, router, rule, rules


@pytest.mark.parametrize(
    ("kind", "day", "expected"),
    [
        (FeedbackKind.PROCEDURE, date(2026, 11, 18), CENTRE),
        (FeedbackKind.ON_SITE, date(2026, 11, 18), CENTRE),  # no outlines are shipped, and no place was given
        (FeedbackKind.CONDUCT, date(2025, 2, 28), OFFICE),  # the centre does not exist yet
        (FeedbackKind.VOTER_PETITION, date(2026, 11, 18), OFFICE),
    ],
)
def test_what_no_rule_takes_is_in_the_queue_of_the_desk(kind: FeedbackKind, day: date, expected: str) -> None:
    routed = Router(RULES, CALENDAR, NOWHERE).route(KNOWN, case(kind, on(day)))
    assert routed.unit == expected
    (desk,) = (each for each in RULES.desks if each.id == routed.trace["rule"])
    assert routed.trace == {
        "by": "queue",
        "rule": desk.id,
        "version": RULES.version,
        "status": desk.status,
        "why": msgspec.to_builtins(desk.why),
    }


def test_the_sender_may_name_a_unit_that_exists_that_day() -> None:
    shipped = Router(RULES, CALENDAR, NOWHERE)
    assert shipped.route(KNOWN, case(named=HOME_AFFAIRS)) == (HOME_AFFAIRS, BY_SENDER)
    assert shipped.route(KNOWN, case(at=on(date(2025, 6, 30)), named=ENDED)).unit == ENDED
    with pytest.raises(UnknownUnit, match="so-khong-co"):
        shipped.route(KNOWN, case(named="so-khong-co"))


def test_without_a_desk_nothing_is_routed() -> None:
    with pytest.raises(NoRuleInForce, match="2026-11-18"):
        Router(RULES, CALENDAR, NOWHERE).route(Units(()), case())


def test_both_days_of_a_period_belong_to_a_unit() -> None:
    first, last = date(2025, 3, 1), date(2025, 6, 30)
    known = Units([Unit("A", first, last), Unit("A", date(2025, 7, 2), None), Unit("B", None, first)])
    days = [date(2025, 2, 28), first, last, date(2025, 7, 1), date(2025, 7, 2)]
    assert [known.exists("A", day) for day in days] == [False, True, True, False, True]
    assert [known.exists("B", day) for day in days] == [True, True, False, False, False]
    assert not known.exists("C", first)


@pytest.mark.parametrize(
    ("conditions", "asked", "matched"),
    [
        ({"categories": ["trees"]}, {"category": "trees"}, {"category": "trees"}),
        ({"categories": ["trees"]}, {"category": "lighting"}, None),
        ({"categories": ["trees"]}, {}, None),
        ({"kinds": ["conduct"]}, {}, {"kind": "conduct"}),
        ({"kinds": ["on_site"]}, {}, None),
        ({"severities": ["urgent"]}, {"severity": Severity.URGENT}, {"severity": "urgent"}),
        ({"words": {"any": ["Hoả hoạn", "cháy"]}}, {"content": "CHAY ở ngõ 5"}, {"words": ["cháy"]}),
        ({"words": {"any": ["hỏa hoạn"]}}, {"title": "Hoả hoạn"}, {"words": ["hỏa hoạn"]}),
        ({"words": {"any": ["cháy"]}}, {"content": "chạy nhanh"}, {"words": ["cháy"]}),  # marks do not count
        ({"words": {"any": ["cháy"]}}, {"content": "achayb"}, None),
        ({"words": {"any": ["ngập nước"]}}, {"title": "ngập", "content": "nước"}, None),  # not in one text
        ({"words": {"all": ["đèn", "hỏng"]}}, {"content": "đèn đường bị hỏng"}, {"words": ["đèn", "hỏng"]}),
        ({"words": {"all": ["đèn", "hỏng"]}}, {"content": "đèn đường"}, None),
        ({"words": {"all": ["đèn"], "any": ["tối"]}}, {"content": "đèn"}, None),
        ({"time": {"weekdays": ["wednesday"]}}, {}, {"weekday": "wednesday"}),
        ({"time": {"weekdays": ["sunday"]}}, {}, None),
        ({"time": {"hours": "office"}}, {}, {"hours": "office"}),
        ({"time": {"hours": "outside"}}, {}, None),
        ({"time": {"hours": "outside"}}, {"at": datetime(2026, 11, 18, 5, 30, tzinfo=UTC)}, {"hours": "outside"}),
        ({"time": {"hours": "outside"}}, {"at": datetime(2026, 11, 22, 2, tzinfo=UTC)}, {"hours": "outside"}),
        ({"effective_until": "2026-11-17"}, {}, None),
    ],
)
def test_conditions(conditions: dict[str, Any], asked: dict[str, Any], matched: dict[str, Any] | None) -> None:
    given_case = case(**asked)
    routed = router(rule("r", **conditions)).route(KNOWN, given_case)
    if matched is None:
        assert (routed.unit, routed.trace["by"]) == (CENTRE, "queue")
        return
    why = {"vi": "v", "en": "e"}
    trace = {"by": "rule", "rule": "r", "version": "t", "status": "R", "why": why, "matched": matched}
    assert routed == (JUSTICE, trace)


def test_the_first_rule_that_holds_wins_and_the_others_are_named_when_asked() -> None:
    tried = router(
        rule("urgent", severities=["urgent"]),
        rule("trees", categories=["trees"]),
        rule("sunday", time={"weekdays": ["sunday"]}),
        rule("night", time={"hours": "outside"}),
        rule("here", to="commune_of_place"),
        rule("words", words={"any": ["xyz"]}),
        rule("gone", unit=ENDED),
        rule("first", unit=HOME_AFFAIRS),
        rule("second"),
    )
    routed, passed = tried.explain(KNOWN, case())
    assert (routed.unit, routed.trace["rule"]) == (HOME_AFFAIRS, "first")
    assert passed == [
        PassedOver("urgent", "matter"),
        PassedOver("trees", "category"),
        PassedOver("sunday", "weekday"),
        PassedOver("night", "hours"),
        PassedOver("here", "place"),
        PassedOver("words", "words"),
        PassedOver("gone", "unit"),
    ]


def test_a_rule_may_send_to_the_queue() -> None:
    tried = router(rule("ask-first", to="queue", words={"any": ["chậm"]}), rule("all"))
    routed = tried.route(KNOWN, case())
    assert (routed.unit, routed.trace["by"], routed.trace["rule"]) == (CENTRE, "queue", "ask-first")


CONDITIONS = st.fixed_dictionaries(
    {},
    optional={
        "kinds": st.sets(st.sampled_from(FeedbackKind), min_size=1).map(sorted),
        "severities": st.sets(st.sampled_from(Severity), min_size=1).map(sorted),
        "categories": st.sets(st.sampled_from(["trees", "lighting"])).map(sorted),
        "words": st.fixed_dictionaries({"any": st.lists(st.sampled_from(["cây đổ", "đèn", "a"]), min_size=1)}),
        "time": st.fixed_dictionaries({"hours": st.sampled_from(["office", "outside"])}),
        "unit": st.sampled_from([JUSTICE, ENDED, HOME_AFFAIRS]),
    },
)
CASES = st.builds(
    case,
    st.sampled_from(FeedbackKind),
    st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - bounds
    st.lists(st.sampled_from(["cay do", "CÂY", "đổ", "den", "a", "b,"])).map(" ".join),
    severity=st.sampled_from(Severity),
    category=st.none() | st.sampled_from(["trees", "lighting"]),
)


@given(st.lists(CONDITIONS, max_size=4), CASES)
def test_routing_is_total_and_explaining_changes_nothing(conditions: list[dict[str, Any]], asked: Case) -> None:
    tried = router(*(rule(f"r{number}", **each) for number, each in enumerate(conditions)))
    routed = tried.route(KNOWN, asked)
    assert KNOWN.exists(routed.unit, asked.received_on)
    assert routed.trace["by"] in ("rule", "queue")
    explained, passed = tried.explain(KNOWN, asked)
    assert explained == routed
    names = [each.rule for each in passed]
    assert names == [each.id for each in tried.rules.routing][: len(names)]
    taken_by = [each.id for each in tried.rules.routing][len(names) :]
    assert routed.trace["rule"] == taken_by[0] if taken_by else routed.trace["by"] == "queue"


@given(CASES)
def test_a_report_stores_nothing_of_its_words(asked: Case) -> None:
    tried = router(rule("w", words={"any": ["Cây đổ", "ĐÈN"]}))
    trace = tried.route(KNOWN, asked).trace
    assert set(trace.get("matched", {}).get("words", ())) <= {"Cây đổ", "ĐÈN"}


@pytest.mark.parametrize(
    "faulty",
    [
        {"to": "queue", "unit": JUSTICE},
        {"unit": None},
        {"to": "nowhere"},
        {"words": {}},
        {"words": {"any": ["…"]}},
        {"words": {"any": ["x" * 101]}},
        {"words": {"any": ["x"] * 101}},
        {"place": {}},
        {"time": {}},
        {"time": {"weekdays": ["someday"]}},
        {"surprise": 1},
    ],
)
def test_a_faulty_rule_is_refused(faulty: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        rules(rule("r") | faulty)


def test_two_rules_with_one_id_are_refused() -> None:
    with pytest.raises(msgspec.ValidationError, match="city-office"):
        rules(rule("city-office"))


def test_channels_are_asked_too() -> None:
    tried = router(rule("hotline", channels=["hotline"]))
    assert tried.route(KNOWN, case()).trace["by"] == "queue"
    by_phone = case()._replace(matter=Matter(Channel.HOTLINE, FeedbackKind.CONDUCT, Severity.NORMAL))
    assert tried.route(KNOWN, by_phone).trace["matched"] == {"channel": "hotline"}
