"""Scores, coverage and ranks are those of plain loops over all events: in any order, twice, late, of any day, known
by any day; and so they are after all events were read anew, and units scored together in place of each alone."""

import random
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
import yaml
from sqlalchemy import text

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.contract.codes import UnitKind
from cchc_shared.contract.events import Event, encode
from cchc_shared.contract.events.unit import UnitDefined
from cchc_shared.stream.inbox import Inbox
from cchc_shared.stream.record import Envelope, Record
from scoring_worker.index_sets import evaluation
from tests.chaos.recomputation import DUTIES, HANDOVERS, SHARES, Score, rounded, score
from tests.support.chance import START, history, late_written
from tests.support.composites import composite
from tests.support.events import event_of
from tests.support.http import Json
from tests.support.plain_facts import Count, counted
from tests.support.scoring import ScoringService

UNITS = "ABCDEFGH"
DEPARTMENTS = frozenset("ABCDE")
PERIODS = ("2026-06", "2026-Q2", "2026")
HALF = Fraction(1, 2)


def definitions() -> list[Event]:
    return [
        event_of(
            UnitDefined(code=unit, name=unit, kind=UnitKind.DEPARTMENT if unit in DEPARTMENTS else UnitKind.COMMUNE),
            unit,
            1,
            START - timedelta(days=1),
        )
        for unit in UNITS
    ]


def record(event: Event, at: int) -> Record:
    envelope = Envelope(event.id, event.subject, event.occurred_at, event.recorded_at)
    return Record(
        event.data.TOPIC, 0, (at, 0), event.aggregate, event.version, event.data.TYPE, encode(event.data), envelope
    )


