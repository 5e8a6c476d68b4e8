"""What can go wrong between the gateway and a service, and the problem that the caller is given."""

from typing import Final

from cchc_shared.http.problems import Problem

_RETRY: Final = {"Retry-After": "2"}


class UpstreamFault(Exception):
    """A service could not be reached, or did not answer as it should."""


class Away(UpstreamFault):
    """No connection within the time a restart may take. Nothing was sent."""


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


class ClientGone(Exception):
    """The caller hung up: nobody waits for the answer any more."""


def explain(fault: UpstreamFault, service: str) -> Problem:
    """The fault as a problem document: 503 is safe to repeat, after 502 and 504 the outcome is not known."""
    match fault:
        case Busy():
            status, code = 503, "overloaded"
            vi, en = "Hệ thống đang quá tải, hãy thử lại sau.", "The service is overloaded; try again later."
        case Away():
            return unavailable(service)
        case Slow():
            status, code = 504, "service-timeout"
            vi = "Dịch vụ không trả lời kịp; chưa rõ yêu cầu đã được thực hiện hay chưa."
            en = "The service did not answer in time; whether the request was carried out is not known."
        case _:
            status, code = 502, "bad-gateway"
            vi = "Mất kết nối với dịch vụ; chưa rõ yêu cầu đã được thực hiện hay chưa."
            en = "The connection to the service was lost; whether the request was carried out is not known."
    return Problem(status, code, vi=vi, en=en, headers=_RETRY, extra={"service": service})


def unavailable(service: str) -> Problem:
    """503: the service cannot be reached. Nothing was sent to it."""
    return Problem(
        503,
        "service-unavailable",
        vi="Dịch vụ tạm thời không sẵn sàng, hãy thử lại sau.",
        en="The service is not available at the moment; try again later.",
        headers=_RETRY,
        extra={"service": service},
    )


def invalid_path() -> Problem:
    """400: the address could mean different things to the gateway and to the service behind it."""
    return Problem(
        400,
        "invalid-path",
        vi="Địa chỉ có phần không được phép (.., //, dấu gạch chéo mã hóa).",
        en="The address has a part that is not allowed (.., //, an encoded slash).",
    )


def too_large() -> Problem:
    """413: the body is larger than the gateway takes.

    The rest of it is read and dropped: otherwise the caller never sees this answer.
    """
    return Problem(413, "content-too-large", vi="Nội dung gửi lên quá lớn.", en="The request body is too large.")


def upload_too_slow() -> Problem:
    """408: the caller did not send its body in time."""
    return Problem(
        408,
        "request-timeout",
        vi="Gửi nội dung quá chậm.",
        en="The body came too slowly.",
        headers={"Connection": "close"},
    )


def head_too_large(limit: int) -> Problem:
    """431: the headers are larger than the gateway takes."""
    return Problem(
        431,
        "headers-too-large",
        vi=f"Phần tiêu đề quá lớn, tối đa {limit} byte.",
        en=f"The headers are too large; the limit is {limit} bytes.",
        extra={"limit": limit},
    )


def method_not_allowed() -> Problem:
    """405: a method that no service takes."""
    return Problem(
        405,
        "method-not-allowed",
        vi="Không nhận phương thức này.",
        en="This method is not allowed.",
    )
