"""What a sender is told of a report that was taken in all the same."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

import msgspec

from cchc_shared.contract.provenance import Text


class NoticeCode(StrEnum):
    """What was done with a field that could not be taken as it was sent."""

    KEPT_AS_WRITTEN = "kept-as-written"
    COORDINATES_SWAPPED = "coordinates-swapped"
    SHORTENED = "shortened"
    ATTACHMENTS_NOT_TAKEN = "attachments-not-taken"
    ATTACHMENT_REFUSED = "attachment-refused"
    ATTACHMENT_LEFT_OUT = "attachment-left-out"
    ATTACHMENT_UNAVAILABLE = "attachment-unavailable"
    TIME_NOT_TAKEN = "time-not-taken"
    CHARACTERS_LOST = "characters-lost"
    REPLY = "reply"
    STATUS_UNKNOWN = "status-unknown"
    STATUS_IN_TWO_GROUPS = "status-in-two-groups"


class Notice(msgspec.Struct, frozen=True):
    """A code with the field that it is about. It holds no words, so that a repetition is told in its own language."""

    field: str
    code: NoticeCode


WORDS: Final[Mapping[NoticeCode, Text]] = {
    NoticeCode.KEPT_AS_WRITTEN: Text(
        "không đọc được, đã giữ nguyên văn cho cán bộ xem",
        "could not be read, and is kept as it was written, for officials to see",
    ),
    NoticeCode.COORDINATES_SWAPPED: Text(
        "vĩ độ và kinh độ bị đổi chỗ, đã đặt lại", "latitude and longitude were swapped, and are put right"
    ),
    NoticeCode.SHORTENED: Text("quá dài, phần cuối bị cắt", "is too long; its end was left out"),
    NoticeCode.ATTACHMENTS_NOT_TAKEN: Text("tệp đính kèm chưa được nhận", "attachments are not taken yet"),
    NoticeCode.ATTACHMENT_REFUSED: Text("tệp không được nhận", "is a file that is not taken"),
    NoticeCode.ATTACHMENT_LEFT_OUT: Text(
        "ảnh nhỏ chèn trong thư, như biểu trưng, không giữ lại", "is a small picture in the text, such as a logo"
    ),
    NoticeCode.ATTACHMENT_UNAVAILABLE: Text(
        "tạm thời chưa lưu được; gửi lại đúng thư này sau ít phút để bổ sung",
        "could not be stored at the moment; send the very same mail again in some minutes to add it",
    ),
    NoticeCode.TIME_NOT_TAKEN: Text(
        "thời điểm không tin được, đã tính từ lúc hệ thống nhận",
        "is no time to go by; the report counts from when it came in here",
    ),
    NoticeCode.CHARACTERS_LOST: Text(
        "bảng mã khai báo sai, có ký tự không đọc được", "is not in the charset it names; some characters are lost"
    ),
    NoticeCode.REPLY: Text(
        "trả lời một phản ánh đã nhận, được ghi thành phản ánh mới có liên kết",
        "answers a report that is here already; it is a report of its own that names the first",
    ),
    NoticeCode.STATUS_UNKNOWN: Text("trạng thái này không có trong danh mục", "is no status of the list"),
    NoticeCode.STATUS_IN_TWO_GROUPS: Text(
        "trạng thái này đứng trong hai nhóm, không suy đoán nhóm nào",
        "stands in two groups of the source; which one is meant is not guessed",
    ),
}
