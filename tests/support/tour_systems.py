"""The tour through connected systems: one is connected, changed, suspended and resumed, and has keys."""

from uuid import uuid4

from tests.support.steps import UNIT, Answers, Call

SYSTEM = {
    "name": "Một cửa điện tử (ví dụ)",
    "office": "Trung tâm Phục vụ hành chính công",
    "routes": ["dossiers.send", "dossiers.get"],
    "units": [UNIT],
}


def system_tour() -> Answers:
    """An operator does all of it."""
    path = {"code": f"one-stop-{uuid4().hex[:8]}"}  # a code is taken for ever, and a tour is made again
    yield Call("systems.create", "operator", body={**path, **SYSTEM}, status=201)
    yield Call("systems.list", "operator", query={"limit": 1})
    yield Call("systems.get", "operator", path=path)
    yield Call("systems.change", "operator", path=path, body={**SYSTEM, "routes": ["dossiers"]}, version=1)
    yield Call("systems.suspend", "operator", path=path, version=2)
    yield Call("systems.resume", "operator", path=path, version=3)
    yield Call("systems.history", "operator", path=path)
    made = yield Call("systems.make_key", "operator", path=path, body={"kind": "live", "days": 90}, status=201)
    key = {**path, "id": made["id"]}
    rotation = {"days": 90, "overlap_hours": 24}
    yield Call("systems.rotate_key", "operator", path=key, body=rotation, status=201)
    yield Call("systems.revoke_key", "operator", path=key)
    yield Call("systems.keys", "operator", path=path)
