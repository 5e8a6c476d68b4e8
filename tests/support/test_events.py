"""The events that tests are made of are events as services write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cchc_shared.contract.events import Event, decode, encode
from cchc_shared.contract.events.task import TaskAssigned, TaskStarted
from tests.support.events import report_event, report_histories, task_event, task_histories, unit_event


@pytest.mark.parametrize("event", [task_event("NV-1"), report_event("PA-1"), unit_event("SNV")])
def test_an_event_can_be_read_as_it_was_written(event: Event) -> None:
    assert decode(event.type, encode(event.data)) == event.data


def test_what_a_test_names_is_in_the_event() -> None:
    assert isinstance(task_event("NV-1").data, TaskAssigned)
    event = task_event("NV-1", 3, TaskStarted, lead_unit="STC", handovers=2)
    assert (event.subject, event.version, event.data) == (
        "NV-1",
        3,
        TaskStarted(code="NV-1", lead_unit="STC", status=event.data.status, assigned_at=event.occurred_at, handovers=2),  # type: ignore[attr-defined]
    )


@given(st.one_of(task_histories(), report_histories()))
def test_a_history_begins_at_its_beginning_without_gaps(history: list[Event]) -> None:
    assert [event.version for event in history] == list(range(1, len(history) + 1))
    assert len({event.aggregate for event in history}) == 1
    times = [event.occurred_at for event in history]
    assert times == sorted(times)
    for event in history:
        assert decode(event.type, encode(event.data)) == event.data
