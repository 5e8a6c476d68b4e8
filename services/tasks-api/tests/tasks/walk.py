"""Tasks of the service beside those of the model: each request is judged by the model, and what it changed compared."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, Final, cast

import httpx
from sqlalchemy import select, text

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.contract.events.registry import decode
from cchc_shared.contract.events.task import TaskState
from tasks_api.metadata import outbox
from tasks_api.tasks.models import task_history, tasks
from tests.support.http import Headers, Json
from tests.support.tasks import Api

from .model import ACTIONS, CALLERS, HANOI, HELPER, LEAD, OTHER, Caller, Family, Stand, end_of
from .replay import check_history, replayed

ROLL_UP: Final = "roll_up"
_EVERYTHING: Final = text(
    """SELECT (SELECT md5(string_agg(t::text, '|' ORDER BY id)) FROM tasks t WHERE code = ANY(:codes)),
              (SELECT md5(string_agg(p::text, '|' ORDER BY unit, task_id)) FROM task_parties p
               WHERE task_id IN (SELECT id FROM tasks WHERE code = ANY(:codes))),
              (SELECT count(*) FROM tasks), (SELECT count(*) FROM task_history), (SELECT count(*) FROM outbox),
              (SELECT count(*) FROM idempotency)"""
)
"""What a refused request could have changed."""


@dataclass
class Walk:
    """A family of tasks, by code; the model's stands are moved with the service's."""

    api: Api
    clock: FixedClock
    calendar: WorkingCalendar
    stands: dict[str, Stand] = field(default_factory=dict)

    def headers(self, caller: Caller) -> Headers:
        return self.api.token(*caller.roles, unit=caller.unit, sub=caller.name) if caller.roles else {}

    @property
    def today(self) -> date:
        return self.clock.now().astimezone(HANOI).date()

    async def assign(self, who: str = "coordinator", *, days: int | None = 7, parent: str | None = None,
                     lead: str = LEAD, helpers: Sequence[str] = (HELPER,)) -> str:  # fmt: skip
        """A new task, due in so many days; of a group, with its children."""
        due_on = None if days is None else str(self.today + timedelta(days=days))
        body = {"title": "Báo cáo", "lead_unit": lead, "coordinating_units": list(helpers), "due_on": due_on}
        answer = await self.api.send("POST", "/v1/tasks", self.headers(CALLERS[who]), json=body | {"parent": parent})
        assert answer.status_code == 201, answer.text
        shown = answer.json()
        stand = Stand(
            lead=shown["lead_unit"], assigning=shown["assigning_unit"], helpers=tuple(helpers), parent=parent,
            of_many=shown["fanned_out"], due_on=date.fromisoformat(due_on) if due_on else None,
        )  # fmt: skip
        for code in shown["children"]:
            unit = code.removeprefix(f"{shown['code']}.")
            others = tuple(each for each in helpers if each != unit)
            self.stands[code] = replace(
                stand, lead=unit, helpers=others, parent=shown["code"], of_many=False, related=frozenset({stand.lead})
            )
        leads = frozenset(self.stands[code].lead for code in shown["children"])
        if parent is not None:
            above = self.stands[parent]
            self.stands[parent] = replace(above, related=above.related | {stand.lead})
            leads |= {above.lead}
        self.stands[shown["code"]] = replace(stand, related=leads)
        return str(shown["code"])

    def children(self, code: str) -> list[str]:
        return [each for each, stand in self.stands.items() if stand.parent == code]

    def family(self, code: str) -> Family:
        parent = self.stands[code].parent
        still_open = [self.stands[each] for each in self.children(code) if not self.stands[each].ended]
        days = [each.due_on for each in still_open if each.due_on]
        return Family(self.stands[parent].due_on if parent else None, bool(still_open), max(days, default=None))

    def body(self, action: str, code: str, days: int = 5) -> dict[str, Any]:
        """What is given with an action, right as far as it can be."""
        stand, body = self.stands[code], dict(ACTIONS[action].body)
        match action:
            case "confirm_trigger":
                body["happened_on"] = str(self.today)
            case "request_extension" | "set_deadline":
                body["due_on"] = str((stand.due_on or self.today) + timedelta(days=days))
            case "grant_extension" if stand.of_many:
                body["due_on"] = str((stand.due_on or self.today) + timedelta(days=days))
            case "transfer":
                body["unit"] = OTHER if stand.lead != OTHER else LEAD
            case "assign_officer":
                body["officer"] = f"officer of {stand.lead}" if stand.officer is None else None
            case "mark_unjustified":
                handover = stand.handovers[-1] if stand.handovers else 2
                body |= {"handover": handover, "unjustified": handover not in stand.judged}
        return body

    def expected(self, code: str, action: str, who: str, body: Mapping[str, Any]) -> str:
        """The answer, by the model."""
        return self.stands[code].answer(action, CALLERS[who], body, self.clock.now(), self.family(code))

    async def send(
        self, code: str, action: str, who: str, body: Mapping[str, Any], version: int | None = None
    ) -> httpx.Response:
        seen = {"code": code, "version": self.stands[code].version if version is None else version}
        return await self.api.act(seen, action, self.headers(CALLERS[who]), **body)

    async def send_many(
        self, action: str, who: str, bodies: Mapping[str, Mapping[str, Any]], *, ahead: int = 0
    ) -> list[Json]:
        """What is answered for each task, in this order: the action is asked for of all of them in one request, on a
        version so far ahead of theirs."""
        items = [{**body, "code": code, "version": self.stands[code].version + ahead} for code, body in bodies.items()]
        headers = self.headers(CALLERS[who])
        answer = await self.api.send("POST", f"/v1/tasks/actions/{action}", headers, json={"items": items})
        assert answer.status_code == 200, answer.text
        return [dict(each) for each in answer.json()["results"]]

    def judge(self, code: str, action: str, who: str, expected: str, status: int, told: Json) -> None:
        """A refusal is the one that the model knows, and says what it is for."""
        stand = self.stands[code]
        about = (action, who, stand, told)
        number, _, problem = expected.partition(" ")
        assert status == int(number), (expected, *about)
        if problem in {"wrong-state", "not-permitted", "same-person", "children-open", "forbidden"}:
            assert told["code"] == problem, about
        if problem == "wrong-state":
            possible = stand.possible(CALLERS[who])
            assert (told["state"], set(told["possible"]) & ACTIONS.keys()) == (stand.status, possible), about

    async def go(self, code: str, action: str, who: str) -> None:
        """The same as `take` for a way that was looked at before: only its end is still compared."""
        body = self.body(action, code)
        answer = await self.send(code, action, who, body)
        assert answer.status_code == 200, (action, who, self.stands[code], answer.text)
        self.move(code, action, CALLERS[who], body)

    async def take(self, code: str, action: str, who: str, *others: str, **given: object) -> None:
        """An action that leads on, asked for by all of these at the same moment; and all is then as the model says."""
        body = self.body(action, code) | given
        everyone = (who, *others)
        assert {self.expected(code, action, each, body) for each in everyone} == {"200"}, (action, self.stands[code])
        asked = await asyncio.gather(*(self.send(code, action, each, body) for each in everyone))
        status = [answer.status_code for answer in asked]
        assert sorted(status) == [200] + [412] * len(others), (action, everyone, [answer.text for answer in asked])
        actor = CALLERS[everyone[status.index(200)]]
        answer = asked[status.index(200)]
        before = self.stands[code]
        self.move(code, action, actor, body)
        assert answer.headers["etag"] == f'"{self.stands[code].version}"'
        assert set(answer.json()["possible"]) & ACTIONS.keys() == self.stands[code].possible(actor)
        await self.compare(code, action, before.role_in(action, actor), actor.name)

    def move(self, code: str, action: str, actor: Caller, body: Mapping[str, Any]) -> None:
        """The model takes the step that the service took, with all that follows of it."""
        now, before = self.clock.now(), self.stands[code]
        after = self.stands[code] = before.after(action, actor, body, now, self.calendar)
        if action in {"grant_extension", "set_deadline"} or (action == "close" and before.of_many):
            for child in self.below(code):
                self._follow(child, action, before, after)
        if action == "urge" and before.of_many:
            for child in self.below(code):
                self._urge_too(child, before.urged_by(actor))
        if after.parent is not None:
            above = self.stands[after.parent]
            self.stands[after.parent] = replace(above, related=above.related | {after.lead})
            self._roll_up(after.parent)

    def below(self, code: str) -> list[str]:
        """The open tasks under it, the lowest first."""
        found = [each for child in self.children(code) for each in (*self.below(child), child)]
        return [each for each in found if not self.stands[each].ended]

    def _follow(self, child: str, action: str, before: Stand, after: Stand) -> None:
        stand = self.stands[child]
        then = replace(stand, version=stand.version + 1, requested=None)
        if action == "close":
            self.stands[child] = replace(then, stage="closed")
        elif action == "set_deadline" and stand.due_on is None:
            self.stands[child] = replace(stand, version=stand.version + 1, due_on=after.due_on)
        elif stand.due_on == before.due_on and after.due_on is not None:
            stage = "in_progress" if stand.stage == "extension_requested" else stand.stage
            self.stands[child] = replace(then, stage=stage).extended(after.due_on, self.clock.now())

    def _urge_too(self, child: str, by_unit: str) -> None:
        stand = self.stands[child]
        if stand.way("urge") and (by_unit, self.today) not in stand.urged:
            urged = (*stand.urged, (by_unit, self.today))
            self.stands[child] = replace(stand, urged=urged, version=stand.version + 1)

    def _roll_up(self, code: str) -> None:
        """What was given to many units is under way once one of them is, and over when all are."""
        stand = self.stands[code]
        if not stand.of_many or stand.ended:
            return
        children = [self.stands[each] for each in self.children(code)]
        done = [each.completed_at for each in children if each.completed_at is not None]
        if all(each.ended for each in children):
            stage = "completed" if done else "closed"
        else:
            stage = "not_started" if all(each.stage == "not_started" for each in children) else "in_progress"
        if stage in {stand.stage, "not_started"}:
            return
        at = max(done) if stage == "completed" else None
        self.stands[code] = replace(stand, stage=stage, completed_at=at, version=stand.version + 1)
        if stand.parent is not None:
            self._roll_up(stand.parent)

    async def everything(self) -> tuple[Any, ...]:
        async with self.api.here.engine.connect() as conn:
            return tuple((await conn.execute(_EVERYTHING, {"codes": list(self.stands)})).one())

    async def compare(self, code: str, action: str, role: str, actor: str) -> None:
        """The row, what its history says, its event, and those of the tasks around it."""
        async with self.api.here.engine.connect() as conn:
            rows = await conn.execute(select(tasks).where(tasks.c.code.in_(self.stands)))
            found = {row["code"]: dict(row) for row in rows.mappings()}
            ids = {row["id"]: each for each, row in found.items()}
            query = select(task_history).where(task_history.c.task_id.in_(ids)).order_by(task_history.c.version)
            entries: dict[str, list[Mapping[str, Any]]] = {each: [] for each in self.stands}
            for entry in (await conn.execute(query)).mappings():
                entries[ids[entry["task_id"]]].append(dict(entry))
            told = select(outbox.c.aggregateid, outbox.c.type, outbox.c.payload).order_by(outbox.c.aggregateversion)
            told = told.where(outbox.c.aggregateid.in_(self.stands))
            events: dict[str, list[TaskState]] = {each: [] for each in self.stands}
            for subject, type_, payload in await conn.execute(told):
                events[subject].append(cast(TaskState, decode(type_, json.dumps(payload))))
        last = entries[code][-1]
        assert (last["action"], last["role"], last["actor"]) == (action, role, actor)
        endorsed = action == "approve" and self.stands[code].stage == "endorsed"
        event = "report_endorsed" if endorsed else ACTIONS[action].event
        assert events[code][-1].TYPE.split(".")[-2] == event
        for each, stand in self.stands.items():
            row, known = found[each], as_row(stand)
            assert {name: row[name] for name in known} == known, (action, each)
            told_again = replayed(events[each])
            assert {name: row[name] for name in told_again} == told_again, (action, each)
            check_history(entries[each], row)


def as_row(stand: Stand) -> dict[str, Any]:
    """The columns of the task that the model knows."""
    return {
        "status": stand.status,
        "version": stand.version,
        "lead_unit": stand.lead,
        "former_leads": list(stand.former),
        "coordinating_units": list(stand.helpers),
        "approvals": 1 if stand.stage == "endorsed" else 0,
        "due_on": stand.due_on,
        "due_at": None if stand.due_on is None else end_of(stand.due_on),
        "late_from": stand.late_from,
        "reported_at": stand.reported_at,
        "reported_by": stand.reported_by,
        "endorsed_by": stand.endorsed_by,
        "completed_at": stand.completed_at,
        "requested_due_on": stand.requested,
        "extensions": stand.extensions,
        "handovers": len(stand.handovers),
        "unjustified": list(stand.judged),
        "officer": stand.officer,
        "urgings": len(stand.urged),
    }
