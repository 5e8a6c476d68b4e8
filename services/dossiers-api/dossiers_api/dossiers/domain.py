"""What is said of a dossier, in whatever order it comes, and what the dossier is by all of it.

A delivery is known by dossier, status and time. The dossier is a function of the set of its deliveries: it is what the
same deliveries would have made of it had each come at its own time. Late, early and repeated ones therefore change
nothing but when something became known.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, NamedTuple

import msgspec

from cchc_shared.contract.codes import Digitisation, DossierChannel, DossierStatus
from cchc_shared.contract.events import EventData
from cchc_shared.contract.events import dossier as events
from dossiers_api.dossiers.statuses import FOLLOWS

_RANK: Final = {status: number for number, status in enumerate(DossierStatus)}
"""Of two statuses of one instant, which came first."""
_ENDS: Final = (DossierStatus.HANDLED, DossierStatus.RETURNED, DossierStatus.STOPPED)
"""The end is when it was handled; else when the result was returned; else when handling was stopped."""
_NOT_RECEIVED, _ASKED, _HANDLED = DossierStatus.NOT_RECEIVED, DossierStatus.SUPPLEMENT_REQUESTED, DossierStatus.HANDLED
# Names of their own, as they are asked for with each delivery: Python 3.11 runs a function for each member of an
# enumeration that is named.
_TAKEN_IN: Final = frozenset({DossierStatus.RECEIVED, DossierStatus.IN_PROGRESS, *_ENDS})


class Key(NamedTuple):
    """Which delivery it is. Two with one key say the same, or one of them is wrong."""

    at: datetime
    status: DossierStatus


class Delivery(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a one-stop system or a portal said: that the dossier took a status at an instant, and all it knew by then.

    `paid_online` is absent until it is paid. `source_status` is the status in the sender's own words, if those were
    not ours.
    """

    status: DossierStatus
    at: datetime
    procedure: str
    unit: str
    channel: DossierChannel
    field: str | None = None
    received_at: datetime | None = None
    appointment_at: datetime | None = None
    fee_charged: bool = False
    paid_online: bool | None = None
    digitisation: Digitisation | None = None
    electronic_result: bool | None = None
    satisfied: bool | None = None
    source_status: str | None = None
    allowed_until: datetime | None = None
    """First instant at which the result is late by the procedure, as the catalogue had it when this came."""

    @property
    def key(self) -> Key:
        return Key(self.at, self.status)


