"""Use cases are opened once, when they are asked for, and closed in the opposite order."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Literal, cast

import pytest
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cchc_shared.calendar.clock import FixedClock, ShiftedClock, SystemClock
from cchc_shared.contract.codes import TaskStatus, UnitKind
from cchc_shared.contract.events import Event, new_event
from cchc_shared.contract.events.task import TaskAssigned, TaskStarted, TaskState
from cchc_shared.contract.events.unit import UnitDefined
from cchc_shared.service.assembly import Dispatch, build_api, opened
from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature, Subscription
from cchc_shared.service.settings import ServiceSettings
from cchc_shared.storage.database import create_engine
from tests.support.contexts import PROFILE, context, settings

NOW = datetime(2024, 5, 6, 2, 0, tzinfo=UTC)


class Directory:
    """A use case that needs nothing."""


class Intake:
    """A use case that needs another."""

    def __init__(self, directory: Directory) -> None:
        self.directory = directory


class Ring(Directory):
    """A use case that needs itself, by way of another."""


class Broken:
    """A use case that cannot be opened."""


@pytest.fixture
def engine() -> AsyncEngine:
    """Connects nowhere, and is not asked to."""
    return create_engine("postgresql://nobody@127.0.0.1:1/none")


def test_a_use_case_is_opened_when_it_is_asked_for_and_once(engine: AsyncEngine) -> None:
    opened_: list[type] = []

    def directory(_: Context) -> Directory:
        opened_.append(Directory)
        return Directory()

    def intake(here: Context) -> Intake:
        opened_.append(Intake)
        return Intake(here.use(Directory))

    here = context(engine, FixedClock(NOW), {Intake: intake, Directory: directory})
    assert opened_ == []
    assert here.use(Intake) is here.use(Intake)
    assert here.use(Intake).directory is here.use(Directory)
    assert opened_ == [Intake, Directory]


def test_what_nobody_provides_is_named(engine: AsyncEngine) -> None:
    with pytest.raises(LookupError, match="no feature provides Intake"):
        context(engine, FixedClock(NOW)).use(Intake)


def test_a_circle_is_named_and_not_followed(engine: AsyncEngine) -> None:
    here = context(
        engine, FixedClock(NOW), {Ring: lambda here: here.use(Intake), Intake: lambda here: Intake(here.use(Ring))}
    )
    for _ in range(2):
        with pytest.raises(LookupError, match=r"Ring needs itself: \['Ring', 'Intake'\]"):
            here.use(Ring)


def test_what_cannot_be_opened_says_why_each_time(engine: AsyncEngine) -> None:
    def fails(_: Context) -> Broken:
        raise FileNotFoundError("rules.yaml")

    here = context(engine, FixedClock(NOW), {Broken: fails})
    for _ in range(2):
        with pytest.raises(FileNotFoundError, match=r"rules\.yaml"):
            here.use(Broken)


async def test_what_was_opened_last_is_closed_first(engine: AsyncEngine) -> None:
    closed: list[str] = []

    async def close(name: str) -> None:
        closed.append(name)

    async with AsyncExitStack() as stack:
        here = context(engine, FixedClock(NOW), stack=stack)
        here.on_close(lambda: close("first"))
        here.on_close(lambda: close("second"))
        assert closed == []
    assert closed == ["second", "first"]


async def test_use_cases_are_closed_before_the_database() -> None:
    disposed_when: list[bool] = []

    def open_(here: Context) -> Directory:
        async def close() -> None:
            disposed_when.append(here.engine.pool is pool)

        pool = here.engine.pool  # disposing puts another in its place
        here.on_close(close)
        return Directory()

    feature = Feature("directory", provides={Directory: open_})
    async with opened("test", settings(), (feature,), FixedClock(NOW)) as here:
        here.use(Directory)
        pool = here.engine.pool
    assert disposed_when == [True]
    assert here.engine.pool is not pool


async def test_two_features_cannot_provide_the_same(engine: AsyncEngine) -> None:
    one = Feature("one", provides={Directory: lambda _: Directory()})
    two = Feature("two", provides={Directory: lambda _: Directory()})
    with pytest.raises(ValueError, match="two provides what another"):
        async with opened("test", settings(), (one, two)):
            pass


async def test_an_api_does_not_start_with_a_use_case_that_cannot_be_opened() -> None:
    def fails(_: Context) -> Broken:
        raise FileNotFoundError("rules.yaml")

    app = build_api("test", settings(), (Feature("broken", provides={Broken: fails}),))
    with pytest.raises(FileNotFoundError):
        async with app.router.lifespan_context(app):
            pass


def of_task(version: int, kind: type[TaskState] = TaskStarted) -> Event:
    data = kind(code="NV-1", lead_unit="SNV", status=TaskStatus.IN_PROGRESS, assigned_at=NOW)
    return new_event(data, subject="NV-1", version=version, occurred_at=NOW, recorded_at=NOW)


async def test_events_reach_those_who_follow_their_type_in_order(engine: AsyncEngine) -> None:
    calls: list[tuple[str, list[tuple[str, int]]]] = []

    async def follow(name: str, _: AsyncConnection, events: Sequence[Event], _here: Context) -> None:
        calls.append((name, [(event.subject, event.version) for event in events]))

    features = (
        Feature("every task", subscribes=(Subscription((TaskState,), partial(follow, "every task")),)),
        Feature("starts", subscribes=(Subscription((TaskStarted,), partial(follow, "starts")),)),
        Feature("units", subscribes=(Subscription((UnitDefined,), partial(follow, "units")),)),
    )
    dispatch = Dispatch(features, context(engine, FixedClock(NOW)))
    unit = UnitDefined(code="SNV", name="Sở Nội vụ", kind=UnitKind.DEPARTMENT)
    of_unit = new_event(unit, subject="SNV", version=1, occurred_at=NOW, recorded_at=NOW)
    conn = cast("AsyncConnection", None)
    await dispatch.apply(conn, [of_task(1, TaskAssigned), of_unit, of_task(2), of_task(3)])
    assert calls == [
        ("every task", [("NV-1", 1), ("NV-1", 2), ("NV-1", 3)]),
        ("starts", [("NV-1", 2), ("NV-1", 3)]),
        ("units", [("SNV", 1)]),
    ]
    calls.clear()
    await dispatch.apply(conn, [of_unit])
    assert calls == [("units", [("SNV", 1)])], "nobody is called for nothing"


@pytest.mark.parametrize("environment", ["production", "embedded"])
def test_only_an_embedded_process_may_live_on_another_day(environment: Literal["production", "embedded"]) -> None:
    def with_shift(shift: str) -> ServiceSettings:
        return ServiceSettings.model_validate(
            {
                "database_url": "postgresql://none",
                "jwks_url": "file:///none",
                "CCHC_PROFILE": PROFILE,
                "environment": environment,
                "CCHC_CLOCK_SHIFT": shift,
            }
        )

    assert isinstance(with_shift("P0D").clock, SystemClock)
    if environment == "production":
        with pytest.raises(ValidationError, match="CCHC_CLOCK_SHIFT"):
            with_shift("P21D")
        return
    clock = with_shift("P21D").clock
    assert isinstance(clock, ShiftedClock)
    before = datetime.now(UTC)
    assert before + timedelta(days=21) <= clock.now() <= datetime.now(UTC) + timedelta(days=21)


def test_the_shift_is_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "DATABASE_URL": "postgresql://none",
        "JWKS_URL": "file:///none",
        "CCHC_PROFILE": str(PROFILE),
        "CCHC_CLOCK_SHIFT": "P1D",
    }.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError, match="must not be set in production"):
        ServiceSettings()
    monkeypatch.setenv("ENVIRONMENT", "embedded")
    assert ServiceSettings().clock_shift == timedelta(days=1)
