"""The kind of problem of an erasure that comes too early."""

from typing import Final

from cchc_shared.http.kinds import kind

REPORT_NOT_ENDED: Final = kind(
    "report-not-ended",
    409,
    vi="Phản ánh chưa kết thúc nên chưa xóa được.",
    en="The report has not ended, so nothing of it can be erased yet.",
    mend_vi="Đợi phản ánh được trả lời, từ chối hoặc đóng; người gửi có thể ẩn danh ngay bây giờ.",
    mend_en="Wait until it is answered, refused or closed; its sender may become anonymous at once.",
)
