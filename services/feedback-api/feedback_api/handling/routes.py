"""Acting on reports."""

from typing import Annotated, Any

from fastapi import APIRouter

from cchc_shared.contract.codes import UNIT_STAFF, Role
from cchc_shared.http.access import Principal, allow
from cchc_shared.service.actions import ActionIn, ActionRoutes
from cchc_shared.service.workflow import Command
from cchc_shared.storage.idempotency import Reply
from feedback_api.handling.schemas import (
    FeedbackAddNoteIn,
    FeedbackAskSupplementIn,
    FeedbackAssignIn,
    FeedbackClassifyIn,
    FeedbackCloseIn,
    FeedbackDraftAnswerIn,
    FeedbackExtendIn,
    FeedbackMarkDuplicateIn,
    FeedbackMarkUnjustifiedIn,
    FeedbackMergeIn,
    FeedbackRateIn,
    FeedbackReasonIn,
    FeedbackRefuseIn,
    FeedbackReturnIn,
    FeedbackSupplementIn,
    FeedbackTransferIn,
)
from feedback_api.handling.service import Handling
from feedback_api.reports.schemas import Code, FeedbackOut, SenderCaller
from feedback_api.reports.transitions import FeedbackAction

router = APIRouter(prefix="/v1/feedback", tags=["feedback"])


def _actions(caller: Any, *, at_once: bool = True) -> ActionRoutes:
    return ActionRoutes(
        router,
        resource="feedback",
        code=Code,
        caller=caller,
        service=Handling,
        shown=FeedbackOut,
        at_once=at_once,
    )


action = _actions(Annotated[Principal, allow(*UNIT_STAFF, Role.COORDINATOR)])
for_channels = _actions(Annotated[Principal, allow(Role.COORDINATOR, Role.SYSTEM)])
for_senders = _actions(SenderCaller, at_once=False)


@for_channels(FeedbackAction.CLASSIFY, "Classify a report", FeedbackClassifyIn)
async def classify(service: Handling, command: Command, body: FeedbackClassifyIn) -> Reply:
    """The co-ordinator, or the channel software that sent it, says of what kind, category and severity a report is. Its
    due times follow; one that was missed by then stays."""
    return await service.classify(command, body)


@action(FeedbackAction.ASSIGN, "Assign a report to a unit", FeedbackAssignIn)
async def assign(service: Handling, command: Command, body: FeedbackAssignIn) -> Reply:
    """The co-ordinator assigns a report. From then on the unit answers for it, with time of its own."""
    return await service.assign(command, body.unit)


@action(FeedbackAction.ACCEPT, "Accept a report")
async def accept(service: Handling, command: Command, _: ActionIn) -> Reply:
    """The unit accepts a report that is `assigned`. The first acceptance stops the acceptance clock."""
    return await service.accept(command)


@action(FeedbackAction.RETURN, "Return a report to the desk", FeedbackReturnIn)
async def return_to_desk(service: Handling, command: Command, body: FeedbackReturnIn) -> Reply:
    """The unit returns the report, with a reason. This counts as a hand-over. What the unit missed until then stays
    missed."""
    return await service.return_to_desk(command, body.reason)


@action(FeedbackAction.TRANSFER, "Transfer a report to another unit", FeedbackTransferIn)
async def transfer(service: Handling, command: Command, body: FeedbackTransferIn) -> Reply:
    """The unit or the co-ordinator transfers the report, with a reason. By the unit, this counts as a hand-over. What
    the former unit missed until then stays missed; it can still read the report. The new unit has time of its own."""
    return await service.transfer(command, body.unit, body.reason)


@action(FeedbackAction.MARK_UNJUSTIFIED, "Judge a hand-over", FeedbackMarkUnjustifiedIn)
async def mark_unjustified(service: Handling, command: Command, body: FeedbackMarkUnjustifiedIn) -> Reply:
    """The co-ordinator judges that a unit returned or transferred the report without right, or withdraws that. Only
    such a hand-over counts in the score."""
    return await service.judge_handover(command, body)


@action(FeedbackAction.ASK_SUPPLEMENT, "Ask the sender for more", FeedbackAskSupplementIn)
async def ask_supplement(service: Handling, command: Command, body: FeedbackAskSupplementIn) -> Reply:
    """The unit, or before assignment the co-ordinator, asks the sender for more. The clocks stand still until then."""
    return await service.ask_supplement(command, body.question)


