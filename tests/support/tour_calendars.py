"""The tour through the calendars of units. The calendar itself is no JSON, and so nobody calls it here."""

from tests.support.steps import UNIT, Answers, Call


def calendar_tour() -> Answers:
    """A link is made, found and revoked."""
    path = {"code": UNIT}
    link = yield Call("calendars.make_link", "head", path=path, body={"name": "Lịch phòng tổng hợp"}, status=201)
    yield Call("calendars.links", "head", path=path, query={"limit": 1})
    yield Call("calendars.revoke_link", "head", path={**path, "link": link["id"]})
