"""A feature declares itself: its routes, the events it follows, what it does at a time, and what it provides."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from fastapi import APIRouter
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.contract.events import Event, EventData
from cchc_shared.http.access import Admits
from cchc_shared.service.context import Context, Open
from cchc_shared.service.timers import Refresher, Sweep, Tick, Timer


@dataclass(frozen=True)
class Tag:
    """An area of the public contract, with its name for people in Vietnamese and English."""

    name: str
    description: str


@dataclass(frozen=True)
class Subscription:
    """Events of these types (or of types below them) and what follows from them.

    `follow` changes this service's tables on the connection it is given, without commit. Events come in order for each
    aggregate, none twice and none missing.
    """

    events: tuple[type[EventData], ...]
    follow: Callable[[AsyncConnection, Sequence[Event], Context], Awaitable[None]]


@dataclass(frozen=True)
class Feature:
    """The declaration of a feature: all that one folder adds to its service.

    `provides` says how its use cases are opened, by their type. Routes and refreshers live in the API process,
    subscriptions, timers, sweeps and ticks in the worker. A worker awaits `prepare` before it consumes. `admits` looks
    at every caller that a route of the service lets in by a role, and raises a problem for whom the feature keeps out.
    """

    name: str
    admits: Admits | None = None
    provides: Mapping[type, Open] = field(default_factory=dict)
    routers: Sequence[APIRouter] = ()
    tags: Sequence[Tag] = ()
    subscribes: Sequence[Subscription] = ()
    timers: Sequence[Timer] = ()
    sweeps: Sequence[Sweep] = ()
    ticks: Sequence[Tick] = ()
    refreshers: Sequence[Refresher] = ()
    prepare: Callable[[Context], Awaitable[None]] | None = None
