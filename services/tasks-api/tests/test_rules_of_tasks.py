"""What the city asks of the follow-up of tasks, rule by rule, and the tests that hold it.

A rule of the domain stands here in its own words; a feature that brings a rule adds its line.
"""

import importlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

import pytest
from sqlalchemy import select

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.contract.codes import TaskReturnReason
from tasks_api.tasks.models import task_history
from tests.support.tasks import Api

from .working import LEAD, OTHER, done, problem, reported, task_of

RULES: Final[Mapping[str, tuple[str, ...]]] = {
    # Plans
    "the published annex is read: tabs, headings repeated after pages, a row split in two": (
        "plans.test_annex.test_the_published_annex_cell_by_cell",
        "annexes.test_kinds.test_a_row_split_by_a_page_is_one",
    ),
    "plans come as text, Word, workbook and CSV": ("annexes.test_forms.test_the_published_annex_in_every_form",),
    "a preview shows what would become of a document, and writes nothing": (
        "plans.test_plans_http.test_a_dry_run_shows_the_same_and_writes_nothing",
    ),
    "a warning for each doubtful cell": (
        "plans.test_annex.test_a_doubtful_cell_is_said_and_the_row_is_assigned",
        "plans.test_rows_http.test_every_row_is_kept_with_its_wording",
    ),
    "nothing is imported by half: what is good becomes tasks, what is doubtful waits, a broken file changes nothing": (
        "plans.test_plans_http.test_a_faulty_row_waits_and_the_others_are_imported",
        "plans.test_rows_http.test_a_row_that_waits_is_assigned_from_the_day_of_the_answer",
        "plans.test_broken_files.test_a_broken_file_is_refused_in_our_words",
    ),
    "a task of all departments and districts has one child for each": (
        "plans.test_annex.test_only_the_ninth_fans_out",
        "tasks.test_tasks_http.test_members_of_a_group_see_what_it_helps_with_and_its_leads",
    ),
    "a parent is done when all its children are": (
        "tasks.test_tasks_http.test_a_parent_is_done_when_all_children_are",
        "tasks.test_progress.test_a_parent_is_done_exactly_when_every_child_is",
        "tasks.test_any_order.test_any_order_by_anybody",
    ),
    # Deadlines
    "a deadline keeps its wording and has a derived day": ("deadlines.test_wordings.test_a_wording_says_what_it_says",),
    "a quarter ends with its last day": ("deadlines.test_reader.test_a_quarter_ends_with_its_last_day",),
    "what may be a typing error is said, never guessed": (
        "deadlines.test_reader.test_what_looks_like_a_date_and_may_be_none",
        "deadlines.test_reader.test_a_word_that_is_not_known_is_never_passed_over",
    ),
    "regular work has no day": ("deadlines.test_reader.test_what_says_nothing_has_no_date",),
    # Who, what, by when
    "one task has one lead; the lead does not coordinate with itself": (
        "plans.test_annex.test_several_leads_have_a_task_each",
        "tasks.test_transitions.test_hand_overs_are_counted_and_the_former_lead_is_kept",
    ),
    "a named officer does the task": ("tasks.test_officer_http.test_the_head_names_who_does_it",),
    "steps": ("steps.test_steps_http.test_steps_are_added_in_their_order_and_shown_with_the_task",),
    "product and evidence": (
        "tasks.test_officer_http.test_a_report_names_the_document_of_its_product",
        "evidence.test_evidence_http.test_a_file_is_kept_and_read_by_who_may_read_the_task",
    ),
    "the document that a task comes from is kept with its number and day, and searched": (
        "documents.test_documents_http.test_documents_are_found_by_what_stands_on_them",
        "tasks.test_tasks_http.test_tasks_are_found_as_people_type",
    ),
    "who takes part reads a task, and nobody else does": ("tasks.test_tasks_http.test_who_may_see_a_task",),
    # States
    "only what may be done where a task stands is done, by who may, and all else changes nothing": (
        "tasks.test_every_action.test_every_action_by_everyone",
        "tasks.test_every_action.test_every_action_by_everyone_when_it_is_late",
        "tasks.test_any_order.test_any_order_by_anybody",
    ),
    "an end is an end: no report on a closed task": (
        "tasks.test_transitions.test_ends_have_no_way_out",
        "tasks.test_every_action.test_every_action_by_everyone",
    ),
    "due soon is three days": ("tasks.test_domain.test_a_task_is_due_soon_while_its_last_day_is_near",),
    "overdue begins when the last day in Hanoi has ended": (
        "tasks.test_domain.test_a_task_is_overdue_from_its_due_instant_until_it_ends",
        "tasks.test_progress.test_in_time_on_the_last_day_and_overdue_from_the_next",
    ),
    "completed late is what was reported late, however long the approval took": (
        "tasks.test_domain.test_a_report_at_the_due_instant_is_late",
        "tasks.test_transitions.test_start_report_approve_approve",
    ),
    "two approvals: the head of the executing unit, then the assigning unit": (
        "tasks.test_tasks_http.test_each_approval_has_its_own_office",
        "tasks.test_follow_up_http.test_the_second_approval_is_the_assigning_units",
    ),
    "not one person twice": ("tasks.test_follow_up_http.test_nobody_approves_what_they_reported_or_approved",),
    "a rejection returns to in progress, with a reason": (
        "tasks.test_transitions.test_a_rejection_at_either_level_begins_again",
        "test_rules_of_tasks.test_a_rejection_and_a_transfer_need_a_reason",
    ),
    "reported in time is awaiting approval: neither overdue nor done, on any past day too": (
        "tasks.test_follow_up_http.test_reported_in_time_is_neither_overdue_nor_done_until_it_is_approved",
        "tasks.test_follow_up_http.test_progress_tells_awaiting_from_overdue_on_any_day",
    ),
    "extensions: at most two, at most thirty days more, asked for thirty days after the deadline at the latest": (
        "tasks.test_transitions.test_extensions_by_the_rules",
        "tasks.test_any_order.test_any_order_by_anybody",
    ),
    "seven days and seven where the Government or Defence ordered it, by the symbol": (
        "tasks.test_follow_up_http.test_sources_of_the_government_and_of_defence_get_seven_days",
        "documents.test_documents_http.test_the_symbol_of_a_document_tells_whose_rules_of_extension_hold",
    ),
    "no extension into the past": ("tasks.test_follow_up_http.test_no_extension_into_the_past",),
    "a grant after the deadline does not erase lateness": (
        "tasks.test_follow_up_http.test_more_time_does_not_make_up_for_what_was_late",
        "plans.test_rows_http.test_more_time_by_a_revision_does_not_make_up_for_a_missed_deadline",
    ),
    "a child lies within its parent's time": (
        "tasks.test_tasks_http.test_a_child_lies_within_its_parents_time",
        "tasks.test_follow_up_http.test_the_office_gives_a_child_no_day_after_its_parents",
    ),
    "a parent is open while a child is": ("tasks.test_follow_up_http.test_a_parent_is_open_while_a_child_is",),
    # Returns and transfers
    "a return has one of two reasons": ("test_rules_of_tasks.test_a_return_has_one_of_two_reasons",),
    "a return costs nothing unless it is judged": (
        "tasks.test_follow_up_http.test_a_hand_over_is_judged_by_the_assigning_office_alone",
    ),
    "a transfer needs a reason": ("test_rules_of_tasks.test_a_rejection_and_a_transfer_need_a_reason",),
    "the former lead keeps reading, and does nothing more": (
        "tasks.test_tasks_http.test_who_may_see_a_task",
        "tasks.test_every_action.test_every_action_by_everyone",
    ),
    "hand-overs are counted": (
        "tasks.test_transitions.test_hand_overs_are_counted_and_the_former_lead_is_kept",
        "tasks.test_any_order.test_any_order_by_anybody",
    ),
    "a judgement that a hand-over was unjustified has a reason, and is withdrawn": (
        "tasks.test_follow_up_http.test_a_hand_over_is_judged_by_the_assigning_office_alone",
        "test_rules_of_tasks.test_a_judgement_needs_a_reason",
    ),
    "a hand-over moves work, not blame: what was missed stays missed by who held it": (
        "test_rules_of_tasks.test_what_was_missed_stays_missed_by_who_held_it",
    ),
    "the receiver has time of its own": (
        "tasks.test_follow_up_http.test_a_receiver_has_time_of_its_own_and_the_office_may_set_it",
    ),
    "what the office moves costs nobody": ("test_rules_of_tasks.test_what_the_office_moves_is_nobodys_hand_over",),
    # Reminders, recurring work
    "reminders before the deadline, on it and after, to officer, head, then assigning unit; each once": (
        "reminders.test_reminders.test_officer_then_head_then_assigning_unit_each_step_at_its_time",
        "reminders.test_any_sequence.test_each_step_once_and_none_missing",
    ),
    "a periodic task has its next occurrence, once": (
        "occurrences.test_occurrences_http.test_each_month_has_its_occurrence",
        "occurrences.test_exactly_once.test_four_workers_one_of_them_killed_again_and_again",
    ),
    "a term that counts from an event has its day once that is confirmed": (
        "tasks.test_dating_http.test_a_task_awaits_its_event_and_then_has_a_deadline",
    ),
    # Consultation
    "a unit is asked with a stated relevance and until a day": (
        "consultations.test_consultations_http.test_a_question_needs_a_reason_and_a_window",
    ),
    "an answer is agree, agree with changes or disagree, never empty": (
        "consultations.test_consultations_http.test_an_answer_is_never_empty",
    ),
    "silence is agreement, recorded once, at the deadline": (
        "consultations.test_deadline.test_a_thousand_in_one_second_three_workers_one_killed",
    ),
    "the written notice of deemed consent": (
        "consultations.test_deadline.test_the_notice_says_what_was_asked_and_is_inert",
    ),
    "a late answer is kept and changes nothing": (
        "consultations.test_deadline.test_a_late_answer_is_kept_and_changes_nothing",
    ),
    "a disagreement on a main content blocks submission until a direct meeting": (
        "submissions.test_submissions_http.test_a_disagreement_is_talked_over_before_papers_are_sent",
    ),
    "what is the sender's own to decide is not sent again": (
        "submissions.test_submissions_http.test_what_is_the_senders_own_to_decide_is_returned_counted_and_not_sent_again",
    ),
    # Inspections
    "sixty conclusions are 44 done and 16 open, which hold fifty recommendations": (
        "inspections.test_progress.test_sixty_conclusions_as_the_city_published_them",
    ),
    "a conclusion is open while a recommendation is": (
        "inspections.test_domain.test_a_conclusion_is_open_exactly_while_a_recommendation_is",
    ),
    "an unannounced inspection is invisible to the inspected unit until it starts": (
        "inspections.test_invisible.test_nobody_learns_of_it_before_it_starts_and_never_of_one_that_is_cancelled",
    ),
    # Progress
    "progress on any day is recomputed as of that day": (
        "plans.test_plans_http.test_progress_is_right_on_any_day",
        "tasks.test_follow_up_http.test_progress_tells_awaiting_from_overdue_on_any_day",
        "inspections.test_progress.test_progress_on_any_day_is_a_replay_of_the_history",
    ),
    "reporting month T closes on the 5th of T+1, as it stood, and once": (
        "closings.test_closing.test_it_waits_for_its_day_and_says_when_that_is",
        "closings.test_closing.test_what_is_entered_late_changes_the_past_but_not_what_was_closed",
        "closings.test_closing.test_three_months_without_a_worker_are_three_closings_as_of_their_times",
        "closings.test_closing.test_many_workers_one_of_them_killed_close_a_month_once",
    ),
    "events tell all that is stored": (
        "tasks.test_every_action.test_every_action_by_everyone",
        "tasks.test_any_order.test_any_order_by_anybody",
    ),
}
"""Rule → tests, by folder, file and name."""


