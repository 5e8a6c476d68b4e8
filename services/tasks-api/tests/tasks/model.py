"""What may become of a task, by whom, and what it changes: as the domain and the guides say it, written without a look
at the service.

A new action is one entry of `ACTIONS`, one case of `Stand.after` if it changes more than the status, and one of
`Stand.breaks` if a rule may say no to it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from cchc_shared.calendar.working_time import WorkingCalendar

HANOI: Final = ZoneInfo("Asia/Ho_Chi_Minh")
CITY, LEAD, OTHER, HELPER, STRANGER = "01", "so-noi-vu", "so-tu-phap", "so-tai-chinh", "so-y-te"
OFFICE: Final = "van-phong-ubnd-thanh-pho"
"""Whose co-ordinators act in the city's name."""
MOST_EXTENSIONS, LONGEST, ASK_WITHIN, RECEIVING = 2, timedelta(days=30), timedelta(days=30), 5


class Caller(NamedTuple):
    """Somebody's token; without roles, somebody without one."""

    name: str
    roles: tuple[str, ...] = ()
    unit: str | None = None


def _staff(unit: str) -> list[Caller]:
    return [
        Caller(f"officer of {unit}", ("officer",), unit),
        Caller(f"head of {unit}", ("unit_head", "officer"), unit),
        Caller(f"coordinator of {unit}", ("coordinator",), unit),
    ]


CALLERS: Final[Mapping[str, Caller]] = {
    caller.name: caller
    for caller in (
        Caller("nobody"),
        *(Caller(role, (role,)) for role in ("citizen", "system", "operator", "inspector", "council", "scoring_board")),
        Caller("coordinator", ("coordinator",)),
        Caller("officer of nowhere", ("officer",)),
        *(caller for unit in (LEAD, CITY, OFFICE) for caller in _staff(unit)),
        *(caller for unit in (OTHER, HELPER) for caller in _staff(unit)[:2]),
        *_staff(STRANGER)[1:2],
    )
}
_READ_ALL: Final = {"coordinator", "operator", "inspector", "council", "scoring_board"}
_MAY_ACT: Final = {"officer", "unit_head", "coordinator"}

STAGES: Final = "not_started in_progress reported endorsed extension_requested close_proposed completed closed".split()  # noqa: SIM905 - they are words
"""The statuses; what its own head has approved stands as `endorsed`, and is shown as reported."""
_MOVABLE: Final = "not_started in_progress extension_requested close_proposed"


class Way(NamedTuple):
    """From these stages to that one (empty: it stays), by these parties."""

    sources: str
    target: str
    by: str


class Action(NamedTuple):
    """`event`: the last word of the type of its event; `body`: what is given with it, with days counted from today."""

    event: str
    ways: tuple[Way, ...]
    body: Mapping[str, Any] = {}


_WHY: Final = {"reason": "nguyên văn của người viết"}
ACTIONS: Final[Mapping[str, Action]] = {
    "start": Action(
        "started",
        (Way("not_started", "in_progress", "staff"), Way("close_proposed", "in_progress", "staff assigner")),
    ),
    "report": Action("reported", (Way("in_progress", "reported", "staff"),)),
    "approve": Action("completed", (Way("reported", "endorsed", "head"), Way("endorsed", "completed", "assigner"))),
    "reject": Action(
        "report_rejected",
        (Way("reported", "in_progress", "head"), Way("endorsed", "in_progress", "assigner")),
        _WHY,
    ),
    "request_extension": Action("extension_requested", (Way("in_progress", "extension_requested", "staff"),), _WHY),
    "grant_extension": Action("extension_granted", (Way("extension_requested", "in_progress", "assigner"),)),
    "deny_extension": Action("extension_denied", (Way("extension_requested", "in_progress", "assigner"),), _WHY),
    "return": Action("returned", (Way(_MOVABLE, "not_started", "staff"),), {"reason": "out_of_competence"}),
    "transfer": Action("transferred", (Way(_MOVABLE, "not_started", "head assigner"),), _WHY),
    "propose_close": Action("close_proposed", (Way("not_started in_progress", "close_proposed", "staff"),), _WHY),
    "close": Action("closed", (Way(_MOVABLE, "closed", "assigner"),), _WHY),
    "mark_unjustified": Action("handover_judged", (Way(" ".join(STAGES), "", "assigner"),), _WHY),
    "set_deadline": Action("dated", (Way("not_started in_progress", "", "assigner"),), _WHY),
    "confirm_trigger": Action("dated", ()),
    "assign_officer": Action("officer_assigned", (Way(_MOVABLE, "", "staff"),)),
    "urge": Action(
        "urged", (Way("not_started in_progress", "", "assigner head"), Way("reported", "", "assigner")), _WHY
    ),
}
OF_MANY_UNITS: Final[Mapping[str, Way]] = {
    "grant_extension": Way("not_started in_progress", "", "assigner"),
    "close": Way("not_started in_progress", "closed", "assigner"),
    "set_deadline": Way("not_started in_progress", "", "assigner"),
    "urge": Way("not_started in_progress", "", "assigner head"),
}
"""All that may be done with a task that was given to many units: its children move it."""


