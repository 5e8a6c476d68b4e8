"""How events are written on the wire (WHATWG HTML, 9.2 Server-sent events), and what one stream tells. Pure."""

from collections.abc import Collection, Sequence
from typing import Final
from zlib import crc32

import msgspec

from notify.audience.domain import TYPES_TOLD, Happening, Scope, body_of, narrowed, units_told

EARLIEST: Final = "earliest"
"""In place of an id: before all that is kept (Mercure, section 8.1)."""
HEARTBEAT: Final = b":\n\n"
"""A comment, which clients pass over."""
_PAUSE_MS: Final = 2000
_SPREAD_MS: Final = 4000


class Told(Happening, frozen=True, kw_only=True):
    """A row of the table `live_event`."""

    place: int


class Reach(msgspec.Struct, frozen=True):
    """What one stream tells: events of these types, as far as one of the scopes has them."""

    scopes: Sequence[Scope]
    types: Collection[str]


class Unknown(msgspec.Struct, frozen=True):
    """What was asked for and is not in any of the scopes."""

    types: Sequence[str]
    units: Sequence[str]


def reach_of(scopes: Sequence[Scope], types: Collection[str], units: Collection[str]) -> Reach:
    """The part of the scopes that concerns these types and units; all of it where none is named."""
    within = frozenset(types) or frozenset(TYPES_TOLD)
    return Reach([narrowed(scope, units) for scope in scopes], within)


def unknown(scopes: Sequence[Scope], types: Collection[str], units: Collection[str]) -> Unknown:
    """Which of these are not in the scopes. A unit is, if anything of it is told."""
    things = {thing for scope in scopes for thing in scope.things}
    city = any(scope.units is None for scope in scopes)
    known = {unit for scope in scopes for unit in scope.units or ()}
    return Unknown(
        types=[name for name in types if TYPES_TOLD.get(name) not in things],
        units=[] if city else [unit for unit in units if unit not in known],
    )


def message(told: Told, reach: Reach) -> bytes:
    """An event as this stream tells it, with its id; empty if it does not."""
    if told.type not in reach.types:
        return b""
    for scope in reach.scopes:
        if units := units_told(scope, told):
            return f"id: {told.event_id}\nevent: {told.type}\ndata: {body_of(told, units)}\n\n".encode()
    return b""


def position(id_: str) -> bytes:
    """How far the reader has come, without an event: clients keep it, and show nothing."""
    return f"id: {id_}\n\n".encode()


def opening(id_: str, *, lost: bool) -> bytes:
    """What a stream begins with: how long to wait before coming again, and where it begins. `lost`: not where the
    reader was, so what happened in between has to be read elsewhere."""
    begins = f'id: {id_}\nevent: reset\ndata: {{"last_event_id":"{id_}"}}\n\n'.encode() if lost else position(id_)
    return f"retry: {_PAUSE_MS}\n".encode() + begins


def farewell(of: str) -> bytes:
    """What a stream ends with when the process stops: not all shall come again at once."""
    return f"retry: {_PAUSE_MS + crc32(of.encode()) % _SPREAD_MS}\n\n".encode()
