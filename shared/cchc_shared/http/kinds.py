"""Kinds of problems: each code with its status, what it says, and how a caller mends it.

A problem cannot be raised without its kind, so the table of all codes (`docs/guides/problems.md`) follows from here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from cchc_shared.contract.provenance import Text

_TITLES: Final = {
    400: Text("Yêu cầu sai", "Bad Request"),
    401: Text("Chưa xác thực", "Unauthorized"),
    403: Text("Không được phép", "Forbidden"),
    404: Text("Không tìm thấy", "Not Found"),
    405: Text("Phương thức không được nhận", "Method Not Allowed"),
    408: Text("Quá thời gian gửi", "Request Timeout"),
    409: Text("Xung đột", "Conflict"),
    410: Text("Không còn", "Gone"),
    412: Text("Điều kiện không còn đúng", "Precondition Failed"),
    413: Text("Nội dung quá lớn", "Content Too Large"),
    415: Text("Kiểu nội dung không được nhận", "Unsupported Media Type"),
    416: Text("Khoảng byte không có", "Range Not Satisfiable"),
    422: Text("Nội dung không xử lý được", "Unprocessable Content"),
    428: Text("Thiếu điều kiện", "Precondition Required"),
    429: Text("Quá nhiều yêu cầu", "Too Many Requests"),
    431: Text("Tiêu đề quá lớn", "Request Header Fields Too Large"),
    500: Text("Lỗi hệ thống", "Internal Server Error"),
    502: Text("Dịch vụ trả lời sai", "Bad Gateway"),
    503: Text("Dịch vụ không sẵn sàng", "Service Unavailable"),
    504: Text("Dịch vụ trả lời quá chậm", "Gateway Timeout"),
}
"""The title of each status; in English, the phrase of RFC 9110, whatever the version of Python calls it."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem. `code` is stable; `says` is the message unless a problem has its own."""

    code: str
    status: int
    says: Text
    remedy: Text

    @property
    def title(self) -> Text:
        """What every kind with this status is called (RFC 9457: the same each time, but for the language)."""
        return _TITLES[self.status]


_kinds: dict[str, Kind] = {}
KINDS: Final[Mapping[str, Kind]] = MappingProxyType(_kinds)
"""Every kind that the imported modules declare, by code."""


def kind(code: str, status: int, *, vi: str, en: str, mend_vi: str, mend_en: str) -> Kind:
    """Declare a kind of problem. Raises `ValueError` if the code is taken, or the status has no title."""
    if status not in _TITLES:
        raise ValueError(f"the status {status} of {code} has no title")
    if code in _kinds:
        raise ValueError(f"two kinds of problems have the code {code}")
    _kinds[code] = Kind(code, status, Text(vi, en), Text(mend_vi, mend_en))
    return _kinds[code]