SAID: Final = tuple(name for name in Delivery.__struct_fields__ if name != "allowed_until")
"""What its sender says."""


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What a dossier is by its deliveries. Times are as in `events.dossier.DossierState`."""

    procedure: str
    unit: str
    channel: DossierChannel
    status: DossierStatus
    at: datetime
    """When it took that status."""
    field: str | None = None
    received_at: datetime | None = None
    appointment_at: datetime | None = None
    due_at: datetime | None = None
    requests: int = 0
    """How often the applicant was asked for a supplement after receipt."""
    waiting_since: datetime | None = None
    late_from: datetime | None = None
    ended_at: datetime | None = None
    fee_charged: bool = False
    paid_online: bool | None = None
    digitisation: Digitisation | None = None
    electronic_result: bool | None = None
    satisfied: bool | None = None
    unsatisfied_at: datetime | None = None


class Folded(NamedTuple):
    """The facts, and the keys of deliveries that go backwards: they are kept, and nothing follows from them."""

    facts: Facts
    backwards: frozenset[Key]


def fold(deliveries: Iterable[Delivery], requests_in_time: int) -> Folded:
    """What these deliveries (at least one, no key twice) say together, in whatever order they are given.

    A dossier for which a supplement was asked for more often than `requests_in_time` is late by itself.
    """
    line, backwards = _line(deliveries)
    return Folded(_facts(line, requests_in_time), frozenset(backwards))


def waits(deliveries: Iterable[Delivery], received_at: datetime | None) -> Sequence[tuple[datetime, datetime | None]]:
    """Since when and until when the applicant of a dossier was waited for, by all that was said of it."""
    return list(_waits(_line(deliveries)[0], received_at))


def _line(deliveries: Iterable[Delivery]) -> tuple[list[Delivery], set[Key]]:
    """Those that follow each other, and the keys of those that go backwards."""
    line: list[Delivery] = []
    backwards: set[Key] = set()
    for each in sorted(deliveries, key=_order):
        if line and each.status not in FOLLOWS[line[-1].status]:
            backwards.add(each.key)
        else:
            line.append(each)
    return line, backwards


def _order(delivery: Delivery) -> tuple[datetime, int]:
    return delivery.at, _RANK[delivery.status]


def _facts(line: Sequence[Delivery], requests_in_time: int) -> Facts:
    named: datetime | None = None
    appointment_at: datetime | None = None
    allowed_until: datetime | None = None
    digitisation: Digitisation | None = None
    paid_online: bool | None = None
    satisfied: bool | None = None
    unsatisfied_at: datetime | None = None
    field: str | None = None
    fee_charged = False
    for each in line:  # the oldest first: of some things what is said first holds, of others what is said last
        named = named or each.received_at
        appointment_at = appointment_at or each.appointment_at
        allowed_until = allowed_until or each.allowed_until
        digitisation = digitisation or each.digitisation
        field = each.field or field
        fee_charged = fee_charged or each.fee_charged
        if paid_online is None:
            paid_online = each.paid_online
        if each.satisfied is not None:
            satisfied = each.satisfied
            if not satisfied:
                unsatisfied_at = unsatisfied_at or each.at
    last = line[-1]
    received_at = _received(line, named)
    waits = list(_waits(line, received_at))
    ends = [each for each in line if each.status in _ENDS]
    due_at = appointment_at or allowed_until
    return Facts(
        procedure=last.procedure,
        unit=last.unit,
        channel=last.channel,
        status=last.status,
        at=last.at,
        field=field,
        received_at=received_at,
        appointment_at=appointment_at,
        due_at=_put_off(due_at, waits) if waits else due_at,
        requests=len(waits),
        waiting_since=next((since for since, until in waits if until is None), None) if waits else None,
        late_from=waits[requests_in_time][0] if len(waits) > requests_in_time else None,
        ended_at=_ended(ends) if ends and received_at is not None else None,
        fee_charged=fee_charged or paid_online is not None,
        paid_online=paid_online,
        digitisation=digitisation,
        electronic_result=_electronic(ends) if ends else None,
        satisfied=satisfied,
        unsatisfied_at=unsatisfied_at,
    )


def _received(line: Sequence[Delivery], named: datetime | None) -> datetime | None:
    """When the unit took it in: as the first delivery that names it has it, else when it first was at work on it."""
    if line[-1].status is _NOT_RECEIVED:
        return None
    return named or next((each.at for each in line if each.status in _TAKEN_IN), None)


def _waits(line: Sequence[Delivery], received_at: datetime | None) -> Iterator[tuple[datetime, datetime | None]]:
    """Since when and until when a supplement was awaited, after receipt: until the next other status.

    Whoever asks again while the applicant is awaited has asked twice, and waited once.
    """
    asked: list[datetime] = []
    for each in line:
        if each.status is _ASKED:
            if received_at is not None and each.at >= received_at:
                asked.append(each.at)
        elif asked:
            yield from _wait(asked, each.at)
            asked = []
    yield from _wait(asked, None)


def _wait(asked: Sequence[datetime], until: datetime | None) -> Iterator[tuple[datetime, datetime | None]]:
    for number, since in enumerate(asked):
        yield since, until if number == 0 else since


def _put_off(due_at: datetime | None, waits: Iterable[tuple[datetime, datetime | None]]) -> datetime | None:
    """The due time, later by each wait that is over and began before it."""
    for since, until in waits:
        if due_at is not None and until is not None and since < due_at:
            due_at += until - since
    return due_at


def _ended(ends: Sequence[Delivery]) -> datetime | None:
    return next((each.at for status in _ENDS for each in ends if each.status is status), None)


def _electronic(ends: Sequence[Delivery]) -> bool | None:
    """Whether the result is electronic: yes once it is said so, no when the dossier was returned without."""
    if any(each.electronic_result for each in ends):
        return True
    over = any(each.status is not _HANDLED for each in ends)
    return False if over else None


class Emitted(msgspec.Struct, frozen=True):
    """Which events that come once in a dossier's life came already."""

    fee: bool = False
    paid: bool = False
    digitised: bool = False
    finished: bool = False


def news(code: str, before: Facts | None, emitted: Emitted, after: Facts) -> tuple[list[EventData], Emitted]:
    """The events of what is new, and which of those that come once have come by then. Each carries the state after all.

    What counts in the month of receipt waits until that is known.
    """
    state = _state(code, after)
    found: list[EventData] = []
    if before is None:
        found.append(events.DossierOpened(**state))
    elif after.requests > before.requests:
        found.append(events.DossierSupplementRequested(**state, requests=after.requests))
    elif before.waiting_since is not None and after.waiting_since is None:
        found.append(events.DossierSupplemented(**state))
    elif after.satisfied is not None and after.satisfied != before.satisfied:
        found.append(events.DossierRated(**state, satisfied=after.satisfied))
    if after.received_at is not None:
        once, emitted = _once(state, emitted, after)
        found += once
    if before is not None and not found and _state(code, before) != state:
        found.append(events.DossierStatusChanged(**state, from_status=before.status))
    return found, emitted


