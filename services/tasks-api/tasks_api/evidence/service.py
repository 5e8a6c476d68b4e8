"""Taking in what shows the product of a task, showing it, and taking it back.

A file is read before anything of it is stored. It is stored before the row that refers to it is written, and is on the
list of what is to be removed until then.
"""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from anyio import CapacityLimiter
from prometheus_client import Counter
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from uuid_utils.compat import uuid7

from cchc_shared.calendar.clock import Clock
from cchc_shared.files.forms import Given
from cchc_shared.files.images import Wanted
from cchc_shared.files.keeping import Keeping, Kept
from cchc_shared.files.objects import Objects
from cchc_shared.files.scanning import Scanner
from cchc_shared.http.access import Principal
from cchc_shared.http.idempotency import reply
from cchc_shared.http.problems import Problem, overloaded, too_large
from cchc_shared.service.workflow import NOT_PERMITTED
from cchc_shared.storage.idempotency import Reply, once
from tasks_api.city import City
from tasks_api.evidence import problems, repository
from tasks_api.evidence.domain import Evidence
from tasks_api.evidence.models import DISCARDED
from tasks_api.evidence.schemas import EvidenceIn, EvidenceList, EvidenceOut, LinkIn
from tasks_api.office.reader import cleaned
from tasks_api.tasks import access
from tasks_api.tasks.domain import Task
from tasks_api.tasks.rules import EvidenceRules
from tasks_api.tasks.work import read_task, task_at_work

TAKEN = Counter("cchc_evidence_total", "Files that were sent as evidence, by what became of them", ["outcome"])


