"""Kinds of problems of questionnaires."""

from cchc_shared.http.kinds import kind

QUESTIONNAIRE_TAKEN = kind(
    "questionnaire-version-taken",
    409,
    vi="Phiên bản phiếu khảo sát này đã có với nội dung khác",
    en="That version of the questionnaire exists with another content",
    mend_vi="Đổi `version` trong tài liệu: phiên bản đã nạp không bao giờ thay đổi",
    mend_en="Give the document another `version`: one that was loaded never changes",
)
