"""Silence to a question is booked to the unit that was asked, once, and a late answer changes nothing."""

from datetime import UTC, datetime, timedelta
from typing import Any

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.contract.codes import ConsultationReturnReason, ConsultationStatus, Opinion
from cchc_shared.contract.events import Event, EventData
from cchc_shared.contract.events import consultation as told
from tests.support.events import event_of
from tests.support.scoring import ScoringService

DUE = datetime(2026, 6, 2, 10, tzinfo=UTC)
ASKED_AT = DUE - timedelta(days=3)
THOUSAND = 1000


def state(number: int, status: ConsultationStatus, **more: object) -> dict[str, Any]:
    return {
        "code": f"LYK-{number}",
        "task": "NV-1",
        "asker": "ASKER",
        "unit": "A",
        "kind": "city_administration",
        "status": status,
        "asked_at": ASKED_AT,
        "due_at": DUE,
    } | more


def event(number: int, version: int, data: EventData, at: datetime) -> Event:
    return event_of(data, f"LYK-{number}", version, at)


def asked(number: int) -> Event:
    return event(number, 1, told.ConsultationAsked(**state(number, ConsultationStatus.OPEN)), ASKED_AT)


def lapsed(number: int) -> Event:
    data = told.ConsultationDeemedConsent(**state(number, ConsultationStatus.DEEMED_AGREED), notice=f"LYK-{number}/TB")
    return event(number, 2, data, DUE)


def late(number: int) -> Event:
    at = DUE + timedelta(hours=1)
    data = told.ConsultationLateAnswered(
        **state(number, ConsultationStatus.DEEMED_AGREED), late_answered_at=at, late_opinion=Opinion.DISAGREE
    )
    return event(number, 3, data, at)


async def counted(service: ScoringService, unit: str, measure: str) -> object:
    rows = await service.rows(
        f"SELECT counts -> '{measure}' FROM unit_count WHERE unit = '{unit}' AND period = '2026-06'"
    )
    return rows[0][0] if rows else None


async def test_a_thousand_silences_are_booked_once_each(service: ScoringService, clock: FixedClock) -> None:
    numbers = range(THOUSAND)
    clock.advance(DUE + timedelta(days=1) - clock.now())
    await service.apply([asked(number) for number in numbers])
    assert await counted(service, "A", "consultation.answer") == {"overdue": THOUSAND}
    for then in (lapsed, late):
        await service.apply([then(number) for number in numbers])
        assert await counted(service, "A", "consultation.answer") == {"overdue": THOUSAND}


async def test_what_was_returned_is_no_duty_and_counts_for_who_asked(service: ScoringService) -> None:
    at = ASKED_AT.replace(month=6, day=1)
    data = told.ConsultationReturned(
        **state(1, ConsultationStatus.RETURNED), reason=ConsultationReturnReason.BELONGS_TO_REQUESTER
    )
    await service.apply([asked(1)])
    await service.apply([event(1, 2, data, at)])
    assert await counted(service, "A", "consultation.answer") in (None, {})
    assert await counted(service, "ASKER", "consultation.needless") == {"happened": 1}
