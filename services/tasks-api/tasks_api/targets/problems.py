"""Problems that are those of targets."""

from typing import Final

from cchc_shared.http.kinds import kind

TARGET_WITHDRAWN: Final = kind(
    "target-withdrawn",
    409,
    vi="Chỉ tiêu này đã được rút.",
    en="This target was withdrawn.",
    mend_vi="Đặt chỉ tiêu mới cho kế hoạch.",
    mend_en="Set another target for the plan.",
)
TARGETS_FULL: Final = kind(
    "targets-full",
    409,
    vi="Kế hoạch đã có quá nhiều chỉ tiêu.",
    en="The plan has too many targets.",
    mend_vi="Rút chỉ tiêu không còn dùng trước khi đặt thêm.",
    mend_en="Withdraw a target that is not needed before you set another.",
)
