"""How a dossier stood at a moment, by whatever was said of it."""

from datetime import datetime, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from cchc_shared.calendar.months import Month
from cchc_shared.contract.codes import DossierStatus
from dossiers_api.dossiers.domain import Delivery, fold, is_late
from dossiers_api.publications.domain import FEW, Cell, Counts, Outcome, fields, outcome, stood, without_rare

from ..lives import RECEIVED, delivery, said

MOMENTS = st.integers(-10, 310).map(lambda hours: RECEIVED + timedelta(hours=hours))
ONE = 1


@given(said(), MOMENTS)
def test_what_happened_later_is_left_out_and_receipt_holds_whenever_it_was_said(
    all_said: list[Delivery], moment: datetime
) -> None:
    then = stood(all_said, ONE, moment)
    whole = fold(all_said, ONE).facts
    if whole.received_at is None or whole.received_at >= moment:
        assert then is None
        return
    assert then is not None
    assert (then.received_at, then.appointment_at) == (whole.received_at, whole.appointment_at)
    for instant in (then.at, then.ended_at, then.waiting_since, then.late_from):
        assert instant is None or instant < moment
    by_then = [each for each in all_said if each.at < moment]
    if len(by_then) == len(all_said):
        assert then == whole


@given(said(), MOMENTS, st.randoms(use_true_random=False))
def test_order_changes_nothing(all_said: list[Delivery], moment: datetime, chance: Random) -> None:
    shuffled = list(all_said)
    chance.shuffle(shuffled)
    assert stood(shuffled, ONE, moment) == stood(all_said, ONE, moment)


@given(said(), MOMENTS)
def test_it_is_judged_as_a_dossier_is_shown(all_said: list[Delivery], moment: datetime) -> None:
    facts = stood(all_said, ONE, moment)
    if facts is None:
        return
    counted = outcome(facts, moment)
    late = is_late(facts, moment)
    expected = {None: {Outcome.UNDATED}, True: {Outcome.LATE, Outcome.OVERDUE_OPEN}}
    assert counted in expected.get(late, {Outcome.ON_TIME, Outcome.NOT_DUE})


def test_a_dossier_that_is_told_of_when_it_is_handled_was_open_until_then() -> None:
    handled = delivery(DossierStatus.HANDLED, 90)
    before, after = (stood([handled], ONE, RECEIVED + timedelta(hours=hours)) for hours in (50, 91))
    assert before is not None
    assert after is not None
    assert (before.received_at, before.ended_at, before.status) == (RECEIVED, None, DossierStatus.RECEIVED)
    assert outcome(before, RECEIVED + timedelta(hours=50)) is Outcome.NOT_DUE
    assert outcome(after, RECEIVED + timedelta(hours=91)) is Outcome.ON_TIME
    assert stood([handled], ONE, RECEIVED) is None


NOVEMBER = Month(2026, 11)
cells = st.lists(
    st.builds(
        Cell,
        st.sampled_from([*NOVEMBER.since_january()]),
        st.sampled_from(["a", "b"]),
        st.sampled_from(["online"]),
        st.sampled_from(["land", "adoption", "trade", None]),
        st.builds(Counts, *(st.integers(0, 9) for _ in Counts._fields)),
        st.sampled_from([None, "Đất đai"]),
    ),
    max_size=12,
)


@given(cells, st.integers(0, 30))
def test_a_field_of_few_dossiers_is_not_named_and_nothing_is_lost(of: list[Cell], fewest: int) -> None:
    gathered = without_rare(of, fewest)
    assert [each.counts for each in gathered] == [each.counts for each in of]
    received = {
        name: sum(each.counts.received for each in of if each.field == name) for name in {each.field for each in of}
    }
    for each, before in zip(gathered, of, strict=True):
        rare = before.field is not None and received[before.field] < fewest
        assert each.field == (FEW if rare else before.field)
    named = [each.code for each in fields(gathered, fewest)]
    assert len(named) == len(set(named))
    assert set(named) == {each.field for each in gathered}
