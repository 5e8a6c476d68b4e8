"""When a message is tried again, given up, and when its webhook is disabled."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cchc_embedded.paths import REPOSITORY
from notify.audience.domain import body_of, happening
from notify.webhooks.domain import (
    Answer,
    Delivery,
    DeliveryState,
    DisabledFor,
    Failure,
    Webhook,
    disabling,
    retry_after,
    verdict,
)
from notify.webhooks.rules import WebhookRules

from ..conftest import NOW
from .conftest import opened

RULES = WebhookRules.load(REPOSITORY / "data" / "hanoi")
DELIVERY = Delivery(id=1, webhook_id=UUID(int=1), event_id=UUID(int=1), body="{}", attempts=1)
WEBHOOK = Webhook(
    id=UUID(int=1), system="a", url="https://a", event_types=[], units=[], created_at=NOW, created_by="operator"
)
REFUSED = Answer(status=500)
answers = st.builds(
    Answer,
    status=st.none() | st.integers(100, 599),
    failure=st.sampled_from(list(Failure)),
    retry_after=st.none() | st.timedeltas(timedelta(), timedelta(days=400)),
)


@given(answer=answers, attempts=st.integers(1, 30), id_=st.uuids())
def test_each_answer_has_one_meaning(answer: Answer, attempts: int, id_: UUID) -> None:
    taken = msgspec.structs.replace(DELIVERY, attempts=attempts, event_id=id_)
    found = verdict(taken, answer, NOW, RULES)
    success = answer.status is not None and 200 <= answer.status <= 299
    last = attempts == len(RULES.pauses) + 1
    assert (found.state is DeliveryState.DELIVERED) == success
    assert (found.state is DeliveryState.GIVEN_UP) == (not success and (last or attempts > len(RULES.pauses)))
    assert (found.next_at is not None) == (found.state is DeliveryState.WAITING)
    if found.next_at is not None:
        pause = found.next_at - NOW
        own = RULES.pauses[attempts - 1]
        assert own <= pause <= max(own * 1.1, min(answer.retry_after or timedelta(), RULES.longest_pause))


@given(id_=st.uuids())
def test_a_receiver_that_is_down_is_tried_for_three_days_and_then_no_more(id_: UUID) -> None:
    now, attempts = NOW, 1
    while True:
        taken = msgspec.structs.replace(DELIVERY, attempts=attempts, event_id=id_)
        found = verdict(taken, REFUSED, now, RULES)
        if found.next_at is None:
            break
        now, attempts = found.next_at, attempts + 1
    assert found.state is DeliveryState.GIVEN_UP
    assert timedelta(days=3) <= now - NOW <= timedelta(days=3.5)


@pytest.mark.parametrize(
    ("text", "pause"),
    [
        ("120", timedelta(seconds=120)),
        ("Wed, 18 Nov 2026 03:00:00 GMT", timedelta(hours=1)),
        ("Wed, 18 Nov 2026 01:00:00 GMT", timedelta()),
        ("99999999999999999999", timedelta(seconds=10**9)),
        ("-1", None),
        ("soon", None),
        ("", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(text: str, pause: timedelta | None) -> None:
    assert retry_after(text, datetime(2026, 11, 18, 2, tzinfo=UTC)) == pause


@given(text=st.text(max_size=60))
def test_no_header_of_a_receiver_breaks_anything(text: str) -> None:
    found = retry_after(text, NOW)
    assert found is None or found >= timedelta()


@pytest.mark.parametrize(
    ("since", "answer", "reason"),
    [
        (None, REFUSED, None),
        (timedelta(days=4, hours=23), REFUSED, None),
        (timedelta(days=5), REFUSED, DisabledFor.FAILING),
        (timedelta(days=5), Answer(failure=Failure.TIMEOUT), DisabledFor.FAILING),
        (timedelta(days=5), Answer(status=200), None),
        (None, Answer(status=410), DisabledFor.GONE),
    ],
)
def test_a_webhook_is_disabled_after_days_of_failure_and_at_once_when_it_is_gone(
    since: timedelta | None, answer: Answer, reason: DisabledFor | None
) -> None:
    webhook = msgspec.structs.replace(WEBHOOK, failing_since=None if since is None else NOW - since)
    assert disabling(webhook, answer, NOW, RULES) is reason


def test_the_secret_before_signs_until_its_time_is_over() -> None:
    webhook = msgspec.structs.replace(WEBHOOK, secret_number=3, previous_until=NOW)
    assert list(webhook.numbers(NOW - timedelta(seconds=1))) == [3, 2]
    assert list(webhook.numbers(NOW)) == [3]


def test_a_message_says_that_it_happened_and_nothing_of_what_it_says() -> None:
    shown: dict[str, Any] = msgspec.json.decode(body_of(happening(opened("H26.1-261118-1")), ["so-noi-vu"]))
    assert shown == {
        "type": "vn.hanoi.cchc.dossier.opened.v1",
        "timestamp": "2026-11-18T02:00:00Z",
        "data": {
            "aggregate": "dossier",
            "id": "H26.1-261118-1",
            "version": 1,
            "units": ["so-noi-vu"],
            "recorded_at": "2026-11-18T02:00:00Z",
        },
    }
