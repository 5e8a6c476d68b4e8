"""What whoever runs a season can do with it."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from scoring_worker.seasons.domain import UNTIL, Stage, stage
from scoring_worker.seasons.transitions import TABLE, Party, SeasonAction
from tests.support.seasons import known_season
from tests.support.workflow import Machine

SEASON = known_season()
MACHINE = Machine(
    TABLE,
    begin=[SEASON],
    statuses=Stage,
    actions=SeasonAction,
    parties=Party,
    ends={Stage.PUBLISHED, Stage.CANCELLED},
    unused={Stage.FINAL},
)
TestAnySequence = MACHINE.sequences()


def test_the_table_is_sound() -> None:
    MACHINE.check()


@pytest.mark.parametrize("present", UNTIL)
def test_what_advance_does_is_what_the_clock_says(present: Stage) -> None:
    """The row's target is the stage that the dates give after the stage was ended."""
    now = getattr(SEASON, UNTIL[present]) - timedelta(hours=1)
    before = SEASON.at(now)
    assert before.status is present
    row = TABLE.row(before, SeasonAction.ADVANCE)
    assert row is not None
    assert stage(replace(before, **{UNTIL[present]: now}), now) is row.target
