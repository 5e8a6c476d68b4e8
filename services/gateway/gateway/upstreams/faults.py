"""Faults between the gateway and a service, and the problem that the caller gets."""

from math import ceil
from typing import Final

from cchc_shared.http import kinds
from cchc_shared.http.heads import HEADERS_TOO_LARGE
from cchc_shared.http.problems import Problem

_RETRY: Final = {"Retry-After": "2"}

BAD_GATEWAY: Final = kinds.kind(
    "bad-gateway",
    502,
    vi="Mất kết nối với dịch vụ; chưa rõ yêu cầu đã được thực hiện hay chưa.",
    en="The connection to the service was lost; whether the request was carried out is not known.",
    mend_vi="Gửi lại cùng Idempotency-Key: việc đã làm không bị làm lần nữa.",
    mend_en="Send it again with the same Idempotency-Key: what was done is not done twice.",
)
SERVICE_UNAVAILABLE: Final = kinds.kind(
    "service-unavailable",
    503,
    vi="Dịch vụ tạm thời không sẵn sàng, hãy thử lại sau.",
    en="The service is not available at the moment; try again later.",
    mend_vi="Đợi theo Retry-After rồi gửi lại.",
    mend_en="Wait as Retry-After says, then send it again.",
)


class UpstreamFault(Exception):
    """A service could not be reached, or did not answer as it should."""


class Away(UpstreamFault):
    """No connection within the time a restart may take, or no instance that answers. Nothing was sent."""

    def __init__(self, service: str, *, seconds: float = 0.0) -> None:
        super().__init__(service)
        self.seconds = seconds
        """When it is worth to try again, if that is known."""


class Busy(UpstreamFault):
    """The service already has as many requests in flight as it may have."""


class Lost(UpstreamFault):
    """The connection ended, or spoke something other than HTTP, before the answer was whole."""

    def __init__(self, reason: str, *, answered: bool) -> None:
        super().__init__(reason)
        self.answered = answered
        """Whether a part of the answer had arrived."""


class Slow(UpstreamFault):
    """The service was silent for too long, or the whole exchange took too long."""


class Stopping(Exception):
    """The gateway is to stop, and ends an answer that would go on for ever."""


class ClientGone(Exception):
    """The caller hung up: nobody waits for the answer any more."""


def explain(fault: UpstreamFault, service: str) -> Problem:
    """The fault as a problem document: 503 is safe to repeat, after 502 and 504 the outcome is not known."""
    match fault:
        case Busy():
            which = kinds.OVERLOADED
        case Away():
            which = SERVICE_UNAVAILABLE
        case Slow():
            which = kinds.SERVICE_TIMEOUT
        case _:
            which = BAD_GATEWAY
    seconds = ceil(fault.seconds) if isinstance(fault, Away) else 0
    headers = {"Retry-After": str(seconds)} if seconds else _RETRY
    return Problem(which, headers=headers, extra={"service": service})


def unavailable(service: str) -> Problem:
    """503: the service cannot be reached. Nothing was sent to it."""
    return Problem(SERVICE_UNAVAILABLE, headers=_RETRY, extra={"service": service})


def invalid_path() -> Problem:
    """400: the address could mean different things to the gateway and to the service behind it."""
    return Problem(kinds.INVALID_PATH)


def too_large() -> Problem:
    """413: the body is larger than the gateway takes.

    The rest of it is read and dropped: otherwise the caller never sees this answer.
    """
    return Problem(kinds.CONTENT_TOO_LARGE)


def upload_too_slow() -> Problem:
    """408: the caller did not send its body in time."""
    return Problem(kinds.REQUEST_TIMEOUT, headers={"Connection": "close"})


def head_too_large(limit: int) -> Problem:
    """431: the headers are larger than the gateway takes."""
    return Problem(
        HEADERS_TOO_LARGE,
        vi=f"Phần tiêu đề quá lớn, tối đa {limit} byte.",
        en=f"The headers are too large; the limit is {limit} bytes.",
        extra={"limit": limit},
    )
