"""The kinds of problems that are intake's own."""

from collections.abc import Sequence
from typing import Final

from cchc_shared.http.field_errors import FieldError
from cchc_shared.http.kinds import kind
from cchc_shared.http.problems import Problem

RECEIVED_AT_FORBIDDEN: Final = kind(
    "received-at-forbidden",
    403,
    vi="Chỉ phần mềm kênh tiếp nhận được gửi received_at.",
    en="Only channel software may give received_at.",
    mend_vi="Bỏ `received_at`, hoặc gọi bằng tài khoản của phần mềm kênh.",
    mend_en="Leave `received_at` out, or call as channel software (role `system`).",
)
CHANNEL_REF_FORBIDDEN: Final = kind(
    "channel-ref-forbidden",
    403,
    vi="Cần mã truy cập để gửi channel_ref.",
    en="A token is required to give channel_ref.",
    mend_vi="Gửi kèm mã truy cập, hoặc bỏ `channel_ref`.",
    mend_en="Send a token, or leave `channel_ref` out.",
)
CHANNEL_FORBIDDEN: Final = kind(
    "channel-forbidden",
    403,
    vi="Kênh này chỉ dành cho phần mềm kênh và cán bộ.",
    en="Only channel software and officials may report through this channel.",
    mend_vi="Gửi một `channel` có trong `allowed`, hoặc gọi bằng tài khoản của phần mềm kênh.",
    mend_en="Send a `channel` named in `allowed`, or call as channel software (role `system`).",
)
CHANNEL_REF_CONFLICT: Final = kind(
    "channel-ref-conflict",
    409,
    vi="Mã này của kênh đã dùng cho một phản ánh có nội dung khác.",
    en="This id of the channel stands for a report with other content.",
    mend_vi="Phản ánh khác thì gửi `channel_ref` khác; cùng phản ánh thì gửi nguyên văn. `report` là mã bản đã nhận.",
    mend_en="Send another `channel_ref` with another report, and the same words with the same. `report` is the first.",
)


def channel_ref_conflict(code: str, version: int, fields: Sequence[str]) -> Problem:
    """409: what holds the channel's id, and the names of the fields that differ from it."""
    errors = [FieldError(f"body.{name}", "khác bản đã nhận", "differs from the first report") for name in fields]
    return Problem(CHANNEL_REF_CONFLICT, errors=errors, extra={"report": code, "version": version})
