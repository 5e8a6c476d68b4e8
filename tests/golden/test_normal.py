"""What is volatile is told by its kind; everything else is kept."""

from pydantic import JsonValue

from tests.golden.normal import normal


def test_what_differs_from_run_to_run_is_left_out() -> None:
    answer: JsonValue = {
        "code": "NV-26-000017.so-noi-vu",
        "at": "2026-11-25T18:43:30.123456+07:00",
        "due_on": "2031-03-31",
        "items": [{"id": "0198c8f0-1111-7222-8333-444455556666", "version": 3, "title": "Báo cáo", "note": None}],
        "tracking_secret": "abc",
        "next_cursor": None,
        "path": "/v1/feedback/PA-26-000001/history",
    }
    assert normal(answer) == {
        "code": "<NV code>",
        "at": "<instant>",
        "due_on": "<day>",
        "items": [{"id": "<uuid>", "version": 3, "title": "Báo cáo", "note": None}],
        "tracking_secret": "<tracking_secret>",
        "next_cursor": None,
        "path": "/v1/feedback/<PA code>/history",
    }


def test_a_renamed_field_shows() -> None:
    assert normal({"lead_unit": "a"}) != normal({"unit": "a"})
