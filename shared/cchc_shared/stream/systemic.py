"""Tells a fault of the system from a fault of single events: the first stops the consumer, the second parks.

A handler that refuses one aggregate's event meets a bad event. One that refuses whatever it is given has a bug, or
meets a database that is not as it should be: parking would then hold every aggregate.

One event that fails by itself says nothing of which it is. Only another one that succeeds does, and where events are
few that may come a minute later, or a day. Until then nothing is parked: the same events are tried again, and each that
came since with them. Nobody loses by that wait. What came since either fails too, or ends it: in the same transaction,
or in one of its own, because a transport may give each partition by itself (`vouched`).
"""

from collections import Counter
from collections.abc import Mapping

AGGREGATES = 20
"""So many aggregates that fail alike are no accident, if they are most of those that were tried."""


class Systemic(Exception):
    """The fault is not the events', or nothing tells yet that it is: nothing is parked, the same events come again."""


def judge(
    tried: int, applied: int, failed: Mapping[str, str], enough: int = AGGREGATES, *, vouched: bool = False
) -> None:
    """Weigh one transaction: how many aggregates were tried, how many events took effect, and who failed with what.

    Returns if what failed may park. Raises `Systemic` if it is the system's fault, or if that cannot be told yet.
    `enough` = 0 lets everything park. `vouched`: since nothing succeeded, something did in another transaction.
    """
    if not failed or not enough:
        return
    kind, alike = Counter(failed.values()).most_common(1)[0]
    if not applied and not vouched:
        raise Systemic(f"nothing succeeds: {kind}, {alike} of {tried} aggregates fail with it")
    if alike >= enough and alike * 2 > tried:
        raise Systemic(f"{alike} of {tried} aggregates fail with {kind}")
