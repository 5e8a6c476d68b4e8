"""Use case of simulations: what is known now, scored in another way. Nothing is stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cchc_shared.calendar.clock import Clock
from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.contract.yaml_text import read_yaml
from cchc_shared.http.field_errors import FieldError, field_error, field_path
from cchc_shared.http.problems import invalid, not_found
from scoring_worker.catalogue.catalogue import Catalogue
from scoring_worker.catalogue.edition import Edition
from scoring_worker.counts.domain import add, in_period
from scoring_worker.facts import repository as facts
from scoring_worker.facts.domain import Duty, DutyState
from scoring_worker.index_sets.document import FaultyDocument, load_content
from scoring_worker.index_sets.evaluation import Evaluator, Score
from scoring_worker.index_sets.faults import Fault
from scoring_worker.periods import Period, parse
from scoring_worker.scores import picture
from scoring_worker.simulation import views
from scoring_worker.simulation.domain import changed, place_of
from scoring_worker.simulation.schemas import CriterionChange, Done, Gains, Simulation, SimulationIn
from scoring_worker.units.domain import counting_months

MOST_GAINS: Final = 1000


@dataclass(frozen=True)
class Simulations:
    """Each is read from one snapshot of the database."""

    reading: AsyncEngine
    clock: Clock
    calendar: WorkingCalendar
    catalogue: Catalogue = field(default_factory=Catalogue)

    async def run(self, asked: SimulationIn, unit: str | None) -> Simulation:
        """Scores before and after. What would be done is `unit`'s, for callers who may not know what others have to do;
        None: anybody's. Raises 404 and 422 problems.
        """
        period = parse(asked.period)
        engine = self.reading.execution_options(isolation_level="REPEATABLE READ")
        async with engine.connect() as conn:
            edition = await self._edition(conn, asked.set, period)
            tried = _tried(edition, asked.criteria)
            now = self.clock.now()
            seen = await picture.load(conn, edition, period, now=now, as_of=None, known_at=None, whole=True)
            duties = await self._duties(conn, period, asked.done, unit)
        changes = [] if asked.done is None else self._changes(duties, asked.done, now)
        counts = picture.moved(seen.counts, changes, period, seen.holders)
        after = replace(seen, edition=tried, stored={}, counts=counts, changed=set(counts) | seen.values.keys())
        return views.simulation(
            edition.document.index_set,
            period.code,
            seen.ranked(),
            after.ranked(),
            done_by=None if asked.done is None else asked.done.by,
            not_found=set() if asked.done is None else set(asked.done.codes) - {duty.code for duty in duties},
        )

    async def gains(self, unit: str, set_code: str, period: Period) -> Gains:
        """What each open task and report of a unit would bring. Raises 404 problems."""
        engine = self.reading.execution_options(isolation_level="REPEATABLE READ")
        async with engine.connect() as conn:
            edition = await self._edition(conn, set_code, period)
            now = self.clock.now()
            seen = await picture.load(conn, edition, period, now=now, as_of=None, known_at=None, unit=unit)
            held_by = seen.holders.get(unit)
            if held_by is None:
                raise not_found("đơn vị", "the unit")
            duties = await facts.open_duties_of(conn, unit, counting_months(held_by, period), MOST_GAINS)
        subject = seen.subject(unit)
        score = edition.evaluator.score(subject)
        known: dict[tuple[str, str, str], Score] = {}
        items = []
        for duty in duties:
            stands = duty.state_now(now)
            if stands is None:
                continue
            done = DutyState.ON_TIME if now < duty.due_at else DutyState.LATE
            before, after = (in_period(state, duty.due_month, period) for state in (stands, done))
            kind = (duty.measure, before, after)
            if kind not in known:
                counts = {measure: dict(states) for measure, states in subject.counts.items()}
                add(counts, duty.measure, before, -1)
                add(counts, duty.measure, after, 1)
                known[kind] = edition.score(replace(subject, counts=counts))
            items.append(views.gain(duty, stands, score, known[kind]))
        return views.gains(edition.document.index_set, unit, period.code, score, items)

    async def _edition(self, conn: AsyncConnection, code: str, period: Period) -> Edition:
        await self.catalogue.refresh(conn)
        edition = self.catalogue.find(code, period)
        if edition is None:
            raise not_found("bộ chỉ số", "the index set")
        return edition

    async def _duties(self, conn: AsyncConnection, period: Period, done: Done | None, unit: str | None) -> list[Duty]:
        return [] if done is None else await facts.open_duties(conn, period.months, done.codes, unit)

    def _changes(self, duties: Sequence[Duty], done: Done, now: datetime) -> list[picture.Change]:
        """What is open moves out of the state that it has, into the one that it would have."""
        at = self.calendar.end_of_day(done.by) - datetime.resolution
        changes: list[picture.Change] = []
        for duty in duties:
            state = DutyState.ON_TIME if at < duty.due_at else DutyState.LATE
            before = duty.state_now(now)
            if before is not None:
                changes.append((duty.unit, duty.month, duty.due_month, duty.measure, before.value, -1))
                changes.append((duty.unit, duty.month, duty.due_month, duty.measure, state.value, 1))
        return changes


def _tried(edition: Edition, criteria: Sequence[CriterionChange]) -> Edition:
    """The set with its changes. Raises a 422 problem that names those that cannot be."""
    if not criteria:
        return edition
    places: dict[str, int] = {}
    for index, each in enumerate(criteria):
        if places.setdefault(each.code, index) != index:
            raise invalid([_error(index, "code", "đã có ở trên", "stands above already")])
    content, strange = changed(read_yaml(edition.document.text), {each.code: each.change() for each in criteria})
    if strange:
        vi, en = "không phải tiêu chí có cách tính trong bộ chỉ số này", "is no criterion with a rule in this index set"
        raise invalid([_error(places[code], "code", vi, en) for code in sorted(strange, key=places.__getitem__)])
    try:
        document = load_content(content)
    except FaultyDocument as error:
        raise invalid([_of_fault(fault, places, content) for fault in error.faults]) from error
    return replace(edition, document=document, evaluator=Evaluator(document.index_set))


def _of_fault(fault: Fault, places: Mapping[str, int], content: Any) -> FieldError:
    """A fault of the document at the change that made it."""
    said = FieldError("", fault.vi, fault.en) if fault.found is None else field_error(fault.found)
    field = "max" if fault.path.endswith(".max") else "rule"
    return _error(places.get(place_of(fault.path, content) or "", 0), field, said.vi, said.en)


def _error(index: int, field: str, vi: str, en: str) -> FieldError:
    return FieldError(field_path("body", "criteria", index, field), vi, en)
