"""The public answers are what they were: one of each resource, with what is volatile left out.

`make golden` writes the files; a test run writes nothing.
"""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import JsonValue

from tests.golden.normal import normal
from tests.support.http import Client, Json, clients
from tests.support.system import System
from tests.support.waiting import until_now

HERE = Path(__file__).parent
WRITE = os.environ.get("CCHC_GOLDEN") == "write"
UNIT = "so-quy-hoach-kien-truc"
"""No other test of the running system works on it."""


def unit(desk: Client) -> Json:
    return desk.get(f"/v1/units/{UNIT}")


def report(desk: Client) -> Json:
    given = {"channel": "web", "kind": "on_site", "content": "Đèn đường hỏng ba đêm liền", "title": "Đèn đường"}
    code = desk.create("/v1/feedback", given)["code"]
    desk.act(f"/v1/feedback/{code}", "assign", {"unit": UNIT})
    return desk.get(f"/v1/feedback/{code}") | {"provisional": "<by the calendar, today>"}


def report_history(desk: Client) -> Json:
    return desk.get(f"/v1/feedback/{report(desk)['code']}/history")


def task(desk: Client) -> Json:
    given = {"title": "Rà soát thủ tục hành chính", "lead_unit": UNIT, "due_on": "2061-03-31", "product": "Báo cáo"}
    return desk.get(f"/v1/tasks/{desk.create('/v1/tasks', given)['code']}")


def task_history(desk: Client) -> Json:
    return desk.get(f"/v1/tasks/{task(desk)['code']}/history")


def plan(desk: Client) -> Json:
    [found] = desk.get("/v1/plans", document_no="/KH-UBND")["items"]
    return desk.get(f"/v1/plans/{found['code']}")


SCORE = {"set": "CCHC-CITY", "period": "2061"}


def score(desk: Client) -> Json:
    """Of a year in which nobody else gives this unit a task."""
    code = task(desk)["code"]
    path = f"/v1/scores/{UNIT}/criteria/1.1.1/evidence"
    until_now(lambda: [each["code"] for each in desk.get(path, **SCORE)["items"]], lambda codes: code in codes)
    return desk.get(f"/v1/scores/{UNIT}", **SCORE)


def evidence(desk: Client) -> Json:
    score(desk)
    page = desk.get(f"/v1/scores/{UNIT}/criteria/1.1.1/evidence", **SCORE)
    return page | {"items": page["items"][:1]}


ANSWERS: dict[str, Callable[[Client], Json]] = {
    made.__name__: made for made in (unit, report, report_history, task, task_history, plan, score, evidence)
}


def counts_left_out(value: JsonValue) -> JsonValue:
    """How many tasks the tests before this one made is not the contract."""
    if isinstance(value, dict):
        return {
            name: 0 if isinstance(each, int | float) and not isinstance(each, bool) else counts_left_out(each)
            for name, each in value.items()
        }
    return [counts_left_out(each) for each in value] if isinstance(value, list) else value


@pytest.mark.parametrize("name", ANSWERS)
@pytest.mark.parametrize("system", ["postgres"], indirect=True)
def test_an_answer_is_what_it_was(name: str, system: System) -> None:
    with clients(system) as client:
        answer = normal(ANSWERS[name](client.as_office()))
    if name in {"score", "evidence", "unit"}:
        answer = counts_left_out(answer)
    text = json.dumps(answer, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
    file = HERE / f"{name}.json"
    if WRITE:
        file.write_text(text, encoding="utf-8")
        return
    assert file.exists(), "write it: make golden"
    assert text == file.read_text(encoding="utf-8"), "a change of the contract? see it in the diff of: make golden"
