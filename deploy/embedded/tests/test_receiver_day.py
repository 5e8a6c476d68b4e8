"""A receiver that keeps the guide is found right, and each fault is found by the line that it breaks."""

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

import httpx
import pytest

from cchc_embedded import receiver_day, vendor_check
from cchc_embedded.listen import is_genuine
from cchc_embedded.receiver_day import (
    ANSWER,
    DISABLES,
    GUIDE,
    LATELY,
    PUBLIC,
    REDIRECT,
    RULES,
    VERIFY,
    Receiver,
    line_of,
    play,
)  # fmt: skip
from cchc_embedded.vendor_check import EXAMPLE, secret_of, step_line
from notify.webhooks import signing
from notify.webhooks.domain import Answer, Failure
from notify.webhooks.posting import Poster

SECRET = signing.shown(EXAMPLE)
Judge = Callable[[Mapping[str, str], bytes], Answer]


class Vendor(Poster):
    """A receiver in this process."""

    def __init__(self, judge: Judge) -> None:
        super().__init__(loopback=True)
        self.judge = judge
        self.seen: list[str] = []

    async def post(self, url: str, headers: Mapping[str, str], body: bytes, now: datetime) -> Answer:
        self.seen.append(json.loads(body)["data"]["id"])
        return self.judge(headers, body)


def right(headers: Mapping[str, str], body: bytes) -> Answer:
    """Written by the text of Standard Webhooks, without a line of the code that signs."""
    return Answer(204 if is_genuine(SECRET, headers, body, time.time()) else 401)


def broken(judge: Judge) -> list[str]:
    async def every() -> list[str]:
        steps = [step async for step in play(Receiver("http://receiver", EXAMPLE, Vendor(judge)))]
        assert all(step_line(step) for step in steps)
        return [step.broken for step in steps if step.broken is not None]

    return asyncio.run(every())


def gullible(_: Mapping[str, str], __: bytes) -> Answer:
    return Answer(200)


def timeless(headers: Mapping[str, str], body: bytes) -> Answer:
    """Verifies, and takes what is old."""
    return Answer(200 if is_genuine(SECRET, headers, body, int(headers["webhook-timestamp"])) else 400)


def hasty(headers: Mapping[str, str], body: bytes) -> Answer:
    """Says 410 to what it does not believe."""
    return Answer(410) if right(headers, body).status == 401 else Answer(200)


def first_signature(headers: Mapping[str, str], body: bytes) -> Answer:
    """Looks at the first signature alone."""
    given = headers.get("webhook-signature", "").split(" ")[0]
    return right({**headers, "webhook-signature": given}, body)


def once(headers: Mapping[str, str], body: bytes) -> Answer:
    """Takes version 1 alone."""
    return Answer(409) if json.loads(body)["data"]["version"] > 1 else right(headers, body)


@pytest.mark.parametrize(
    ("judge", "rules"),
    [
        (right, set()),
        (gullible, {VERIFY, LATELY}),
        (timeless, {LATELY}),
        (hasty, {DISABLES}),
        (first_signature, {receiver_day.ROTATED}),
        (once, {receiver_day.IN_ORDER, ANSWER}),
        (lambda *_: Answer(302), {REDIRECT}),
        (lambda *_: Answer(failure=Failure.TIMEOUT), {ANSWER}),
        (lambda *_: Answer(failure=Failure.CONNECTION), {PUBLIC}),
        (lambda *_: Answer(500), set(RULES) - {REDIRECT, DISABLES, PUBLIC}),
    ],
)
def test_what_is_wrong_is_a_line_of_the_guide(judge: Judge, rules: set[str]) -> None:
    assert set(broken(judge)) == rules


def test_each_rule_stands_in_one_line_of_the_guide() -> None:
    lines = GUIDE.read_text("utf-8").splitlines()
    assert {rule: sum(rule in line for line in lines) for rule in RULES} == dict.fromkeys(RULES, 1)
    assert lines[line_of(VERIFY).number - 1] == line_of(VERIFY).words
    with pytest.raises(ValueError, match=r"webhooks\.md does not say: nonsense"):
        line_of("nonsense")


@pytest.mark.parametrize(
    ("text", "secret"), [("", EXAMPLE), (SECRET, EXAMPLE), ("whsec_???", None), ("abc", None), ("whsec_YQ==", b"a")]
)
def test_a_secret_is_read_as_receivers_are_given_it(text: str, secret: bytes | None) -> None:
    assert secret_of(text) == secret


def test_wrong_lines_of_a_file_are_printed_with_the_guide(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    error = {"field": "status", "message": "sai"}
    wrong = {
        "line": 7,
        "dossier": None,
        "problem": {"code": "invalid", "detail": "…", "errors": [error]},
        "section": "A delivery · Một lần gửi",
    }
    answers = iter(
        [httpx.Response(200, json={"lines": 9, "wrong": [wrong]}), httpx.Response(200, json={"lines": 9, "wrong": []})]
    )
    monkeypatch.setattr(httpx, "post", lambda *_, **__: next(answers))
    file = tmp_path / "day.ndjson"
    file.write_bytes(b"{}\n")
    assert vendor_check.judge(file) == 1
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "7: invalid: status: sai"
    assert said[1].endswith(": A delivery · Một lần gửi")
    assert said[2] == "9 dòng · lines, 1 sai · wrong"
    assert vendor_check.judge(file) == 0
