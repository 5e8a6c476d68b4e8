"""Problems that are those of reports of progress."""

from typing import Final

from cchc_shared.http.kinds import kind

NOTHING_TO_ANSWER: Final = kind(
    "nothing-to-answer",
    409,
    vi="Báo cáo tiến độ này không nêu khó khăn, hoặc đã được trả lời.",
    en="This report of progress names no obstacles, or was answered already.",
    mend_vi="Đọc lại báo cáo; việc cần nói thêm thì đôn đốc hoặc trao đổi ở báo cáo sau.",
    mend_en="Read the report again; say what is left by urging, or in answer to the next one.",
)
