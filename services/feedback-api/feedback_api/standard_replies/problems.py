"""Problems that are those of standard replies."""

from typing import Final

from cchc_shared.http.kinds import kind

REPLY_OF_OTHERS: Final = kind(
    "reply-of-others",
    403,
    vi="Mẫu trả lời này do người khác quản lý.",
    en="This standard reply is kept by others.",
    mend_vi="Thủ trưởng đơn vị sửa mẫu của đơn vị mình; mẫu chung do văn phòng điều phối sửa.",
    mend_en="Heads change those of their own unit; the co-ordinator changes those of all.",
)
REPLY_RETIRED: Final = kind(
    "reply-retired",
    409,
    vi="Mẫu trả lời này đã ngừng dùng.",
    en="This standard reply is retired.",
    mend_vi="Tạo một mẫu mới.",
    mend_en="Create another one.",
)
