"""A calendar in the form of RFC 5545, whatever stands in its tasks."""

from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from tasks_api.tasks.domain import Task
from tasks_api.unit_calendars.domain import Changed, Place, digest_of, written

NOW = datetime(2026, 11, 27, 3, tzinfo=UTC)
PLACE = Place("Sở Nội vụ", "hanoi", "https://cchc.example/")
WORDS = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), min_size=1, max_size=300)
VIETNAMESE = st.text("ăâđêôơưĂÂĐÊÔƠƯếệựữ ,;\\:\n", min_size=1, max_size=300)


def task(title: str, source: str = "") -> Task:
    return Task(
        id=1, code="NV-2026-000001", title=title, lead_unit="so-noi-vu", assigning_unit="01", assigned_at=NOW,
        due_on=date(2026, 12, 31), due_at=datetime(2026, 12, 31, 17, tzinfo=UTC), source=source, version=3,
    )  # fmt: skip


@given(WORDS | VIETNAMESE, WORDS | VIETNAMESE)
def test_every_text_keeps_the_form(title: str, source: str) -> None:
    content = written(PLACE, [Changed(task(title, source), NOW)], [], NOW)
    lines = content.split(b"\r\n")
    assert lines[-1] == b""
    assert all(len(line) <= 75 for line in lines)
    assert all(b"\r" not in line and b"\n" not in line for line in lines)
    assert all(line.decode() for line in lines[:-1])  # no letter is split between two lines
    assert (lines.count(b"BEGIN:VEVENT"), lines.count(b"END:VEVENT")) == (1, 1)
    [event] = Calendar.from_ical(content).walk("VEVENT")
    assert event.decoded("DTSTART") == date(2026, 12, 31)
    assert event["SEQUENCE"] == 3


@given(VIETNAMESE)
def test_a_title_reads_back(title: str) -> None:
    [event] = Calendar.from_ical(written(PLACE, [Changed(task(title), NOW)], [], NOW)).walk("VEVENT")
    assert str(event["SUMMARY"]).strip() == f"Hạn: {' '.join(title.split())}".strip()


def test_the_same_things_are_the_same_bytes() -> None:
    first, second = (written(PLACE, [Changed(task("Báo cáo"), NOW)], [], NOW) for _ in range(2))
    assert first == second


def test_an_entry_leads_to_its_task() -> None:
    [event] = Calendar.from_ical(written(PLACE, [Changed(task("Báo cáo"), NOW)], [], NOW)).walk("VEVENT")
    assert str(event["URL"]) == "https://cchc.example/v1/tasks/NV-2026-000001"
    assert str(event["UID"]) == "NV-2026-000001@tasks.hanoi"


def test_any_text_may_be_tried_as_a_secret() -> None:
    assert digest_of("\ud800x") != digest_of("x")
