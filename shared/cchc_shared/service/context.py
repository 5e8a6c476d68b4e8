"""The context that the features of one process share: database, clock, calendar, and each other's use cases."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar, cast

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncEngine

from cchc_shared.calendar.clock import Clock
from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.service.health import Health
from cchc_shared.service.settings import ServiceSettings

T = TypeVar("T")
Open = Callable[["Context"], Any]
"""Makes a use case from what there is."""


class Context:
    """One for each process. Use cases are opened when they are first asked for, and once."""

    def __init__(
        self,
        engine: AsyncEngine,
        clock: Clock,
        settings: ServiceSettings,
        provides: Mapping[type, Open],
        stack: AsyncExitStack,
    ) -> None:
        self.engine = engine
        self.clock = clock
        self.settings = settings
        self._provides = provides
        self._stack = stack
        self._opened: dict[type, Any] = {}
        self._opening: list[type] = []
        self.checks: dict[str, Callable[[], Health]] = {}

    @property
    def profile(self) -> Path:
        """The folder with the city's documents."""
        return self.settings.profile

    @cached_property
    def reading(self) -> AsyncEngine:
        """The same connections without transactions, for statements that only read: two messages fewer for each."""
        return self.engine.execution_options(isolation_level="AUTOCOMMIT")

    @cached_property
    def calendar(self) -> WorkingCalendar:
        """The city's working calendar."""
        return WorkingCalendar.load(self.profile)

    def use(self, kind: type[T]) -> T:
        """The use case of that type. Raises `LookupError` if no feature provides it, or if opening it needs itself."""
        if kind not in self._opened:
            if kind not in self._provides:
                raise LookupError(f"no feature provides {kind.__qualname__}")
            if kind in self._opening:
                raise LookupError(f"{kind.__qualname__} needs itself: {[each.__qualname__ for each in self._opening]}")
            self._opening.append(kind)
            try:
                self._opened[kind] = self._provides[kind](self)
            finally:
                self._opening.pop()
        return cast("T", self._opened[kind])

    def check(self, name: str, look: Callable[[], Health]) -> None:
        """Whether this process may be sent work depends on this too. `look` asks nobody: it says what is known."""
        self.checks[name] = look

    def on_close(self, finish: Callable[[], Awaitable[None]]) -> None:
        """Do this when the process stops, before the database is closed; the last that was asked for comes first."""
        self._stack.push_async_callback(finish)


def context_of(request: Request) -> Context:
    """The context of the application that this request came to."""
    return cast("Context", request.app.state.context)


def use(kind: type[Any]) -> Any:
    """Annotates a parameter of a route by the use case it is handed: `Annotated[Intake, use(Intake)]`."""

    async def find(request: Request) -> Any:
        return context_of(request).use(kind)

    return Depends(find)
