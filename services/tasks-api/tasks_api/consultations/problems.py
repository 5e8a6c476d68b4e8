"""Problems that are those of consultations."""

from typing import Final

from cchc_shared.http.kinds import kind

TASK_ENDED: Final = kind(
    "task-ended",
    409,
    vi="Nhiệm vụ đã kết thúc, không lấy ý kiến hay trình hồ sơ được nữa.",
    en="The task has ended: nobody is asked about it, and nothing submitted.",
    mend_vi="Làm việc này trong nhiệm vụ khác đang mở.",
    mend_en="Do this in another task that is open.",
)
