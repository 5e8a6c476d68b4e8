"""What is refused of a progress row."""

from typing import Final

from cchc_shared.http.kinds import kind

NO_DOSSIER: Final = kind(
    "dossier-unknown",
    409,
    vi="Chưa có hồ sơ mang mã này.",
    en="No dossier has this code yet.",
    mend_vi="Gửi diễn biến của hồ sơ bằng `POST /v1/dossiers/events` trước, rồi gửi lại tiến độ.",
    mend_en="Send what became of the dossier by POST /v1/dossiers/events first, then the progress again.",
)
PROGRESS_DIFFERS: Final = kind(
    "progress-differs",
    409,
    vi="Bước này đã được gửi cho cùng thời điểm với nội dung khác.",
    en="This step was sent for the same time before, with another content.",
    mend_vi="Gửi lại đúng nội dung trước, hoặc gửi nội dung mới với thời điểm của nó.",
    mend_en="Send the content as before, or the new one with a time of its own.",
)
