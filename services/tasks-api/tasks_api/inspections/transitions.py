"""The tables of transitions: of an inspection, and of a recommendation. Pure."""

from enum import StrEnum

from cchc_shared.contract.codes import InspectionStatus, RecommendationStatus
from cchc_shared.contract.transitions import TransitionTable, row
from tasks_api.inspections.domain import Inspection, Recommendation


class InspectionAction(StrEnum):
    ANNOUNCE = "announce"
    START = "start"
    CONCLUDE = "conclude"
    CANCEL = "cancel"


class RecommendationAction(StrEnum):
    REPORT = "report"
    CONFIRM = "confirm"
    REOPEN = "reopen"


class Party(StrEnum):
    """A caller's role towards one inspection, or one of its recommendations."""

    INSPECTING = "inspecting"
    """Staff of the inspecting unit."""
    OFFICE = "office"
    """Who plans inspections and follows them up, and is not of the unit that it is about."""
    RESPONSIBLE = "responsible"
    """Staff of the unit that carries out a recommendation."""


_S, _R = InspectionStatus, RecommendationStatus
_INSPECTING, _OFFICE, _RESPONSIBLE = {Party.INSPECTING}, {Party.OFFICE}, {Party.RESPONSIBLE}

TABLE: TransitionTable[Inspection] = TransitionTable(
    # An unannounced inspection has no action by which somebody could announce it by mistake.
    row(InspectionAction.ANNOUNCE, {_S.PLANNED}, _S.ANNOUNCED, _INSPECTING | _OFFICE, lambda it: not it.unannounced),
    row(InspectionAction.START, {_S.PLANNED}, _S.IN_PROGRESS, _INSPECTING, lambda it: it.unannounced),
    row(InspectionAction.START, {_S.ANNOUNCED}, _S.IN_PROGRESS, _INSPECTING),
    row(InspectionAction.CONCLUDE, {_S.IN_PROGRESS}, _S.CONCLUDED, _INSPECTING),
    row(InspectionAction.CANCEL, {_S.PLANNED, _S.ANNOUNCED, _S.IN_PROGRESS}, _S.CANCELLED, _INSPECTING | _OFFICE),
)

RECOMMENDATIONS: TransitionTable[Recommendation] = TransitionTable(
    row(RecommendationAction.REPORT, {_R.OPEN}, _R.REPORTED, _RESPONSIBLE),
    # Nobody confirms what their own unit did.
    row(RecommendationAction.CONFIRM, {_R.REPORTED}, _R.DONE, _OFFICE, lambda it: it.of_the_inspecting_unit),
    row(RecommendationAction.CONFIRM, {_R.REPORTED}, _R.DONE, _INSPECTING),
    row(RecommendationAction.REOPEN, {_R.REPORTED, _R.DONE}, _R.OPEN, _INSPECTING | _OFFICE),
)
