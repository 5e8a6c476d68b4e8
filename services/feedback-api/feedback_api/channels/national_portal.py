"""Reports of the national portal, and states in its words and in ours. What its source leaves open stays open."""

from enum import StrEnum

from cchc_shared.contract.codes import FeedbackStatus
from cchc_shared.contract.rules import RuleBroken
from feedback_api.channels.domain import Ignored, IgnoredBecause, Message
from feedback_api.channels.rules import PortalRules
from feedback_api.channels.schemas import PortalReport, PortalSender
from feedback_api.intake.notices import Notice, NoticeCode


class Group(StrEnum):
    """The portal's groups of states."""

    WAITING = "waiting"
    HANDLING = "handling"
    HANDLED = "handled"


def groups(status: str, rules: PortalRules) -> list[Group]:
    """The groups that a state of the portal stands in: none for an unknown one, and two for one of them."""
    return [group for group in Group if status in getattr(rules, group.value)]


def shown(status: FeedbackStatus, rules: PortalRules) -> str | None:
    """What the portal may show of a report in this state; None where it has no such word."""
    return rules.shown.get(status)


def read(report: PortalReport, rules: PortalRules) -> Message | Ignored:
    """The report, unless it is handled there already. Raises `RuleBroken` for a class that nobody knows."""
    kind = rules.kinds.get(report.classification)
    if kind is None:
        known = ", ".join(rules.kinds)
        raise RuleBroken("classification", f"phải là một trong: `{known}`", f"must be one of: {known}")
    found = None if report.status is None else groups(report.status, rules)
    if found == [Group.HANDLED]:
        return Ignored(IgnoredBecause.HANDLED)
    sender = report.sender or PortalSender()
    return Message(
        ref=report.code,
        kind=kind,
        title=report.title,
        content=report.content,
        address=sender.address,
        name=sender.name,
        phone=sender.phone,
        email=sender.email,
        sent_at=report.sent_at,
        notices=() if found is None else _doubts(found),
    )


def _doubts(found: list[Group]) -> tuple[Notice, ...]:
    if len(found) == 1:
        return ()
    return (Notice("body.status", NoticeCode.STATUS_IN_TWO_GROUPS if found else NoticeCode.STATUS_UNKNOWN),)
