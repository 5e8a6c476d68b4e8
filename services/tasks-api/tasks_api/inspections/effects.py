"""Effects of the actions: the changed state, and the event that records it. Pure."""

from collections.abc import Callable
from datetime import date
from typing import Any

import msgspec

from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.contract.events import inspection as events
from cchc_shared.contract.transitions import Change, Step
from tasks_api.inspections.domain import Inspection, Recommendation, Tree
from tasks_api.units.domain import Succession

InspectionEffect = Callable[[Step[Inspection]], Change[Inspection]]
RecommendationEffect = Callable[[Step[Recommendation]], Change[Recommendation]]


def plan(inspection: Inspection) -> Change[Inspection]:
    """The first state of an inspection."""
    return _change(inspection, events.InspectionPlanned)


def announce(step: Step[Inspection]) -> Change[Inspection]:
    """The inspected unit may know of it."""
    return _change(msgspec.structs.replace(step.after, revealed_at=step.at), events.InspectionAnnounced)


def start(step: Step[Inspection]) -> Change[Inspection]:
    """The inspectors are there: from now on the inspected unit knows of it, announced or not."""
    revealed_at = step.before.revealed_at or step.at
    after = msgspec.structs.replace(step.after, started_at=step.at, revealed_at=revealed_at)
    return _change(after, events.InspectionStarted)


def conclude(step: Step[Inspection], conclusion_no: str, tree: Tree) -> Change[Inspection]:
    """The inspection is over; what follows stands in its recommendations."""
    after = msgspec.structs.replace(step.after, concluded_at=step.at, conclusion_no=conclusion_no)
    return _change(
        after,
        events.InspectionConcluded,
        conclusions=len(tree.conclusions),
        recommendations=len(tree.recommendations),
    )


def cancel(step: Step[Inspection]) -> Change[Inspection]:
    """The inspection ends without a conclusion. What was not revealed before is not revealed by this."""
    return _change(step.after, events.InspectionCancelled)


def issue(recommendation: Recommendation) -> Change[Recommendation]:
    """The first state of a recommendation."""
    return _changed(recommendation, events.RecommendationIssued)


def report(step: Step[Recommendation]) -> Change[Recommendation]:
    """The report waits for its confirmation, as of now."""
    return _changed(msgspec.structs.replace(step.after, reported_at=step.at), events.RecommendationReported)


def confirm(step: Step[Recommendation]) -> Change[Recommendation]:
    """It is done, as of the report."""
    after = msgspec.structs.replace(step.after, reported_at=None, done_at=step.before.reported_at)
    return _changed(after, events.RecommendationConfirmed)


def reopen(step: Step[Recommendation]) -> Change[Recommendation]:
    """The report counts no more. The last day stays: whoever reported badly has not gained time."""
    after = msgspec.structs.replace(step.after, reported_at=None, done_at=None)
    return _changed(after, events.RecommendationReopened)


def inherit(
    step: Step[Recommendation],
    responsible: Succession | None,
    inspecting: Succession | None,
    least: date,
    calendar: WorkingCalendar,
) -> Change[Recommendation]:
    """Units that ended are succeeded by law: the responsible one, the inspecting one, or both. The heir of the
    responsible one has the last day, but never less than `least`."""
    after = step.after
    if inspecting:
        after = msgspec.structs.replace(after, inspecting_unit=inspecting.heir)
    if responsible is None:
        return _changed(after, events.RecommendationReassigned)
    due_on = max(after.due_on, least)
    after = msgspec.structs.replace(
        after, responsible_unit=responsible.heir, due_on=due_on, due_at=calendar.end_of_day(due_on)
    )
    return _changed(
        after,
        events.RecommendationReassigned,
        from_unit=responsible.ended,
        from_until=responsible.until,
        to_unit=responsible.heir,
    )


def _change(inspection: Inspection, kind: type[events.InspectionState], **more: Any) -> Change[Inspection]:
    """The change with its event, which names no unit before the inspection is revealed."""
    if inspection.revealed_at is not None:
        more |= {
            "inspecting_unit": inspection.inspecting_unit,
            "inspected_unit": inspection.inspected_unit,
            "unannounced": inspection.unannounced,
            "revealed_at": inspection.revealed_at,
            "concluded_at": inspection.concluded_at,
        }
    return Change(inspection, kind(code=inspection.code, status=inspection.status, **more))


def _changed(
    recommendation: Recommendation, kind: type[events.RecommendationState], **more: Any
) -> Change[Recommendation]:
    """The change with its event, which carries no free text."""
    return Change(
        recommendation,
        kind(
            code=recommendation.code,
            inspection=recommendation.inspection,
            conclusion=recommendation.conclusion,
            responsible_unit=recommendation.responsible_unit,
            inspecting_unit=recommendation.inspecting_unit,
            inspected_unit=recommendation.inspected_unit,
            status=recommendation.status,
            issued_at=recommendation.issued_at,
            due_on=recommendation.due_on,
            due_at=recommendation.due_at,
            reported_at=recommendation.reported_at,
            done_at=recommendation.done_at,
            **more,
        ),
    )
