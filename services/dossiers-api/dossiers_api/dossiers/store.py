"""Takes deliveries into the dossiers that they speak of, within the caller's transaction."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.contract.events import Event, EventData, new_event
from cchc_shared.http.access import Principal
from cchc_shared.stream import outbox
from dossiers_api.dossiers import repository
from dossiers_api.dossiers.domain import Delivery, Dossier, Key, Verdict, Weighed, advance, weigh


class Said(NamedTuple):
    """A delivery and the code of the dossier that it speaks of."""

    code: str
    delivery: Delivery


class _Taken(NamedTuple):
    """What a dossier becomes: itself, its events, and the verdicts on what was said of it."""

    dossier: Dossier
    events: list[EventData]
    verdicts: list[Weighed]
    new: list[Delivery]


_FOREIGN: Final = Weighed(Verdict.FOREIGN)


async def take(
    conn: AsyncConnection, said: Sequence[Said], *, requests_in_time: int, sent_by: Principal, now: datetime
) -> list[Weighed]:
    """The verdict on each delivery, in their order; what is new is kept and takes effect.

    Each is of a unit that the sender may speak of; nothing is taken into a dossier that is another unit's.

    Dossiers that are known are locked first, then new ones are inserted, both in the order of their codes: two callers
    who speak of the same dossiers at once wait for each other, and neither for ever. Raises `AddedMeanwhile` to whom
    came second to a new one: begin again, it is known then. It ends, since each attempt finds one more.
    """
    places: dict[str, list[int]] = defaultdict(list)
    for place, (code, _) in enumerate(said):
        places[code].append(place)
    by_code = {code: [said[place].delivery for place in its] for code, its in places.items()}
    known = await repository.lock(conn, by_code)
    foreign = [code for code, its in known.items() if not sent_by.may_speak_of(its.facts.unit)]
    taken = {code: _Taken(known.pop(code), [], [_FOREIGN] * len(by_code[code]), []) for code in foreign}
    new = [
        _taken(code, None, {}, its, requests_in_time)
        for code, its in by_code.items()
        if code not in known and code not in taken
    ]
    said_before = await repository.said_of(conn, known)
    changed = list[Dossier]()
    for code, before in known.items():
        keys = {each.key: each for each in said_before[code]}
        taken[code] = _taken(code, before, keys, by_code[code], requests_in_time)
        if taken[code].dossier != before:
            changed.append(taken[code].dossier)
    await repository.save(conn, changed)
    if new:
        await repository.add(conn, [each.dossier for each in new])
        taken |= {each.dossier.code: each for each in new}
    kept = [(code, delivery) for code, each in taken.items() for delivery in each.new]
    await repository.keep(conn, kept, sent_by.sub, now)
    await outbox.write_many(conn, [event for each in taken.values() for event in _events(each, now)])
    verdicts: list[Weighed | None] = [None] * len(said)
    for code, its in places.items():
        for place, weighed in zip(its, taken[code].verdicts, strict=True):
            verdicts[place] = weighed
    return [each for each in verdicts if each is not None]


def _taken(
    code: str, before: Dossier | None, known: Mapping[Key, Delivery], said: Iterable[Delivery], requests_in_time: int
) -> _Taken:
    verdicts, all_known, facts = weigh(known, said, requests_in_time)
    dossier, events = advance(code, before, facts)
    return _Taken(dossier, events, verdicts, list(all_known.values())[len(known) :])


def _events(taken: _Taken, now: datetime) -> list[Event]:
    """They happened when the dossier took the status in which it stands: nothing in their state is later."""
    dossier, found = taken.dossier, taken.events
    first = dossier.version - len(found) + 1
    return [
        new_event(data, subject=dossier.code, version=first + number, occurred_at=dossier.facts.at, recorded_at=now)
        for number, data in enumerate(found)
    ]
