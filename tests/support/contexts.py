"""A service's context without a service: what features are handed in tests of the kits."""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from cchc_shared.calendar.clock import Clock
from cchc_shared.service.context import Context, Open
from cchc_shared.service.settings import ServiceSettings

PROFILE = Path(__file__).parents[2] / "data" / "hanoi"


def settings(jwks_url: str = "file:///none", database_url: str = "postgresql://none") -> ServiceSettings:
    """Settings that reach nothing by themselves."""
    return ServiceSettings(database_url=database_url, jwks_url=jwks_url, CCHC_PROFILE=PROFILE)


def context(
    engine: AsyncEngine,
    clock: Clock,
    provides: Mapping[type, Open] | None = None,
    stack: AsyncExitStack | None = None,
) -> Context:
    """A context over this database; what is asked for on its close is done when the stack is closed."""
    return Context(engine, clock, settings(), provides or {}, stack or AsyncExitStack())
