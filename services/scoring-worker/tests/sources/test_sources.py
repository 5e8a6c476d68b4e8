"""What the sources say of themselves is what they do, and what the contract says."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cchc_shared.contract.codes import ConsultationStatus, FeedbackStatus, Opinion, RecommendationStatus, TaskStatus
from cchc_shared.contract.documents import sample
from cchc_shared.contract.events import TYPES, EventData
from cchc_shared.contract.events.consultation import ConsultationReturned, ConsultationState
from cchc_shared.contract.events.feedback import FeedbackReturned, FeedbackState, FeedbackTransferred
from cchc_shared.contract.events.inspection import RecommendationState
from cchc_shared.contract.events.task import TaskReturned, TaskState, TaskTransferred
from cchc_shared.http.document import openapi_document
from scoring_worker.bootstrap import build_app
from scoring_worker.settings import ScoringSettings
from scoring_worker.sources import BY_AGGREGATE, EVENTS, MEASURES, OCCURRENCES, SOURCES, Measure

COUNTED = [data for data in TYPES.values() if data.AGGREGATE in BY_AGGREGATE]


def test_every_measure_has_one_source() -> None:
    assert len(set(MEASURES)) == len(MEASURES)
    first_words = [{measure.split(".")[0] for measure in (*each.duties, *each.occurrences)} for each in SOURCES]
    assert all(len(words) == 1 for words in first_words), "a source names what it counts alike"
    assert len(set().union(*first_words)) == len(SOURCES), "and no other source does"
    assert len(BY_AGGREGATE) == len(SOURCES)


@pytest.mark.parametrize("data", COUNTED, ids=lambda data: data.TYPE)
def test_every_event_of_a_source_gives_what_the_source_declares(data: type[EventData]) -> None:
    source, event = BY_AGGREGATE[data.AGGREGATE], sample(data)
    assert issubclass(data, EVENTS)
    assert tuple(target.measure for target in source.target(event)) == source.duties
    assert {occurred.measure for occurred in source.occurrences_of(event)} <= set(source.occurrences)


def test_hand_overs_count_for_the_unit_that_handed_over() -> None:
    handed_over = {TaskTransferred, TaskReturned, FeedbackTransferred, FeedbackReturned}
    for data in COUNTED:
        occurred = BY_AGGREGATE[data.AGGREGATE].occurrences_of(sample(data))
        units = [one.unit for one in occurred if one.measure.endswith(".handover")]
        assert units == (["from_unit-1"] if data in handed_over else [])


@given(st.sampled_from(TaskStatus), st.booleans())
def test_a_task_is_a_duty_unless_it_was_dropped_or_fanned_out(status: TaskStatus, fanned_out: bool) -> None:
    task = TaskState(
        code="NV-1", lead_unit="A", status=status, assigned_at=MOMENT, due_at=MOMENT, fanned_out=fanned_out
    )
    (target,) = BY_AGGREGATE["task"].target(task)
    assert (target.due_at is None) == (fanned_out or status is TaskStatus.CLOSED)


@given(st.sampled_from(RecommendationStatus), st.booleans())
def test_a_recommendation_is_a_duty_of_the_unit_that_carries_it_out(status: RecommendationStatus, done: bool) -> None:
    recommendation = RecommendationState(
        code="KT-2024-0001.1.1",
        inspection="KT-2024-0001",
        conclusion=1,
        responsible_unit="A",
        inspecting_unit="B",
        inspected_unit="C",
        status=status,
        issued_at=MOMENT,
        due_on=date(2024, 6, 30),
        due_at=MOMENT,
        reported_at=MOMENT,
        done_at=MOMENT if done else None,
    )
    (target,) = BY_AGGREGATE["recommendation"].target(recommendation)
    assert (target.unit, target.due_at, target.done_at) == ("A", MOMENT, MOMENT if done else None)


@given(st.sampled_from(ConsultationStatus))
def test_silence_stays_a_duty_and_what_was_returned_or_withdrawn_is_none(status: ConsultationStatus) -> None:
    answered = status is ConsultationStatus.ANSWERED
    asked = ConsultationState(
        code="LYK-1",
        task="NV-1",
        asker="A",
        unit="B",
        kind="k",
        status=status,
        asked_at=MOMENT,
        due_at=MOMENT,
        answered_at=MOMENT if answered else None,
        opinion=Opinion.AGREE if answered else None,
    )
    (target,) = BY_AGGREGATE["consultation"].target(asked)
    assert target.unit == "B"
    assert (target.due_at is None) == (status in (ConsultationStatus.RETURNED, ConsultationStatus.WITHDRAWN))
    assert (target.done_at is not None) == answered


def test_a_question_that_was_returned_counts_for_who_asked() -> None:
    occurrences = {
        data: BY_AGGREGATE["consultation"].occurrences_of(sample(data))
        for data in COUNTED
        if data.AGGREGATE == "consultation"
    }
    assert {data for data, occurred in occurrences.items() if occurred} == {ConsultationReturned}
    (occurred,) = occurrences[ConsultationReturned]
    assert (occurred.measure, occurred.unit) == ("consultation.needless", "asker-1")


@given(st.sampled_from(FeedbackStatus))
def test_a_report_out_of_process_leaves_no_open_duty(status: FeedbackStatus) -> None:
    report = FeedbackState(
        code="PA-1",
        channel=SAMPLE.channel,
        kind=SAMPLE.kind,
        severity=SAMPLE.severity,
        status=status,
        unit="A",
        received_at=MOMENT,
        accept_due_at=MOMENT,
        resolve_due_at=MOMENT,
        accepted_at=MOMENT,
    )
    acceptance, resolution = BY_AGGREGATE["feedback"].target(report)
    assert acceptance.due_at == MOMENT
    assert (resolution.due_at is None) == (status in {FeedbackStatus.REFUSED, FeedbackStatus.DUPLICATE})


def test_the_contract_lists_what_the_sources_have() -> None:
    settings = ScoringSettings(database_url="postgresql://nowhere/none", jwks_url="file:///dev/null", CCHC_PROFILE=".")
    item = openapi_document(build_app(settings))["components"]["schemas"]["EvidenceItem"]["properties"]
    assert item["measure"]["enum"] == list(MEASURES)
    assert item["aggregate"]["enum"] == list(BY_AGGREGATE)
    assert {Measure(measure) for measure in OCCURRENCES} < set(item["measure"]["enum"])


def _sample() -> FeedbackState:
    event = sample(FeedbackTransferred)
    assert isinstance(event, FeedbackState)
    return event


SAMPLE = _sample()
MOMENT = SAMPLE.received_at
