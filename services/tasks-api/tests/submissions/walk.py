"""Questions and papers of one task beside those of the model: each request is judged by it, and what is written down
compared."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import httpx
from sqlalchemy import Table, select, text

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.contract.events.registry import decode
from cchc_shared.service.timers import TimerLoop
from tasks_api.consultations.models import consultation_history, consultation_notices, consultations
from tasks_api.consultations.timers import LAPSING
from tasks_api.metadata import outbox
from tasks_api.submissions.models import submission_history, submissions
from tests.support.http import Headers, Json
from tests.support.tasks import Api

from ..any_order import check_history
from .model import CALLERS, CONTENTS, HANOI, LEAD, Answered, Papers, Question

_EVERYTHING: Final = text(
    """SELECT (SELECT md5(string_agg(c::text, '|' ORDER BY id)) FROM consultations c),
              (SELECT md5(string_agg(s::text, '|' ORDER BY id)) FROM submissions s),
              (SELECT count(*) FROM consultation_history), (SELECT count(*) FROM submission_history),
              (SELECT count(*) FROM consultation_notices), (SELECT count(*) FROM outbox),
              (SELECT count(*) FROM idempotency)"""
)
"""What a refused request could have changed."""


@dataclass
class Walk:
    """One task. A question is kept as it is written down; papers as they stand."""

    api: Api
    clock: FixedClock
    calendar: WorkingCalendar
    task: str = ""
    asked: dict[str, Question] = field(default_factory=dict)
    papers: dict[str, Papers] = field(default_factory=dict)

    def headers(self, who: str) -> Headers:
        caller = CALLERS[who]
        return self.api.token(*caller.roles, unit=caller.unit, sub=caller.name)

    @property
    def today(self) -> date:
        return self.clock.now().astimezone(HANOI).date()

    async def begin(self) -> None:
        self.asked.clear()
        self.papers.clear()
        body = {"title": "Đề án", "lead_unit": LEAD, "due_on": "2024-12-31"}
        answer = await self.api.send("POST", "/v1/tasks", self.headers("coordinator"), json=body)
        assert answer.status_code == 201, answer.text
        self.task = answer.json()["code"]

    async def ask(self, unit: str, kind: str, days: int) -> None:
        body = {
            "unit": unit, "kind": kind, "working_days": days, "question": "Ý kiến?", "relevance": "Thẩm định",
            "main_contents": CONTENTS,
        }  # fmt: skip
        path = f"/v1/tasks/{self.task}/consultations"
        answer = await self.api.send("POST", path, self.headers(f"officer of {LEAD}"), json=body)
        assert answer.status_code == 201, answer.text
        now = self.clock.now()
        code = answer.json()["id"]
        self.asked[code] = Question(unit, kind, now, self.calendar.add_working_days(now, days))
        await self.compare(code)

    async def draft(self, to_unit: str, questions: Sequence[str]) -> None:
        body = {"to_unit": to_unit, "subject": "Trình ban hành", "consultations": list(questions)}
        path = f"/v1/tasks/{self.task}/submissions"
        answer = await self.api.send("POST", path, self.headers(f"officer of {LEAD}"), json=body)
        assert answer.status_code == 201, answer.text
        code = answer.json()["id"]
        self.papers[code] = Papers(to_unit, tuple(questions))
        await self.compare(code)

    def refusal(self, code: str, action: str, who: str, body: Json, *, unseen: bool) -> str:
        """How the model refuses it; empty where it does not. `unseen`: the caller saw an earlier version."""
        now, caller = self.clock.now(), CALLERS[who]
        if code in self.papers:
            found = self.papers[code].refusal(action, caller, body, now, self.asked)
        else:
            found = self.asked[code].at(now).refusal(action, caller, body, now)
        return "412 stale-version" if unseen and found[4:] not in {"forbidden", "not-found"} else found

    async def act(self, code: str, action: str, who: str, body: Json, *, unseen: bool = False) -> None:
        """Somebody asks for it. What the model refuses changes nothing; what it allows changes what it says."""
        now, before = self.clock.now(), self._stand(code)
        refusal = self.refusal(code, action, who, body, unseen=unseen)
        all_before = await self.everything() if refusal else None
        answer = await self._send(code, action, who, body, before.version - unseen)
        about = (action, who, before, body, answer.text)
        if refusal:
            self._check_refusal(code, who, refusal, answer, about)
            assert await self.everything() == all_before, ("something refused was done", *about)
            return
        assert answer.status_code == 200, about
        if code in self.papers:
            self.papers[code] = self.papers[code].after(action, body, now)
        else:  # the deadline that passed is written down with it
            self.asked[code] = self.asked[code].at(now).after(action, body, now)
        after = self._stand(code)
        assert answer.headers["etag"] == f'"{after.version}"', about
        assert set(answer.json()["possible"]) == after.possible(CALLERS[who]), about
        last = await self.compare(code)
        role = next(each for each in ("unit_head", "officer", "coordinator") if each in CALLERS[who].roles)
        assert (last["action"], last["actor"], last["role"], last["at"]) == (action, who, role, now), about

    def _check_refusal(self, code: str, who: str, refusal: str, answer: httpx.Response, about: object) -> None:
        status, problem = refusal.split(" ")
        assert answer.status_code == int(status), (refusal, about)
        told = answer.json()
        if problem not in {"invalid", "stale-version"}:
            assert told["code"] == problem, (refusal, about)
        stand = self._stand(code)
        if problem == "wrong-state":
            assert (told["state"], set(told["possible"])) == (stand.status, stand.possible(CALLERS[who])), about
        if problem == "submission-not-ready":
            papers = self.papers[code]
            differing = {each["consultation"]: tuple(each["contents"]) for each in told["disagreements"]}
            assert sorted(told["open"]) == sorted(papers.waiting(self.asked, self.clock.now())), about
            assert differing == papers.differing(self.asked), about

    async def work(self) -> None:
        """The worker writes down which deadlines passed."""
        loop = TimerLoop(self.api.here, [], [LAPSING], [])
        while await loop.round():
            pass
        for code, question in self.asked.items():
            self.asked[code] = question.at(self.clock.now())

    async def read(self, code: str, who: str) -> None:
        """Whoever may read it sees how it stands now, whether or not that is written down."""
        caller, stand = CALLERS[who], self._stand(code)
        answer = await self.api.get(_path(code), self.headers(who))
        if not caller.staff and not caller.oversees:
            assert answer.status_code == 403, (who, answer.text)
        elif not stand.readable(caller):
            assert answer.status_code == 404, (who, answer.text)
        else:
            shown = answer.json()
            assert (shown["status"], shown["version"]) == (stand.status, stand.version), (who, stand)
            assert set(shown["possible"]) == stand.possible(caller), (who, stand)

    async def everything(self) -> tuple[Any, ...]:
        async with self.api.here.engine.connect() as conn:
            return tuple((await conn.execute(_EVERYTHING)).one())

    async def compare(self, code: str) -> Mapping[str, Any]:
        """The row with what its history and its events say; returns the last entry of the history."""
        of_papers = code in self.papers
        table, history = (submissions, submission_history) if of_papers else (consultations, consultation_history)
        [row] = await self._rows(table, code=code)
        key = "submission_id" if of_papers else "consultation_id"
        entries = sorted(await self._rows(history, **{key: row["id"]}), key=lambda entry: entry["version"])
        told = sorted(await self._rows(outbox, aggregateid=code), key=lambda event: event["aggregateversion"])
        assert [event["aggregateversion"] for event in told] == list(range(1, row["version"] + 1))
        events = [decode(event["type"], json.dumps(event["payload"])) for event in told]
        flat, folded = _flat(row), replayed(events)
        known = _row_of_papers(self.papers[code]) if of_papers else _row_of_question(self.asked[code])
        assert {name: flat[name] for name in known} == known, code
        assert {name: flat[name] for name in folded} == folded, (code, events)
        check_history(entries, row, row["unit"])
        if not of_papers:
            notices = await self._rows(consultation_notices, consultation_id=row["id"])
            agreed = row["status"] == "deemed_agreed"
            assert [each["issued_at"] for each in notices] == ([row["due_at"]] if agreed else []), code
        return entries[-1]

    def _stand(self, code: str) -> Question | Papers:
        return self.papers[code] if code in self.papers else self.asked[code].at(self.clock.now())

    async def _send(self, code: str, action: str, who: str, body: Json, version: int) -> httpx.Response:
        headers = {"If-Match": f'"{version}"'}
        return await self.api.send(
            "POST", f"{_path(code)}/actions/{action}", self.headers(who), json=body, headers=headers
        )

    async def _rows(self, table: Table, **where: object) -> list[Mapping[str, Any]]:
        query = select(table).filter_by(**where)
        async with self.api.here.engine.connect() as conn:
            return [dict(row) for row in (await conn.execute(query)).mappings()]


def _path(code: str) -> str:
    return f"/v1/{'consultations' if code.startswith('LYK') else 'submissions'}/{code}"


def _opinion(answer: Answered | None) -> str | None:
    return None if answer is None else answer.opinion


def _row_of_question(question: Question) -> dict[str, Any]:
    return {
        "status": question.status,
        "version": question.version,
        "unit": question.unit,
        "kind": question.kind,
        "due_at": question.due_at,
        "opinion": _opinion(question.answer),
        "answered_at": question.answer and question.answer.at,
        "late_opinion": _opinion(question.late),
        "late_answered_at": question.late and question.late.at,
        "return_reason": question.reason,
        "ended_at": question.ended_at,
    }


def _row_of_papers(papers: Papers) -> dict[str, Any]:
    return {
        "status": papers.status,
        "version": papers.version,
        "unit": LEAD,
        "to_unit": papers.to_unit,
        "consultations": list(papers.questions),
        "meetings": list(papers.meetings),
        "sent_at": papers.sent_at,
        "return_reason": papers.reason,
    }


def _flat(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row, with what events carry of its answers and meetings beside it."""
    if "meetings" in row:
        meetings = [(date.fromisoformat(each["on"]), tuple(each["participants"])) for each in row["meetings"]]
        return {**row, "meetings": meetings, "participants": [units for _, units in meetings]}
    answer, late = row["answer"], row["late_answer"]
    answered_at = row["ended_at"] if answer else None
    return {
        **row,
        "opinion": answer and answer["opinion"],
        "answered_at": answered_at,
        "late_opinion": late and late["opinion"],
    }


def replayed(events: Sequence[Any]) -> dict[str, Any]:
    """The fields of a row that its events carry, or that follow from their order."""
    found: dict[str, Any] = {}
    met: list[tuple[str, ...]] = []
    for version, event in enumerate(events, 1):
        names = {"code", "task", "unit", "asker", "kind", "to_unit", "asked_at", "due_at", "answered_at", "opinion"}
        names |= {"late_answered_at", "late_opinion"}
        found |= {name: getattr(event, name) for name in names if hasattr(event, name)}
        found |= {"status": event.status.value, "version": version}
        if hasattr(event, "reason"):
            found["return_reason"] = event.reason
        elif event.status == "sent":
            found["return_reason"] = None
        if hasattr(event, "participants"):
            met.append(event.participants)
    if "to_unit" in found:
        found["participants"] = met
    return found
