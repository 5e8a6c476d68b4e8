"""Problems that are those of tasks, for all features that stand on them."""

from typing import Final

from cchc_shared.http.kinds import kind

SAME_PERSON: Final = kind(
    "same-person",
    403,
    vi="Người đã báo cáo hoặc đã duyệt báo cáo này không được duyệt tiếp.",
    en="Whoever made this report or approved it once must not approve it.",
    mend_vi="Để người khác có thẩm quyền duyệt.",
    mend_en="Leave the approval to another person with the right to it.",
)
CHILDREN_OPEN: Final = kind(
    "children-open",
    409,
    vi="Nhiệm vụ còn nhiệm vụ con chưa kết thúc.",
    en="A child of this task is still open.",
    mend_vi="Kết thúc các nhiệm vụ con ghi ở `children` trước.",
    mend_en="End the tasks named in `children` first.",
)
TASK_ENDED: Final = kind(
    "task-ended",
    409,
    vi="Nhiệm vụ đã kết thúc, không làm việc này được nữa.",
    en="The task has ended: this cannot be done in it any more.",
    mend_vi="Làm việc này trong nhiệm vụ khác đang mở.",
    mend_en="Do this in another task that is open.",
)
TASK_REPORTED: Final = kind(
    "task-reported",
    409,
    vi="Nhiệm vụ đã báo cáo và đang chờ duyệt: người duyệt phải thấy đúng những gì đã báo cáo.",
    en="The task is reported and awaits approval: whoever approves must see what was reported.",
    mend_vi="Chờ báo cáo được duyệt hoặc bị trả lại.",
    mend_en="Wait until the report is approved or rejected.",
)
