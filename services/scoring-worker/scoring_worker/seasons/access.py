"""What a caller is to a season and to a unit's part in it."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from cchc_shared.contract.codes import OVERSIGHT, UNIT_STAFF, Role
from cchc_shared.http.access import Principal
from scoring_worker.seasons.domain import AFTER, Season, Step
from scoring_worker.seasons.transitions import Party


class CardParty(StrEnum):
    """A caller's part in what is entered of a unit."""

    BOARD = "board"
    """Who runs the season."""
    COUNCIL = "council"
    APPRAISER = "appraiser"
    """Staff of a unit that appraises a field, of another unit."""
    UNIT = "unit"
    """Staff of the unit that is scored."""


ENTERS: Final[Mapping[Step, frozenset[CardParty]]] = {
    Step.SELF_SCORE: frozenset({CardParty.UNIT}),
    Step.APPRAISAL_1: frozenset({CardParty.APPRAISER, CardParty.BOARD}),
    Step.EXPLANATION: frozenset({CardParty.UNIT}),
    Step.APPRAISAL_2: frozenset({CardParty.APPRAISER, CardParty.BOARD}),
    Step.COUNCIL: frozenset({CardParty.COUNCIL}),
    Step.OBJECTION: frozenset({CardParty.UNIT}),
    Step.RULING: frozenset({CardParty.BOARD}),
    Step.FINDING: frozenset({CardParty.UNIT}),
}
"""Who enters what."""


def runs(caller: Principal, owner: str | None) -> Role | None:
    """The role in which a caller runs seasons of this owner. The city's boards are the city's whatever their unit."""
    if owner is None:
        return caller.acting_as(Role.SCORING_BOARD)
    return caller.acting_as(Role.UNIT_HEAD) if caller.unit == owner else None


def decides(caller: Principal, owner: str | None) -> Role | None:
    """The role in which a caller decides as the council of seasons of this owner."""
    return caller.acting_as(Role.COUNCIL) if owner is None else runs(caller, owner)


def parties(caller: Principal, season: Season) -> Mapping[StrEnum, Role]:
    """What a caller is to a season as a whole."""
    role = runs(caller, season.owner)
    return {} if role is None else {Party.BOARD: role}


def parties_of_unit(caller: Principal, season: Season, unit: str) -> dict[CardParty, Role]:
    """What a caller is to a unit's part. Whoever works for the unit is nothing else to it, whatever roles they hold."""
    staff = caller.acting_as(*UNIT_STAFF)
    if caller.unit == unit:
        return {} if staff is None else {CardParty.UNIT: staff}
    found: dict[CardParty, Role] = {}
    if (board := runs(caller, season.owner)) is not None:
        found[CardParty.BOARD] = board
    if (council := decides(caller, season.owner)) is not None:
        found[CardParty.COUNCIL] = council
    if staff is not None and caller.unit in season.appraisers.values():
        found[CardParty.APPRAISER] = staff
    return found


def appraises(caller: Principal, season: Season, unit: str, field: str) -> bool:
    """Whether a field of a unit is this caller's to appraise."""
    appraiser = season.appraiser(field, unit)
    mine = parties_of_unit(caller, season, unit)
    return CardParty.BOARD in mine if appraiser is None else CardParty.APPRAISER in mine and appraiser == caller.unit


def sees_all(caller: Principal, season: Season) -> bool:
    """Whether a caller sees every unit's part before publication."""
    return caller.has(*OVERSIGHT) or runs(caller, season.owner) is not None


def sees(caller: Principal, season: Season, unit: str) -> bool:
    """Whether a caller sees a unit's part: their own, one they work on, and every one once it is published."""
    return season.status in AFTER or sees_all(caller, season) or bool(parties_of_unit(caller, season, unit))
