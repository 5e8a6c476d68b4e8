"""Rows of tasks: which lines are groups, of which row a row is a part, and what it takes from there."""

from collections.abc import Iterator, Sequence
from typing import Final

from cchc_shared.contract.provenance import Text
from cchc_shared.contract.wording import unmarked
from tasks_api.annexes.domain import AnnexRow
from tasks_api.annexes.entries import Entry
from tasks_api.annexes.marks import BULLET, NUMBER, UNMARKED
from tasks_api.annexes.rules import AnnexRules
from tasks_api.findings import Finding

_ALWAYS: Final = ("lead_unit", "due_text")
_UNLESS_A_SIBLING_SAYS: Final = ("coordinating_units", "product", "source")


def rows(entries: Sequence[Entry], rules: AnnexRules) -> tuple[list[AnnexRow], list[Finding]]:
    """The tasks among the lines of a document, and what is to be said of the groups."""
    grouping = _Grouping(entries, rules)
    tasks = [grouping.row(place) for place, entry in enumerate(entries) if not entry.group]
    return tasks, [_empty(entry) for entry in grouping.empty_groups()]


def _empty(entry: Entry) -> Finding:
    message = Text(
        f"“{entry.title}” được đọc là tên mục, nhưng mục này không có nhiệm vụ nào.",
        f"“{entry.title}” was read as the title of a group, but the group has no task.",
    )
    return Finding(entry.line, "title", message)


