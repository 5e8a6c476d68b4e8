"""The tour through dossiers: one-stop software says what became of one, and its unit and the board look at it."""

import json
from uuid import uuid4

from tests.support.steps import UNIT, Answers, Call
from tests.support.tour_publications import publication_tour

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

PUBLISHED = {
    "name": "Thủ tục ví dụ",
    "field": "VD01",
    "field_name": "Lĩnh vực ví dụ",
    "levels": ["city"],
    "effective_on": "2026-03-02",
    "working_days": 3,
}
STEPS = [
    {"name": "Tiếp nhận", "working_hours": 4, "office": "Bộ phận một cửa"},
    {"name": "Thẩm định", "working_hours": 20},
]


def dossier_tour() -> Answers:
    """One is sent with two statuses, once again and once wrongly, then read, listed, counted and published."""
    unknown = {**RECEIVED, "dossier": "H29.11-260302-0001"}
    yield Call("dossiers.send", "channel", body={"items": [RECEIVED, HANDLED, unknown, RECEIVED]})
    lines = "\n".join(map(json.dumps, (RECEIVED, unknown)))
    yield Call("dossiers.check", "nobody", raw=("application/x-ndjson", lines))
    yield Call("dossiers.get", "head", path={"code": CODE})
    yield Call("dossiers.give_secret", "head", path={"code": CODE}, status=201)
    progress = {"dossier": CODE, "office": "Bộ phận một cửa", "at": RECEIVED["at"], "started_at": RECEIVED["at"]}
    yield Call("dossiers.send_progress", "channel", body={"items": [progress]})
    yield Call("dossiers.steps", "head", path={"code": CODE})
    yield Call("dossiers.count_steps", "board", query={"group_by": "unit", "unit": UNIT})
    yield Call("dossiers.list", "head", query={"status": "handled", "limit": 1})
    yield Call("dossiers.count", "board", query={"group_by": "month,unit", "unit": UNIT})
    yield from publication_tour("dossier_publications")


def procedure_tour() -> Answers:
    """A decision publishes a procedure with its process, which is disclosed, read, listed and counted."""
    procedure = (
        f"1.{uuid4().int % 1_000_000:06}"  # the number of a decision is taken for ever, and a tour is made again
    )
    number = f"{uuid4().hex[:8]}/QĐ-UBND"
    published = {**PUBLISHED, "procedure": procedure}
    process = {"procedure": procedure, "effective_on": PUBLISHED["effective_on"], "steps": STEPS}
    own = {"number": number, "issued_on": "2026-02-02", "unit": UNIT}
    body = {**own, "publishes": [published], "processes": [process]}
    yield Call("procedures.record", "office", body=body, status=201)
    yield Call("procedures.decisions", "nobody", query={"number": number})
    disclosed = {"effective_on": PUBLISHED["effective_on"], "at": "2026-02-04T09:00:00+07:00", "complete": True}
    yield Call("procedures.disclose", "office", path={"code": procedure}, body=disclosed)
    yield Call("procedures.get", "nobody", path={"code": procedure})
    yield Call("procedures.list", "nobody", query={"unit": UNIT, "limit": 1})
    yield Call("procedures.count", "nobody", query={"from": "2026-02-01", "to": "2026-02-28", "unit": UNIT})
