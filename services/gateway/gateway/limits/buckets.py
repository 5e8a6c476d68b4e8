"""Counts what callers ask against one policy: the generic cell rate algorithm (ITU-T I.371). Pure; time is given.

Of each caller one number is kept: when all of its quota will have come back.
"""

from collections import OrderedDict
from typing import Final, NamedTuple

from gateway.limits.rules import Policy

MOST: Final = 20_000
"""Callers that are remembered for each policy; the one that asked longest ago is forgotten first."""
_ROUNDING: Final = 1e-6
_DEBT: Final = 2.0
"""Windows that a caller is counted for at most, whatever other processes have let it do."""


class Standing(NamedTuple):
    """How a caller stands after it asked."""

    admitted: bool
    left: int
    """Requests that it may send now."""
    seconds: float
    """Admitted: until all of its quota has come back. Refused: until it may ask again."""


class Buckets:
    """One for each caller. With `shared`, what was taken stands in `spent` until it is told to the shared store.

    `weight` is how many requests each one counts for: as many as there are processes, while none hears of the others.
    """

    def __init__(self, policy: Policy, *, most: int = MOST, shared: bool = False) -> None:
        self.policy = policy
        self.interval = policy.seconds / policy.quota
        self.weight = 1
        self._window = float(policy.seconds)
        self.spent: dict[str, int] | None = {} if shared else None
        """Requests by caller that the shared store does not know of."""
        self._full_at: OrderedDict[str, float] = OrderedDict()
        self._most = most

    def __len__(self) -> int:
        """How many callers are remembered."""
        return len(self._full_at)

    def take(self, caller: str, now: float) -> Standing:
        """Count one request at this time (seconds of any clock that only goes forward); one that is refused counts
        nothing."""
        full_at = self._full_at.get(caller, now)
        cost = self.interval * self.weight
        after = (full_at if full_at > now else now) + cost
        room = now + self._window - after
        if room < -_ROUNDING:
            return Standing(admitted=False, left=0, seconds=-room)
        self._keep(caller, after)
        if self.spent is not None:
            self.spent[caller] = self.spent.get(caller, 0) + 1
        return Standing(admitted=True, left=int(room / cost + _ROUNDING), seconds=after - now)

    def is_empty(self, caller: str, now: float) -> bool:
        """Whether the next request would be refused."""
        after = max(self._full_at.get(caller, now), now) + self.interval * self.weight
        return now + self._window - after < -_ROUNDING

    def hand_out(self) -> dict[str, int]:
        """What the shared store does not know of yet; from now on it counts as told."""
        spent, self.spent = self.spent or {}, {}
        return spent

    def learn(self, caller: str, seconds: float, now: float) -> None:
        """What all processes let the caller do, as the shared store says: all comes back in so many seconds.

        What was taken here meanwhile is added."""
        since = (self.spent or {}).get(caller, 0) * self.interval
        self._keep(caller, now + min(seconds + since, _DEBT * self._window))

    def _keep(self, caller: str, full_at: float) -> None:
        self._full_at[caller] = full_at
        self._full_at.move_to_end(caller)
        if len(self._full_at) > self._most:
            self._full_at.popitem(last=False)