@action(FeedbackAction.EXTEND, "Extend the time for an answer", FeedbackExtendIn)
async def extend(service: Handling, command: Command, body: FeedbackExtendIn) -> Reply:
    """The head of the unit takes more time, once, with a reason, before the time is over."""
    return await service.extend(command, body.days, body.reason)


@action(FeedbackAction.DRAFT_ANSWER, "Draft the answer", FeedbackDraftAnswerIn)
async def draft_answer(service: Handling, command: Command, body: FeedbackDraftAnswerIn) -> Reply:
    """The unit drafts the answer, with an outcome. A later draft replaces an earlier one."""
    return await service.draft_answer(command, body.answer, body.outcome)


@action(FeedbackAction.REJECT_ANSWER, "Reject the draft of an answer", FeedbackReasonIn)
async def reject_answer(service: Handling, command: Command, body: FeedbackReasonIn) -> Reply:
    """The head of the unit sends the draft back, with a reason."""
    return await service.reject_answer(command, body.reason)


@action(FeedbackAction.APPROVE_ANSWER, "Approve the answer")
async def approve_answer(service: Handling, command: Command, _: ActionIn) -> Reply:
    """The head of the unit approves the answer. This stops the resolution clock and shows the answer to the citizen."""
    return await service.approve_answer(command)


@action(FeedbackAction.PUBLISH, "Publish the answer")
async def publish(service: Handling, command: Command, _: ActionIn) -> Reply:
    """The unit or the co-ordinator publishes the answer of a report that is `answered`."""
    return await service.publish(command)


@action(FeedbackAction.CLOSE, "Close a report", FeedbackCloseIn)
async def close(service: Handling, command: Command, body: FeedbackCloseIn) -> Reply:
    """The unit or the co-ordinator closes a report that is answered, with its outcome and an explanation."""
    return await service.close(command, body.outcome, body.explanation)


@action(FeedbackAction.REFUSE, "Refuse a report", FeedbackRefuseIn)
async def refuse(service: Handling, command: Command, body: FeedbackRefuseIn) -> Reply:
    """The co-ordinator or the head of the unit refuses what is no report. Its sender is told why, and where to go."""
    return await service.refuse(command, body.reason, body.explanation)


@action(FeedbackAction.MARK_DUPLICATE, "Mark a report as a duplicate", FeedbackMarkDuplicateIn)
async def mark_duplicate(service: Handling, command: Command, body: FeedbackMarkDuplicateIn) -> Reply:
    """The unit or the co-ordinator marks a report that tells what another told before."""
    return await service.mark_duplicate(command, body.original)


@action(FeedbackAction.MERGE, "Merge duplicates into a report", FeedbackMergeIn)
async def merge(service: Handling, command: Command, body: FeedbackMergeIn) -> Reply:
    """The unit or the co-ordinator says which reports tell what this one tells. Each of them ends as its duplicate; all
    of them, or none."""
    return await service.merge(command, body.duplicates)


@action(FeedbackAction.ADD_NOTE, "Add a note", FeedbackAddNoteIn)
async def add_note(service: Handling, command: Command, body: FeedbackAddNoteIn) -> Reply:
    """An official adds a note, for colleagues or also for the sender."""
    return await service.add_note(command, body.note, public=body.public)


@for_senders(FeedbackAction.SUPPLEMENT, "Give more information", FeedbackSupplementIn)
async def supplement(service: Handling, command: Command, body: FeedbackSupplementIn) -> Reply:
    """The sender (by token or tracking secret) gives what they were asked for, or officials go on without. The clocks
    go on."""
    return await service.supplement(command, body.text)


@for_senders(FeedbackAction.RATE, "Rate an answer", FeedbackRateIn)
async def rate(service: Handling, command: Command, body: FeedbackRateIn) -> Reply:
    """The sender (by token or tracking secret) says whether they are satisfied."""
    return await service.rate(command, body.satisfied, body.comment)


@for_senders(FeedbackAction.REOPEN, "Reopen a report", FeedbackReasonIn)
async def reopen(service: Handling, command: Command, body: FeedbackReasonIn) -> Reply:
    """The sender (by token or tracking secret) or the co-ordinator does not accept the answer, or the refusal: the unit
    begins anew, with new clocks. Within a number of days after it ended."""
    return await service.reopen(command, body.reason)
