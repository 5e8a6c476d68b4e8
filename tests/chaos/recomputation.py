"""Statistics and scores once more, from the stored reports and tasks as the public API lists them.

Written apart from the services on purpose: plain loops, fractions, no table and no event. Reports and tasks are the
API's own JSON; each carries its `history` beside its other fields.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
Json = Mapping[str, Any]


def instant(value: str | None) -> datetime | None:
    """An RFC 3339 time of the API."""
    return None if value is None else datetime.fromisoformat(value)


def month_of(at: datetime) -> str:
    """The month in Hanoi, `2026-01`."""
    return at.astimezone(HANOI).strftime("%Y-%m")


# ---------------------------------------------------------------- statistics

StatisticsRow = tuple[int, int, int, int, int, float | None, int]


def statistics(reports: Iterable[Json], now: datetime) -> dict[str, StatisticsRow]:
    """`2026-01 web` → received, resolved, on_time, late, overdue_open, on_time_rate, reopened."""
    groups: dict[str, list[Json]] = defaultdict(list)
    for report in reports:
        received_at = instant(report["received_at"])
        assert received_at is not None
        groups[f"{month_of(received_at)} {report['channel']}"].append(report)
    return {key: _statistics_row(group, now) for key, group in groups.items()}


def _statistics_row(reports: Sequence[Json], now: datetime) -> StatisticsRow:
    states = Counter(_state(report["resolve_due_at"], report["answered_at"], now) for report in reports)
    resolved = states["on_time"] + states["late"]
    due = resolved + states["overdue"]
    rate = states["on_time"] / due if due else None
    reopened = sum(report["status"] == "reopened" for report in reports)
    return len(reports), resolved, states["on_time"], states["late"], states["overdue"], rate, reopened


def _state(due_at: str, done_at: str | None, now: datetime) -> str:
    """From the due instant on it is late."""
    due, done = instant(due_at), instant(done_at)
    assert due is not None
    if done is not None:
        return "on_time" if done < due else "late"
    return "overdue" if due <= now else "pending"


# ---------------------------------------------------------------- facts


class Fact(NamedTuple):
    """One duty, or one hand-over, of a unit in a month."""

    measure: str
    code: str
    unit: str
    month: str
    state: str


def facts(reports: Iterable[Json], tasks: Iterable[Json], now: datetime) -> list[Fact]:
    """Everything that counts."""
    return [
        *(fact for report in reports for fact in _of_report(report, now)),
        *(fact for task in tasks for fact in _of_task(task, now)),
    ]


MOVES = frozenset({"receive", "assign", "return", "transfer"})
"""With these entries of a report's history somebody else has to answer for it."""


def _of_report(report: Json, now: datetime) -> Iterator[Fact]:
    """Who had it answers for it by its own due times: a desk has to assign it, a unit to accept and to answer.

    What was done, or was late when it passed on, stays with the unit that had it.
    """
    code, history = report["code"], report["history"]
    starts = [number for number, entry in enumerate(history) if entry["action"] in MOVES]
    for start, end in zip(starts, [*starts[1:], len(history)], strict=True):
        held, following = history[start:end], history[end] if end < len(history) else None
        unit, moved_at = held[0]["holder"], following and following["at"]
        accept_due_at = held[0]["own_accept_due_at"] or report["accept_due_at"]
        resolve_due_at = held[-1]["own_resolve_due_at"] or held[-1]["resolve_due_at"]
        accepted_at, answered_at = _time_of("accept", held), _time_of("approve_answer", held)
        if accepted_at is None and following and following["action"] == "assign":
            accepted_at = moved_at
        for measure, due_at, done_at in (
            ("feedback.acceptance", accept_due_at, accepted_at),
            ("feedback.resolution", resolve_due_at, answered_at),
        ):
            state = _state(due_at, done_at, now)
            if done_at is None and moved_at is not None:
                state = _state(due_at, moved_at, now)
                if state == "on_time":  # it passed on before it was late
                    continue
                state = "overdue"
            yield Fact(measure, code, unit, _month_of_due(due_at), state)
    yield from _handovers("feedback", report)


def _time_of(action: str, entries: Iterable[Json]) -> str | None:
    return next((entry["at"] for entry in entries if entry["action"] == action), None)


def _of_task(task: Json, now: datetime) -> Iterator[Fact]:
    dropped = task["status"] == "closed" and task["completed_at"] is None
    if task["due_at"] is not None and not task["fanned_out"] and not dropped and not task["awaiting_approval"]:
        state = _state(task["due_at"], task["completed_at"], now)
        yield Fact("task.completion", task["code"], task["lead_unit"], _month_of_due(task["due_at"]), state)
    yield from _handovers("task", task)


def _handovers(kind: str, item: Json) -> Iterator[Fact]:
    for entry in item["history"]:
        by_desk = entry["role"] == "coordinator"
        if entry["action"] in {"return", "transfer"} and not by_desk:
            yield Fact(f"{kind}.handover", item["code"], entry["from_unit"], _month_of(entry["at"]), "happened")


def _month_of(value: str) -> str:
    at = instant(value)
    assert at is not None
    return month_of(at)