BAD_REQUEST: Final = kind(
    "bad-request",
    400,
    vi="Yêu cầu không đọc được.",
    en="The request cannot be read.",
    mend_vi="Sửa nội dung cho đúng định dạng đã khai báo trong Content-Type.",
    mend_en="Send a body in the form that its Content-Type says.",
)
INVALID_HOST: Final = kind(
    "invalid-host",
    400,
    vi="Yêu cầu phải có đúng một tiêu đề Host.",
    en="A request must carry the header Host exactly once.",
    mend_vi="Gửi một tiêu đề Host.",
    mend_en="Send one header Host.",
)
INVALID_PATH: Final = kind(
    "invalid-path",
    400,
    vi="Địa chỉ có phần không được phép (.., //, NUL, dấu gạch chéo mã hóa).",
    en="The address has a part that is not allowed (.., //, NUL, an encoded slash).",
    mend_vi="Viết lại địa chỉ như trong hợp đồng.",
    mend_en="Write the address as the contract has it.",
)
UNAUTHENTICATED: Final = kind(
    "unauthenticated",
    401,
    vi="Cần mã truy cập.",
    en="A token is required.",
    mend_vi="Gửi tiêu đề Authorization: Bearer cùng một mã còn hạn, hoặc bỏ tiêu đề nếu việc này mở cho mọi người.",
    mend_en="Send Authorization: Bearer with a token that holds, or no such header where anyone may call.",
)
FORBIDDEN: Final = kind(
    "forbidden",
    403,
    vi="Vai trò của bạn không được làm việc này.",
    en="Your role may not do this.",
    mend_vi="Gọi bằng tài khoản có một trong các vai trò ghi ở `roles`.",
    mend_en="Call with an account that has one of the roles named in `roles`.",
)
OUT_OF_SCOPE: Final = kind(
    "out-of-scope",
    403,
    vi="Việc này nằm ngoài phạm vi được cấp cho hệ thống kết nối.",
    en="This is beyond the scope of the connected system.",
    mend_vi="Xem phạm vi bằng `GET /v1/systems/{code}`; đơn vị vận hành có thể mở rộng.",
    mend_en="See the scope by GET /v1/systems/{code}; the operator can widen it.",
)
NOT_FOUND: Final = kind(
    "not-found",
    404,
    vi="Không có đường dẫn này.",
    en="There is no such path.",
    mend_vi="Kiểm tra mã và địa chỉ; thứ người gọi không được xem cũng được trả lời như vậy.",
    mend_en="Check the code and the address; what the caller may not see is answered alike.",
)
METHOD_NOT_ALLOWED: Final = kind(
    "method-not-allowed",
    405,
    vi="Đường dẫn này không nhận phương thức đó.",
    en="This path does not take that method.",
    mend_vi="Dùng phương thức ghi ở tiêu đề Allow.",
    mend_en="Use a method named in the header Allow.",
)
REQUEST_TIMEOUT: Final = kind(
    "request-timeout",
    408,
    vi="Gửi nội dung quá chậm.",
    en="The body came too slowly.",
    mend_vi="Gửi lại trên kết nối tốt hơn, cùng Idempotency-Key.",
    mend_en="Send it again over a better connection, with the same Idempotency-Key.",
)
LIST_TO_BE_READ_ANEW: Final = kind(
    "list-to-be-read-anew",
    410,
    vi="Con trỏ `since` không còn dùng được: đã quá 30 ngày, của danh sách khác, hoặc hệ thống đã được khôi phục.",
    en="This cursor does not hold any more: it is older than 30 days, of another list, or of before a restore.",
    mend_vi="Bỏ bản đã lưu của danh sách này và đọc lại từ đầu với `since=start`.",
    mend_en="Drop what you keep of this list, and read it again with since=start.",
)
STALE: Final = kind(
    "stale",
    412,
    vi="Bản ghi đã thay đổi từ lúc bạn xem, hãy tải lại.",
    en="It has changed since you looked; load it again.",
    mend_vi="Tải lại, xem còn muốn làm không, rồi gửi ETag mới ở If-Match.",
    mend_en="Load it again, decide whether it is still wanted, and send the new ETag in If-Match.",
)
CONTENT_TOO_LARGE: Final = kind(
    "content-too-large",
    413,
    vi="Nội dung gửi lên quá lớn.",
    en="The request body is too large.",
    mend_vi="Gửi ít hơn, hoặc chia thành nhiều yêu cầu.",
    mend_en="Send less, or several requests.",
)
UNSUPPORTED_MEDIA_TYPE: Final = kind(
    "unsupported-media-type",
    415,
    vi="Không nhận kiểu nội dung này.",
    en="This content type is not accepted.",
    mend_vi="Đặt Content-Type như ghi ở `accepted`.",
    mend_en="Set Content-Type to what `accepted` says.",
)
INVALID: Final = kind(
    "invalid",
    422,
    vi="Dữ liệu không hợp lệ.",
    en="Invalid data.",
    mend_vi="Sửa các trường ghi ở `errors`.",
    mend_en="Mend the fields named in `errors`.",
)
IDEMPOTENCY_KEY_REUSED: Final = kind(
    "idempotency-key-reused",
    422,
    vi="Khóa Idempotency-Key này đã dùng cho một yêu cầu khác.",
    en="This Idempotency-Key was used for another request.",
    mend_vi="Mỗi yêu cầu mới dùng một khóa mới; gửi lại thì gửi nguyên văn.",
    mend_en="Choose a new key for a new request; repeat a request word for word.",
)
IDEMPOTENCY_KEY_OUTLIVED: Final = kind(
    "idempotency-key-outlived",
    422,
    vi="Khóa Idempotency-Key này được tạo đã hơn 8 ngày: không còn biết yêu cầu đã được nhận hay chưa.",
    en="This Idempotency-Key was made more than 8 days ago: whether the request was taken is not known any more.",
    mend_vi="Nếu đã từng gửi, hãy tìm trong `GET /v1/feedback?mine=true`; chưa có thì gửi với khóa mới (`UUID` bản 4 "
    "nếu đồng hồ của máy có thể sai).",
    mend_en="If it was ever sent, look in GET /v1/feedback?mine=true; if it is not there, send it with a new key (a "
    "UUID of version 4 where the clock of the device may be wrong).",
)
IF_MATCH_REQUIRED: Final = kind(
    "if-match-required",
    428,
    vi="Cần tiêu đề If-Match với ETag của bản đang thấy.",
    en="The header If-Match with the ETag you saw is required.",
    mend_vi="Đọc bản ghi và gửi ETag của nó ở If-Match.",
    mend_en="Read it, and send its ETag in If-Match.",
)
INTERNAL: Final = kind(
    "internal",
    500,
    vi="Hệ thống gặp lỗi ngoài dự kiến.",
    en="An unforeseen error happened.",
    mend_vi="Báo cho đơn vị vận hành kèm tiêu đề traceparent của câu trả lời.",
    mend_en="Tell the operator, with the header traceparent of the answer.",
)
OVERLOADED: Final = kind(
    "overloaded",
    503,
    vi="Hệ thống đang quá tải, hãy thử lại sau.",
    en="The service is overloaded; try again later.",
    mend_vi="Đợi theo Retry-After rồi gửi lại cùng Idempotency-Key.",
    mend_en="Wait as Retry-After says, then send it again with the same Idempotency-Key.",
)
TOKEN_KEYS_UNAVAILABLE: Final = kind(
    "token-keys-unavailable",
    503,
    vi="Chưa kiểm tra được mã truy cập, hãy thử lại sau.",
    en="Tokens cannot be checked at the moment; try again later.",
    mend_vi="Đợi theo Retry-After rồi gửi lại.",
    mend_en="Wait as Retry-After says, then send it again.",
)
SERVICE_TIMEOUT: Final = kind(
    "service-timeout",
    504,
    vi="Dịch vụ không trả lời kịp; chưa rõ yêu cầu đã được thực hiện hay chưa.",
    en="The service did not answer in time; whether the request was carried out is not known.",
    mend_vi="Gửi lại cùng Idempotency-Key: việc đã làm không bị làm lần nữa.",
    mend_en="Send it again with the same Idempotency-Key: what was done is not done twice.",
)