class _Grouping:
    def __init__(self, entries: Sequence[Entry], rules: AnnexRules) -> None:
        self._entries, self._rules = entries, rules
        self._parents: list[int | None] = []
        self._groups: list[tuple[int, ...]] = []
        self._children: dict[int, list[int]] = {}
        self._may: dict[tuple[int, str], bool] = {}
        for place in range(len(entries)):
            entries[place].group = entries[place].group or self._is_group(place)
            self._fill_from_above(place)
        self._climb()

    def row(self, place: int) -> AnnexRow:
        entry = self._entries[place]
        parent = self._inherit(place)
        if not entry.cells.get("lead_unit"):
            self._say_without_lead(place)
        if not entry.title:
            entry.say("title", "Thiếu tên nhiệm vụ.", "The task has no name.")
        return AnnexRow(
            line=entry.line,
            number=entry.number,
            sections=tuple(self._entries[each].title for each in self._groups[place]),
            annex=entry.annex,
            parent=parent,
            cells=entry.cells,
            written=entry.written,
            inherited=entry.inherited,
            findings=tuple(Finding(entry.line, name, message) for name, message in entry.findings),
        )

    def empty_groups(self) -> Iterator[Entry]:
        """Rows of the table that were taken for titles, with nothing below them: they may have been tasks."""
        holding = {each for groups in self._groups for each in groups} | set(self._children)
        for place, entry in enumerate(self._entries):
            if entry.group and (entry.cells or entry.mark) and place not in holding:
                yield entry

    def _say_without_lead(self, place: int) -> None:
        entry, above = self._entries[place], self._entries[place - 1].cells.get("lead_unit", "") if place else ""
        if above:
            entry.say(
                "lead_unit",
                f"Không có cơ quan chủ trì; nếu ô này gộp với ô trên thì là: {above}",
                f"No lead unit is named; if the cell is merged with the one above, it is: {above}",
            )
        else:
            entry.say("lead_unit", "Không có cơ quan chủ trì.", "No lead unit is named.")

    def _is_group(self, place: int) -> bool:
        """Whether a line is the title of what follows and no task."""
        entry = self._entries[place]
        if entry.merged_title or not entry.title:
            return False
        below = self._next(place)
        has_child = below is not None and holds(entry, below)
        if not entry.values:
            if entry.mark is None and not entry.code:
                return entry.title[0] not in "-+•"
            return has_child or (entry.mark is not None and entry.mark.heads_sections) or self._restarts(entry, below)
        return has_child and below is not None and self._only_gives_values(entry, below)

    def _only_gives_values(self, entry: Entry, below: Entry) -> bool:
        lead, due = entry.cells.get("lead_unit", ""), entry.cells.get("due_text", "")
        marked_twice = len(entry.layout.marks) > 1 or "code" in entry.layout.fields
        if not lead or (marked_twice and not entry.running and bool(below.running)):
            return True
        if entry.mark is not None and entry.mark.heads_sections and not below.cells.get("lead_unit"):
            return True
        return self._refers_below(due) or (
            not due and "due_text" in entry.layout.fields and bool(below.cells.get("due_text"))
        )

    def _restarts(self, entry: Entry, below: Entry | None) -> bool:
        """Whether numbers begin again below a numbered title: "2. Việc của xã", then 1, 2, 3."""
        if below is None or entry.mark is None or below.mark is None or not entry.mark.is_number:
            return False
        return below.mark.is_number and below.mark.path == ("1",) and bool(below.values)

    def _refers_below(self, cell: str) -> bool:
        words = f"{unmarked(cell)} "
        long = [each for each in self._rules.refers_below if " " in each]
        ends = cell.rstrip().endswith(":")
        return any(f"{each} " in words for each in long) or (
            ends and any(f"{each} " in words for each in self._rules.refers_below)
        )

    def _next(self, place: int) -> Entry | None:
        below = self._entries[place + 1] if place + 1 < len(self._entries) else None
        return below if below and below.annex == self._entries[place].annex else None

    def _fill_from_above(self, place: int) -> None:
        """Blank cells of a task without a number, in a file that does not tell what is merged: a guess that is said."""
        entry, above = self._entries[place], self._above(place)
        if above is None or entry.group or entry.number or not entry.flat or not entry.layout.marks:
            return
        if entry.cells.get("lead_unit"):
            if "lead_unit" not in entry.inherited:
                self._say_blank(entry, above)
            return
        for name in ("lead_unit", "coordinating_units", "due_text"):
            value = above.cells.get(name, "")
            if value and not entry.cells.get(name):
                entry.cells[name], entry.inherited[name] = value, "above"
                entry.say(
                    name,
                    f"Ô trống dưới ô có nội dung, không có số thứ tự: được đọc như ô gộp ({value}).",
                    f"A blank cell below a filled one, without a number: read as a merged cell ({value}).",
                )

    def _above(self, place: int) -> Entry | None:
        """The task in the line above, in the same annex."""
        above = self._entries[place - 1] if place else None
        return above if above and not above.group and above.annex == self._entries[place].annex else None

    def _say_blank(self, entry: Entry, above: Entry) -> None:
        for name in ("coordinating_units", "due_text"):
            if above.cells.get(name) and not entry.cells.get(name):
                entry.say(
                    name,
                    "Ô trống dưới ô có nội dung: có thể là ô gộp, được để trống.",
                    "A blank cell below a filled one: it may be a merged cell, and was left blank.",
                )

    def _climb(self) -> None:
        """For each line, the groups above it and the nearest row that holds it."""
        groups: list[int] = []
        tasks: list[int] = []
        restarted: set[int] = set()
        for place, entry in enumerate(self._entries):
            if place and entry.annex != self._entries[place - 1].annex:
                groups, tasks = [], []
            if entry.mark is None and not entry.code and not entry.group:
                self._parents.append(None if not tasks else self._parents[tasks[-1]])
                self._groups.append(tuple(groups))
                if self._parents[place] is not None:
                    self._children.setdefault(self._parents[place] or 0, []).append(place)
                continue
            if groups and groups[-1] == place - 1 and _same_depth(self._entries[groups[-1]], entry) and not entry.group:
                restarted.add(groups[-1])
            while groups and _ends(self._entries[groups[-1]], entry, restarts=groups[-1] in restarted):
                groups.pop()
            while tasks and not holds(self._entries[tasks[-1]], entry):
                tasks.pop()
            parent = tasks[-1] if tasks else None
            giving = next((each for each in reversed(groups) if self._entries[each].values), None)
            parent = giving if parent is None or (giving is not None and giving > parent) else parent
            self._parents.append(parent)
            self._groups.append(tuple(groups))
            if parent is not None:
                self._children.setdefault(parent, []).append(place)
            (groups if entry.group else tasks).append(place)

    def _inherit(self, place: int) -> int | None:
        """Take what only the row above in rank says; the line of that row."""
        entry, parent = self._entries[place], self._parents[place]
        if parent is None:
            return None
        at: int | None = parent
        while at is not None:
            for name in (*_ALWAYS, *_UNLESS_A_SIBLING_SAYS):
                value = self._entries[at].cells.get(name, "")
                if value and not entry.cells.get(name) and not self._refers_below(value) and self._may_give(at, name):
                    entry.cells[name], entry.inherited[name] = value, "parent"
            at = self._parents[at]
        return self._entries[parent].line

    def _may_give(self, parent: int, name: str) -> bool:
        if name in _ALWAYS:
            return True
        if (parent, name) not in self._may:
            siblings = (self._entries[each] for each in self._children.get(parent, []))
            self._may[parent, name] = not any(each.written.get(name) for each in siblings)
        return self._may[parent, name]


def holds(above: Entry, below: Entry) -> bool:
    """Whether a line is a part of another, by their codes or by their marks."""
    if above.code and below.code:
        return below.code.startswith(tuple(f"{above.code}{each}" for each in "._-"))
    return above.mark is not None and below.mark is not None and above.mark.holds(below.mark)


def _depth(entry: Entry) -> int:
    if entry.mark is not None:
        return entry.mark.depth
    return NUMBER + entry.code.count(".") if entry.code else UNMARKED


def _same_depth(above: Entry, below: Entry) -> bool:
    return below.mark is not None and _depth(above) == _depth(below)


def _ends(group: Entry, entry: Entry, *, restarts: bool) -> bool:
    """Whether a line stands no longer under a group."""
    if group.code and entry.code and not entry.group:
        return not holds(group, entry)
    if entry.group:
        return _depth(entry) <= _depth(group) and not (group.code and entry.code and holds(group, entry))
    if restarts:
        return False
    return _depth(entry) <= _depth(group) and _depth(entry) != BULLET
