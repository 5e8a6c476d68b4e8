"""The table of a consultation's transitions."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from cchc_shared.contract.codes import ConsultationStatus, Opinion
from cchc_shared.contract.transitions import Transition
from tasks_api.consultations.domain import Answer, Consultation
from tasks_api.consultations.transitions import TABLE, ConsultationAction, Party
from tests.support.workflow import Machine, moved

ASKED_AT = datetime(2024, 6, 3, 3, tzinfo=UTC)
DUE_AT = ASKED_AT + timedelta(days=3)
S = ConsultationStatus


def consultation(**more: object) -> Consultation:
    fields: dict[str, Any] = {
        "id": 1,
        "code": "LYK-2024-000001",
        "task": "NV-2024-000001",
        "asker": "so-noi-vu",
        "unit": "so-tu-phap",
        "kind": "city_administration",
        "deemed_consent": True,
        "question": "?",
        "relevance": "!",
        "asked_at": ASKED_AT,
        "due_at": DUE_AT,
    }
    return Consultation(**fields | more)


def answered(before: Consultation, row: Transition[Consultation]) -> Consultation:
    """The step of a row with the late answer, at which guards look."""
    after = moved(before, row)
    late = before.status in (S.DEEMED_AGREED, S.SILENT)
    return replace(after, late_answer=Answer(Opinion.AGREE, DUE_AT)) if late else after


MACHINE = Machine(
    TABLE,
    begin=[consultation(), *(consultation(deemed_consent=it).as_of(DUE_AT) for it in (True, False))],
    step=answered,
    statuses=ConsultationStatus,
    actions=ConsultationAction,
    parties=Party,
    ends={S.ANSWERED, S.RETURNED, S.WITHDRAWN},
    waiting=lambda asked: asked.late_answer is not None,
)
TestAnySequence = MACHINE.sequences()


def test_the_table_is_sound() -> None:
    MACHINE.check()


@given(st.sampled_from(ConsultationStatus), st.booleans(), st.integers(-3, 3))
def test_only_an_open_question_lapses_and_only_at_its_deadline(
    status: ConsultationStatus, deemed_consent: bool, microseconds: int
) -> None:
    before = consultation(status=status, deemed_consent=deemed_consent)
    after = before.as_of(DUE_AT + timedelta(microseconds=microseconds))
    if status is not S.OPEN or microseconds < 0:
        assert after is before
    else:
        assert after.status is (S.DEEMED_AGREED if deemed_consent else S.SILENT)
        assert (after.ended_at, after.version) == (DUE_AT, before.version + 1)
        assert (after.notice is not None) == deemed_consent
        assert after.as_of(DUE_AT + timedelta(days=9)) is after
