"""Why a key opens nothing, in the words that its sender reads. None of them quotes the key."""

from collections.abc import Mapping
from typing import Final

from cchc_shared.contract.provenance import Text
from cchc_shared.http.kinds import kind
from cchc_shared.http.problems import Problem
from cchc_shared.http.tokens import unauthenticated

TEST_KEYS_NOT_HERE: Final = kind(
    "test-keys-not-here",
    403,
    vi="Nơi này không nhận khóa thử: chưa có hệ thống thử nghiệm đứng sau.",
    en="Test keys are not taken here: no installation for tests stands behind.",
    mend_vi="Dùng khóa `live`, hoặc hỏi đơn vị vận hành địa chỉ có hệ thống thử nghiệm.",
    mend_en="Use a live key, or ask the operator for an address that has an installation for tests.",
)
TWICE: Final = Text(
    "Chỉ gửi một: khóa ở `X-API-Key`, hoặc mã ở `Authorization`.",
    "Send one of them, once: a key in X-API-Key, or a token in Authorization.",
)
NO_KEY: Final = Text(
    "Khóa không đúng dạng; kiểm tra xem có sao chép thiếu không.",
    "This is not written like a key; was it copied whole?",
)
DOUBTED: Final = Text(
    "Quá nhiều khóa sai từ địa chỉ này, hãy thử lại sau.",
    "Too many wrong keys came from this address; try again later.",
)
REASONS: Final[Mapping[str | None, Text]] = {
    "unknown": Text("Không có khóa này.", "There is no such key."),
    "expired": Text("Khóa đã hết hạn.", "The key has expired."),
    "revoked": Text("Khóa đã bị thu hồi.", "The key was revoked."),
    "suspended": Text("Hệ thống của khóa này đang bị tạm ngừng.", "The system of this key is suspended."),
}


def refused(says: Text) -> Problem:
    """401: the key proves nothing."""
    return unauthenticated(says.vi, says.en)
