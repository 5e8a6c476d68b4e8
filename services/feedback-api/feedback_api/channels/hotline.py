"""A recorded call as a report."""

from feedback_api.channels.domain import Message
from feedback_api.channels.rules import Words
from feedback_api.channels.schemas import HotlineCall


def read(call: HotlineCall, words: Words) -> Message:
    """The report that a caller made."""
    lines = [
        call.transcript or words.without_text,
        *([words.agent.format(call.agent)] if call.agent else []),
        *([words.recording.format(call.recording_url)] if call.recording_url else []),
    ]
    return Message(
        ref=call.call_id,
        content="\n".join(lines),
        address=call.address,
        name=call.caller_name,
        phone=call.caller,
        sent_at=call.started_at,
    )
