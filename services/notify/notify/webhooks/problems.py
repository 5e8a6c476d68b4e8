"""Problems that are those of webhooks."""

from typing import Final

from cchc_shared.http.kinds import kind

NOT_CONNECTED: Final = kind(
    "not-connected",
    403,
    vi="Mã truy cập này không phải của hệ thống kết nối nào.",
    en="This token is that of no connected system.",
    mend_vi="Nhờ người vận hành kết nối hệ thống bằng `POST /v1/systems`.",
    mend_en="Ask an operator to connect the system by POST /v1/systems.",
)
TOO_MANY_WEBHOOKS: Final = kind(
    "too-many-webhooks",
    409,
    vi="Hệ thống này đã có đủ số địa chỉ nhận tin được phép.",
    en="This system has as many webhooks as it may have.",
    mend_vi="Xóa một địa chỉ cũ bằng `DELETE /v1/webhooks/{id}`.",
    mend_en="Delete an old one by DELETE /v1/webhooks/{id}.",
)
