"""Kinds of problems of the calendars of units."""

from typing import Final

from cchc_shared.http.kinds import kind

TOO_MANY_LINKS: Final = kind(
    "too-many-calendar-links",
    409,
    vi="Đơn vị đã có đủ số đường dẫn lịch được dùng cùng lúc.",
    en="The unit has as many open calendar links as it may have.",
    mend_vi="Thu hồi đường dẫn không dùng nữa.",
    mend_en="Revoke a link that is not used any more.",
)
