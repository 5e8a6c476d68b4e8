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
