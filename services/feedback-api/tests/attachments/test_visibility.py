"""Who may attach, who sees which attachment when, and who decides about the public."""

import pytest
from sqlalchemy import select

from feedback_api.reports.models import attachments

from ..conftest import JUSTICE
from .conftest import Report

EVERYBODY = ("citizen", "secret", "other_citizen", "nobody", "officer", "head", "other_officer", "desk", "inspector")


@pytest.mark.parametrize(
    ("who", "status", "by"),
    [
        ("citizen", 201, "sender"),
        ("secret", 201, "sender"),
        ("officer", 201, "unit"),
        ("head", 201, "unit"),
        ("desk", 201, "desk"),
        ("inspector", 403, None),
        ("other_officer", 404, None),
        ("other_citizen", 404, None),
        ("system", 404, None),
        ("nobody", 404, None),
    ],
)
async def test_who_may_attach(report: Report, who: str, status: int, by: str | None) -> None:
    await report.advance("accept")
    answer = await report.attach(None, who)
    assert (answer.status_code, answer.json().get("by")) == (status, by if status == 201 else answer.json().get("by"))
    if status == 403:
        assert answer.json()["by"] == ["desk", "sender", "unit"]


async def test_a_former_unit_reads_and_attaches_no_more(report: Report) -> None:
    await report.advance("accept")
    shown = await report.attached(None, "officer")
    moved = await report.service.act(
        report.code, "transfer", report.people["head"], report.version, {"unit": JUSTICE, "reason": "x"}
    )
    assert moved.status_code == 200
    assert await report.seen("officer") == [shown["id"]]
    assert (await report.attach(None, "officer")).status_code == 403
    refused = await report.decide(shown["id"], "publish", "officer")
    assert (refused.status_code, refused.json()["by"]) == (403, ["desk", "unit"])
    assert (await report.attach(None, "other_officer")).status_code == 201


BEFORE_ANSWER = {"officials": {"sender", "unit"}, "sender": {"sender"}, "public": None}
ANSWERED = {"officials": {"sender", "unit"}, "sender": {"sender", "unit"}, "public": None}
KIND = {
    **dict.fromkeys(("citizen", "secret"), "sender"),
    **dict.fromkeys(("officer", "head", "desk", "inspector"), "officials"),
    **dict.fromkeys(("other_citizen", "nobody", "other_officer"), "public"),
}


@pytest.mark.parametrize(
    ("last", "published", "sees"),
    [
        ("accept", None, BEFORE_ANSWER),
        ("draft_answer", None, BEFORE_ANSWER),
        ("approve_answer", None, ANSWERED),
        ("publish", None, ANSWERED),
        ("publish", "sender", {**ANSWERED, "public": {"sender"}}),
        ("publish", "unit", {**ANSWERED, "public": {"unit"}}),
    ],
)
async def test_who_sees_what(
    report: Report, last: str, published: str | None, sees: dict[str, set[str] | None]
) -> None:
    await report.advance("accept")
    ids = {"sender": (await report.attached())["id"], "unit": (await report.attached(None, "officer"))["id"]}
    await report.advance(last)
    if published:
        assert (await report.decide(ids[published], "publish", "head")).status_code == 200
    for who in EVERYBODY:
        expected = sees[KIND[who]]
        assert await report.seen(who) == (None if expected is None else [ids[each] for each in ids if each in expected])
        for side, each in ids.items():
            for path in (each, f"{each}/thumbnail"):
                status = (await report.get(path, who)).status_code
                assert status == (200 if side in (expected or ()) else 404), (who, side)


async def test_only_what_is_published_may_be_cached_by_others(report: Report) -> None:
    shown = await report.attached()
    await report.advance("publish")
    assert (await report.decide(shown["id"], "publish", "desk")).json()["public"] is True
    assert (await report.get(shown["id"], "nobody")).headers["Cache-Control"] == "public, max-age=60"
    assert (await report.decide(shown["id"], "hide", "officer")).json()["public"] is False
    assert (await report.get(shown["id"], "nobody")).status_code == 404
    [row] = await report.service.rows(select(attachments.c.public, attachments.c.decided_by))
    assert row == (False, "officer-1")


@pytest.mark.parametrize(
    ("who", "status"), [("citizen", 403), ("other_officer", 404), ("officer", 409), ("nobody", 401)]
)
async def test_who_decides_and_when(report: Report, who: str, status: int) -> None:
    await report.advance("approve_answer")
    shown = await report.attached()
    answer = await report.decide(shown["id"], "publish", who)
    assert (answer.status_code, await report.seen("nobody")) == (status, None)


@pytest.mark.parametrize("action", ["publish", "hide"])
async def test_of_what_is_not_there_nothing_is_told(report: Report, action: str) -> None:
    await report.advance("publish")
    nothing = "01930000-0000-7000-8000-000000000001"
    assert (await report.decide(nothing, action, "head")).status_code == 404
    assert (await report.get(nothing, "head")).status_code == 404
    assert (await report.get("no-id", "head")).status_code == 422
    report.code = "PA-00-1"
    assert (await report.get("", "desk")).status_code == 404
    assert (await report.get(nothing, "desk")).status_code == 404
    assert (await report.attach(None, "desk")).status_code == 404
