"""From wordings to days."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks_api.tasks.deadlines import DeadlineReader
from tests.support.tasks import Profile

ISSUED = date(2024, 5, 1)


@pytest.fixture(scope="session")
def reader(profile: Profile) -> DeadlineReader:
    return profile.rules.deadline_reader()


@pytest.mark.parametrize(
    ("wording", "due_on"),
    [
        ("Quý II/2024", date(2024, 6, 30)),
        ("Quý IV/2024", date(2024, 12, 31)),
        ("quý 3 năm 2024", date(2024, 9, 30)),
        ("Trong năm 2024", date(2024, 12, 31)),
        ("30/11/2024", date(2024, 11, 30)),
        ("trước ngày 30/11/2024", date(2024, 11, 29)),
        ("Trước  ngày 01/01/2025.", date(2024, 12, 31)),
        ("Tháng 02/2028", date(2028, 2, 29)),
        ("2024-12-15", date(2024, 12, 15)),
        ("Thường xuyên", None),
        ("Hằng năm", None),
    ],
)
def test_clear_wordings(reader: DeadlineReader, wording: str, due_on: date | None) -> None:
    assert reader.read(wording, ISSUED) == (due_on, None)


@pytest.mark.parametrize("wording", ["", "sớm", "Quý II", "Quý V/2024", "31/2/2024", "tháng 13/2024", "Quý II/2024 à"])
def test_what_cannot_be_read_gets_no_date(reader: DeadlineReader, wording: str) -> None:
    due_on, doubt = reader.read(wording, ISSUED)
    assert due_on is None
    assert doubt is not None


@pytest.mark.parametrize("wording", ["31/12/2204", "Trong năm 2042", "28/2/2023"])
def test_no_clock_runs_on_an_improbable_year(reader: DeadlineReader, wording: str) -> None:
    due_on, doubt = reader.read(wording, ISSUED)
    assert due_on is None
    assert doubt is not None
    assert "improbable" in doubt.en


def test_a_deadline_before_the_issue_is_kept_and_doubted(reader: DeadlineReader) -> None:
    due_on, doubt = reader.read("Quý I/2024", ISSUED)
    assert due_on == date(2024, 3, 31)
    assert doubt is not None


@given(day=st.dates(date(2024, 5, 2), date(2033, 12, 31)), separator=st.sampled_from("/.-"))
def test_before_a_day_is_one_day_less(reader: DeadlineReader, day: date, separator: str) -> None:
    words = separator.join([str(day.day), str(day.month), str(day.year)])
    assert reader.read(words, ISSUED).due_on == day
    assert reader.read(f"trước ngày {words}", ISSUED).due_on == day - timedelta(days=1)


@given(st.text(max_size=60))
def test_any_text_gives_a_date_a_doubt_or_regular_work(reader: DeadlineReader, text: str) -> None:
    deadline = reader.read(text, ISSUED)
    assert deadline.due_on is None or deadline.due_on.year >= ISSUED.year
