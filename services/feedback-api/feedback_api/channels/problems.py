"""The kinds of problems that are the channels' own."""

from typing import Final

from cchc_shared.http.kinds import kind

SIGNATURE_WRONG: Final = kind(
    "signature-wrong",
    403,
    vi="Chữ ký của sự kiện không đúng.",
    en="The signature of the event is wrong.",
    mend_vi="Kiểm tra khóa bí mật của kênh ở hai phía, và gửi nguyên văn nội dung đã ký.",
    mend_en="Check the channel's secret on both sides, and send the body as it was signed.",
)
