"""The kinds of problems of publications."""

from typing import Final

from cchc_shared.http.kinds import kind

NOT_PUBLISHED: Final = kind(
    "not-published",
    404,
    vi="Số liệu này chưa được công bố.",
    en="These figures are not published yet.",
    mend_vi="Xem danh sách các tháng đã công bố; số liệu một tháng được khóa vào ngày đã định của tháng sau.",
    mend_en="Look at the list of published months; a month is closed on its day of the month that follows.",
)
MONTH_STILL_OPEN: Final = kind(
    "month-still-open",
    409,
    vi="Tháng này chưa khóa số liệu nên chưa có gì để đính chính.",
    en="The month is not closed yet, so there is nothing to correct.",
    mend_vi="Đợi tháng tự khóa số liệu vào ngày đã định.",
    mend_en="Wait until it closes by itself on its day.",
)
NOTHING_TO_CORRECT: Final = kind(
    "nothing-to-correct",
    409,
    vi="Không có số liệu nào khác với bản đã công bố, theo những gì đã biết đến hết ngày hôm qua.",
    en="By what was known at the end of yesterday, no figure differs from those published.",
    mend_vi="Việc được ghi nhận hôm nay thì đính chính từ ngày mai.",
    mend_en="What was recorded today can be corrected from tomorrow on.",
)
