"""Every operation of the public contract, called in an order that makes sense.

    guide = tour()
    call = next(guide)
    while call: call = guide.send(answer to the call)

Whoever drives it decides how a call is made: over plain HTTP, or with a generated client.
"""

from collections.abc import Mapping
from typing import Any

from tests.support.steps import UNIT, Answers, Call
from tests.support.tour_calendars import calendar_tour
from tests.support.tour_dossiers import dossier_tour, procedure_tour
from tests.support.tour_heirs import heirs_tour
from tests.support.tour_index import index_tour
from tests.support.tour_overviews import overview_tour
from tests.support.tour_reports import report_tour
from tests.support.tour_seasons import season_tour
from tests.support.tour_surveys import survey_tour
from tests.support.tour_systems import system_tour
from tests.support.tour_tasks import task_tour
from tests.support.tour_telling import telling_tour
from tests.support.tour_webhooks import webhook_tour
from tests.support.tour_work import work_tour


def toured(operation: Mapping[str, Any]) -> bool:
    """Whether the tour calls an operation of the contract: one that answers JSON.

    Health is asked by machines. Pictures are bytes, and uploads in parts go by headers: both have tests of their own.
    """
    own = {"health", "uploads"}.isdisjoint(operation["tags"])
    answers = [answer for status, answer in operation["responses"].items() if status.startswith("2")]
    return own and any("application/json" in answer.get("content", ()) for answer in answers)


def tour() -> Answers:
    """All of it."""
    yield from _directory()
    yield from report_tour()
    yield from task_tour()
    yield from telling_tour()
    yield from work_tour()
    yield from heirs_tour()
    yield from overview_tour()
    yield from calendar_tour()
    yield from index_tour()
    yield from survey_tour()
    yield from season_tour()
    yield from dossier_tour()
    yield from procedure_tour()
    yield from system_tour()
    yield from webhook_tour()
    yield from _parked_events()


def _directory() -> Answers:
    yield Call("units.list", "nobody", query={"as_of": "2026-03-02", "kind": "department", "q": "khu cong nghe cao"})
    yield Call("units.get", "nobody", path={"code": UNIT}, query={"as_of": "2026-03-02"})
    unit = yield Call("units.get", "nobody", path={"code": UNIT})
    defined = {name: unit[name] for name in ("name", "kind", "parent", "valid_from", "valid_to", "successors")}
    yield Call("units.put", "operator", path={"code": UNIT}, body=defined)
    yield Call("calendar.deadline", "nobody", query={"start": "2026-03-02", "working_days": 3})


def _parked_events() -> Answers:
    for service in ("feedback", "dossiers", "notify", "scoring"):
        yield Call(f"parked_events.{service}.list", "operator", query={"limit": 5})
        path = {"event": 1 << 40, "action": "retry"}
        yield Call(f"parked_events.{service}.act", "operator", path=path, body={"reason": "Đã sửa"}, status=404)
        meant = {"reason": "Đã sửa", "of": "failed"}
        yield Call(f"parked_events.{service}.act_on_all", "operator", path={"action": "retry"}, body=meant)
