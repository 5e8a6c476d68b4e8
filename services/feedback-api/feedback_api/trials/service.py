"""Routes past reports by the rules in force and by rules on trial, and compares. Nothing is written."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy.ext.asyncio import AsyncEngine

from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.contract.rules import RuleBroken
from cchc_shared.directory.service import MISSED, Directory
from cchc_shared.http.field_errors import FieldError
from cchc_shared.http.problems import invalid
from feedback_api.places.domain import Position
from feedback_api.routing.domain import Case, PassedOver, Routed, Router
from feedback_api.routing.rules import RoutingRules
from feedback_api.rulebook import NoRuleInForce
from feedback_api.trials import repository
from feedback_api.trials.repository import Past
from feedback_api.trials.schemas import (
    MOST_EXPLAINED,
    TrialDecision,
    TrialIn,
    TrialMove,
    TrialOut,
    TrialPassedOver,
    TrialUnit,
)

PAGE: Final = 100
VERSION: Final = "trial"
"""What traces call the version of rules on trial."""


class Trials:
    """The use case. A process tries one set of rules at a time."""

    def __init__(self, reading: AsyncEngine, calendar: WorkingCalendar, router: Router, directory: Directory) -> None:
        self._reading = reading
        self._calendar = calendar
        self._router = router
        self._directory = directory
        self._at_work = asyncio.Lock()

    async def run(self, trial: TrialIn) -> TrialOut:
        """The comparison. Raises a problem for faulty rules."""
        if trial.explain and trial.limit > MOST_EXPLAINED:
            raise RuleBroken("limit", f"tối đa {MOST_EXPLAINED} khi giải thích", f"is {MOST_EXPLAINED} at most then")
        if trial.first_day is not None and trial.last_day is not None and trial.last_day < trial.first_day:
            raise RuleBroken("to", "trước ngày bắt đầu", "is before the first day")
        on_trial = Router(self._rules(trial.rules), self._calendar, self._router.places)
        since, until = trial.period(self._calendar)
        await self._directory.refresh(MISSED)
        found = _Comparison()
        async with self._at_work:
            before: repository.Place | None = None
            left = trial.limit + 1  # one more tells whether there are more
            while left:
                async with self._reading.connect() as conn:
                    page = await repository.decided_by_rules(conn, since, until, before, min(PAGE, left))
                for past in page[: trial.limit - found.examined]:
                    self._compare(found, past, on_trial, explaining=trial.explain)
                    await asyncio.sleep(0)  # this process takes in reports meanwhile
                left -= len(page)
                if len(page) < PAGE:
                    break
                before = page[-1].received_at, page[-1].code
        return found.shown(complete=left > 0)

    def _rules(self, part: Mapping[str, Any]) -> RoutingRules:
        in_force = self._router.rules
        if part.keys() != {"routing"}:
            raise invalid([FieldError("body.rules", "phải chỉ có routing", "must have routing and nothing else")])
        try:
            whole = msgspec.structs.asdict(in_force) | {"version": VERSION, "routing": part["routing"]}
            return msgspec.convert(msgspec.to_builtins(whole), RoutingRules)
        except msgspec.ValidationError as error:
            fault = FieldError("body.rules", "không phải quy tắc điều phối hợp lệ", f"are no routing rules: {error}")
            raise invalid([fault]) from error

    def _compare(self, found: "_Comparison", past: Past, on_trial: Router, *, explaining: bool) -> None:
        case = self._case(past)
        try:
            now = self._decide(self._router, case, explaining=explaining)
            then = self._decide(on_trial, case, explaining=explaining)
        except NoRuleInForce:
            found.undecided += 1
            found.examined += 1
            return
        found.add(past, now, then)

    def _decide(self, router: Router, case: Case, *, explaining: bool) -> tuple[Routed, Sequence[PassedOver] | None]:
        units = self._directory.units
        return router.explain(units, case) if explaining else (router.route(units, case), None)

    def _case(self, past: Past) -> Case:
        return Case(
            past.matter,
            past.received_at,
            self._calendar.local_date(past.received_at),
            past.content,
            past.title,
            past.category,
            None if past.lat is None or past.lon is None else Position(past.lat, past.lon),
        )


class _Comparison:
    """What was found so far."""

    def __init__(self) -> None:
        self.examined = 0
        self.undecided = 0
        self._now, self._then = Counter[str](), Counter[str]()
        self._moved = list[TrialMove]()

    def add(
        self,
        past: Past,
        now: tuple[Routed, Sequence[PassedOver] | None],
        then: tuple[Routed, Sequence[PassedOver] | None],
    ) -> None:
        self.examined += 1
        self._now[now[0].unit] += 1
        self._then[then[0].unit] += 1
        if now[0].unit != then[0].unit:
            self._moved.append(
                TrialMove(code=past.code, received_at=past.received_at, now=_shown(*now), then=_shown(*then))
            )

    def shown(self, *, complete: bool) -> TrialOut:
        return TrialOut(
            examined=self.examined,
            complete=complete,
            undecided=self.undecided,
            units=[
                TrialUnit(unit=unit, now=self._now[unit], then=self._then[unit])
                for unit in sorted(self._now.keys() | self._then.keys())
            ],
            moved=self._moved,
        )


def _shown(routed: Routed, passed: Sequence[PassedOver] | None) -> TrialDecision:
    if passed is None:
        return TrialDecision(unit=routed.unit, routing=dict(routed.trace))
    passed_over = [TrialPassedOver(rule=each.rule, unmet=each.unmet) for each in passed]
    return TrialDecision(unit=routed.unit, routing=dict(routed.trace), passed_over=passed_over)
