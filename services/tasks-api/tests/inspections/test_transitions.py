"""The tables of an inspection and of a recommendation, tried by the test of the workflow kit; and over HTTP, every
action by every party in every state."""

from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest

from cchc_shared.contract.codes import InspectionStatus, RecommendationStatus
from tasks_api.inspections.domain import Inspection, Recommendation
from tasks_api.inspections.transitions import (
    RECOMMENDATIONS,
    TABLE,
    InspectionAction,
    Party,
    RecommendationAction,
)
from tests.support.http import Headers, Json
from tests.support.workflow import Machine

from .office import INSPECTED, INSPECTING, OTHER, STRANGER, Office, path_of, seen, tree

AT = datetime(2024, 6, 3, 3, tzinfo=UTC)
PLANNED = Inspection(
    id=1, code="KT-2024-0001", inspecting_unit="a", inspected_unit="b", subject="", unannounced=True,
    planned_from=date(2024, 6, 4), planned_to=date(2024, 6, 4), planned_at=AT,
)  # fmt: skip
ISSUED = Recommendation(
    id=1, code="KT-2024-0001.1.1", inspection="KT-2024-0001", conclusion=1, number=1, text="", responsible_unit="b",
    inspecting_unit="a", inspected_unit="b", issued_at=AT, due_on=date(2024, 6, 4), due_at=AT,
)  # fmt: skip

INSPECTIONS = Machine(
    TABLE,
    begin=[PLANNED, msgspec.structs.replace(PLANNED, unannounced=False)],
    statuses=InspectionStatus,
    actions=InspectionAction,
    parties=Party,
    ends={InspectionStatus.CONCLUDED, InspectionStatus.CANCELLED},
)
FOLLOW_UP = Machine(
    RECOMMENDATIONS,
    begin=[ISSUED, msgspec.structs.replace(ISSUED, responsible_unit="a")],
    statuses=RecommendationStatus,
    actions=RecommendationAction,
    parties=Party,
    ends=set(),
)
TestAnyInspection = INSPECTIONS.sequences()
TestAnyRecommendation = FOLLOW_UP.sequences()


def test_the_tables_are_sound() -> None:
    INSPECTIONS.check()
    FOLLOW_UP.check()


def test_an_unannounced_inspection_cannot_be_announced() -> None:
    assert InspectionAction.ANNOUNCE not in TABLE.possible(PLANNED, set(Party))


def test_nobody_confirms_what_their_own_unit_did() -> None:
    reported = msgspec.structs.replace(ISSUED, status=RecommendationStatus.REPORTED, responsible_unit="a")
    own = {Party.INSPECTING, Party.RESPONSIBLE}
    assert RecommendationAction.CONFIRM not in RECOMMENDATIONS.possible(reported, own)
    assert RecommendationAction.CONFIRM in RECOMMENDATIONS.possible(reported, {Party.OFFICE})


def callers(office: Office) -> dict[str, Headers]:
    api = office.api
    return {
        "officer who inspects": api.officer(INSPECTING),
        "head who inspects": api.head(INSPECTING),
        "inspector by role": api.token("inspector", unit=INSPECTING),
        "office": api.coordinator,
        "office of the inspected unit": api.token("coordinator", unit=INSPECTED),
        "inspected": api.officer(INSPECTED),
        "other unit with something to do": api.head(OTHER),
        "stranger": api.officer(STRANGER),
        "operator": api.operator,
        "board": api.token("scoring_board"),
    }


INSPECTS = {"officer who inspects", "head who inspects", "inspector by role"}
OFFICE = {"office", "inspector by role"}
AT_INSPECTED = {"office of the inspected unit", "inspected"}
BODIES: Json = {
    "conclude": {"conclusion_no": "1/KL", "conclusions": [tree(1, 1), tree(2, 1, responsible_unit=OTHER)]},
    "cancel": {"reason": "Hoãn"},
    "report": {"content": "Đã làm"},
    "reopen": {"reason": "Chưa xong"},
}
ROLES_THAT_NEVER_ACT = {"operator", "board"}
MAY: dict[tuple[str, str], set[str]] = {
    ("planned", "start"): INSPECTS,
    ("planned", "cancel"): INSPECTS | OFFICE,
    ("to_be_announced", "announce"): INSPECTS | OFFICE,
    ("to_be_announced", "cancel"): INSPECTS | OFFICE,
    ("announced", "start"): INSPECTS,
    ("announced", "cancel"): INSPECTS | OFFICE,
    ("in_progress", "conclude"): INSPECTS,
    ("in_progress", "cancel"): INSPECTS | OFFICE,
    ("open", "report"): {"inspected"},
    ("reported", "confirm"): INSPECTS,
    ("reported", "reopen"): INSPECTS | OFFICE,
    ("done", "reopen"): INSPECTS | OFFICE,
    ("own open", "report"): {"officer who inspects", "head who inspects"},
    ("own reported", "confirm"): {"office", "office of the inspected unit"},
    ("own reported", "reopen"): INSPECTS | {"office", "office of the inspected unit"},
}
"""Who may act where; everybody else may not."""
KNOWS_BEFORE = INSPECTS | OFFICE
READS_RECOMMENDATION = KNOWS_BEFORE | AT_INSPECTED | ROLES_THAT_NEVER_ACT


