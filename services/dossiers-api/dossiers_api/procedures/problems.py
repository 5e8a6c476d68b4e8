"""Problems that are those of procedures."""

from typing import Final

from cchc_shared.http.kinds import kind

DECISION_EXISTS: Final = kind(
    "decision-exists",
    409,
    vi="Quyết định mang số này đã được ghi.",
    en="A decision with this number is recorded already.",
    mend_vi="Xem nó bằng `GET /v1/procedure-decisions?number=…`; muốn đổi thì ghi quyết định mới.",
    mend_en="Look at it by GET /v1/procedure-decisions?number=…; to change what it says, record a new decision.",
)
