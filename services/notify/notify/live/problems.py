"""Problems that are those of live events."""

from typing import Final

from cchc_shared.http.kinds import kind

NOTHING_TOLD: Final = kind(
    "nothing-told",
    403,
    vi="Bạn không được báo về việc nào.",
    en="There is nothing of which you are told.",
    mend_vi="Hệ thống cần có `events.dossier` và tương tự trong phạm vi; cán bộ cần thuộc một đơn vị.",
    mend_en="A system needs events.dossier and the like in its scope; staff need a unit.",
)
TOO_MANY_STREAMS: Final = kind(
    "too-many-streams",
    429,
    vi="Bạn đã mở đủ số luồng sự kiện được phép.",
    en="You have as many streams of events open as you may have.",
    mend_vi="Đóng bớt một luồng, hoặc dùng chung một luồng, rồi thử lại theo Retry-After.",
    mend_en="Close one, or share one, and try again as Retry-After says.",
)
KEY_ENDED: Final = kind(
    "key-of-stream-ended",
    401,
    vi="Khóa của luồng này không còn hiệu lực.",
    en="The key of this stream opens nothing any more.",
    mend_vi="Mở lại bằng khóa còn hiệu lực.",
    mend_en="Open it again with a key that holds.",
)