async def deliver(service: ScoringService, inbox: Inbox, events: Sequence[Event], chance: random.Random) -> None:
    """In any order, some of them twice, in batches of any size."""
    told = [*events, *chance.sample(events, len(events) // 4)]
    chance.shuffle(told)
    while told:
        size = chance.choice([1, 5, 50, 400])
        batch, told = told[:size], told[size:]
        async with service.engine.begin() as conn:
            await inbox.process(conn, [record(event, number) for number, event in enumerate(batch)])


def coverage(count: Count) -> Fraction:
    """Of the hundred points of the template, those that rest on data."""
    known = 0
    due = {measure for (measure, state), n in count.items() if n and state in {"on_time", "late", "overdue"}}
    for _, most, measure, _, _ in SHARES.values():
        known += most if measure in due else 0
    if due & DUTIES or any(measure in HANDOVERS and n for (measure, _), n in count.items()):
        known += 10
    return Fraction(known, 100)


def expected(counts: Mapping[str, Count]) -> dict[str, tuple[Score, Fraction, int | None]]:
    """Unit → its score, its coverage and its rank among its kind: one more than how many are better."""
    alone = {unit: (score(counts.get(unit, Count())), coverage(counts.get(unit, Count()))) for unit in UNITS}
    found = {}
    for unit, (own, covered) in alone.items():
        rivals = [
            other
            for rival, (other, known) in alone.items()
            if (rival in DEPARTMENTS) == (unit in DEPARTMENTS) and known >= HALF
        ]
        better = sum((other.percent or 0) > (own.percent or 0) for other in rivals)
        found[unit] = own, covered, better + 1 if covered >= HALF else None
    return found


def shown(item: Json) -> tuple[Score, Fraction, int | None]:
    def exact(number: object) -> Fraction:
        return Fraction(str(number))

    fields = {
        field["code"]: (None if field["score"] is None else exact(field["score"]), exact(field["max"]))
        for field in item["fields"]
    }
    percent = None if item["percent"] is None else exact(item["percent"])
    own = Score(exact(item["total"]), exact(item["max"]), percent, fields)
    return own, exact(item["coverage"]), item["rank"]


ABOVE = composite("ABOVE", {"1": ("CCHC-CITY", None, 60), "2": ("CCHC-CITY", "2", 40)})
"""A set that reads another: its rank among those of its kind, and a field."""


def expected_above(
    wanted: Mapping[str, tuple[Score, Fraction, int | None]],
) -> dict[str, tuple[Fraction, Fraction, Fraction | None, int | None]]:
    """Unit → points, maximum, percent and rank by the set above, from what the set below it comes to."""
    found: dict[str, tuple[Fraction, Fraction, Fraction | None]] = {}
    for unit, (own, covered, _) in wanted.items():
        parts = [(60, own.total, own.max)] if covered >= HALF else []
        score, most = own.fields["2"]
        if score is not None and most:
            parts.append((40, score, most))
        total = sum((rounded(points * min(n, d) / d) for points, n, d in parts), Fraction(0))
        maximum = Fraction(sum(points for points, _, _ in parts))
        found[unit] = total, maximum, rounded(total * 100 / maximum) if maximum else None
    ranks = {}
    for unit, (_, _, percent) in found.items():
        alike = [other for rival, (*_, other) in found.items() if (rival in DEPARTMENTS) == (unit in DEPARTMENTS)]
        ranks[unit] = None if percent is None else 1 + sum(other > percent for other in alike if other is not None)
    return {unit: (*score, ranks[unit]) for unit, score in found.items()}


def shown_above(item: Json) -> tuple[Fraction, Fraction, Fraction | None, int | None]:
    percent = None if item["percent"] is None else Fraction(str(item["percent"]))
    return Fraction(str(item["total"])), Fraction(str(item["max"])), percent, item["rank"]


async def check(
    service: ScoringService, histories: Sequence[Sequence[Event]], now: datetime, **asked: datetime
) -> None:
    for period in PERIODS:
        query = {name: at.isoformat() for name, at in asked.items()}
        items = (await service.get("/v1/scores", set="CCHC-CITY", period=period, **query)).json()["items"]
        at, known_at = asked.get("as_of", now), asked.get("known_at", datetime.max.replace(tzinfo=UTC))
        wanted = expected(counted(histories, period, at, known_at))
        assert {item["unit"]: shown(item) for item in items} == wanted, (period, asked)
        items = (await service.get("/v1/scores", set="ABOVE", period=period, **query)).json()["items"]
        assert {item["unit"]: shown_above(item) for item in items} == expected_above(wanted), (period, asked)


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_scores_are_those_of_plain_loops(
    service: ScoringService, clock: FixedClock, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(seed)  # noqa: S311 - the same every time
    histories = [late_written(history(str(number), chance), chance) for number in range(60)]
    events = [event for one in histories for event in one]
    chance.shuffle(events)
    inbox = Inbox(service.projection)
    assert (await service.load(yaml.safe_dump(ABOVE))).status_code == 201
    await deliver(service, inbox, definitions(), chance)
    for part in range(3):
        clock.advance(timedelta(days=chance.randrange(3, 20)))
        share = events[part * len(events) // 3 : (part + 1) * len(events) // 3]
        await deliver(service, inbox, share, chance)
        if chance.random() < 0.5:
            await service.mark_overdue()
    # What was written down later than now is known all the same: it has come.
    now = clock.now()
    await check(service, histories, now)
    instants = sorted(at for event in events for at in (event.occurred_at, event.recorded_at))
    for _ in range(6):
        as_of, known_at = chance.sample(instants, 2)
        await check(service, histories, now, as_of=as_of)
        await check(service, histories, now, as_of=as_of, known_at=known_at)
    scores = "SELECT set_code, period, unit, total, max, percent, coverage, fields FROM score ORDER BY 1, 2, 3"
    while await service.mark_overdue():
        pass
    before = await service.rows(scores)
    async with service.engine.begin() as conn:
        await conn.execute(text("TRUNCATE duty, occurrence, event, unit_count, score, stream_version, parked_event"))
    monkeypatch.setattr(evaluation, "MANY", 1)
    await deliver(service, Inbox(service.projection), [*definitions(), *events], chance)
    while await service.mark_overdue():
        pass
    assert await service.rows(scores) == before
