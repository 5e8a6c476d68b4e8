"""Whatever is written: a date that is right, or none and something said."""

from datetime import date, timedelta

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cchc_shared.contract.provenance import Text
from tasks_api.deadlines.numerals import all_spoken, spoken
from tasks_api.deadlines.reader import DeadlineReader
from tests.support.tasks import Profile
from tests.support.vietnamese import foreign_words

ISSUED = date(2026, 1, 10)
DAYS = st.dates(ISSUED, date(2036, 12, 31))
ROMAN = ("", "I", "II", "III", "IV")

WAYS = (
    "{d}/{m}/{y}", "{d:02}/{m:02}/{y}", "{d}-{m}-{y}", "{d}.{m}.{y}", "{d} / {m} / {y}", "{y}-{m:02}-{d:02}",
    "{d}/{m}/{short:02}", "ngày {d}/{m}/{y}", "Ngày {d} tháng {m} năm {y}", "ngày {d:02} tháng {m:02} năm {y}.",
    "ngày {d}/{m} năm {y}", "ngày {d} tháng {month} năm {y}", "ngày {day} tháng {month} năm {year}",
    "Đến hết ngày {d}/{m}/{y}", "ĐẾN NGÀY {d}/{m}/{y}", "Chậm nhất {d}/{m}/{y}", "Muộn nhất là ngày {d}/{m}/{y};",
    "Hoàn thành ngày {d}/{m}/{y}", "({d}/{m}/{y})", "Không muộn hơn ngày {d} tháng {m} năm {y}",
    "Từ nay đến ngày {d}/{m}/{y}", "Thời hạn: {d}/{m}/{y}", "hạn cuối {d}–{m}–{y}", "kết thúc ngày {d}/{m}/{y}",
    "xong\u00a0ngày\u00a0{d}/{m}/{y}", "\u201c{d}/{m}/{y}\u201d",
    "trước {next}", "Trước ngày {next}.", "Xong trước ngày {next}",
)  # fmt: skip
"""The ways of writing a day, each with its end on that day."""


def written(way: str, day: date) -> str:
    """The day in one of the ways."""
    following = day + timedelta(days=1)
    [said, *_], [month, *_], [year, *_] = list(spoken(day.day)), list(spoken(day.month)), list(spoken(day.year))
    return way.format(
        d=day.day, m=day.month, y=day.year, short=day.year % 100, day=said, month=month, year=year,
        next=f"{following.day}/{following.month}/{following.year}",
    )  # fmt: skip


@given(day=DAYS, way=st.sampled_from(WAYS))
def test_a_day_is_read_back_however_it_is_written(reader: DeadlineReader, day: date, way: str) -> None:
    found = reader.read(written(way, day), ISSUED)
    assert (found.reading, found.due_on, found.doubts) == ("dated", day, ())


