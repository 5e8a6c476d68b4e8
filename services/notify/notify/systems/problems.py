"""Problems that are those of connected systems."""

from typing import Final

from cchc_shared.http.kinds import kind

SYSTEM_EXISTS: Final = kind(
    "system-exists",
    409,
    vi="Đã có hệ thống kết nối mang mã này.",
    en="Another connected system has this code.",
    mend_vi="Chọn mã khác, hoặc sửa hệ thống ấy bằng `PUT /v1/systems/{code}`.",
    mend_en="Choose another code, or change that system by PUT /v1/systems/{code}.",
)
NOT_CONNECTED: Final = kind(
    "not-connected",
    403,
    vi="Mã truy cập này không phải của hệ thống kết nối nào.",
    en="This token is that of no connected system.",
    mend_vi="Nhờ người vận hành kết nối hệ thống bằng `POST /v1/systems`.",
    mend_en="Ask an operator to connect the system by POST /v1/systems.",
)
