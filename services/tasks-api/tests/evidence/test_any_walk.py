"""Whatever is done with the steps and the evidence of a task, in any order: against a model of plain lists."""

from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from cchc_shared.service.timers import TimerLoop
from tasks_api.evidence.timers import REMOVAL
from tasks_api.tasks.models import task_evidence, task_steps
from tests.support.http import Json
from tests.support.tasks import Api

from ..working import LEAD, done, seen, task_of
from .papers import PDF

FILES = [PDF, PDF.replace(b"1.4", b"1.5"), PDF.replace(b"1.4", b"1.6")]
ACTIONS = st.sampled_from(["step", "tick", "move", "drop", "file", "link", "take back", "report", "reject"])
WALKS = st.lists(st.tuples(ACTIONS, st.integers(0, 5)), min_size=5, max_size=30)


@dataclass
class Model:
    """What a reader must see. Steps are ids with whether they are done, in their order."""

    steps: list[tuple[int, bool]] = field(default_factory=list)
    evidence: dict[str, bytes | None] = field(default_factory=dict)
    resting: bool = False
    steps_ever: int = 0
    evidence_ever: int = 0


@dataclass
class Walk:
    """One task, and what is done with it."""

    api: Api
    task: Json
    model: Model = field(default_factory=Model)

    async def take(self, action: str, number: int) -> None:
        """Do it to the task and to the model; a task at rest refuses, and the model stays."""
        if action in {"report", "reject"}:
            await self._decide(action)
            return
        ways = {
            "step": self._add_step,
            "tick": self._tick,
            "move": self._move,
            "drop": self._drop,
            "file": self._add_file,
            "link": self._link,
            "take back": self._take_back,
        }
        await ways[action](number)

    async def _decide(self, action: str) -> None:
        if (action == "report") != self.model.resting:
            who = self.api.officer(LEAD) if action == "report" else self.api.head(LEAD)
            await done(self.api, self.task, action, who, reason="x")
            self.model.resting = not self.model.resting

    async def _send(self, method: str, path: str, **more: object) -> Json | None:
        """The answer; None from a task at rest."""
        whole = f"/v1/tasks/{self.task['code']}/{path}"
        answer = await self.api.send(method, whole, self.api.officer(LEAD), **more)  # type: ignore[arg-type]
        if self.model.resting:
            assert (answer.status_code, answer.json()["code"]) == (409, "task-reported"), answer.text
            return None
        assert answer.status_code in {200, 201, 204}, answer.text
        return dict(answer.json()) if answer.content else {}

    async def _add_step(self, number: int) -> None:
        body = {"text": f"Bước {number}", "position": number + 1}
        if made := await self._send("POST", "steps", json=body):
            self.model.steps.insert(number, (made["id"], False))
            self.model.steps_ever += 1

    async def _change(self, id_: int, **body: object) -> bool:
        step = next(each for each in (await seen(self.api, self.task))["steps"] if each["id"] == id_)
        headers = {"If-Match": f'"{step["version"]}"'}
        return await self._send("PATCH", f"steps/{id_}", json=body, headers=headers) is not None

    async def _tick(self, number: int) -> None:
        if number < len(self.model.steps):
            id_, was = self.model.steps[number]
            if await self._change(id_, done=not was):
                self.model.steps[number] = (id_, not was)

    async def _move(self, number: int) -> None:
        if self.model.steps:
            step = self.model.steps[-1]
            if await self._change(step[0], position=number + 1):
                self.model.steps.remove(step)
                self.model.steps.insert(number, step)

    async def _drop(self, number: int) -> None:
        if number < len(self.model.steps):
            id_, _ = self.model.steps[number]
            if await self._send("DELETE", f"steps/{id_}", headers={"If-Match": "*"}) is not None:
                del self.model.steps[number]

    async def _add_file(self, number: int) -> None:
        content = FILES[number % len(FILES)]
        known = content in self.model.evidence.values()
        made = await self._send("POST", "evidence", files={"file": ("x", content)})
        if made is not None:
            assert (made["id"] in self.model.evidence) == known, "the same bytes are the same evidence"
            self.model.evidence[made["id"]] = content
            self.model.evidence_ever += not known

    async def _link(self, _: int) -> None:
        if made := await self._send("POST", "evidence/links", json={"url": f"https://a.vn/{uuid4()}"}):
            self.model.evidence[made["id"]] = None
            self.model.evidence_ever += 1

    async def _take_back(self, number: int) -> None:
        if number < len(self.model.evidence):
            which = sorted(self.model.evidence)[number]
            if await self._send("DELETE", f"evidence/{which}") is not None:
                del self.model.evidence[which]

    async def check(self) -> None:
        """What is seen is what the model says."""
        task = await seen(self.api, self.task)
        assert [(step["id"], step["done"]) for step in task["steps"]] == self.model.steps
        assert [step["position"] for step in task["steps"]] == list(range(1, len(self.model.steps) + 1))
        assert task["evidence"] == len(self.model.evidence)
        listed = (await self.api.get(f"/v1/tasks/{self.task['code']}/evidence", self.api.officer(LEAD))).json()["items"]
        assert {each["id"] for each in listed if each["removed_at"] is None} == set(self.model.evidence)
        assert [each["number"] for each in await self.rows()] == list(range(1, self.model.evidence_ever + 1))

    async def rows(self) -> list[Json]:
        """Everything that ever was evidence of this task."""
        query = select(task_evidence).where(task_evidence.c.code == self.task["code"])
        async with self.api.here.engine.connect() as conn:
            return [dict(row) for row in (await conn.execute(query.order_by(task_evidence.c.number))).mappings()]

    async def steps_kept(self) -> int:
        query = select(task_steps.c.id).where(task_steps.c.task_id.in_([row["task_id"] for row in await self.rows()]))
        async with self.api.here.engine.connect() as conn:
            return len((await conn.execute(query)).all())


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(walk=WALKS)
async def test_any_walk_is_what_the_model_says(city: Api, stored: Path, walk: list[tuple[str, int]]) -> None:
    here = Walk(city, await task_of(city))
    await done(city, here.task, "start", city.officer(LEAD))
    for action, number in walk:
        await here.take(action, number)
        await here.check()
    loop = TimerLoop(city.here, [], [REMOVAL], [])
    while await loop.round():
        pass
    folder = stored / str(here.task["code"])
    kept = sorted(file.read_bytes() for file in folder.iterdir()) if folder.is_dir() else []
    assert kept == sorted(each for each in here.model.evidence.values() if each is not None), (
        "no byte too many or too few"
    )
    if here.model.evidence_ever:
        assert await here.steps_kept() == here.model.steps_ever, "what was removed leaves a trace"
    for which, content in here.model.evidence.items():
        answer = await city.get(f"/v1/tasks/{here.task['code']}/evidence/{which}", city.coordinator)
        assert answer.status_code == (404 if content is None else 200)
        assert content is None or answer.content == content