async def stand(office: Office, name: str) -> dict[str, Any]:
    """A new thing in that state."""
    if name in {"planned", "to_be_announced", "announced"}:
        planned = await office.plan(unannounced=name == "planned")
        return await office.act(planned, "announce", office.inspector) if name == "announced" else planned
    if name == "in_progress":
        return await office.started()
    if name in {"concluded", "cancelled"}:
        if name == "concluded":
            return await office.concluded(tree(1))
        return await office.act(await office.started(), "cancel", office.inspector, reason="Hoãn")
    responsible = INSPECTING if name.startswith("own") else INSPECTED
    concluded = await office.concluded(tree(1, 1, responsible_unit=responsible))
    thing: dict[str, Any] = concluded["conclusions"][0]["recommendations"][0]
    if name.endswith("open"):
        return thing
    if name == "done":
        return await office.carried_out(thing)
    return await office.act(thing, "report", office.api.officer(responsible), content="Đã làm")


def actions_of(name: str) -> list[str]:
    of_inspection = name in {"to_be_announced", *InspectionStatus}
    return [str(each) for each in (InspectionAction if of_inspection else RecommendationAction)]


@pytest.mark.parametrize(
    "name",
    ["planned", "to_be_announced", "announced", "in_progress", "concluded", "cancelled",
     "open", "reported", "done", "own open", "own reported"],
)  # fmt: skip
async def test_every_action_by_every_party(office: Office, name: str) -> None:
    hidden = name in {"planned", "to_be_announced"}
    for action in actions_of(name):
        possible_here = MAY.get((name, action))
        for who, token in callers(office).items():
            thing = await stand(office, name)
            answer = await office.api.send(
                "POST", path_of(thing, action), token | seen(thing), json=BODIES.get(action, {})
            )
            place = f"{action} of {name} by {who}: {answer.text}"
            if possible_here and who in possible_here:
                assert answer.status_code == 200, place
            elif who in ROLES_THAT_NEVER_ACT:
                assert (answer.status_code, answer.json()["code"]) == (403, "forbidden"), place
            elif (hidden and who not in KNOWS_BEFORE) or who not in READS_RECOMMENDATION:
                assert answer.status_code == 404, place
            elif possible_here:
                assert (answer.status_code, answer.json()["code"]) == (403, "not-permitted"), place
            else:
                assert (answer.status_code, answer.json()["code"]) == (409, "wrong-state"), place
                assert action not in answer.json()["possible"], place


async def test_the_unit_that_has_something_to_do_sees_it_and_no_more(office: Office) -> None:
    found = await office.concluded(tree(1, 1), tree(2, 1, responsible_unit=OTHER))
    mine = (await office.api.get("/v1/recommendations", office.api.officer(OTHER))).json()["items"]
    assert [(each["code"], each["possible"]) for each in mine] == [(f"{found['code']}.2.1", ["report"])]
    assert (await office.api.get(path_of(found), office.api.officer(OTHER))).status_code == 404
    theirs = found["conclusions"][0]["recommendations"][0]
    for path in (path_of(theirs), path_of(theirs) + "/history"):
        assert (await office.api.get(path, office.api.officer(OTHER))).status_code == 404
    counted = await office.progress(office.api.officer(OTHER))
    assert (counted["conclusions"]["total"], counted["recommendations"]["total"]) == (1, 1)
    assert counted["inspections"]["total"] == 0


async def test_many_are_confirmed_at_once(office: Office) -> None:
    found = await office.concluded(tree(1, 2))
    items = []
    for each in found["conclusions"][0]["recommendations"]:
        reported = await office.act(each, "report", office.head, content="Đã làm")
        items.append({"code": reported["code"], "version": reported["version"]})
    items.append({"code": "KT-2024-0404.1.1", "version": 1})
    answer = await office.api.send(
        "POST", "/v1/recommendations/actions/confirm", office.inspector, json={"items": items}
    )
    assert [each["status"] for each in answer.json()["results"]] == [200, 200, 404]
