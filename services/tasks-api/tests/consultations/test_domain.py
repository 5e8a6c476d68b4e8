"""What a question is at any instant, and what an answer must say: without a server."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from cchc_shared.contract.codes import ConsultationReturnReason, ConsultationStatus, Opinion, Role
from cchc_shared.contract.rules import RuleBroken
from cchc_shared.contract.transitions import Step
from tasks_api.consultations import domain, notice
from tasks_api.consultations.domain import Answer, Consultation, OnContent
from tasks_api.consultations.rules import ConsultationRules
from tasks_api.units.domain import Succession
from tests.support.tasks import Profile

ASKED = datetime(2024, 6, 3, 3, tzinfo=UTC)
DUE = datetime(2024, 6, 6, 10, 30, tzinfo=UTC)
RULES = ConsultationRules.load(Path(__file__).parents[4] / "data" / "hanoi")
ENDED = Succession("so-tu-phap", date(2024, 6, 4), "so-noi-vu")


def asked(**more: object) -> Consultation:
    fields: dict[str, Any] = {
        "id": 7,
        "code": domain.code_of(7, 2024),
        "task": "NV-2024-000001",
        "asker": "so-y-te",
        "unit": "so-tu-phap",
        "kind": "city_administration",
        "deemed_consent": True,
        "question": "Cho ý kiến về <dự thảo>",
        "relevance": "Pháp chế",
        "main_contents": ("Định mức", "Lộ trình"),
        "asked_at": ASKED,
        "due_at": DUE,
    }
    return Consultation(**fields | more)


def step(before: Consultation, status: ConsultationStatus, at: datetime = ASKED) -> Step[Consultation]:
    return Step(before, replace(before, status=status, version=before.version + 1), at)


def said(opinion: Opinion, content: str = "", *parts: OnContent) -> Answer:
    return Answer(opinion, ASKED, content, parts)


@given(seconds=st.integers(-5, 5), deemed=st.booleans())
def test_a_question_lapses_at_its_deadline_whoever_looks(seconds: int, deemed: bool) -> None:
    question = asked(deemed_consent=deemed, tell=None if deemed else "one_stop_head")
    now = question.as_of(DUE + timedelta(seconds=seconds))
    if seconds < 0:
        assert now == question
        return
    expected = ConsultationStatus.DEEMED_AGREED if deemed else ConsultationStatus.SILENT
    assert (now.status, now.ended_at, now.version) == (expected, DUE, 2)
    assert (now.notice is not None) == deemed
    assert now.as_of(DUE + timedelta(days=9)) == now, "it lapses once"


def test_an_answer_in_time_ends_it_and_a_late_one_changes_nothing() -> None:
    agreed = domain.answer(step(asked(), ConsultationStatus.ANSWERED), said(Opinion.AGREE)).after
    assert (agreed.answer is not None, agreed.late_answer, agreed.ended_at) == (True, None, ASKED)
    silent = domain.lapse(asked()).after
    late = domain.answer(step(silent, silent.status, DUE + timedelta(1)), said(Opinion.DISAGREE, "Vượt")).after
    assert (late.status, late.answer, late.ended_at) == (silent.status, None, DUE)
    assert late.late_answer is not None
    assert late.late_answered_at == DUE + timedelta(1)


@pytest.mark.parametrize(
    ("given_", "field"),
    [
        (said(Opinion.DISAGREE), "content"),
        (said(Opinion.DISAGREE, "Vượt", OnContent("Khác", Opinion.DISAGREE, "x")), "per_content.0.content"),
        (said(Opinion.AGREE, "", *[OnContent("Định mức", Opinion.AGREE)] * 2), "per_content.1.content"),
        (said(Opinion.DISAGREE, "Vượt", OnContent("Định mức", Opinion.DISAGREE)), "per_content.0.reason"),
        (said(Opinion.AGREE, "", OnContent("Định mức", Opinion.DISAGREE, "Vượt")), "opinion"),
    ],
)
def test_an_answer_says_what_it_means(given_: Answer, field: str) -> None:
    with pytest.raises(RuleBroken) as broken:
        domain.answer(step(asked(), ConsultationStatus.ANSWERED), given_)
    assert broken.value.field == field


def test_what_is_disagreed_about() -> None:
    part = OnContent("Lộ trình", Opinion.DISAGREE, "Gấp")
    assert asked().disagreements == ()
    assert asked(answer=said(Opinion.AGREE)).disagreements == ()
    assert asked(answer=said(Opinion.DISAGREE, "Gấp", part)).disagreements == ("Lộ trình",)
    assert asked(answer=said(Opinion.DISAGREE, "Gấp")).disagreements == ("Định mức", "Lộ trình")
    assert asked(main_contents=(), answer=said(Opinion.DISAGREE, "Gấp")).disagreements == (asked().question,)


def test_it_ends_when_it_is_returned_or_withdrawn() -> None:
    reason = ConsultationReturnReason.OUT_OF_COMPETENCE
    returned = domain.return_(step(asked(), ConsultationStatus.RETURNED), reason).after
    withdrawn = domain.withdraw(step(asked(), ConsultationStatus.WITHDRAWN)).after
    assert (returned.return_reason, returned.ended_at, withdrawn.ended_at) == (reason, ASKED, ASKED)
    assert not returned.lapsed(DUE)


@pytest.mark.parametrize(("due_at", "heirs"), [(DUE - timedelta(1), DUE), (DUE + timedelta(1), DUE + timedelta(1))])
def test_an_heir_has_never_less_time(due_at: datetime, heirs: datetime) -> None:
    moved = domain.inherit(step(asked(), ConsultationStatus.OPEN), ENDED, None, due_at).after
    assert (moved.unit, moved.asker, moved.due_at) == ("so-noi-vu", "so-y-te", heirs)
    asker = domain.inherit(step(asked(), ConsultationStatus.OPEN), None, ENDED, due_at).after
    assert (asker.unit, asker.asker, asker.due_at) == ("so-tu-phap", "so-noi-vu", DUE)


def test_due_times_lie_in_the_window_of_the_kind(profile: Profile) -> None:
    kind = RULES.kinds["city_administration"]

    def due(due_at: datetime | None, days: int | None) -> datetime:
        return domain.due_time(kind, ASKED, due_at=due_at, working_days=days, calendar=profile.calendar)

    assert due(None, 3) == DUE
    assert due(DUE, None) == DUE
    least, most = kind.least_days.value, kind.most_days.value
    for due_at, days in (
        (None, None), (DUE, 3), (None, least - 1), (None, most + 1), (ASKED, None), (DUE + timedelta(days=30), None),
        (datetime.max.replace(tzinfo=UTC), None), (datetime.min.replace(tzinfo=UTC), None),
    ):  # fmt: skip
        with pytest.raises(RuleBroken):
            due(due_at, days)


def test_who_is_notified(profile: Profile) -> None:
    def notified(question: Consultation) -> set[tuple[str, Role]]:
        return {(each.unit, each.role) for each in domain.notifications_of(question, DUE, profile.calendar)}

    assert notified(asked()) == {("so-tu-phap", Role.OFFICER), ("so-tu-phap", Role.UNIT_HEAD)}
    assert notified(domain.lapse(asked()).after) == {("so-tu-phap", Role.UNIT_HEAD)}
    one_stop = asked(deemed_consent=False, tell="one_stop_head")
    assert notified(domain.lapse(one_stop).after) == {("so-y-te", Role.UNIT_HEAD)}
    assert notified(domain.lapse(asked(deemed_consent=False)).after) == set()


def test_the_notice_says_what_holds_and_escapes_what_was_asked(profile: Profile) -> None:
    deemed = domain.lapse(asked()).after
    made = notice.issued(deemed, {"so-tu-phap": "Sở Tư pháp"}, RULES, profile.calendar)
    assert made.number == "LYK-2024-000007/TB"
    for words in ("Sở Tư pháp", "so-y-te", "17:30 ngày 06/06/2024", "<dự thảo>", made.number):
        assert words in made.text
    assert "<dự thảo>" not in made.html
    assert "&lt;dự thảo&gt;" in made.html
    assert notice.issued(deemed, {"so-tu-phap": "Sở Tư pháp"}, RULES, profile.calendar) == made
    assert notice.issued(replace(deemed, kind="gone"), {}, RULES, profile.calendar).number == made.number
    with pytest.raises(ValueError, match="LYK-2024-000007"):
        notice.issued(asked(), {}, RULES, profile.calendar)
