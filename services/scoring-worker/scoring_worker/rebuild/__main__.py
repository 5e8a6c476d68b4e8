"""`python -m scoring_worker.rebuild [--swap]`: are the live scores those that the log of events gives?"""

import sys

from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.service.http_settings import read
from cchc_shared.service.rebuild import RebuildPlan, command
from scoring_worker.bootstrap import TOPICS
from scoring_worker.projection.service import Projection
from scoring_worker.rebuild.plan import plan
from scoring_worker.settings import ScoringSettings

NAME = "scoring-rebuild"


def plan_of(settings: ScoringSettings) -> RebuildPlan:
    """What is made again, by the calendar of the live service."""
    timezone = WorkingCalendar.load(settings.profile).timezone
    return plan(Projection(timezone, settings.clock))


def main() -> int:
    settings = read(ScoringSettings)
    return command.main("scoring_worker.rebuild", NAME, settings, plan_of(settings), TOPICS)


if __name__ == "__main__":
    sys.exit(main())
