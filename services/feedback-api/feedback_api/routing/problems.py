"""The problem when no unit can be found for a report."""

from typing import Final

from cchc_shared.http.kinds import kind
from cchc_shared.http.problems import Problem

INTAKE_DESK_UNAVAILABLE: Final = kind(
    "intake-desk-unavailable",
    503,
    vi="Chưa có đơn vị đầu mối tiếp nhận, hãy thử lại sau.",
    en="The intake desk is not known yet; try again later.",
    mend_vi="Đợi theo Retry-After rồi gửi lại cùng Idempotency-Key.",
    mend_en="Wait as Retry-After says, then send it again with the same Idempotency-Key.",
)


def intake_desk_unavailable() -> Problem:
    """503: no routing rule has a unit that exists today, or no unit is known yet, as at a first start."""
    return Problem(INTAKE_DESK_UNAVAILABLE, headers={"Retry-After": "2"})
