"""The two clocks of a report at this moment."""

from dataclasses import dataclass
from datetime import datetime

from cchc_shared.calendar.clock import Clock as Now
from feedback_api.clocks.domain import Clock, Deadlines
from feedback_api.handling.domain import Feedback


@dataclass(frozen=True, slots=True)
class Clocks:
    """Shows both clocks of a report."""

    now: Now
    deadlines: Deadlines

    def of(self, feedback: Feedback) -> tuple[Clock, Clock, datetime]:
        """The acceptance clock, the resolution clock, and the moment they are read at."""
        acceptance = Clock(feedback.received_at, feedback.accept_due_at, feedback.accepted_at)
        started_at = self.deadlines.resolution_start(feedback.timing)
        return acceptance, Clock(started_at, feedback.resolve_due_at, feedback.answered_at), self.now.now()