@pytest.mark.parametrize("rule", RULES)
def test_each_rule_has_a_test_that_there_is(rule: str) -> None:
    assert RULES[rule]
    for test in RULES[rule]:
        module, _, name = test.rpartition(".")
        assert callable(getattr(importlib.import_module(f"{__package__}.{module}"), name, None)), f"there is no {test}"


async def test_a_rejection_and_a_transfer_need_a_reason(city: Api) -> None:
    task = await task_of(city)
    refused = await city.act(task, "transfer", city.head(LEAD), unit=OTHER)
    assert problem(refused) == (422, "invalid", ["body.reason"])
    waiting = await reported(city, task)
    for reason in ({}, {"reason": " "}):
        refused = await city.act(waiting, "reject", city.head(LEAD), **reason)
        assert problem(refused) == (422, "invalid", ["body.reason"])
    rejected = await city.act(waiting, "reject", city.head(LEAD), reason="Thiếu phụ lục")
    assert rejected.json()["status"] == "in_progress"


async def test_a_return_has_one_of_two_reasons(city: Api) -> None:
    assert set(TaskReturnReason) == {"out_of_competence", "belongs_to_requester"}
    task = await task_of(city)
    for reason in ({}, {"reason": "Bận"}):
        assert problem(await city.act(task, "return", city.officer(LEAD), **reason)) == (
            422,
            "invalid",
            ["body.reason"],
        )
    for right in TaskReturnReason:
        returned = await city.act(await task_of(city), "return", city.officer(LEAD), reason=right.value)
        assert (returned.json()["lead_unit"], returned.json()["handovers"], returned.json()["unjustified"]) == (
            "01", 1, [],
        )  # fmt: skip


