"""What may become of questions and of the papers that wait for them, as the domain and the guides say it: written
without a look at the service."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

HANOI: Final = ZoneInfo("Asia/Ho_Chi_Minh")
CITY, LEAD, ASKED, OTHER, STRANGER = "01", "so-noi-vu", "so-tu-phap", "so-tai-chinh", "so-y-te"
CONTENTS: Final = ("Tổ chức bộ máy", "Kinh phí")
DEEMED: Final[Mapping[str, bool]] = {"city_administration": True, "one_stop": False, "ordinary": False}
"""Whether silence is agreement, by the kind of the question."""
_READ_ALL: Final = frozenset({"coordinator", "operator", "inspector", "council", "scoring_board"})
_STAFF: Final = frozenset({"officer", "unit_head"})


class Caller(NamedTuple):
    name: str
    roles: tuple[str, ...]
    unit: str | None = None

    @property
    def staff(self) -> bool:
        return not _STAFF.isdisjoint(self.roles)

    @property
    def oversees(self) -> bool:
        return not _READ_ALL.isdisjoint(self.roles)


CALLERS: Final[Mapping[str, Caller]] = {
    caller.name: caller
    for caller in (
        *(Caller(f"officer of {unit}", ("officer",), unit) for unit in (CITY, LEAD, ASKED, OTHER, STRANGER)),
        *(Caller(f"head of {unit}", ("unit_head", "officer"), unit) for unit in (CITY, LEAD, ASKED, OTHER)),
        *(Caller(role, (role,)) for role in ("coordinator", "inspector", "council", "operator", "citizen", "system")),
    )
}


class Answered(NamedTuple):
    """An opinion, and since when it stands; `contents` are those of a disagreement that are named."""

    opinion: str
    at: datetime
    contents: tuple[str, ...] = ()


def opinion(body: Mapping[str, Any], at: datetime) -> Answered | None:
    """The answer that a body gives; None where it says no clear opinion, or not what is to change."""
    order = ["agree", "agree_with_changes", "disagree"]
    parts = body.get("per_content", ())
    unexplained = body["opinion"] != "agree" and not body.get("content")
    milder = any(order.index(each["opinion"]) > order.index(body["opinion"]) for each in parts)
    if unexplained or milder or any(each["opinion"] != "agree" and not each.get("reason") for each in parts):
        return None
    against = tuple(each["content"] for each in parts if each["opinion"] == "disagree")
    return Answered(body["opinion"], at, against)


@dataclass(frozen=True)
class Question:
    """A question to one unit, as it is written down; what stands now, `at` says."""

    unit: str
    kind: str
    asked_at: datetime
    due_at: datetime
    status: str = "open"
    answer: Answered | None = None
    late: Answered | None = None
    reason: str | None = None
    ended_at: datetime | None = None
    version: int = 1

    def at(self, now: datetime) -> "Question":
        """How it stands: what nobody answered in time is past, whoever wrote that down."""
        if self.status != "open" or now < self.due_at:
            return self
        status = "deemed_agreed" if DEEMED[self.kind] else "silent"
        return replace(self, status=status, ended_at=self.due_at, version=self.version + 1)

    def readable(self, caller: Caller) -> bool:
        return caller.oversees or caller.unit in {self.unit, LEAD}

    def by(self, action: str) -> str | None:
        """The unit whose staff takes the action now; None when nobody does."""
        if self.status == "open":
            return {"answer": self.unit, "return": self.unit, "withdraw": LEAD}[action]
        lapsed = self.status in {"deemed_agreed", "silent"}
        return self.unit if action == "answer" and lapsed and self.late is None else None

    def possible(self, caller: Caller) -> set[str]:
        found = {action for action in ("answer", "return", "withdraw") if self.by(action) is not None}
        return {action for action in found if caller.staff and caller.unit == self.by(action)}

    def refusal(self, action: str, caller: Caller, body: Mapping[str, Any], now: datetime) -> str:
        """How it is refused to somebody who saw how it stands now; empty where it is not."""
        if not caller.staff:
            return "403 forbidden"
        if not self.readable(caller):
            return "404 not-found"
        if self.by(action) is None:
            return "409 wrong-state"
        if caller.unit != self.by(action):
            return "403 not-permitted"
        return "422 invalid" if action == "answer" and opinion(body, now) is None else ""

    def after(self, action: str, body: Mapping[str, Any], now: datetime) -> "Question":
        then = replace(self, version=self.version + 1)
        match action:
            case "answer" if self.status != "open":
                return replace(then, late=opinion(body, now))
            case "answer":
                return replace(then, status="answered", answer=opinion(body, now), ended_at=now)
            case "return":
                return replace(then, status="returned", reason=body["reason"], ended_at=now)
        return replace(then, status="withdrawn", ended_at=now)


@dataclass(frozen=True)
class Papers:
    """What the lead submits to another unit."""

    to_unit: str
    questions: tuple[str, ...]
    status: str = "draft"
    meetings: tuple[tuple[date, tuple[str, ...]], ...] = ()
    sent_at: datetime | None = None
    reason: str | None = None
    version: int = 1

    def readable(self, caller: Caller) -> bool:
        """A draft is its sender's own."""
        return caller.oversees or caller.unit == LEAD or (caller.unit == self.to_unit and self.sent_at is not None)

    def may(self, action: str, caller: Caller) -> bool | None:
        """Whether the caller takes the action now; None when nobody does."""
        head = "unit_head" in caller.roles
        receives = caller.unit == self.to_unit or (self.to_unit == CITY and "coordinator" in caller.roles)
        if action in {"record_meeting", "send"}:
            if self.status not in {"draft", "returned"} or self.reason == "own_competence":
                return None
            return caller.unit == LEAD and (head if action == "send" else caller.staff)
        if self.status != "sent":
            return None
        return receives and ("coordinator" in caller.roles or (head if action == "approve" else caller.staff))

    def possible(self, caller: Caller) -> set[str]:
        return {each for each in ("record_meeting", "send", "return", "approve") if self.may(each, caller)}

    def refusal(
        self, action: str, caller: Caller, body: Mapping[str, Any], now: datetime, asked: Mapping[str, Question]
    ) -> str:
        """How it is refused to the caller; empty where it is not."""
        if not (caller.staff or "coordinator" in caller.roles):
            return "403 forbidden"
        if not self.readable(caller):
            return "404 not-found"
        may = self.may(action, caller)
        if may is None:
            return "409 wrong-state"
        if not may:
            return "403 not-permitted"
        if action == "record_meeting":
            today = now.astimezone(HANOI).date()
            return "422 invalid" if LEAD in body["participants"] or date.fromisoformat(body["on"]) > today else ""
        if action == "send" and (self.waiting(asked, now) or self.differing(asked)):
            return "409 submission-not-ready"
        return ""

    def waiting(self, asked: Mapping[str, Question], now: datetime) -> list[str]:
        """Its questions that are open."""
        return [code for code in self.questions if asked[code].at(now).status == "open"]

    def differing(self, asked: Mapping[str, Question]) -> dict[str, tuple[str, ...]]:
        """Disagreements in time about which nobody met the unit since, and the contents that each is about."""
        found = {}
        for code in self.questions:
            answer, unit = asked[code].answer, asked[code].unit
            if answer is not None and answer.opinion == "disagree" and not self._met(unit, answer.at):
                found[code] = answer.contents or CONTENTS
        return found

    def _met(self, unit: str, since: datetime) -> bool:
        day = since.astimezone(HANOI).date()
        return any(unit in met and on >= day for on, met in self.meetings)

    def after(self, action: str, body: Mapping[str, Any], now: datetime) -> "Papers":
        then = replace(self, version=self.version + 1)
        match action:
            case "record_meeting":
                return replace(then, meetings=(*self.meetings, _meeting(body["on"], body["participants"])))
            case "send":
                return replace(then, status="sent", sent_at=now, reason=None)
            case "return":
                return replace(then, status="returned", reason=body["reason"])
        return replace(then, status="approved")


def _meeting(on: str, participants: Iterable[str]) -> tuple[date, tuple[str, ...]]:
    return date.fromisoformat(on), tuple(dict.fromkeys(participants))
