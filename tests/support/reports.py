"""Reports that actions are taken on at random, with the city's rules, without a database."""

from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from hypothesis import strategies as st
from msgspec.structs import replace

from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.contract.codes import Channel, FeedbackKind, FeedbackReturnReason, Severity
from cchc_shared.contract.transitions import Change, Step, Transition
from feedback_api import rulebook
from feedback_api.deadlines.domain import Deadlines, Timing
from feedback_api.deadlines.rules import DeadlineRules
from feedback_api.reports import effects
from feedback_api.reports.domain import Feedback
from feedback_api.reports.transitions import FeedbackAction
from feedback_api.rulebook import Matter

PROFILE = Path(__file__).parents[2] / "data" / "hanoi"
DEADLINES = Deadlines(rulebook.load(PROFILE, DeadlineRules), WorkingCalendar.load(PROFILE))
DESK = "desk"
UNITS = ("A", "B", "C")
START = datetime(2026, 11, 18, 2, tzinfo=UTC)


def new_report(kind: FeedbackKind, severity: Severity, unit: str = DESK) -> Feedback:
    """A report that the app sent at `START`."""
    accept_due_at, resolve_due_at = DEADLINES.of_new(Timing(Matter(Channel.IHANOI, kind, severity), START))
    return Feedback(
        code="PA-26-000001",
        channel=Channel.IHANOI,
        channel_owner="",
        kind=kind,
        severity=severity,
        unit=unit,
        held_by=None if unit == DESK else DESK,
        content="x",
        routing={},
        secret_digest=b"",
        recorded_at=START,
        received_at=START,
        accept_due_at=accept_due_at,
        resolve_due_at=resolve_due_at,
    )


submissions = st.builds(
    new_report, st.sampled_from(FeedbackKind), st.sampled_from(Severity), st.sampled_from((DESK, *UNITS))
)


class Words(NamedTuple):
    """What is given with an action."""

    unit: str
    reason: FeedbackReturnReason
    kind: FeedbackKind
    severity: Severity
    days: int
    yes: bool


words = st.builds(
    Words,
    st.sampled_from((*UNITS, DESK)),
    st.sampled_from(FeedbackReturnReason),
    st.sampled_from(FeedbackKind),
    st.sampled_from(Severity),
    st.integers(1, 10),
    st.booleans(),
)


ACTIONS = [action for action in FeedbackAction if action is not FeedbackAction.FOLLOW]
"""Those that change a report."""


def perform(  # noqa: C901 - one case for each action
    before: Feedback, row: Transition[Feedback], at: datetime, given: Words
) -> Change[Feedback]:
    """What the action of a row makes of the report."""
    step = Step(before, replace(before, status=row.target, version=before.version + 1), at)
    match row.action:
        case FeedbackAction.CLASSIFY:
            return effects.classify(step, DEADLINES, given.kind, None, given.severity)
        case FeedbackAction.ASSIGN:
            return effects.assign(step, given.unit, DEADLINES)
        case FeedbackAction.ACCEPT:
            return effects.accept(step, DEADLINES)
        case FeedbackAction.RETURN:
            return effects.return_to_desk(step, DESK, given.reason, DEADLINES)
        case FeedbackAction.TRANSFER:
            return effects.transfer(step, given.unit, "thuộc đơn vị khác", DEADLINES, by_desk=given.yes)
        case FeedbackAction.ASK_SUPPLEMENT:
            return effects.ask_supplement(step, "ở đâu?")
        case FeedbackAction.SUPPLEMENT:
            return effects.supplement(step, "ở đầu ngõ", DEADLINES)
        case FeedbackAction.EXTEND:
            return effects.extend(step, given.days, "phải khảo sát", DEADLINES)
        case FeedbackAction.DRAFT_ANSWER:
            return effects.draft_answer(step, "đã xong", "resolved")
        case FeedbackAction.REJECT_ANSWER:
            return effects.reject_answer(step, "chưa rõ")
        case FeedbackAction.APPROVE_ANSWER:
            return effects.approve_answer(step)
        case FeedbackAction.PUBLISH:
            return effects.publish(step)
        case FeedbackAction.RATE:
            return effects.rate(step, given.yes, None)
        case FeedbackAction.REOPEN:
            return effects.reopen(step, "vẫn hỏng", DEADLINES)
        case FeedbackAction.CLOSE:
            return effects.close(step, "resolved", "đã thay bóng")
        case FeedbackAction.REFUSE:
            return effects.refuse(step, "complaint", "gửi nơi khác")
        case FeedbackAction.MARK_DUPLICATE:
            return effects.mark_duplicate(step, "PA-26-000002")
        case FeedbackAction.MARK_UNJUSTIFIED:
            judged_by = before.version if 1 in before.unjustified else None
            return effects.judge_handover(step, effects.Handover(1, given.unit, START, judged_by), "đùn đẩy")
        case FeedbackAction.MERGE:
            return effects.merge(step, ("PA-26-000002",))
        case FeedbackAction.SPLIT:
            return effects.split(step, (effects.open_part(before, 1, given.unit, "thay bóng", at, DEADLINES),))
        case FeedbackAction.ADD_NOTE:
            return effects.add_note(step, "đã gọi điện", public=given.yes)
    raise AssertionError(row.action)
