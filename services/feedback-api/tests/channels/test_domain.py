"""Texts, ids and times of what channels send, as they can be kept and said."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cchc_shared.contract.codes import FeedbackKind
from feedback_api.channels.domain import (
    LONGEST,
    LONGEST_NAME,
    LONGEST_REF,
    Ignored,
    IgnoredBecause,
    Message,
    believed,
    body,
    bounded_ref,
    fitted,
    named,
)
from feedback_api.intake.notices import Notice, NoticeCode

NOW = datetime(2026, 11, 18, 2, tzinfo=UTC)
DAY = timedelta(days=1)


@given(st.text())
def test_any_name_can_be_said_in_one_line(name: str) -> None:
    said = named(name)
    assert said.isprintable()
    assert len(said) <= LONGEST_NAME
    assert said == said.strip()
    assert named(said) == said


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("  hố \r\n ga.jpg ", "hố ga.jpg"),
        ("\u202egpj.exe", "gpj.exe"),
        ("a\u0309nh\0.jpg", "ảnh.jpg"),
        ("\ud800.jpg", "?.jpg"),
        ("x" * 101, "x" * 100),
        ("x" * 99 + " y", "x" * 99),
        (" " * 999 + "y", "y"),
        (" " * 1000 + "y", ""),
        ("", ""),
    ],
)
def test_a_name_is_one_line(name: str, said: str) -> None:
    assert named(name) == said


@pytest.mark.parametrize("name", LONGEST)
def test_each_text_is_cut_where_intake_takes_no_more(name: str) -> None:
    words: dict[str, Any] = {"content": "c", name: "x" * LONGEST[name]}
    assert fitted(Message(ref="1", **words)) == Message(ref="1", **words)
    more = fitted(Message(ref="1", notices=(Notice("f", NoticeCode.REPLY),), **(words | {name: words[name] + "y"})))
    assert isinstance(more, Message)
    assert getattr(more, name) == words[name]
    assert more.notices == (Notice("f", NoticeCode.REPLY), Notice(f"body.{name}", NoticeCode.SHORTENED))


def test_a_cut_text_ends_with_a_letter_and_an_empty_one_is_none() -> None:
    found = fitted(Message(ref="1", content="x" * 19_999 + " y", title=" \u200b "))
    assert isinstance(found, Message)
    assert (found.content, found.title) == ("x" * 19_999, None)
    assert fitted(Message(ref="1", content="\0 ")) == Ignored(IgnoredBecause.EMPTY)
    assert fitted(Ignored(IgnoredBecause.HANDLED)) == Ignored(IgnoredBecause.HANDLED)


@pytest.mark.parametrize(
    ("ref", "kept"),
    [
        ("1@x", "1@x"),
        (" 1@x ", "1@x"),
        ("i" * LONGEST_REF, "i" * LONGEST_REF),
        ("i" * 201, f"sha256:{sha256(b'i' * 201).hexdigest()}"),
        ("", f"sha256:{sha256(b'').hexdigest()}"),
        ("\ud800" * 300, "sha256:" + sha256(b"\xed\xa0\x80" * 300).hexdigest()),
    ],
)
def test_a_channels_id_is_kept_or_stands_for_itself(ref: str, kept: str) -> None:
    assert bounded_ref(ref) == kept


@pytest.mark.parametrize(
    ("sent_at", "within", "taken"),
    [
        (None, DAY, False),
        (NOW, DAY, True),
        (NOW + timedelta(microseconds=1), DAY, False),
        (NOW - DAY, DAY, True),
        (NOW - DAY - timedelta(microseconds=1), DAY, False),
        (NOW - 1000 * DAY, None, True),
    ],
)
def test_when_it_was_sent_counts_within_bounds(
    sent_at: datetime | None, within: timedelta | None, *, taken: bool
) -> None:
    assert believed(sent_at, NOW, within) == (sent_at if taken else None)


def test_it_becomes_the_body_of_a_report() -> None:
    said = Message(ref="1", content="c", title="t", lat=1.5, address="Ngõ 12", phone="0912", email="a@b.vn")
    assert body(said, "email", FeedbackKind.PROCEDURE, NOW) == {
        "channel": "email",
        "channel_ref": "1",
        "kind": "procedure",
        "title": "t",
        "content": "c",
        "location": {"lat": 1.5, "lon": None, "address": "Ngõ 12"},
        "reporter": {"name": None, "phone": "0912", "email": "a@b.vn", "account": None},
        "received_at": NOW,
    }
    bare = body(Message(ref="1", content="c", kind=FeedbackKind.CONDUCT), "zalo", FeedbackKind.PROCEDURE, None)
    assert bare == {
        "channel": "zalo",
        "channel_ref": "1",
        "kind": "conduct",
        "title": None,
        "content": "c",
        "location": None,
        "reporter": None,
        "received_at": None,
    }
