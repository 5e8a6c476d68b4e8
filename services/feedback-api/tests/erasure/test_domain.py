"""What an erasure is, case by case."""

from datetime import UTC, datetime, timedelta

import pytest

from feedback_api.erasure.domain import Ends, missing
from feedback_api.reports.domain import Erased

CONTACT, TEXT = Erased.CONTACT, Erased.TEXT
NOW = datetime(2026, 11, 18, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("erased", "what", "left"),
    [
        (None, CONTACT, [CONTACT]),
        (None, TEXT, [CONTACT, TEXT]),
        (CONTACT, CONTACT, []),
        (CONTACT, TEXT, [TEXT]),
        (TEXT, CONTACT, []),
        (TEXT, TEXT, []),
    ],
)
def test_what_is_still_to_be_erased(erased: Erased | None, what: Erased, left: list[Erased]) -> None:
    assert missing(erased, what) == left


@pytest.mark.parametrize(
    ("ended", "due"),
    [(9 * DAY, []), (10 * DAY, [CONTACT]), (19 * DAY, [CONTACT]), (20 * DAY, [CONTACT, TEXT])],
)
def test_each_period_ends_with_its_last_instant(ended: timedelta, due: list[Erased]) -> None:
    assert Ends(NOW - 10 * DAY, NOW - 20 * DAY).due(None, NOW - ended) == due