@given(
    year=st.integers(2026, 2036),
    quarter=st.integers(1, 4),
    way=st.sampled_from(
        ("Quý {r}/{y}", "quý {q} năm {y}", "Q.{r}/{y}", "Trong quý {r}, năm {y}", "Quí {q:02}-{y}", "hết quý {r} {y}")
    ),
)
def test_a_quarter_ends_with_its_last_day(reader: DeadlineReader, year: int, quarter: int, way: str) -> None:
    found = reader.read(way.format(r=ROMAN[quarter], q=quarter, y=year), date(2026, 1, 1))
    following = date(year + quarter // 4, 3 * quarter % 12 + 1, 1)
    assert (found.due_on, found.doubts) == (following - timedelta(days=1), ())
    before = reader.read(
        f"trước {way.format(r=ROMAN[quarter], q=quarter, y=year).removeprefix('hết ')}", date(2026, 1, 1)
    )
    assert before.due_on == date(year, 3 * quarter - 2, 1) - timedelta(days=1)


@given(
    day=DAYS,
    way=st.sampled_from(WAYS[:10]),
    word=st.text(st.sampled_from("bcdghklmnpqrstvxwfjz"), min_size=4, max_size=9),
    place=st.sampled_from(
        ("{word} {day}", "{day} {word}", "{day}, {word}", "{word}: {day}", "{day} ({word})", "trước {word} {day}")
    ),
)
def test_a_word_that_is_not_known_is_never_passed_over(
    reader: DeadlineReader, day: date, way: str, word: str, place: str
) -> None:
    found = reader.read(place.format(day=written(way, day), word=word), ISSUED)
    assert found.doubts
    assert found.due_on in (None, day)
    assert found.due_on is None or "(" in place


SYMBOLS_OF_TIME = st.sampled_from(
    [
        "trước", "sau", "từ", "đến", "ngày", "tháng", "quý", "năm", "hằng", "6", "15", "30", "2026", "2027", "/",
        "-", ".", ",", ";", "(", ")", "II", "III", "đầu", "cuối", "giữa", "tuần", "thứ", "và", "hoặc", "theo", "kế",
        "hoạch", "báo", "cáo", "ban", "hành", "kể", "từ", "khi", "thường", "xuyên", "định", "kỳ", "lần", "giai",
        "đoạn", "học", "hết", "trong", "không", "đã", "làm", "việc", "giờ", "17", ":",
    ]
)  # fmt: skip


@given(st.lists(SYMBOLS_OF_TIME, max_size=12).map(" ".join), st.dates(date(1900, 1, 1), date(2200, 1, 1)))
@example("29/2", date(2027, 1, 1))
@example("00/00/0000", ISSUED)
@example("99 tháng kể từ ngày ký", ISSUED)
@example("trước 01/01/0001", ISSUED)
@example("0 ngày kể từ ngày ký", ISSUED)
@example("30 ngày kể từ ngày ký", date(2150, 1, 1))
@example("999 ngày làm việc kể từ ngày ký", date(2036, 12, 31))
def test_any_words_of_time_give_a_day_within_bounds_or_something_said(
    reader: DeadlineReader, wording: str, issued_on: date
) -> None:
    found = reader.read(wording, issued_on)
    assert (found.reading == "dated") == (found.due_on is not None)
    assert found.doubts or found.reading in ("dated", "recurring")
    assert found.rhythm or found.doubts or found.reading == "dated"
    if found.due_on:
        assert issued_on.year - 1 <= found.due_on.year <= issued_on.year + 10
        assert found.due_on >= issued_on or found.doubts
        assert not found.milestones or found.milestones[-1] == found.due_on


@given(st.text(max_size=80), st.dates())
def test_no_text_is_too_strange(reader: DeadlineReader, wording: str, issued_on: date) -> None:
    found = reader.read(wording, issued_on)
    assert found.doubts or found.due_on or found.rhythm


@pytest.mark.parametrize("wording", ["", "  ", "-", "…", "/", "Không", "x" * 1001])
def test_what_says_nothing_has_no_date(reader: DeadlineReader, wording: str) -> None:
    found = reader.read(wording, ISSUED)
    assert found.due_on is None
    assert found.doubts


@pytest.mark.parametrize(
    ("wording", "why"),
    [
        ("Báo cáo quý II/2026", "tên của báo cáo"),
        ("Ban hành Kế hoạch năm 2026", "tên của kế hoạch"),
        ("Kế hoạch 12/2026", "số của văn bản"),
        ("Đợt 1/2026", "số của đợt"),
        ("Gửi trước báo cáo 30/6/2026", "trước không đi với ngày"),
        ("30/6-2026", "hai dấu khác nhau"),
        ("02-03/2026", "ngày hay tháng"),
        ("2026-06", "tháng hay giai đoạn"),
        ("Quý II/2026-2027", "một quý hay hai năm"),
        ("Không thực hiện trong quý II/2026", "phủ định"),
        ("Đã hoàn thành 30/6/2026", "đã xong"),
        ("10 ngày kể từ ngày ban hành Kế hoạch của Bộ", "văn bản khác"),
        ("ngày    tháng    năm 2026", "để trống"),
        ("…/…/2026", "để trống"),
        ("ngày    /11/2026", "ngày để trống"),
        ("…/11/2026", "ngày để trống"),
        ("Quý …/2026", "quý để trống"),
        ("tháng __ năm 2026", "tháng để trống"),
        ("Hoàn thành 50 xã trong năm 2026", "số không đọc"),
    ],
)
def test_what_looks_like_a_date_and_may_be_none(reader: DeadlineReader, wording: str, why: str) -> None:
    found = reader.read(wording, ISSUED)
    assert (found.reading, found.due_on) == ("ambiguous", None), why


def test_days_after_an_event_wait_for_it(reader: DeadlineReader) -> None:
    trigger = reader.read("05 ngày làm việc sau khi Nghị quyết được ban hành", ISSUED).trigger
    assert trigger is not None
    assert (trigger.days, trigger.working, trigger.after) == (5, True, "Nghị quyết được ban hành")


def test_a_term_that_ends_on_a_day_off_says_so(reader: DeadlineReader) -> None:
    found = reader.read("7 ngày kể từ ngày ban hành", date(2026, 1, 10))
    assert found.due_on == date(2026, 1, 17)
    assert "148" in found.doubts[0].vi


def test_numbers_in_words_are_told_apart() -> None:
    said: dict[str, int] = {}
    for words, number in all_spoken():
        assert said.setdefault(words, number) == number
    assert said["hai mươi lăm"] == 25
    assert said["hai nghìn không trăm linh năm"] == 2005


def test_questions_and_reasons_are_vietnamese(profile: Profile, reader: DeadlineReader) -> None:
    rules = profile.rules.deadlines
    said: list[Text] = [each.text for each in (*rules.reasons, *rules.questions)]
    assert [text.vi for text in said if foreign_words(text.vi)] == []


def test_a_phrase_with_two_meanings_is_refused(profile: Profile) -> None:
    rules = profile.rules.deadlines
    with pytest.raises(ValueError, match="trước"):
        DeadlineReader(
            msgspec.structs.replace(rules, filler=(*rules.filler, "Trước")),
            profile.rules.plausible_years,
            profile.calendar,
        )


def test_a_symbol_without_words_is_refused(profile: Profile) -> None:
    rules = profile.rules.deadlines
    words = {symbol: words for symbol, words in rules.words.items() if symbol != "before"}
    fewer = msgspec.structs.replace(rules, words=words)
    with pytest.raises(ValueError, match="before"):
        DeadlineReader(fewer, profile.rules.plausible_years, profile.calendar)
