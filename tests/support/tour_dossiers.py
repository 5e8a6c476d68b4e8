"""The tour through dossiers: one-stop software says what became of one, and its unit and the board look at it."""

from tests.support.steps import UNIT, Answers, Call

CODE = "H26.11-260302-0001"
RECEIVED = {
    "dossier": CODE,
    "status": "received",
    "at": "2026-03-02T09:00:00+07:00",
    "procedure": "1.001234",
    "unit": UNIT,
    "channel": "online",
    "received_at": "2026-03-02T09:00:00+07:00",
    "appointment_at": "2026-03-09T17:00:00+07:00",
}
HANDLED = {**RECEIVED, "status": "handled", "at": "2026-03-06T15:00:00+07:00"}


def dossier_tour() -> Answers:
    """One is sent with two statuses, once again and once wrongly, then read, listed and counted."""
    unknown = {**RECEIVED, "dossier": "H29.11-260302-0001"}
    yield Call("dossiers.send", "channel", body={"items": [RECEIVED, HANDLED, unknown, RECEIVED]})
    yield Call("dossiers.get", "head", path={"code": CODE})
    yield Call("dossiers.give_secret", "head", path={"code": CODE}, status=201)
    yield Call("dossiers.list", "head", query={"status": "handled", "limit": 1})
    yield Call("dossiers.count", "board", query={"group_by": "month,unit", "unit": UNIT})
