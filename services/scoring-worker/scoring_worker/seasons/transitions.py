"""What whoever runs a season can do with it, by its stage. Pure.

Stages follow from dates, so an action changes a date or says that something was done; the stage is reckoned from that.
"""

from enum import StrEnum
from itertools import pairwise

from cchc_shared.contract.transitions import TransitionTable, row
from scoring_worker.seasons.domain import UNTIL, Season, Stage


class SeasonAction(StrEnum):
    ADVANCE = "advance"
    """End the present stage now, before its date."""
    RESCHEDULE = "reschedule"
    ADD_UNITS = "add_units"
    PUBLISH = "publish"
    CANCEL = "cancel"


class Party(StrEnum):
    """A caller's part in a season as a whole."""

    BOARD = "board"
    """Who runs it: the scoring board for the city; for the units below a unit, its head."""


_BOARD = {Party.BOARD}
_RUNNING = (*UNTIL, Stage.CONCLUDED)

TABLE: TransitionTable[Season] = TransitionTable(
    *(row(SeasonAction.ADVANCE, {stage}, following, _BOARD) for stage, following in pairwise(_RUNNING)),
    *(row(SeasonAction.RESCHEDULE, {stage}, stage, _BOARD) for stage in _RUNNING),
    # Whoever joins later could not score itself any more.
    row(SeasonAction.ADD_UNITS, {Stage.SELF_SCORING}, Stage.SELF_SCORING, _BOARD),
    row(SeasonAction.PUBLISH, {Stage.CONCLUDED}, Stage.PUBLISHED, _BOARD),
    row(SeasonAction.CANCEL, _RUNNING, Stage.CANCELLED, _BOARD),
)
