"""Problems that are those of webhooks."""

from typing import Final

from cchc_shared.http.kinds import kind

TOO_MANY_WEBHOOKS: Final = kind(
    "too-many-webhooks",
    409,
    vi="Hệ thống này đã có đủ số địa chỉ nhận tin được phép.",
    en="This system has as many webhooks as it may have.",
    mend_vi="Xóa một địa chỉ cũ bằng `DELETE /v1/webhooks/{id}`.",
    mend_en="Delete an old one by DELETE /v1/webhooks/{id}.",
)
