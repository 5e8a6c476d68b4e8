"""Problems that are those of keys."""

from typing import Final

from cchc_shared.http.kinds import kind

TOO_MANY_KEYS: Final = kind(
    "too-many-keys",
    409,
    vi="Hệ thống này đã có đủ số khóa còn hiệu lực.",
    en="This system has as many keys that hold as it may.",
    mend_vi="Thu hồi một khóa không dùng nữa rồi thử lại.",
    mend_en="Revoke a key that is used no more, then try again.",
)
KEY_ENDED: Final = kind(
    "key-ended",
    409,
    vi="Khóa này đã hết hạn hoặc đã bị thu hồi.",
    en="This key has expired or was revoked.",
    mend_vi="Tạo khóa mới.",
    mend_en="Make another key.",
)
