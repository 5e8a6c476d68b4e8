"""The tour through questionnaires and surveys: read, opened, answered by a citizen and by a device."""

from collections.abc import Mapping
from typing import Any, Final

from tests.support.steps import UNIT, Answers, Call
from tests.support.surveys import SMALL

ANSWERS: Final = {"A1": 5, "A2": 4, "C1": 5, "K1": 2}


def survey_tour() -> Answers:
    """A survey that is open for long is answered. Its results are not shown before it is over."""
    listed = yield Call("questionnaires.list", "office")
    yield Call("questionnaires.load", "board", query={"dry_run": "true"}, raw=("application/yaml", SMALL))
    known = {name: listed["items"][0][name] for name in ("code", "version")}
    yield Call("questionnaires.get", "office", path=known)
    before = yield Call("surveys.list", "office", query={"limit": 200})
    asked = {
        "code": f"SIPAS-2061-{1 + len(before['items'])}",
        "questionnaire": known["code"],
        "version": known["version"],
        "period": "2061",
        "units": [UNIT],
        "opens_at": "2026-01-01T00:00:00+07:00",
        "closes_at": "2061-12-31T00:00:00+07:00",
    }
    yield Call("surveys.open", "board", body=asked, status=201)
    survey = {"code": asked["code"]}
    yield Call("surveys.get", "head", path=survey)
    cell = {"unit": UNIT, "stratum": "ba-vi/1/2"}
    made = yield Call("surveys.make_links", "board", path=survey, body={**cell, "number": 1}, status=201)
    token = made["items"][0]["token"]
    yield Call("surveys.paper", "nobody", path=survey, query={"token": token})
    yield Call("surveys.cast", "nobody", path=survey, body={"token": token, "answers": ANSWERS}, status=201)
    sent = {"id": "7f3a9c", **cell, "answers": ANSWERS}
    yield Call("surveys.respond", "channel", path=survey, body={"items": [sent, {**sent, "id": "1", "stratum": "?"}]})
    yield Call("surveys.quotas", "office", path=survey, query={"limit": 2})
    yield from _withdrawn({**asked, "code": f"{asked['code']}W"})
    yield Call("surveys.results", "office", path=survey, query={"limit": 5}, status=409)


def _withdrawn(asked: Mapping[str, Any]) -> Answers:
    """One that was opened for the wrong period."""
    yield Call("surveys.open", "board", body=asked, status=201)
    mistaken = {"code": asked["code"]}
    yield Call("surveys.withdraw", "board", path=mistaken, body={"reason": "Mở nhầm kỳ"})
