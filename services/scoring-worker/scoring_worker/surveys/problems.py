"""Kinds of problems of surveys. Each state of a token has an answer of its own."""

from typing import Final

from cchc_shared.http.kinds import kind

SURVEY_CODE_TAKEN: Final = kind(
    "survey-code-taken",
    409,
    vi="Đã có đợt khảo sát mang mã này.",
    en="There is a survey with this code.",
    mend_vi="Đặt mã khác cho đợt mới; đợt đã mở không thay đổi được.",
    mend_en="Give the new survey another code; one that was opened does not change.",
)
SURVEY_NOT_OPEN: Final = kind(
    "survey-not-open",
    409,
    vi="Đợt khảo sát chưa bắt đầu.",
    en="The survey has not begun.",
    mend_vi="Gửi lại từ thời điểm ghi ở `opens_at`.",
    mend_en="Send it again from `opens_at` on.",
)
SURVEY_CLOSED: Final = kind(
    "survey-closed",
    409,
    vi="Đợt khảo sát đã kết thúc, không nhận phiếu nữa.",
    en="The survey is over and takes no more ballots.",
    mend_vi="Không gửi lại: phiếu đến sau khi kết thúc không được tính.",
    mend_en="Do not send it again: what comes after the end does not count.",
)
SURVEY_WITHDRAWN: Final = kind(
    "survey-withdrawn",
    409,
    vi="Đợt khảo sát đã bị rút lại, không nhận phiếu nữa.",
    en="The survey was withdrawn and takes no more ballots.",
    mend_vi="Không gửi lại: phiếu của đợt này không được tính. Đợt đúng có đường dẫn khác.",
    mend_en="Do not send it again: ballots of this survey do not count. The right survey has other links.",
)
SURVEY_UNDER_WAY: Final = kind(
    "survey-under-way",
    409,
    vi="Chưa xem được kết quả khi đợt khảo sát chưa kết thúc.",
    en="Results are not shown before the survey is over.",
    mend_vi="Đợi đến thời điểm ghi ở `closes_at`; số phiếu đã nhận xem ở mục chỉ tiêu mẫu.",
    mend_en="Wait until `closes_at`; how many ballots there are is shown by the quotas.",
)
TOKEN_UNKNOWN: Final = kind(
    "ballot-token-unknown",
    404,
    vi="Không có mã phiếu này trong đợt khảo sát.",
    en="This survey has no such token.",
    mend_vi="Mở lại đúng đường dẫn đã nhận.",
    mend_en="Open the link again as it was received.",
)
TOKEN_USED: Final = kind(
    "ballot-token-used",
    409,
    vi="Mã này đã dùng: phiếu của bạn đã được nhận.",
    en="This token was used: your ballot has been taken.",
    mend_vi="Không cần gửi lại. Mỗi mã gửi được một phiếu, không xem lại và không sửa được.",
    mend_en="There is no need to send it again. One token gives one ballot, which cannot be seen or changed again.",
)
