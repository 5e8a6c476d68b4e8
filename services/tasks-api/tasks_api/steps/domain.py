"""What a step of a task may be, and where it stands among the others. Pure."""

from collections.abc import Sequence
from datetime import date

from cchc_shared.contract.rules import RuleBroken


def check_period(due_on: date | None, assigned_on: date, task_due_on: date | None) -> None:
    """A step is due within the period of its task. Raises `RuleBroken`."""
    if due_on is None:
        return
    if task_due_on is not None and due_on > task_due_on:
        raise RuleBroken(
            "due_on",
            f"phải trong thời hạn của nhiệm vụ ({task_due_on})",
            f"must be within the time of the task ({task_due_on})",
        )
    if due_on < assigned_on:
        raise RuleBroken(
            "due_on", f"trước ngày giao nhiệm vụ ({assigned_on})", f"is before the task was assigned ({assigned_on})"
        )


def moved(order: Sequence[int], step: int, position: int) -> list[int]:
    """The ids of steps with that one at this position, counted from 1; one beyond the last means the last."""
    others = [each for each in order if each != step]
    others.insert(position - 1, step)
    return others
