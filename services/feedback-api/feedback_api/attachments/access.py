"""What a caller is to the attachments of a report: who may add to them, and who sees which."""

from enum import StrEnum
from typing import Final, NamedTuple

from cchc_shared.http.access import Principal
from feedback_api.reports.access import is_official, may_read, parties
from feedback_api.reports.attachments import Attachment, Scan, Side
from feedback_api.reports.domain import Feedback
from feedback_api.reports.transitions import Party

_SIDES: Final = ((Party.STAFF, Side.UNIT), (Party.DESK, Side.DESK))


class Reader(StrEnum):
    """What a caller sees of the attachments of a report."""

    OFFICIAL = "official"
    SENDER = "sender"
    ANYONE = "anyone"


class Attacher(NamedTuple):
    """Who attaches a file to a report. `sub` is None for whoever has the tracking secret alone."""

    code: str
    side: Side
    sub: str | None


def reader(caller: Principal | None, secret: str | None, report: Feedback) -> Reader:
    """Officials of the report, its sender, or anyone else."""
    if is_official(caller, report):
        return Reader.OFFICIAL
    return Reader.SENDER if may_read(caller, secret, report) else Reader.ANYONE


def attacher(caller: Principal | None, secret: str | None, report: Feedback) -> Attacher | None:
    """Staff of the unit that holds the report, the desk, or the sender; None for all others."""
    found = parties(caller, report)
    side = next((side for party, side in _SIDES if party in found), None)
    if side is None and reader(caller, secret, report) is Reader.SENDER:
        side = Side.SENDER
    return None if side is None else Attacher(report.code, side, None if caller is None else caller.sub)


def is_public(report: Feedback, attachment: Attachment) -> bool:
    """Whether everyone may read it: it was published, and so is the report still."""
    return attachment.public and report.is_public


def sees(reader: Reader, report: Feedback, attachment: Attachment) -> bool:
    """Officials see all of it; the sender what officials attached once the answer is approved."""
    if reader is Reader.OFFICIAL:
        return True
    if attachment.scan is Scan.INFECTED:
        return False
    if reader is Reader.SENDER and (attachment.by is Side.SENDER or report.answered_at is not None):
        return True
    return is_public(report, attachment)