@dataclass(frozen=True, slots=True)
class EvidenceOfTasks:
    """The use cases. All raise 404 for a task that the caller may not read.

    Who adds or takes back is staff of the unit that leads the task: 403 for others, 409 where it is reported or ended.
    """

    engine: AsyncEngine
    reading: AsyncEngine
    clock: Clock
    city: City
    rules: EvidenceRules
    objects: Objects
    scanner: Scanner | None
    places: CapacityLimiter

    async def may_add(self, code: str, caller: Principal) -> Task:
        """The task, if the caller may add to it: asked before a body is read."""
        async with self.reading.connect() as conn:
            return await task_at_work(conn, code, caller, lock=False)

    async def take(self, task: Task, form: EvidenceIn, given: Given, caller: Principal, *, key: str | None) -> Reply:
        """Keep the file; the same bytes again are the same evidence.

        Raises 413, 422 for what is not taken, and 503 where scanner or storage do not work: nothing is kept then.
        """
        if given.size > self.rules.most_bytes:
            raise too_large(self.rules.most_bytes)
        async with self.reading.connect() as conn:
            known = await repository.same(conn, task.id, given.sha256)
            if known is None:
                await self._check_room(conn, task, "file")
        kept = await self._keeping.keep(task.code, given) if known is None else None

        async def add(conn: AsyncConnection, task: Task) -> Evidence:
            found = await repository.same(conn, task.id, given.sha256)
            if found is not None:
                return found
            if kept is None or not await DISCARDED.keep(conn, kept.keys):
                raise overloaded()  # what was there a moment ago was taken back meanwhile
            return await self._add(conn, task, caller, "file", form.caption, given=given, kept=kept)

        request = "\n".join((task.code, given.sha256.hex(), form.caption or ""))
        answer = await self._once(task.code, caller, key, request, add)
        TAKEN.labels("taken").inc()
        return answer

    async def link(self, code: str, given: LinkIn, caller: Principal, *, key: str | None) -> Reply:
        """Keep where the product can be seen. Nothing is fetched."""

        async def add(conn: AsyncConnection, task: Task) -> Evidence:
            return await self._add(conn, task, caller, "url", given.caption, url=given.url)

        return await self._once(code, caller, key, "\n".join((code, given.url, given.caption or "")), add)

    async def shown(self, code: str, caller: Principal) -> EvidenceList:
        """All of a task, oldest first; of what was taken back, that it was."""
        async with self.reading.connect() as conn:
            task = await read_task(conn, code, caller)
            found = await repository.of_task(conn, task.id)
        return EvidenceList(items=[self._shown(each, task, caller) for each in found])

    async def find(self, code: str, evidence_id: UUID, caller: Principal) -> Evidence:
        """A file of it, to be read. Raises 404 for a link, and for what was taken back."""
        async with self.reading.connect() as conn:
            task = await read_task(conn, code, caller)
            found = await repository.find(conn, task.id, evidence_id)
        if found is None or found.key is None:
            raise problems.no_evidence()
        return found

    async def remove(self, code: str, evidence_id: UUID, caller: Principal) -> None:
        """Take it back: by who added it alone. The row stays as a trace."""
        now = self.clock.now()
        async with self.engine.begin() as conn:
            task = await task_at_work(conn, code, caller)
            found = await repository.find(conn, task.id, evidence_id)
            if found is None:
                raise problems.no_evidence()
            if found.added_by != caller.sub:
                raise Problem(NOT_PERMITTED, extra={"by": ["added_by"]})
            await repository.remove(conn, evidence_id, at=now, by=caller.sub)
            if found.key is not None:
                await DISCARDED.add(conn, [found.key], now)

    @property
    def _keeping(self) -> Keeping:
        """How a file comes into the storage."""
        rules = self.rules
        wanted = Wanted(rules.media_types, rules.most_pixels, None)
        read = partial(cleaned, most_unpacked=rules.most_unpacked_bytes)
        here = self.engine, self.clock, self.objects, self.scanner, self.places
        return Keeping(*here, DISCARDED, TAKEN, wanted, read)

    async def _once(
        self,
        code: str,
        caller: Principal,
        key: str | None,
        request: str,
        add: Callable[[AsyncConnection, Task], Awaitable[Evidence]],
    ) -> Reply:
        async def work(conn: AsyncConnection) -> Reply:
            task = await task_at_work(conn, code, caller)
            made = await add(conn, task)
            return reply(201, self._shown(made, task, caller), {"Location": f"/v1/tasks/{code}/evidence/{made.id}"})

        asked = hashlib.sha256(request.encode()).digest()
        return await once(self.engine, caller=caller.sub, key=key, digest=asked, work=work, about=code)

    async def _add(
        self,
        conn: AsyncConnection,
        task: Task,
        caller: Principal,
        field: str,
        caption: str | None,
        *,
        url: str | None = None,
        given: Given | None = None,
        kept: Kept | None = None,
    ) -> Evidence:
        last = await self._check_room(conn, task, field)
        made = Evidence(
            id=uuid7(),
            task_id=task.id,
            code=task.code,
            number=last + 1,
            caption=caption,
            url=url,
            media_type=kept and kept.cleaned.media_type,
            size=kept and kept.size,
            sha256=kept and kept.sha256,
            source_sha256=given and given.sha256,
            scanned=kept is not None and kept.scanned,
            unit=task.unit,
            added_at=self.clock.now(),
            added_by=caller.sub,
        )
        await repository.add(conn, made)
        return made

    async def _check_room(self, conn: AsyncConnection, task: Task, field: str) -> int:
        """The number of the last one. Raises 422 where the task has as many as it may have."""
        count, last = await repository.numbers(conn, task.id)
        if count >= self.rules.most:
            raise problems.too_many(field, self.rules.most)
        return last

    def _shown(self, found: Evidence, task: Task, caller: Principal) -> EvidenceOut:
        people = access.sees_people(caller, task, self.city)
        return EvidenceOut(
            id=found.id,
            name=found.name,
            caption=found.caption,
            url=found.url,
            media_type=found.media_type,
            bytes=found.size,
            sha256=found.sha256.hex() if found.sha256 else None,
            scanned=found.scanned,
            unit=found.unit,
            added_at=found.added_at,
            added_by=found.added_by if people else None,
            removed_at=found.removed_at,
            removed_by=found.removed_by if people else None,
        )