async def test_a_judgement_needs_a_reason(city: Api) -> None:
    moved = await done(city, await task_of(city), "transfer", city.head(LEAD), unit=OTHER, reason="Thẩm quyền")
    refused = await city.act(moved, "mark_unjustified", city.coordinator, handover=2)
    assert problem(refused) == (422, "invalid", ["body.reason"])


async def test_what_was_missed_stays_missed_by_who_held_it(city: Api, clock: FixedClock) -> None:
    """Passed on in time, nobody missed it; passed on late, who had it did, and who gets it is in time."""
    for days, missed in ((0, None), (8, LEAD)):
        task = await task_of(city, due_on=str((clock.now() + timedelta(days=7)).date()))
        clock.advance(timedelta(days=days))
        moved = await done(city, task, "transfer", city.head(LEAD), unit=OTHER, reason="Thẩm quyền")
        assert (moved["overdue"], moved["lead_unit"]) == (False, OTHER)
        async with city.here.engine.connect() as conn:
            query = select(task_history.c.missed_by).where(task_history.c.version == 2)
            assert await conn.scalar(query.order_by(task_history.c.task_id.desc())) == missed


async def test_what_the_office_moves_is_nobodys_hand_over(city: Api) -> None:
    moved = await done(city, await task_of(city), "transfer", city.coordinator, unit=OTHER, reason="Phân công lại")
    assert (moved["handovers"], moved["former_leads"]) == (0, [LEAD])
    assert "mark_unjustified" not in moved["possible"]
