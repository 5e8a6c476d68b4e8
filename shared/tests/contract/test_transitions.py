"""Tables of transitions, and that the test which comes with them finds what is wrong with one."""

from dataclasses import replace
from enum import StrEnum

import msgspec
import pytest

from cchc_shared.contract.transitions import Transition, TransitionTable, row
from tests.support.inspections import TRANSITIONS, Action, Inspection, Party, Status
from tests.support.workflow import Machine

PLANNED = Inspection("TT-1", 1, Status.PLANNED, "SNV")
MACHINE = Machine(
    TRANSITIONS,
    begin=[PLANNED],
    statuses=Status,
    actions=Action,
    parties=Party,
    ends={Status.CONCLUDED, Status.CALLED_OFF},
)
TestAnySequence = MACHINE.sequences()


def test_the_table_of_inspections_is_sound() -> None:
    MACHINE.check()


def with_rows(*rows: Transition[Inspection]) -> Machine[Inspection]:
    return replace(MACHINE, table=TransitionTable(*rows))


ROWS = tuple(TRANSITIONS.rows)
AGAIN: Transition[Inspection] = row(Action.BEGIN, {Status.PLANNED}, Status.CONCLUDED, {Party.OFFICE})


class Stranger(StrEnum):
    PLANNED = "planned"
    LEADER = "leader"
    BEGIN = "begin"


@pytest.mark.parametrize(
    ("machine", "fault"),
    [
        (with_rows(*ROWS, AGAIN), "rows before it always come first"),
        (with_rows(*ROWS[1:]), "no row for"),
        (with_rows(replace(ROWS[0], target=Status.CONCLUDED), *ROWS[1:]), "no state is reached from which row 1"),
        (with_rows(*ROWS, replace(ROWS[2], sources=frozenset({Status.CONCLUDED}))), "nothing leads out of"),
        (replace(MACHINE, ends={Status.CONCLUDED}), "nothing leads out of"),
        (replace(MACHINE, unused={Status.CONCLUDED}), "though said to be unused"),
        (
            with_rows(ROWS[0], replace(ROWS[1], target=Status.CALLED_OFF), ROWS[2]),
            "never reached, and not said to be unused: ",
        ),
        (with_rows(*ROWS, replace(AGAIN, sources=frozenset({Stranger.PLANNED}))), "is no Status"),
        (with_rows(*ROWS, replace(AGAIN, target=Stranger.PLANNED)), "is no Status"),
        (with_rows(*ROWS, replace(AGAIN, by=frozenset({Stranger.LEADER}))), "row 3"),
        (with_rows(*ROWS, replace(AGAIN, action=Stranger.BEGIN)), "row 3"),
        (with_rows(*ROWS, replace(AGAIN, by=frozenset())), "nobody may take row 3"),
        (with_rows(*ROWS, replace(AGAIN, sources=frozenset())), "row 3 starts nowhere"),
        (
            with_rows(ROWS[0], *(replace(each, when=lambda state: state.findings == 1) for each in ROWS[1:])),
            "no state is reached from which row 1",
        ),
        (
            replace(
                with_rows(ROWS[0], replace(ROWS[1], when=lambda state: state.findings < 2), ROWS[2]),
                begin=[PLANNED, msgspec.structs.replace(PLANNED, findings=2)],
                parties=Party,
                table=TransitionTable(
                    ROWS[0],
                    replace(ROWS[1], when=lambda state: state.findings < 2),
                    replace(ROWS[2], when=lambda state: state.findings < 2),
                ),
            ),
            "nobody can do anything",
        ),
        (replace(MACHINE, step=lambda state, _: state), "leads to planned"),
        (
            replace(MACHINE, step=lambda state, row: msgspec.structs.replace(state, status=row.target)),
            "leaves the version",
        ),
    ],
)
def test_what_is_wrong_with_a_table_is_found(machine: Machine[Inspection], fault: str) -> None:
    with pytest.raises(AssertionError, match=fault):
        machine.check()


class Generous(TransitionTable[Inspection]):
    """Says that more is possible than is."""

    def possible(self, state: Inspection, parties: object) -> list[StrEnum]:
        return [found.action for found in self.rows if found.applies_to(state)]


def test_a_table_that_promises_what_is_refused_is_found() -> None:
    with pytest.raises(AssertionError, match="not-permitted"):
        replace(MACHINE, table=Generous(*ROWS)).check()


def test_of_several_rows_of_an_action_the_first_that_applies_counts() -> None:
    first: Transition[Inspection] = row(
        Action.CONCLUDE, {Status.UNDER_WAY}, Status.CONCLUDED, {Party.LEADER}, lambda each: each.findings > 0
    )
    second: Transition[Inspection] = row(Action.CONCLUDE, {Status.UNDER_WAY}, Status.CALLED_OFF, {Party.OFFICE})
    table: TransitionTable[Inspection] = TransitionTable(first, second)
    with_findings = Inspection("TT-1", 2, Status.UNDER_WAY, "SNV", 3)
    without = Inspection("TT-1", 2, Status.UNDER_WAY, "SNV")
    assert table.row(with_findings, Action.CONCLUDE) is first
    assert table.row(without, Action.CONCLUDE) is second
    assert table.row(without, Action.BEGIN) is None
    assert table.row(PLANNED, Action.CONCLUDE) is None
    assert table.possible(with_findings, [Party.OFFICE]) == [], "the row that would be taken is not the office's"
    assert table.possible(with_findings, [Party.LEADER, Party.OFFICE]) == [Action.CONCLUDE]
    assert table.possible(without, [Party.OFFICE]) == [Action.CONCLUDE]
    assert table.possible(without, []) == []


def test_what_is_possible_stands_in_the_order_of_the_table() -> None:
    state = Inspection("TT-1", 2, Status.UNDER_WAY, "SNV")
    assert TRANSITIONS.possible(state, [Party.OFFICE, Party.LEADER]) == [Action.CONCLUDE, Action.CALL_OFF]
