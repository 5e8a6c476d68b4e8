"""What is said beside a deadline: warnings, reasons why there is no date, and questions."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from cchc_shared.contract.provenance import Text

BLANK: Final = Text("Không ghi thời hạn.", "No deadline is given.")


def unreadable(text: str) -> Text:
    """Nothing in it names a time."""
    return Text(
        f"Không đọc được thời hạn “{text}”: chưa tính hạn.",
        f"The deadline “{text}” cannot be read: no date was derived.",
    )


def unread(text: str, words: Sequence[str]) -> Text:
    """A time, and words of which nobody knows what they change."""
    rest = "”, “".join(dict.fromkeys(words))
    return Text(
        f"Thời hạn “{text}” có phần chưa hiểu (“{rest}”): hạn là ngày nào?",
        f"Part of the deadline “{text}” was not understood (“{rest}”): which day is meant?",
    )


def unread_remark(words: Sequence[str]) -> Text:
    """Words in brackets beside a date."""
    rest = "”, “".join(dict.fromkeys(words))
    return Text(
        f"Phần trong ngoặc (“{rest}”) chưa được đọc: hạn tính theo phần ngoài ngoặc.",
        f"The words in brackets (“{rest}”) were not read: the date is that of the words outside them.",
    )


def question(text: str, why: Text) -> Text:
    """A known reason for which somebody must decide."""
    return Text(f"Thời hạn “{text}” chưa rõ ({why.vi}): hạn là ngày nào?", f"“{text}”: {why.en}. Which day is meant?")


def no_date(why: Text) -> Text:
    """The wording names something else than a last day."""
    return Text(f"Không có ngày hạn: {why.vi}.", f"There is no date: {why.en}.")


AFTER_EVENT: Final = Text("tính từ một sự kiện chưa có ngày", "it counts from an event that has no date yet")
AT_ONCE: Final = Text("làm ngay, không có ngày cuối", "at once, without a last day")
NO_START: Final = Text("số ngày không có mốc đầu", "a number of days without a start")
LATER: Final = Text("chỉ nói sau mốc nào, không có ngày cuối", "only the day after which is named")
ROUGHLY: Final = Text(
    "đầu, giữa hoặc một tuần của kỳ chưa là một ngày", "the beginning, middle or week of a span is no day"
)
WITH_RHYTHM: Final = Text("vừa có ngày vừa định kỳ", "there are a date and a rhythm")
WITH_EVENT: Final = Text("vừa có ngày vừa phụ thuộc việc khác", "there are a date and something that it depends on")
GOES_ON: Final = Text("có ngày cuối rồi lại tiếp tục", "there is a last day, and work goes on after it")
WHICH_YEAR: Final = Text(
    "không ghi năm, và ngày đó của năm ban hành đã qua",
    "no year is given, and that day of the year of issue has passed",
)
WHICH_RHYTHM: Final = Text("định kỳ nhưng không nói bao lâu một lần", "recurring, but how often is not said")
NOT_ALL: Final = Text("có phần chưa hiểu", "part of it was not understood")
BACKWARDS: Final = Text("ngày bắt đầu sau ngày cuối", "it begins after it ends")


def no_such_day(text: str) -> Text:
    """31/11."""
    return Text(
        f"Thời hạn “{text}” có ngày, tháng hoặc quý không có thật: chưa tính hạn.",
        f"The deadline “{text}” names a day, month or quarter that does not exist: no date was derived.",
    )


def improbable(text: str, year: int) -> Text:
    """The year is taken for a slip of the pen."""
    return Text(
        f"Năm {year} trong thời hạn “{text}” khó có thể đúng: chưa tính hạn.",
        f"The year {year} of the deadline “{text}” is improbable: no date was derived.",
    )


def before_issue(text: str) -> Text:
    """The date is kept."""
    return Text(
        f"Thời hạn “{text}” trước ngày ban hành văn bản.",
        f"The deadline “{text}” lies before the document was issued.",
    )


def several(days: Sequence[date]) -> Text:
    """The last one counts."""
    named = ", ".join(f"{day.day}/{day.month}/{day.year}" for day in days)
    return Text(
        f"Nhiều mốc ({named}): hạn là mốc cuối.", f"Several days are named ({named}): the last one is the deadline."
    )


def hour_not_kept(hour: str) -> Text:
    """Deadlines of tasks are days."""
    return Text(
        f"Giờ {hour} không được tính: hạn là hết ngày.",
        f"The hour {hour} does not count: the deadline is the end of the day.",
    )


def day_off(day: date) -> Text:
    """Bộ luật Dân sự 2015, Điều 148 khoản 5 lets a term that ends on a day off end with the next working day."""
    named = f"{day.day}/{day.month}/{day.year}"
    return Text(
        f"Ngày cuối {named} là ngày nghỉ; theo Điều 148 Bộ luật Dân sự, thời hạn kết thúc vào ngày làm việc sau đó.",
        f"The last day {named} is a day off; by the Civil Code (article 148) a term ends with the next working day.",
    )


def tentative(text: str) -> Text:
    """A target or an estimate."""
    return Text(
        f"“{text}” là mốc dự kiến hoặc phấn đấu: hạn tính theo mốc đó.",
        f"“{text}” is an estimate or a target: the date is taken from it.",
    )


TOO_LONG: Final = Text(
    "Thời hạn quá dài để đọc: chưa tính hạn.", "The deadline is too long to be read: no date was derived."
)
