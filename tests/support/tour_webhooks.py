"""The tour through webhooks: an operator makes one for a connected system, and looks at what it is sent."""

from uuid import uuid4

from tests.support.steps import UNIT, Answers, Call

SYSTEM = {
    "name": "Trục liên thông (ví dụ)",
    "office": "Sở Khoa học và Công nghệ",
    "routes": ["webhooks", "events.dossier"],
    "units": [UNIT],
}
WEBHOOK = {
    "url": "http://127.0.0.1:9/receiver",
    "event_types": ["vn.hanoi.cchc.dossier.opened.v1", "vn.hanoi.cchc.dossier.finished.v1"],
}
"""Nobody listens there; that is what deliveries are for."""


def webhook_tour() -> Answers:
    """It is disabled at the end."""
    code = f"told-{uuid4().hex[:8]}"  # a code is taken for ever, and a tour is made again
    yield Call("systems.create", "operator", body={"code": code, **SYSTEM}, status=201)
    made = yield Call("webhooks.create", "operator", body={**WEBHOOK, "system": code}, status=201)
    path = {"id": made["id"]}
    yield Call("webhooks.list", "operator", query={"limit": 1})
    yield Call("webhooks.get", "operator", path=path)
    yield Call("webhooks.deliveries", "operator", path=path, query={"state": "waiting", "limit": 1})
    yield Call("webhooks.replay", "operator", path=path, body={"since": "2026-03-02T00:00:00+07:00"})
    yield Call("webhooks.rotate_secret", "operator", path=path)
    yield Call("webhooks.disable", "operator", path=path)
    yield Call("webhooks.enable", "operator", path=path)
    yield Call("webhooks.disable", "operator", path=path)
