"""The tour through what units are told, in their inboxes and by mail."""

from tests.support.steps import UNIT, Answers, Call

BOXES = {"items": [{"role": "unit_head", "address": "vanthu@don-vi.hanoi.example.vn"}]}


def telling_tour() -> Answers:
    """Notifications are listed and read; an operator keeps the mailboxes and looks after the mails."""
    told = yield Call("notifications.list", "head", query={"unread": "true", "limit": 1})
    yield Call("notifications.read", "head", path={"id": told["items"][0]["id"]})
    path = {"code": UNIT}
    yield Call("mailboxes.put", "operator", path=path, body=BOXES)
    yield Call("mailboxes.get", "operator", path=path)
    yield Call("mailboxes.put", "operator", path=path, body={"items": []})
    yield Call("mails.list", "operator", query={"state": "refused", "limit": 1})
    yield Call("mails.retry", "operator", path={"id": 1 << 40}, status=404)
