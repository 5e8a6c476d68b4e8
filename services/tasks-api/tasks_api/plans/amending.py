"""Changes a plan's tasks as its revised document says, or ends them with the plan. Work under way is left alone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.contract.codes import TaskStatus
from cchc_shared.contract.transitions import Change, Step
from cchc_shared.service.workflow import Workflow, entry_of
from tasks_api.plans.domain import Difference, PlanRow, RowChange, RowState
from tasks_api.plans.revision import Pair
from tasks_api.tasks import effects
from tasks_api.tasks import repository as tasks
from tasks_api.tasks.assignment import Occasion, assign, reschedule
from tasks_api.tasks.domain import Receiving, Task, TaskDraft
from tasks_api.tasks.notifications import REVISE
from tasks_api.tasks.transitions import TaskAction
from tasks_api.units.domain import UnitIndex


@dataclass
class Amended:
    """What a revision made of the plan's rows: codes of tasks by line and part, and what differs."""

    rows: list[PlanRow] = field(default_factory=list)
    codes: dict[tuple[int, int], str] = field(default_factory=dict)
    changes: list[RowChange] = field(default_factory=list)


@dataclass(frozen=True)
class Amending:
    calendar: WorkingCalendar
    receiving: Receiving
    workflow: Workflow[Task, Task]

    async def apply(
        self,
        conn: AsyncConnection,
        pairs: Sequence[Pair],
        unit_index: UnitIndex,
        occasion: Occasion,
        *,
        dry_run: bool,
    ) -> Amended:
        """Carry out what differs between two versions of a plan. A dry run only says what would be."""
        revision = _Revision(conn, self, unit_index, occasion, dry_run=dry_run)
        for pair in pairs:
            await revision.take(pair)
        return revision.amended

    async def close(self, conn: AsyncConnection, task: Task, occasion: Occasion, note: str) -> None:
        """End a task that nobody has begun, with its children."""
        step = Step(task, replace(task, status=TaskStatus.CLOSED, version=task.version + 1), occasion.at)
        await self.record(conn, task, effects.close(step)._replace(note=note), TaskAction.CLOSE, occasion)

    async def record(
        self, conn: AsyncConnection, task: Task, change: Change[Task], action: str, occasion: Occasion
    ) -> None:
        """State, history and event of one change."""
        entry = entry_of(
            task,
            change,
            action=action,
            at=occasion.at,
            recorded_at=occasion.recorded_at,
            actor=occasion.actor,
            role=occasion.role,
        )
        await self.workflow.record(conn, task, change, entry)


def is_untouched(task: Task) -> bool:
    """Whether nothing was done about the task since it was assigned."""
    return task.status is TaskStatus.NOT_STARTED and not task.former_leads


