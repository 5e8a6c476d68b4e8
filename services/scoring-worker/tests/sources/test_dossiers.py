"""Dossiers count as the national portal reckons Decision 766: against a plain reading of its words, in any history."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import example, given
from hypothesis import strategies as st

from cchc_shared.contract.codes import Digitisation, DossierChannel, DossierStatus
from cchc_shared.contract.events.dossier import DossierDigitised, DossierFeeCharged, DossierFinished, DossierPaid
from scoring_worker.counts.domain import in_period
from scoring_worker.facts.domain import DutyState
from scoring_worker.periods import Period, containing, last_day
from scoring_worker.projection.fold import Fold
from scoring_worker.sources import BY_AGGREGATE
from scoring_worker.sources.dossier import RESOLUTION, SATISFACTION
from tests.support.dossiers import RECEIVED, Life, after, events_of, is_late, lives

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
MOMENT = RECEIVED + timedelta(days=1)
FINE, NOT_FINE = {DutyState.PENDING, DutyState.ON_TIME}, {DutyState.LATE, DutyState.OVERDUE}


def end_of(period: Period) -> datetime:
    day = last_day(period.months[-1])
    return datetime(day.year, day.month, day.day, tzinfo=HANOI) + timedelta(days=1)


@given(lives(), st.integers(0, 2500))
@example(Life(appointment=100, waits=((150, 800),)), 1000)  # asked for a supplement when it was late already
@example(Life(appointment=400, waits=((200, 250), (500, None))), 400)  # two requests, the second in the next month
@example(Life(appointment=700, ended=200, complained=600), 2000)  # complained of in the month after
def test_a_period_counts_what_was_late_by_its_end_and_what_is_late_by_now(life: Life, hours: int) -> None:
    now = after(hours)
    fold = Fold((), timezone=HANOI, now=now)
    for event in events_of(life):
        if event.occurred_at <= now:
            fold.apply(event, event.aggregate)
    for measure in (RESOLUTION, SATISFACTION):
        (duty,) = (duty for duty in fold.opened if duty.measure == measure and duty.counted is not None)
        for period in containing(duty.month):
            assert duty.counted is not None
            judged = min(now, end_of(period))
            late = is_late(life, judged)
            if measure == SATISFACTION:
                late = late or (life.complained is not None and after(life.complained) <= judged)
            held = in_period(duty.counted, duty.due_month, period)
            assert held in (NOT_FINE if late else FINE), (period, judged)


@given(lives(), st.integers(0, 2500))
def test_any_past_instant_is_as_it_was(life: Life, hours: int) -> None:
    told, now = list(events_of(life)), after(hours)
    whole, then = (Fold((), timezone=HANOI, now=now) for _ in range(2))
    for event in told:
        whole.apply(event, event.aggregate)
        if event.occurred_at <= now:
            then.apply(event, event.aggregate)
    seen = sorted((duty.measure, state) for duty in whole.opened if (state := duty.state_at(now)) is not None)
    assert seen == sorted((duty.measure, duty.counted) for duty in then.opened if duty.counted is not None)


def test_what_is_not_received_counts_nowhere() -> None:
    state: dict[str, Any] = {
        "code": "HS-1",
        "procedure": "1",
        "channel": DossierChannel.POST,
        "unit": "A",
        "due_at": MOMENT,
    }
    source = BY_AGGREGATE["dossier"]
    for status in (DossierStatus.REGISTERED, DossierStatus.NOT_RECEIVED):
        dossier = DossierFinished(**state, status=status, ended_at=MOMENT, electronic_result=True)
        assert [target.due_at for target in source.target(dossier)] == [None, None]
        assert source.occurrences_of(dossier) == ()


def test_shares_count_in_the_month_of_receipt() -> None:
    state: dict[str, Any] = {
        "code": "HS-1",
        "procedure": "1",
        "channel": DossierChannel.POST,
        "unit": "A",
        "received_at": RECEIVED,
    }
    state |= {"status": DossierStatus.HANDLED}
    found = {
        (type(data), *measures): {each.at for each in occurred}
        for data in (
            DossierFeeCharged(**state),
            DossierPaid(**state, online=True),
            DossierPaid(**state, online=False),
            DossierDigitised(**state, how=Digitisation.DIGITISED),
            DossierDigitised(**state, how=Digitisation.REUSED_RESULT),
            DossierFinished(**state, electronic_result=False),
            DossierFinished(**state, electronic_result=True),
        )
        for occurred in [BY_AGGREGATE["dossier"].occurrences_of(data)]
        for measures in [tuple(each.measure for each in occurred)]
    }
    assert found == {
        (DossierFeeCharged, "dossier.fee_charged"): {RECEIVED},
        (DossierPaid, "dossier.paid_online"): {RECEIVED},
        (DossierPaid,): set(),
        (DossierDigitised, "dossier.digitised"): {RECEIVED},
        (DossierDigitised, "dossier.digitised", "dossier.reused"): {RECEIVED},
        (DossierFinished, "dossier.finished"): {RECEIVED},
        (DossierFinished, "dossier.finished", "dossier.electronic_result"): {RECEIVED},
    }
