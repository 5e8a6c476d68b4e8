"""What a revised document changes against the version before, row by row. Pure."""

from collections.abc import Hashable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import Final, NamedTuple

from msgspec.structs import replace

from tasks_api.plans.domain import PlanRow, ReadPlan, ReadRow, RowState, key_of

FIELDS: Final = ("title", "lead_unit", "coordinating_units", "due_text", "product", "source")
_ALIKE: Final = 0.5
"""Which part of the words of two rows with one number must be common, of 1, to be the same row reworded."""


class Pair(NamedTuple):
    """A row before and after; None where there is none. `fields` are the cells that differ."""

    before: PlanRow | None
    after: ReadRow | None
    fields: tuple[str, ...] = ()


def paired(before: Sequence[PlanRow], after: ReadPlan, last: int) -> list[Pair]:
    """Each row with the one it was, in the order of the new document; then those that it drops.

    Rows are the same by their whole place and title, else by their title, else by a number with a title alike. A row
    that goes on keeps its running number. New ones follow after `last`, the highest that any row of the plan ever had:
    codes of tasks are made of it.
    """
    partner = dict(_partners(before, [each.row for each in after.rows]))
    pairs, kept = [], set[int]()
    for place, read in enumerate(after.rows):
        former = before[partner[place]] if place in partner else None
        if former is None:
            last += 1
            pairs.append(Pair(None, _numbered(read, last)))
        else:
            kept.add(former.line)
            pairs.append(_compared(former, _numbered(read, former.number)))
    return [*pairs, *(Pair(row, None) for row in before if row.line not in kept)]


def _compared(before: PlanRow, after: ReadRow) -> Pair:
    """The row as it goes on: one whose cells are as before stays what it became, unless it waited for an answer."""
    fields = tuple(
        name for name in FIELDS if key_of(before.cells.get(name, "")) != key_of(after.row.cells.get(name, ""))
    )
    if fields or before.state is RowState.PARKED:
        return Pair(before, after, fields)
    stayed = replace(after.row, state=before.state, tasks=before.tasks, doubts=before.doubts)
    return Pair(before, ReadRow(row=stayed))


def _numbered(read: ReadRow, number: int) -> ReadRow:
    return ReadRow(
        row=replace(read.row, number=number), drafts=tuple(replace(draft, number=number) for draft in read.drafts)
    )


def _partners(before: Sequence[PlanRow], after: Sequence[PlanRow]) -> Iterator[tuple[int, int]]:
    """Places of the same row after and before."""
    free_before, free_after = list(range(len(before))), list(range(len(after)))
    for key in (_place_and_title, _title, _number):
        known: dict[Hashable, list[int]] = {}
        for place in free_before:
            known.setdefault(key(before[place]), []).append(place)
        for place in list(free_after):
            candidates = known.get(key(after[place]), [])
            found = next(
                (each for each in candidates if key is not _number or _alike(before[each], after[place])), None
            )
            if found is not None:
                candidates.remove(found)
                free_before.remove(found)
                free_after.remove(place)
                yield place, found


def _place_and_title(row: PlanRow) -> Hashable:
    return row.annex, row.sections, row.written_number, key_of(row.title)


def _title(row: PlanRow) -> Hashable:
    return key_of(row.title)


def _number(row: PlanRow) -> Hashable:
    return row.annex, row.sections, row.written_number


def _alike(before: PlanRow, after: PlanRow) -> bool:
    return SequenceMatcher(None, key_of(before.title).split(), key_of(after.title).split()).ratio() >= _ALIKE
