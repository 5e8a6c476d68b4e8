"""The kinds of problems of closed months."""

from typing import Final

from cchc_shared.http.kinds import kind

MONTH_NOT_CLOSED: Final = kind(
    "month-not-closed",
    404,
    vi="Tháng này chưa chốt và không tự chốt.",
    en="This month is not closed, and does not close by itself.",
    mend_vi="Đợi đến thời điểm ghi ở `closes_at`; số liệu hiện tại ở `/v1/progress`. Tháng đã qua mà không có "
    "`closes_at` thì cơ quan theo dõi của Thành phố chốt.",
    mend_en="Wait for the time in `closes_at`; `/v1/progress` shows the present figures. A month that is over and has "
    "no `closes_at` is closed by the city's office.",
)
MONTH_UNCHANGED: Final = kind(
    "month-unchanged",
    409,
    vi="Không có số liệu nào khác với bản đã chốt, theo những gì ghi nhận đến năm phút trước.",
    en="By what was recorded until five minutes ago, no figure differs from those that were closed.",
    mend_vi="Ghi nhận phần còn thiếu, đợi năm phút rồi chốt lại.",
    mend_en="Record what is missing, wait for five minutes, and close the month anew.",
)
