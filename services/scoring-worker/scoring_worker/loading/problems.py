"""Kinds of problems of index sets."""

from cchc_shared.http.kinds import kind

VERSION_TAKEN = kind(
    "version-taken",
    409,
    vi="Phiên bản này đã có với nội dung khác",
    en="That version exists with another content",
    mend_vi="Đổi `version` trong tài liệu: phiên bản đã nạp không bao giờ thay đổi",
    mend_en="Give the document another `version`: one that was loaded never changes",
)
