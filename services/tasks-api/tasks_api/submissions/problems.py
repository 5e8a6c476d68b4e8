"""Problems that are those of submissions."""

from typing import Final

from cchc_shared.http.kinds import kind

NOT_READY: Final = kind(
    "submission-not-ready",
    409,
    vi="Chưa trình được: còn việc lấy ý kiến chưa xong, hoặc ý kiến khác nhau chưa được làm việc trực tiếp.",
    en="These papers cannot be sent: a consultation is open, or a disagreement was not talked over.",
    mend_vi="Chờ trả lời các việc ở `open`; làm việc trực tiếp với đơn vị ở `disagreements`, rồi ghi lại.",
    mend_en="Wait for those in `open`; meet the units in `disagreements`, and record the meeting.",
)
