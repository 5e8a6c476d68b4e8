"""Inspections and what they recommend beside those of the model: each request is judged by it, and what is written down
compared."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import httpx
from sqlalchemy import Table, select, text

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.contract.events.registry import decode
from tasks_api.inspections.models import (
    inspection_history,
    inspections,
    recommendation_history,
    recommendations,
)
from tasks_api.metadata import outbox
from tests.support.http import Headers, Json
from tests.support.tasks import Api

from ..any_order import check_history
from .model import CALLERS, Inspection, Recommendation, Thing, issued, possible, refusal
from .office import INSPECTED, INSPECTING, path_of

_EVERYTHING: Final = text(
    """SELECT (SELECT md5(string_agg(i::text, '|' ORDER BY id)) FROM inspections i),
              (SELECT md5(string_agg(r::text, '|' ORDER BY id)) FROM recommendations r),
              (SELECT count(*) FROM conclusions), (SELECT count(*) FROM inspection_history),
              (SELECT count(*) FROM recommendation_history), (SELECT count(*) FROM outbox),
              (SELECT count(*) FROM idempotency)"""
)
"""What a refused request could have changed."""


@dataclass
class Walk:
    """All inspections of a city. `conclusions` counts those of each that was concluded."""

    api: Api
    clock: FixedClock
    things: dict[str, Thing] = field(default_factory=dict)
    conclusions: dict[str, set[int]] = field(default_factory=dict)

    def headers(self, who: str) -> Headers:
        caller = CALLERS[who]
        return self.api.token(*caller.roles, unit=caller.unit, sub=caller.name)

    async def plan(self, *, unannounced: bool) -> str:
        day = str(self.clock.now().date())
        body = {
            "inspecting_unit": INSPECTING, "inspected_unit": INSPECTED, "subject": "Kỷ cương",
            "unannounced": unannounced, "planned_from": day,
        }  # fmt: skip
        answer = await self.api.send("POST", "/v1/inspections", self.headers("coordinator"), json=body)
        assert answer.status_code == 201, answer.text
        code = str(answer.json()["code"])
        self.things[code] = Inspection(unannounced)
        await self.compare(code)
        return code

    def refusal(self, code: str, action: str, who: str, body: Json, *, unseen: bool = False) -> str:
        return refusal(self.things[code], action, CALLERS[who], body, self.clock.now(), unseen=unseen)

    async def act(self, code: str, action: str, who: str, body: Json, *, unseen: bool = False) -> None:
        """Somebody asks for it. What the model refuses changes nothing; what it allows changes what it says."""
        now, before = self.clock.now(), self.things[code]
        refused = self.refusal(code, action, who, body, unseen=unseen)
        all_before = await self.everything() if refused else None
        headers = {"If-Match": f'"{before.version - unseen}"'}
        path = path_of({"code": code}, action)
        answer = await self.api.send("POST", path, self.headers(who), json=body, headers=headers)
        about = (action, who, before, body, answer.text)
        if refused:
            self._check_refusal(code, who, refused, answer, about)
            assert await self.everything() == all_before, ("something refused was done", *about)
            return
        assert answer.status_code == 200, about
        after = self.things[code] = before.after(action, body, now)
        assert answer.headers["etag"] == f'"{after.version}"', about
        assert set(answer.json()["possible"]) == possible(after, CALLERS[who]), about
        last = await self.compare(code)
        assert (last["action"], last["actor"], last["at"]) == (action, who, now), about
        if action == "conclude":
            below = issued(code, body["conclusions"])
            self.things |= below
            self.conclusions[code] = {each["number"] for each in body["conclusions"]}
            for each in below:
                await self.compare(each)

    def _check_refusal(self, code: str, who: str, refused: str, answer: httpx.Response, about: object) -> None:
        status, problem = refused.split(" ")
        assert answer.status_code == int(status), (refused, about)
        told, thing = answer.json(), self.things[code]
        if problem in {"forbidden", "not-found", "not-permitted", "wrong-state"}:
            assert told["code"] == problem, (refused, about)
        if problem == "wrong-state":
            assert (told["state"], set(told["possible"])) == (thing.status, possible(thing, CALLERS[who])), about

    async def read(self, code: str, who: str) -> None:
        """Whoever may know of it sees how it stands; to all others it does not exist."""
        caller, thing = CALLERS[who], self.things[code]
        answer = await self.api.get(path_of({"code": code}), self.headers(who))
        if caller.name == "citizen":
            assert answer.status_code == 403
        elif not thing.readable(caller):
            assert answer.status_code == 404, (who, thing)
        else:
            shown = answer.json()
            assert (shown["status"], shown["version"]) == (thing.status, thing.version), (who, thing)
            assert set(shown["possible"]) == possible(thing, caller), (who, thing)

    async def count(self) -> None:
        """The progress of today: a conclusion is open while a recommendation is."""
        answer = await self.api.get("/v1/inspections/progress", self.headers("coordinator"))
        shown, now = answer.json(), self.clock.now()
        below = [each for each in self.things.values() if isinstance(each, Recommendation)]
        unfinished = [each for each in below if each.status != "done"]
        open_above = {(each.inspection, each.conclusion) for each in unfinished}
        total = sum(len(numbers) for numbers in self.conclusions.values())
        counted = {"total": total, "open": len(open_above), "done": total - len(open_above)}
        assert shown["conclusions"] == counted
        late = [each for each in unfinished if now >= each.due_at and (each.reported_at or now) >= each.due_at]
        assert shown["recommendations"] == {
            "total": len(below),
            "open": len(unfinished),
            "done": len(below) - len(unfinished),
            "reported": sum(each.status == "reported" for each in below),
            "overdue": len(late),
        }
        stood = Counter(each.status for each in self.things.values() if isinstance(each, Inspection))
        assert {status: shown["inspections"][status] for status in stood} == stood

    async def everything(self) -> tuple[Any, ...]:
        async with self.api.here.engine.connect() as conn:
            return tuple((await conn.execute(_EVERYTHING)).one())

    async def compare(self, code: str) -> Mapping[str, Any]:
        """The row with what its history and its events say; returns the last entry of the history."""
        thing = self.things[code]
        is_whole = isinstance(thing, Inspection)
        [row] = await self._rows(inspections if is_whole else recommendations, code=code)
        history, key = (
            (inspection_history, "inspection_id") if is_whole else (recommendation_history, "recommendation_id")
        )
        entries = sorted(await self._rows(history, **{key: row["id"]}), key=lambda entry: entry["version"])
        told = sorted(await self._rows(outbox, aggregateid=code), key=lambda event: event["aggregateversion"])
        assert [event["aggregateversion"] for event in told] == list(range(1, row["version"] + 1))
        events = [decode(event["type"], json.dumps(event["payload"])) for event in told]
        known = {name: getattr(thing, name) for name in thing.__dataclass_fields__}
        assert {name: row[name] for name in known} == known, code
        check_history(entries, row, row["inspecting_unit" if is_whole else "responsible_unit"])
        folded = replayed(events)
        assert {name: row[name] for name in folded} == folded, (code, events)
        return entries[-1]

    async def _rows(self, table: Table, **where: object) -> list[Mapping[str, Any]]:
        query = select(table).filter_by(**where)
        async with self.api.here.engine.connect() as conn:
            return [dict(row) for row in (await conn.execute(query)).mappings()]


def replayed(events: Sequence[Any]) -> dict[str, Any]:
    """The fields of a row that its events carry. Raises `AssertionError` where one names what is hidden."""
    found: dict[str, Any] = {}
    always = ("code", "inspection", "conclusion", "issued_at", "due_on", "due_at", "reported_at", "done_at")
    units = ("inspecting_unit", "inspected_unit", "responsible_unit")
    for version, event in enumerate(events, 1):
        revealed = getattr(event, "revealed_at", None)
        if hasattr(event, "revealed_at") and revealed is None:
            hidden = (event.inspecting_unit, event.inspected_unit, event.unannounced, event.concluded_at)
            assert hidden == (None,) * 4, event
        else:
            names = (*units, "unannounced", "revealed_at", "concluded_at")
            found |= {name: getattr(event, name) for name in names if hasattr(event, name)}
        found |= {name: getattr(event, name) for name in always if hasattr(event, name)}
        found |= {"status": event.status.value, "version": version}
    return found
