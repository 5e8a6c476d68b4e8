"""Decision 766 from events of dossiers, over HTTP: of what was received in a period, what was in time at its end."""

import random
from datetime import UTC, date, datetime, timedelta

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.contract.codes import UnitKind
from cchc_shared.contract.events.unit import UnitDefined
from tests.support.dossiers import Life, after, events_of, is_late
from tests.support.events import event_of
from tests.support.http import Json
from tests.support.scoring import ScoringService

MAY_ENDS = datetime(2026, 5, 31, 17, tzinfo=UTC)
JUNE_ENDS = datetime(2026, 6, 30, 17, tzinfo=UTC)
ENDS = {"2026-05": MAY_ENDS, "2026-Q2": JUNE_ENDS, "2026-H1": JUNE_ENDS, "2026": datetime(2026, 12, 31, 17, tzinfo=UTC)}


def unit(valid_to: date | None = None) -> UnitDefined:
    return UnitDefined(
        code="A", name="Đơn vị A", kind=UnitKind.DEPARTMENT, valid_from=date(2020, 1, 1), valid_to=valid_to
    )


def some_lives(chance: random.Random) -> list[Life]:
    return [
        Life(
            chance.randrange(1, 900),
            ((100, 150), (300, 350))[: chance.randrange(3)],
            chance.choice([None, chance.randrange(400, 1400)]),
        )
        for _ in range(60)
    ]


async def reading(service: ScoringService, period: str, **asked: str) -> Json:
    score = (await service.get("/v1/scores/A", set="QD766", period=period, **asked)).json()
    (criterion,) = next(field for field in score["tree"] if field["code"] == "TDGQ")["children"]
    (given,) = criterion["inputs"]
    return dict(given)


async def test_a_period_is_judged_at_its_end_whenever_it_is_asked_for(
    service: ScoringService, clock: FixedClock
) -> None:
    chance = random.Random(3)  # noqa: S311 - the same every time
    lives = some_lives(chance)
    told = sorted(
        (event for number, life in enumerate(lives) for event in events_of(life, str(number))),
        key=lambda event: event.occurred_at,
    )
    await service.apply([event_of(unit(), "A", 1)])
    for days in (5, 14, 40, 80):
        now = after(24 * days)
        clock.advance(now - clock.now())
        await service.apply([event for event in told if event.occurred_at <= now])
        told = [event for event in told if event.occurred_at > now]
        if days == 40:  # a definition that changes nothing: longer periods are summed again
            await service.apply([event_of(unit(date(2030, 1, 1)), "A", 2)])
        for marked in range(2):
            for period, end in ENDS.items():
                late = sum(is_late(life, min(now, end)) for life in lives)
                given = await reading(service, period)
                assert (given["numerator"], given["denominator"]) == (60 - late, 60), (days, period, marked)
                assert given["source"] == "events"
            while await service.mark_overdue():
                pass
    for asked in (after(100), MAY_ENDS, after(24 * 20)):
        late = sum(is_late(life, min(asked, MAY_ENDS)) for life in lives)
        assert (await reading(service, "2026-05", as_of=asked.isoformat()))["numerator"] == 60 - late
    found: list[Json] = []
    for state in ("late", "overdue"):
        answer = await service.get(
            "/v1/scores/A/criteria/TDGQ.1/evidence", set="QD766", period="2026-05", state=state, limit="200"
        )
        found += answer.json()["items"]
    assert len(found) == sum(is_late(life, MAY_ENDS) for life in lives)
    assert {each["counts_in"] for each in found} == {"2026-05"}


async def test_what_is_published_takes_the_place_of_what_is_counted(service: ScoringService, clock: FixedClock) -> None:
    clock.advance(timedelta(days=60))
    await service.apply([event_of(unit(), "A", 1), *events_of(Life(10, ended=400))])
    assert (await reading(service, "2026-05"))["numerator"] == 0
    item = {"unit": "A", "period": "2026-05", "indicator": "TDGQ_ON_TIME", "numerator": 718, "denominator": 733}
    assert (await service.put("/v1/indicators/values", {"items": [item]})).status_code == 200
    given = await reading(service, "2026-05")
    assert (given["numerator"], given["denominator"], given["source"], given["overdue"]) == (718, 733, "imported", 0)
    (score,) = (await service.get("/v1/scores", set="QD766", period="2026-05", kind="department")).json()["items"]
    assert next(field["score"] for field in score["fields"] if field["code"] == "TDGQ") == 19.59
    taken_back = {"unit": "A", "period": "2026-05", "indicator": "TDGQ_ON_TIME"}
    assert (await service.put("/v1/indicators/values", {"items": [taken_back]})).status_code == 200
    assert (await reading(service, "2026-05"))["denominator"] == 1
    assert (await reading(service, "2026-04"))["denominator"] is None, "nothing is known of what nobody received"