def _once(state: dict[str, Any], emitted: Emitted, after: Facts) -> tuple[list[EventData], Emitted]:
    found: list[EventData] = []
    if after.fee_charged and not emitted.fee:
        found.append(events.DossierFeeCharged(**state))
    if after.paid_online is not None and not emitted.paid:
        found.append(events.DossierPaid(**state, online=after.paid_online))
    if after.digitisation is not None and not emitted.digitised:
        found.append(events.DossierDigitised(**state, how=after.digitisation))
    over = after.ended_at is not None and after.electronic_result is not None
    if over and not emitted.finished:
        found.append(events.DossierFinished(**state, electronic_result=bool(after.electronic_result)))
    return found, Emitted(
        fee=emitted.fee or after.fee_charged,
        paid=emitted.paid or after.paid_online is not None,
        digitised=emitted.digitised or after.digitisation is not None,
        finished=emitted.finished or over,
    )


def _state(code: str, facts: Facts) -> dict[str, Any]:
    return {
        "code": code,
        "procedure": facts.procedure,
        "unit": facts.unit,
        "channel": facts.channel,
        "status": facts.status,
        "field": facts.field,
        "received_at": facts.received_at,
        "due_at": facts.due_at,
        "waiting_since": facts.waiting_since,
        "late_from": facts.late_from,
        "ended_at": facts.ended_at,
        "unsatisfied_at": facts.unsatisfied_at,
    }


class Dossier(msgspec.Struct, frozen=True, kw_only=True):
    """A dossier as it is kept. `version` is that of its last event."""

    code: str
    version: int
    facts: Facts
    emitted: Emitted

    @property
    def sort_at(self) -> datetime:
        """Where it stands in lists."""
        return self.facts.received_at or self.facts.at


class Verdict(StrEnum):
    """What becomes of a delivery."""

    NEW = "new"
    REPEATED = "repeated"
    DIFFERENT = "different"
    """One with its key is known, and says something else."""
    BACKWARDS = "backwards"
    """By what is known of other times it cannot have been then. It is kept: what contradicts it may be wrong itself."""
    FOREIGN = "foreign"
    """The dossier is of a unit that the sender may not speak of."""


class Weighed(NamedTuple):
    """A delivery's verdict, and for `DIFFERENT` the one that is known."""

    verdict: Verdict
    known: Delivery | None = None


_NEW, _REPEATED, _BACKWARDS = map(Weighed, (Verdict.NEW, Verdict.REPEATED, Verdict.BACKWARDS))


def weigh(
    known: Mapping[Key, Delivery], said: Iterable[Delivery], requests_in_time: int
) -> tuple[list[Weighed], dict[Key, Delivery], Facts]:
    """The verdict on each delivery (at least one), in the order in which they were sent; all that is known of the
    dossier then, and what it is by that."""
    verdicts, all_known = list[Weighed](), dict(known)
    folded: Folded | None = None
    for each in said:
        key = each.key
        before = all_known.get(key)
        if before is not None and differing(before, each):
            verdicts.append(Weighed(Verdict.DIFFERENT, before))
            continue
        if before is None:
            all_known[key] = each
        if before is None or folded is None:
            folded = fold(all_known.values(), requests_in_time)
        if folded.backwards and key in folded.backwards:
            verdicts.append(_BACKWARDS)
        else:
            verdicts.append(_NEW if before is None else _REPEATED)
    return verdicts, all_known, (folded or fold(all_known.values(), requests_in_time)).facts


def advance(code: str, before: Dossier | None, facts: Facts) -> tuple[Dossier, list[EventData]]:
    """The dossier with these facts, and the events that say what is new."""
    found, emitted = (
        news(code, None, Emitted(), facts) if before is None else news(code, before.facts, before.emitted, facts)
    )
    version = (before.version if before else 0) + len(found)
    return Dossier(code=code, version=version, facts=facts, emitted=emitted), found


def differing(one: Delivery, other: Delivery) -> list[str]:
    """The fields in which two deliveries of one key differ. What the catalogue said meanwhile is none of them."""
    if one == other:
        return []
    return [name for name in SAID if getattr(one, name) != getattr(other, name)]


def said_of_the_future(at: datetime, received_at: datetime | None, now: datetime, leeway: timedelta) -> bool:
    """Whether that is said to have happened which cannot have yet, beyond what clocks may differ."""
    latest = now + leeway
    return at > latest or (received_at is not None and received_at > latest)


def is_late(facts: Facts, now: datetime) -> bool | None:
    """Whether it is late by now, or ended late; None where it is not known when it is due.

    The end is when it was handled, or since when a first supplement is awaited (Decision 766).
    """
    if facts.received_at is None or facts.due_at is None:
        return None
    if facts.late_from is not None:
        return True
    return (facts.ended_at or facts.waiting_since or now) >= facts.due_at