def _month_of_due(value: str) -> str:
    at = instant(value)
    assert at is not None
    return month_of(at - timedelta(microseconds=1))


# ---------------------------------------------------------------- scores


@dataclass(frozen=True)
class Score:
    """A unit's score in a period, exact."""

    total: Fraction
    max: Fraction
    percent: Fraction | None
    fields: Mapping[str, tuple[Fraction | None, Fraction]]

    def __str__(self) -> str:
        fields = {code: score if score is None else float(score) for code, (score, _) in self.fields.items()}
        return f"{float(self.total)} of {float(self.max)} {fields}"


# Criterion → field, maximum, measures and states of the numerator and of the denominator: the template CCHC-CITY.
_DUE = ("on_time", "late", "overdue")
SHARES: Mapping[str, tuple[str, int, str, tuple[str, ...], Fraction]] = {
    "1.1.1": ("1", 30, "task.completion", ("on_time",), Fraction(1)),
    "1.1.2": ("1", 10, "task.completion", ("on_time", "late"), Fraction(1)),
    "2.1": ("2", 15, "feedback.acceptance", ("on_time",), Fraction(95, 100)),
    "2.2": ("2", 35, "feedback.resolution", ("on_time",), Fraction(1)),
}
HANDOVERS = frozenset({"task.unjustified_handover", "feedback.unjustified_handover"})
DUTIES = frozenset(measure for _, _, measure, _, _ in SHARES.values())
FULL_POINTS, EACH_HANDOVER = Fraction(10), Fraction(1, 2)


def measures_of(criterion: str) -> frozenset[str]:
    """What a criterion counts."""
    return frozenset({SHARES[criterion][2]}) if criterion in SHARES else HANDOVERS | DUTIES


def periods_of(month: str) -> tuple[str, ...]:
    """The month and the quarter, half-year and year around it."""
    year, number = month.split("-")
    quarter, half = (int(number) + 2) // 3, (int(number) + 5) // 6
    return month, f"{year}-Q{quarter}", f"{year}-H{half}", year


def months_of(period: str) -> tuple[str, ...]:
    """The months of a period."""
    year = period[:4]
    return tuple(month for number in range(1, 13) if period in periods_of(month := f"{year}-{number:02d}"))


def scores(all_facts: Iterable[Fact], units: Mapping[str, Sequence[Json]]) -> dict[str, dict[str, Score]]:
    """Period → unit → score. `units`: all that held a code, each with its validity."""
    counts: dict[tuple[str, str], Counter[tuple[str, str]]] = defaultdict(Counter)
    for fact in all_facts:
        for period in periods_of(fact.month):
            if fact.month in _counting_months(units.get(fact.unit, ()), period):
                counts[period, fact.unit][fact.measure, fact.state] += 1
    found: dict[str, dict[str, Score]] = defaultdict(dict)
    for (period, unit), count in counts.items():
        found[period][unit] = score(count)
    return found


def _counting_months(holders: Sequence[Json], period: str) -> tuple[str, ...]:
    """A unit is scored for the months in which it was there: of those that share a code, the last one."""
    months = months_of(period)
    there = [holder for holder in holders if any(_valid_in(holder, month) for month in months)]
    if len(months) == 1 or not there:
        return months
    last = max(there, key=lambda holder: holder["valid_from"] or "")
    return tuple(month for month in months if _valid_in(last, month))


def _valid_in(unit: Json, month: str) -> bool:
    first = date.fromisoformat(f"{month}-01")
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    since, until = unit["valid_from"], unit["valid_to"]
    return (since is None or since <= last.isoformat()) and (until is None or until >= first.isoformat())


def score(count: Mapping[tuple[str, str], int]) -> Score:
    """Points by the template; a share of nothing takes its points out of the maximum."""
    fields: dict[str, tuple[Fraction | None, Fraction]] = dict.fromkeys("123", (None, Fraction(0)))
    for field, most, measure, good, threshold in SHARES.values():
        due = sum(count.get((measure, state), 0) for state in _DUE)
        if due:
            share = Fraction(sum(count.get((measure, state), 0) for state in good), due)
            points = rounded(min(Fraction(most), most * share / threshold))
            before, counted = fields[field]
            fields[field] = (points + (before or 0), counted + most)
    handed_over = sum(count.get((measure, "happened"), 0) for measure in HANDOVERS)
    # Of a unit of which nothing was due, that nothing was handed over says nothing.
    if handed_over or any(count.get((measure, state)) for measure in DUTIES for state in _DUE):
        fields["3"] = (rounded(max(Fraction(0), FULL_POINTS - EACH_HANDOVER * handed_over)), FULL_POINTS)
    total = sum((points or Fraction(0) for points, _ in fields.values()), Fraction(0))
    maximum = sum((counted for _, counted in fields.values()), Fraction(0))
    return Score(total, maximum, rounded(total * 100 / maximum) if maximum else None, fields)


def rounded(value: Fraction) -> Fraction:
    """To two places, halves up."""
    return Fraction(math.floor(value * 100 + Fraction(1, 2)), 100)
