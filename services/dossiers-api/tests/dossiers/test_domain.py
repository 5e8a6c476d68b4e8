"""A dossier is what all that was said of it says by its own times, whatever came when."""

from datetime import timedelta
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from cchc_shared.contract.codes import DossierStatus as Status
from cchc_shared.contract.events import EventData
from cchc_shared.contract.events import dossier as events
from dossiers_api.dossiers.domain import Delivery, Dossier, Facts, Key, Verdict, advance, fold, is_late, weigh

from .. import lives

ONE = 1


def facts(*said: Delivery) -> Facts:
    return fold(said, ONE).facts


def grown(said: list[Delivery]) -> tuple[Dossier, dict[Key, Delivery], list[EventData]]:
    """The dossier after deliveries that came one by one, and its events."""
    dossier, known, found = None, dict[Key, Delivery](), list[EventData]()
    for each in said:
        _, known, _ = weigh(known, [each], ONE)
        dossier, new = advance("HS-1", dossier, fold(known.values(), ONE).facts)
        found += new
    assert dossier is not None
    return dossier, known, found


@given(lives.said(), st.randoms(use_true_random=False))
def test_order_does_not_matter(said: list[Delivery], chance: Random) -> None:
    shuffled = said + said[: len(said) // 2]
    chance.shuffle(shuffled)
    in_order = sorted(said, key=lambda each: (each.at, list(Status).index(each.status)))
    assert grown(shuffled)[0].facts == grown(in_order)[0].facts == fold(said, ONE).facts


@given(lives.said())
def test_versions_have_no_gap_and_each_event_carries_the_state(said: list[Delivery]) -> None:
    dossier, _, found = grown(said)
    assert len(found) == dossier.version
    assert isinstance(found[0], events.DossierOpened)
    assert sum(isinstance(each, events.DossierOpened) for each in found) == 1
    for kind in (events.DossierFeeCharged, events.DossierPaid, events.DossierDigitised, events.DossierFinished):
        assert sum(isinstance(each, kind) for each in found) <= 1
    last: Any = found[-1]
    for name in ("unit", "status", "received_at", "due_at", "waiting_since", "late_from", "ended_at"):
        assert getattr(last, name) == getattr(dossier.facts, name), name


@given(lives.said(), st.integers(0, 8))
def test_what_is_sent_again_is_known(said: list[Delivery], place: int) -> None:
    _, known, _ = grown(said)
    again = list(known.values())[place % len(known)]
    other = lives.delivery(again.status, 0, at=again.at, unit="B")
    first, second = (each.verdict for each in weigh(known, [again, other], ONE)[0])
    backwards = again.key in fold(known.values(), ONE).backwards
    assert (first, second) == (Verdict.BACKWARDS if backwards else Verdict.REPEATED, Verdict.DIFFERENT)


@given(lives.said())
def test_what_goes_backwards_changes_nothing(said: list[Delivery]) -> None:
    found = fold(said, ONE)
    forwards = [each for each in said if each.key not in found.backwards]
    assert fold(forwards, ONE) == (found.facts, frozenset())


def test_the_end_is_the_handling_else_the_return_else_the_stop() -> None:
    received = lives.delivery(Status.RECEIVED, 0)
    handled, returned = lives.delivery(Status.HANDLED, 50), lives.delivery(Status.RETURNED, 120)
    stopped = lives.delivery(Status.STOPPED, 40)
    assert facts(received, handled, returned).ended_at == handled.at
    assert facts(received, returned).ended_at == returned.at
    assert facts(received, stopped).ended_at == stopped.at
    assert facts(received).ended_at is None


def test_waits_put_off_the_due_time_and_a_second_request_is_late() -> None:
    line = [
        lives.delivery(Status.RECEIVED, 0),
        lives.delivery(Status.SUPPLEMENT_REQUESTED, 20),
        lives.delivery(Status.IN_PROGRESS, 50),
    ]
    found = facts(*line)
    assert found.due_at == lives.RECEIVED + timedelta(hours=130)
    assert (found.requests, found.late_from, found.waiting_since) == (1, None, None)
    assert is_late(found, lives.RECEIVED + timedelta(hours=129)) is False
    assert is_late(found, lives.RECEIVED + timedelta(hours=130)) is True
    asked_again = lives.delivery(Status.SUPPLEMENT_REQUESTED, 60)
    found = facts(*line, asked_again)
    assert (found.requests, found.late_from, found.waiting_since) == (2, asked_again.at, asked_again.at)
    assert is_late(found, lives.RECEIVED) is True


def test_who_asks_twice_while_waiting_has_asked_twice_and_waited_once() -> None:
    found = facts(
        lives.delivery(Status.RECEIVED, 0),
        lives.delivery(Status.SUPPLEMENT_REQUESTED, 20),
        lives.delivery(Status.SUPPLEMENT_REQUESTED, 30),
        lives.delivery(Status.IN_PROGRESS, 50),
    )
    assert found.requests == 2
    assert found.late_from == lives.RECEIVED + timedelta(hours=30)
    assert found.due_at == lives.RECEIVED + timedelta(hours=130)


def test_a_request_before_receipt_is_none_of_the_handling() -> None:
    found = facts(
        lives.delivery(Status.REGISTERED, -50),
        lives.delivery(Status.SUPPLEMENT_REQUESTED, -40, received_at=None),
        lives.delivery(Status.RECEIVED, 0),
        lives.delivery(Status.SUPPLEMENT_REQUESTED, 10),
    )
    assert found.requests == 1
    assert found.late_from is None


def test_a_later_appointment_is_no_deadline() -> None:
    later = lives.RECEIVED + timedelta(hours=500)
    found = facts(lives.delivery(Status.RECEIVED, 0), lives.delivery(Status.IN_PROGRESS, 90, appointment_at=later))
    assert found.due_at == lives.RECEIVED + timedelta(hours=100)


def test_what_is_not_received_is_due_nowhere() -> None:
    found = facts(lives.delivery(Status.REGISTERED, -5), lives.delivery(Status.NOT_RECEIVED, 3))
    assert (found.received_at, found.ended_at) == (None, None)
    assert is_late(found, lives.RECEIVED + timedelta(days=300)) is None


def test_a_fee_counts_once_receipt_is_known() -> None:
    fee = lives.delivery(Status.REGISTERED, -5, fee_charged=True, paid_online=True)
    _, _, before = grown([fee])
    _, _, after = grown([fee, lives.delivery(Status.RECEIVED, 0)])
    assert [type(each) for each in before] == [events.DossierOpened]
    assert [type(each) for each in after] == [events.DossierOpened, events.DossierFeeCharged, events.DossierPaid]
