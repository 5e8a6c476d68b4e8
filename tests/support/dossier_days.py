"""A day of deliveries that is made up: what five vendors say of dossiers, and what must come of it, counted plainly.

Each life is made from its own facts, so that what is expected of it is known without any code of the system.
"""

import json
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from tests.support.http import Json

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
MONTH = "2026-03"
FIRST = datetime(2026, 3, 2, 8, tzinfo=ZONE)
END = datetime(2026, 4, 1, tzinfo=ZONE)
"""What is late from that instant on fell due on the last day of the month."""
VENDORS = 5
REPEATED, WRONG = 0.1, 0.01
"""Shares of the lines that are sent again, and that say what cannot be."""
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

MISTAKES: Sequence[tuple[str, dict[str, object]]] = (
    ("dossier", {"dossier": "H29.14-260302-0001"}),
    ("dossier", {"dossier": "26-1"}),
    ("status", {"status": "lost"}),
    ("at", {"at": "2026-13-45"}),
    ("at", {"at": "2126-03-02T09:00:00+07:00"}),
    ("unit", {"unit": "không có đơn vị này"}),
    ("channel", {"channel": "pigeon"}),
    ("applicant", {"applicant": "Nguyễn Văn A"}),
)
"""What is wrong, and the field by which it must be named."""


class Life(NamedTuple):
    """What is said of one dossier, in the order of time, and what Decision 766 counts of it at the end of the month."""

    deliveries: list[Json]
    counts: Counter[str]


class Line(NamedTuple):
    """A line of a day's file; `wrong` is the field by which it must be refused."""

    text: str
    wrong: str | None = None


def lives(chance: random.Random, number: int, units: Sequence[str], group: str) -> Iterator[Life]:
    """So many dossiers of these units. `group` stands in their codes: up to six capital letters and digits."""
    for serial in range(number):
        received = FIRST + chance.randrange(20) * DAY + chance.randrange(8) * HOUR
        yield _life(chance, f"H26.{group}-{received:%y%m%d}-{serial:06}", chance.choice(units), received)


def _life(chance: random.Random, code: str, unit: str, received: datetime) -> Life:
    due = received + chance.choice((3, 5, 10, 40)) * DAY
    known: Json = {
        "dossier": code,
        "procedure": f"1.{chance.randrange(1000):06}",
        "unit": unit,
        "channel": chance.choice(("counter", "online", "post")),
        "received_at": received.isoformat(),
        "appointment_at": due.isoformat(),
    }
    said, at = [{**known, "status": "received", "at": received.isoformat()}], received
    counts = Counter({"received": 1})

    def say(status: str, **more: object) -> None:
        known.update(more)
        said.append({**known, "status": status, "at": at.isoformat()})

    at += 2 * HOUR
    more: Json = {"digitisation": "digitised"} if chance.random() < 0.6 else {}
    if chance.random() < 0.3:
        more["fee_charged"] = True
    say("in_progress", **more)
    counts["digitised"] += "digitisation" in more
    counts["fee"] += "fee_charged" in more
    asked = chance.choice((0, 0, 0, 0, 0, 1, 2))
    for _ in range(asked):
        at += 3 * HOUR
        say("supplement_requested")
        waited = chance.randrange(1, 30) * HOUR
        at, due = at + waited, due + waited
        say("in_progress")
    late = asked > 1
    if chance.random() < 0.9:
        at += chance.choice((HOUR, DAY, 2 * DAY, 12 * DAY))
        paid = {"paid_online": chance.random() < 0.7} if known.get("fee_charged") else {}
        say("handled", **paid)
        counts["paid_online"] += bool(known.get("paid_online"))
        late = late or (at >= due and due <= END)
        at += HOUR
        say("returned", electronic_result=chance.random() < 0.5)
        counts["finished"] += 1
        counts["electronic"] += bool(known["electronic_result"])
    else:
        late = late or due <= END
    counts["not_late"] += not late
    return Life(said, counts)


def files(chance: random.Random, of: Sequence[Life]) -> list[list[Line]]:
    """The files of the vendors, each of whom speaks of dossiers of its own: shuffled, some lines again, some wrong."""
    found: list[list[Line]] = []
    for vendor in range(VENDORS):
        said = [each for life in of[vendor::VENDORS] for each in life.deliveries]
        lines = [Line(_written(each)) for each in said]
        lines += chance.sample(lines, int(len(lines) * REPEATED))
        for each in chance.sample(said, int(len(said) * WRONG)):
            field, change = chance.choice(MISTAKES)
            lines.append(Line(_written(each | change), field))
        chance.shuffle(lines)
        found.append(lines)
    return found


def sorted_file(of: Sequence[Life]) -> list[Line]:
    """All deliveries in the order of their times, each once and none wrong."""
    said = sorted((each for life in of for each in life.deliveries), key=lambda each: each["at"])
    return [Line(_written(each)) for each in said]


def counted(of: Sequence[Life], unit: str) -> Counter[str]:
    """What the lives of one unit come to, by the names of `Life.counts`."""
    total: Counter[str] = Counter()
    for life in of:
        if life.deliveries[0]["unit"] == unit:
            total += life.counts
    return total


def body(lines: Sequence[Line]) -> bytes:
    """The lines as one file."""
    return "".join(line.text for line in lines).encode()


def _written(item: Json) -> str:
    return json.dumps(item, ensure_ascii=False) + "\n"
