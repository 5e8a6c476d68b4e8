"""What Open311 says of a report: its state in the words of GeoReport v2 and of mySociety, and who may see it. Pure."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final, Literal, NamedTuple

from cchc_shared.contract.codes import Channel, FeedbackKind, FeedbackStatus
from cchc_shared.contract.provenance import Text

PERIOD: Final = timedelta(days=90)
"""The longest period of one question, and the period where none is named (GeoReport v2, GET Service Requests)."""
RECENT: Final = timedelta(hours=2)
"""The period of updates where none is named (mySociety, GET Service Request Updates)."""
SECOND: Final = timedelta(seconds=1)
"""Instants are shown without fractions, and a period includes the last second that it names."""

Core = Literal["open", "closed"]
Extended = Literal[
    "open",
    "investigating",
    "in_progress",
    "planned",
    "action_scheduled",
    "fixed",
    "closed",
    "no_further_action",
    "not_councils_responsibility",
    "duplicate",
    "internal_referral",
    "cancelled",
    "reopen",
    "for_triage",
    "unchanged",
]
"""The states of the mySociety extension (FixMyStreet wiki, Additional states)."""


class State(NamedTuple):
    """How a status is shown: as GeoReport v2 has it, as mySociety has it, and in words."""

    core: Core
    extended: Extended
    notes: Text


_RECEIVED: Final = State("open", "open", Text("Đã tiếp nhận", "Received"))
_WORKED_ON: Final = State("open", "in_progress", Text("Đơn vị đang xử lý", "The unit is working on it"))
_ANSWERED: Final = State("closed", "closed", Text("Đã trả lời người gửi", "The sender has been answered"))

# mySociety's `fixed` is never said: an answer may just as well explain why nothing was mended.
STATES: Final[Mapping[FeedbackStatus, State]] = {
    FeedbackStatus.RECEIVED: _RECEIVED,
    FeedbackStatus.CLASSIFIED: _RECEIVED,
    FeedbackStatus.ASSIGNED: State(
        "open", "investigating", Text("Đã chuyển đơn vị xem xét", "A unit is looking into it")
    ),
    FeedbackStatus.ACCEPTED: _WORKED_ON,
    FeedbackStatus.IN_PROGRESS: _WORKED_ON,
    FeedbackStatus.ANSWER_DRAFTED: _WORKED_ON,  # that there is a draft is nobody's business outside
    FeedbackStatus.SUPPLEMENT_REQUESTED: State(
        "open", "investigating", Text("Đang chờ người gửi bổ sung thông tin", "Waiting for more from the sender")
    ),
    FeedbackStatus.RETURNED: State(
        "open", "open", Text("Đang tìm đơn vị có thẩm quyền", "The competent unit is being found")
    ),
    FeedbackStatus.REOPENED: State("open", "open", Text("Đang xem xét lại", "Being looked into again")),
    FeedbackStatus.ANSWERED: _ANSWERED,
    FeedbackStatus.RATED: _ANSWERED,
    FeedbackStatus.PUBLISHED: State("closed", "closed", Text("Đã công khai trả lời", "The answer is published")),
    FeedbackStatus.CLOSED: State("closed", "closed", Text("Đã kết thúc", "Closed")),
    FeedbackStatus.REFUSED: State("closed", "no_further_action", Text("Không tiếp nhận xử lý", "Not taken on")),
    FeedbackStatus.DUPLICATE: State(
        "closed", "duplicate", Text("Trùng với phản ánh khác", "The same as another report")
    ),
}
"""The state of every status, those included that no action leads to yet."""

OPEN_CHANNEL: Final = Channel.OPEN311
"""Its senders know that what they send is public."""
NEVER_BEFORE: Final = frozenset({FeedbackKind.CONDUCT})
"""Kinds that nobody sees before publication: they speak of persons."""


def statuses(core: Iterable[str]) -> list[FeedbackStatus]:
    """Our statuses that are shown as one of these."""
    wanted = set(core)
    return [status for status, state in STATES.items() if state.core in wanted]


def seen_outside(status: FeedbackStatus) -> FeedbackStatus:
    """The first of the statuses that look alike to those outside: a draft, or a rating, is nobody else's business."""
    return next(each for each, state in STATES.items() if state == STATES[status])


def tells_answer(after: FeedbackStatus, at: datetime, published_at: datetime | None) -> bool:
    """Whether the step to that status published the answer as it stands. What was opened again is not published."""
    return after is FeedbackStatus.PUBLISHED and at == published_at


def is_update(before: FeedbackStatus | None, after: FeedbackStatus) -> bool:
    """Whether the step between two statuses is one that those outside see."""
    return before is not None and STATES[before] != STATES[after]


class Period(NamedTuple):
    """From the first instant up to the end, which is not included."""

    since: datetime
    until: datetime


class TooLong(ValueError):
    """The period is longer than one question may ask for."""


class EndsFirst(ValueError):
    """The period ends before it begins."""


def period(start: datetime | None, end: datetime | None, now: datetime, usual: timedelta = PERIOD) -> Period:
    """The period of a question, both of its seconds included. What is not named is `usual` away from what is.

    Raises `EndsFirst` or `TooLong`.
    """
    if start is None:
        last = now if end is None else end
        first = last - usual
    else:
        first = start
        last = min(now, start + usual) if end is None else end
        if end is None and first > now:
            last = first
    if last < first:
        raise EndsFirst
    if last - first > PERIOD:
        raise TooLong
    return Period(first.replace(microsecond=0), last.replace(microsecond=0) + SECOND)


def update_id(code: str, version: int) -> str:
    """The id of an update: the version of the report that it led to."""
    return f"{code}.{version}"
