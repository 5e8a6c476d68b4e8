"""Problems of callers that ask too much, or with an app that is too old."""

from math import ceil
from typing import Final

from cchc_shared.http import kinds
from cchc_shared.http.problems import Problem
from gateway.limits.rules import Class, Retired

QUOTA_EXCEEDED: Final = kinds.kind(
    "quota-exceeded",
    429,
    vi="Bạn đã gửi quá nhiều yêu cầu trong thời gian ngắn.",
    en="You have sent too many requests in a short time.",
    mend_vi="Đợi theo Retry-After rồi gửi lại cùng `Idempotency-Key`; `RateLimit` trong mỗi câu trả lời cho biết "
    "còn lại bao nhiêu.",
    mend_en="Wait as Retry-After says, then send it again with the same Idempotency-Key; RateLimit in every answer "
    "says how much is left.",
)
CLIENT_RETIRED: Final = kinds.kind(
    "client-retired",
    403,
    vi="Phiên bản ứng dụng này không còn được phục vụ, hãy cập nhật.",
    en="This version of the app is no longer answered; update it.",
    mend_vi="Cài phiên bản mới ở `link`; `below` là phiên bản thấp nhất được nhận.",
    mend_en="Install a newer version from `link`; `below` is the lowest one that is answered.",
)


def quota_exceeded(which: Class, seconds: float) -> Problem:
    """429: the caller may ask again in so many seconds."""
    return Problem(
        QUOTA_EXCEEDED,
        headers={"Retry-After": str(max(1, ceil(seconds)))},
        extra={"violated-policies": [which]},
    )


def client_retired(app: Retired) -> Problem:
    """403: the app is older than the city still answers."""
    return Problem(
        CLIENT_RETIRED,
        vi=f"{CLIENT_RETIRED.says.vi} {app.why.vi}",
        en=f"{CLIENT_RETIRED.says.en} {app.why.en}",
        headers={"Link": f'<{app.link}>; rel="latest-version"'},
        extra={"client": app.client, "below": app.below, "link": app.link},
    )