@dataclass(frozen=True)
class Stand:
    """How a task stands: what the service shows of it, and what decides what may be done with it."""

    lead: str
    assigning: str = CITY
    helpers: tuple[str, ...] = ()
    former: tuple[str, ...] = ()
    related: frozenset[str] = frozenset()
    """Units that lead its parent or a child of it, or did."""
    parent: str | None = None
    of_many: bool = False
    stage: str = "not_started"
    due_on: date | None = None
    late_from: datetime | None = None
    reported_at: datetime | None = None
    reported_by: str | None = None
    endorsed_by: str | None = None
    completed_at: datetime | None = None
    requested: date | None = None
    extensions: int = 0
    handovers: tuple[int, ...] = ()
    """Versions that units made by handing it over."""
    judged: tuple[int, ...] = ()
    officer: str | None = None
    urged: tuple[tuple[str, date], ...] = ()
    """By which unit, on which day."""
    version: int = 1

    @property
    def status(self) -> str:
        return "reported" if self.stage == "endorsed" else self.stage

    @property
    def ended(self) -> bool:
        return self.stage in {"completed", "closed"}

    @property
    def due_at(self) -> datetime | None:
        """The midnight after its last day."""
        return None if self.due_on is None else end_of(self.due_on)

    @property
    def late_at(self) -> datetime | None:
        return self.late_from or self.due_at

    @property
    def reported_in_time(self) -> bool:
        return self.reported_at is not None and (self.late_at is None or self.reported_at < self.late_at)

    def overdue(self, now: datetime) -> bool:
        return not self.ended and not self.reported_in_time and self.late_at is not None and now >= self.late_at

    def readable(self, caller: Caller) -> bool:
        """Whether the task exists for this caller."""
        units = {self.lead, self.assigning, *self.helpers, *self.former, *self.related}
        return not _READ_ALL.isdisjoint(caller.roles) or caller.unit in units

    def parties(self, caller: Caller) -> dict[str, str]:
        """As what the caller may act, and in which role."""
        found = {}
        if caller.unit == self.lead and not {"officer", "unit_head"}.isdisjoint(caller.roles):
            found["staff"] = "unit_head" if "unit_head" in caller.roles else "officer"
            if "unit_head" in caller.roles:
                found["head"] = "unit_head"
        citys = "coordinator" in caller.roles and caller.unit in {None, OFFICE}
        if caller.unit == self.assigning or (self.assigning == CITY and citys):
            for role in ("coordinator", "unit_head"):
                if role in caller.roles:
                    found.setdefault("assigner", role)
        return found

    def way(self, action: str) -> Way | None:
        """How the action leads on from here, if it does."""
        if (action == "mark_unjustified" and not self.handovers) or (action == "set_deadline" and self.due_on):
            return None
        if self.of_many:
            found = OF_MANY_UNITS.get(action)
            return found if found and self.stage in found.sources.split() else None
        return next((way for way in ACTIONS[action].ways if self.stage in way.sources.split()), None)

    def possible(self, caller: Caller) -> set[str]:
        """What this caller can do now."""
        mine = self.parties(caller)
        return {each for each in ACTIONS if (way := self.way(each)) and not mine.keys().isdisjoint(way.by.split())}

    def role_in(self, action: str, caller: Caller) -> str:
        """The role in which the caller acts: the first that the way is for."""
        way, mine = self.way(action), self.parties(caller)
        assert way is not None
        return next(role for party, role in mine.items() if party in way.by.split())

    def answer(self, action: str, caller: Caller, body: Mapping[str, Any], now: datetime, family: "Family") -> str:
        """How the service answers to an action of this caller who saw this version."""
        if not caller.roles:
            return "401"
        if _MAY_ACT.isdisjoint(caller.roles):
            return "403 forbidden"
        if not self.readable(caller):
            return "404 not-found"
        way = self.way(action)
        if way is None:
            return "409 wrong-state"
        if action not in self.possible(caller):
            return "403 not-permitted"
        if action == "approve" and caller.name in {self.reported_by, self.endorsed_by}:
            return "403 same-person"
        if self.breaks(action, caller, body, now, family):
            return "422 invalid"
        ends = way.target in {"completed", "closed"}
        return "409 children-open" if ends and not self.of_many and family.open_children else "200"

    def breaks(  # noqa: C901 - one case for each action
        self, action: str, caller: Caller, body: Mapping[str, Any], now: datetime, family: "Family"
    ) -> bool:
        """Whether a rule says no to what the state would allow."""
        today = now.astimezone(HANOI).date()
        match action:
            case "request_extension":
                day = date.fromisoformat(body["due_on"])
                late_child = family.parent_due_on is not None and day > family.parent_due_on
                return self._too_much(day, now) or late_child
            case "grant_extension" if self.of_many:
                return "due_on" not in body or self._too_much(date.fromisoformat(body["due_on"]), now)
            case "grant_extension":
                return "due_on" in body or self.requested is None or self.requested < today
            case "return":
                return self.lead == self.assigning
            case "transfer":
                given = body.get("due_on")
                day = date.fromisoformat(given) if given else today
                late_child = bool(given) and family.parent_due_on is not None and day > family.parent_due_on
                return (
                    body["unit"] == self.lead
                    or day < today
                    or late_child
                    or (given is not None and "head" in self.parties(caller))
                )
            case "close":
                return "reason" not in body and self.stage != "close_proposed"
            case "set_deadline":
                day = date.fromisoformat(body["due_on"])
                return not today <= day <= (family.parent_due_on or day) or day < (family.latest_child or day)
            case "assign_officer":
                takes_it = self.officer is None and body["officer"] == caller.name
                return body["officer"] == self.officer or not ("head" in self.parties(caller) or takes_it)
            case "urge":
                nobody = "assigner" not in self.parties(caller) and self.officer is None
                return nobody or (self.urged_by(caller), today) in self.urged
            case "mark_unjustified":
                judged = body["handover"] in self.judged
                return body["handover"] not in self.handovers or judged == body.get("unjustified", True)
        return False

    def urged_by(self, caller: Caller) -> str:
        """The unit in whose name the caller urges."""
        return self.assigning if "assigner" in self.parties(caller) else self.lead

    def _too_much(self, day: date, now: datetime) -> bool:
        if self.due_on is None or self.due_at is None or self.extensions >= MOST_EXTENSIONS:
            return True
        in_time = now < self.due_at + ASK_WITHIN and day >= now.astimezone(HANOI).date()
        return not (in_time and self.due_on < day <= self.due_on + LONGEST)

    def after(  # noqa: C901 - one case for each action
        self, action: str, caller: Caller, body: Mapping[str, Any], now: datetime, calendar: WorkingCalendar
    ) -> "Stand":
        """How it stands when that is done."""
        way = self.way(action)
        assert way is not None
        then = replace(self, stage=way.target or self.stage, version=self.version + 1)
        match action:
            case "report":
                return replace(then, reported_at=now, reported_by=caller.name)
            case "approve" if then.stage == "endorsed":
                return replace(then, endorsed_by=caller.name)
            case "approve":
                return replace(then, completed_at=self.reported_at, **_NO_REPORT)
            case "reject":
                return replace(then, due_on=self._with_time_left(now), **_NO_REPORT)
            case "request_extension":
                return replace(then, requested=date.fromisoformat(body["due_on"]))
            case "grant_extension":
                day = date.fromisoformat(body["due_on"]) if self.of_many else self.requested
                assert day is not None
                return replace(then.extended(day, now), extensions=self.extensions + 1)
            case "deny_extension" | "close":
                return replace(then, requested=None)
            case "return":
                return then.handed_to(self.assigning, None, now, calendar, by_unit=True)
            case "transfer":
                day = date.fromisoformat(body["due_on"]) if "due_on" in body else None
                by_unit = "head" in self.parties(caller)
                return then.handed_to(body["unit"], day, now, calendar, by_unit=by_unit)
            case "set_deadline":
                return replace(then, due_on=date.fromisoformat(body["due_on"]))
            case "assign_officer":
                return replace(then, officer=body["officer"])
            case "urge":
                return replace(then, urged=(*self.urged, (self.urged_by(caller), now.astimezone(HANOI).date())))
            case "mark_unjustified":
                return replace(then, judged=tuple(sorted({*self.judged} ^ {body["handover"]})))
        return then

    def extended(self, day: date, now: datetime) -> "Stand":
        """Due on another day; what was late by then stays late."""
        late = self.due_at if self.due_at is not None and now >= self.due_at else None
        return replace(self, due_on=day, late_from=self.late_from or late, requested=None)

    def handed_to(
        self, unit: str, day: date | None, now: datetime, calendar: WorkingCalendar, *, by_unit: bool
    ) -> "Stand":
        """With another lead, who has time of its own and answers for nothing that was late before."""
        if day is None and self.due_on is not None:
            least = calendar.add_working_days(now, RECEIVING).astimezone(HANOI).date()
            day = max(self.due_on, least)
        return replace(
            self,
            lead=unit,
            officer=None,
            former=(*(each for each in self.former if each not in {unit, self.lead}), self.lead),
            helpers=tuple(each for each in self.helpers if each != unit),
            due_on=day,
            late_from=None,
            requested=None,
            handovers=(*self.handovers, self.version) if by_unit else self.handovers,
        )

    def _with_time_left(self, now: datetime) -> date | None:
        """Who reported in time and is refused too late has as much time as was left then."""
        if self.due_at is None or self.reported_at is None or not self.reported_in_time or now < self.due_at:
            return self.due_on
        left = self.due_at - self.reported_at
        return (now + left - timedelta(microseconds=1)).astimezone(HANOI).date()


_NO_REPORT: Final[Mapping[str, Any]] = dict.fromkeys(("reported_at", "reported_by", "endorsed_by"))


class Family(NamedTuple):
    """What rules ask of the tasks around one."""

    parent_due_on: date | None = None
    open_children: bool = False
    latest_child: date | None = None
    """The last day of those that are open."""


def end_of(day: date) -> datetime:
    """The midnight after a day in Hanoi."""
    return datetime.combine(day + timedelta(days=1), time(), HANOI).astimezone(UTC)
