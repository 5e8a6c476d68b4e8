"""Problems that are those of reassignments."""

from typing import Final

from cchc_shared.http.kinds import kind

RUN_UNFINISHED: Final = kind(
    "reassignment-unfinished",
    409,
    vi="Một lần chuyển giao việc do sắp xếp đơn vị đang chạy.",
    en="A reassignment of work is running.",
    mend_vi="Chờ lần ghi ở `id` chạy xong rồi gửi lại.",
    mend_en="Wait until the one named in `id` is done, and send this again.",
)
