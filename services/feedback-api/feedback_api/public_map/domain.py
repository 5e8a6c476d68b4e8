"""What everyone may see of a report, and how a crowded map is thinned out. Pure."""

from typing import Final

from cchc_shared.contract.codes import FeedbackStatus
from feedback_api.reports.domain import seen_outside

MOST_FEATURES: Final = 500
"""Reports that are shown one by one; where a box holds more, they are shown in clusters."""
MOST_LOOKED_AT: Final = 20_000
"""The newest of a box, which are counted in clusters; what is older is left out, and the answer says so."""
MOST_CLUSTERS: Final = 1_000
ACROSS: Final = 20
"""So many clusters stand beside each other in a box at most."""
ON_A_TILE: Final = 4
"""And so many on the side of a tile of a web map, which is 360 degrees / 2^zoom wide."""
USUAL_ZOOM: Final = 10
ROUND_DEGREES: Final = 360


def shown_as(status: FeedbackStatus) -> list[FeedbackStatus]:
    """The statuses that everyone sees as this one."""
    return [each for each in FeedbackStatus if seen_outside(each) is status]


def side(zoom: int | None, width: float | None, height: float | None) -> float:
    """The side, in degrees, of the square cell whose reports make one cluster.

    It is as fine as the zoom of a web map asks, but never so fine that a box of that size holds too many.
    """
    least = 0.0 if width is None or height is None else max(width, height) / ACROSS
    if zoom is None and least > 0:
        return least
    return max(least, ROUND_DEGREES / (1 << (USUAL_ZOOM if zoom is None else zoom)) / ON_A_TILE)