@dataclass
class _Revision:
    conn: AsyncConnection
    amending: Amending
    unit_index: UnitIndex
    occasion: Occasion
    dry_run: bool
    amended: Amended = field(default_factory=Amended)

    async def take(self, pair: Pair) -> None:
        before, after, fields = pair
        if after is None:
            if before and before.tasks:
                kept = await self._end(await self._tasks(before.tasks))
                self._say(Difference.REMOVED, before, tasks=before.tasks, kept=kept)
            return
        row = after.row
        if before is None:
            codes = await self._assign(after.drafts)
            self._keep(row, codes, after.drafts)
            self._say(Difference.ADDED, row, tasks=codes)
        elif not fields and not after.drafts:
            self._keep(row, row.tasks)
        elif not after.drafts:
            # It is doubtful now: what it was before stays, with the doubts.
            self._keep(replace(row, state=before.state, tasks=before.tasks), before.tasks)
            if fields:
                self._say(Difference.CHANGED, row, fields, before.tasks, before.tasks)
        else:
            codes, kept = await self._change(before, row, after.drafts)
            self._keep(row, codes, after.drafts)
            self._say(Difference.CHANGED, row, fields, codes, kept)

    async def _change(
        self, before: PlanRow, row: PlanRow, drafts: Sequence[TaskDraft]
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Codes of the row's tasks by now, and of those left as they are because work on them has begun."""
        standing = await self._tasks(before.tasks)
        leads = {task.lead_unit: task for task in standing}
        unled = [task for task in standing if task.lead_unit not in {draft.lead_unit for draft in drafts}]
        codes: list[str] = []
        kept: list[str] = []
        parts = await tasks.parts_of(self.conn, self.occasion.plan or "", row.number)
        for draft in drafts:
            task = leads.get(draft.lead_unit)
            if task is None and unled and not draft.fan_out and not unled[0].fanned_out:
                task = unled.pop(0)
            if task is None:
                parts += 1
                codes += await self._assign([replace(draft, part=parts)])
                continue
            codes.append(task.code)
            if not is_untouched(task):
                kept.append(task.code)
            elif not self.dry_run:
                await self._revise(task, draft)
        kept += await self._end(unled)
        return tuple(codes), tuple(kept)

    async def _revise(self, task: Task, draft: TaskDraft) -> None:
        calendar, at = self.amending.calendar, self.occasion.at
        if task.lead_unit != draft.lead_unit:
            step = Step(task, replace(task, version=task.version + 1), at)
            moved = effects.transfer(step, draft.lead_unit, self.amending.receiving, by_office=True)
            await self.amending.record(self.conn, task, moved, TaskAction.TRANSFER, self.occasion)
            task = moved.after
        below = await tasks.lock_open_below(self.conn, task.code)
        recurring = {each.code for each in (task, *below) if each.has_occurrences}
        for each in (task, *below):
            # An occurrence keeps its day: what comes after it follows the new wording.
            said = replace(draft, due_on=each.due_on, due_text=each.due_text, schedule=None)
            own = said if each.parent in recurring else draft
            change = effects.revise(Step(each, replace(each, version=each.version + 1), at), own, calendar)
            if not change.details["fields"]:
                continue
            await self.amending.record(self.conn, each, change, REVISE, self.occasion)
            if change.after.schedule != each.schedule:
                await reschedule(self.conn, change.after, at, calendar)
            helpers = self.unit_index.expand(change.after.coordinating_units)
            await tasks.set_coordinating(self.conn, each.id, helpers)

    async def _assign(self, drafts: Sequence[TaskDraft]) -> tuple[str, ...]:
        if self.dry_run or not drafts:
            return ()
        made = await assign(self.conn, drafts, self.unit_index, self.occasion, self.amending.calendar)
        return tuple(task.code for task in made)

    async def _end(self, standing: Iterable[Task]) -> tuple[str, ...]:
        """Close what nobody has begun; codes of the others."""
        kept = []
        for task in standing:
            if task.ended:
                continue
            if not is_untouched(task):
                kept.append(task.code)
            elif not self.dry_run:
                await self.amending.close(self.conn, task, self.occasion, "Văn bản sửa đổi không còn nhiệm vụ này")
        return tuple(kept)

    async def _tasks(self, codes: Iterable[str]) -> list[Task]:
        """The tasks, locked after what stands below them, as their own actions lock them."""
        found = []
        for code in codes:
            await tasks.lock_open_below(self.conn, code)
            if task := await tasks.get(self.conn, code, lock=True):
                found.append(task)
        return found

    def _keep(self, row: PlanRow, codes: Sequence[str], drafts: Sequence[TaskDraft] = ()) -> None:
        if drafts and not self.dry_run:  # then each task that is meant has its code
            self.amended.codes |= {(row.line, draft.part): code for draft, code in zip(drafts, codes, strict=True)}
        state = row.state if codes or row.state is not RowState.ASSIGNED else RowState.PARKED
        self.amended.rows.append(replace(row, tasks=tuple(codes), state=state))

    def _say(
        self,
        difference: Difference,
        row: PlanRow,
        fields: tuple[str, ...] = (),
        tasks: Sequence[str] = (),
        kept: Sequence[str] = (),
    ) -> None:
        self.amended.changes.append(
            RowChange(
                difference=difference,
                line=row.line,
                written_number=row.written_number,
                title=row.title[:200],
                fields=fields,
                tasks=tuple(tasks),
                kept=tuple(kept),
            )
        )
