"""What is wrong with an office file that is not kept."""

import io
import zipfile
from typing import Final

from cchc_shared.files.packages import broken
from cchc_shared.files.unreadable import Unreadable

_END: Final = b"PK\x05\x06"
_END_BYTES: Final = 22


def refuse_what_is_glued_on(content: bytes) -> None:
    """An archive begins with the file and ends with it: nothing stands before or behind. Raises `Unreadable`."""
    end = content.rfind(_END)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        first = min((entry.header_offset for entry in archive.infolist()), default=1)
        if first != 0 or end + _END_BYTES + len(archive.comment) != len(content):
            raise broken()


def active() -> Unreadable:
    return Unreadable(
        "Tệp có macro, điều khiển hoặc chương trình nhúng: hãy lưu lại dưới dạng thường, hoặc PDF.",
        "The file has macros, controls or embedded programs: save it as a plain file, or as PDF.",
    )


def fetching() -> Unreadable:
    return Unreadable(
        "Tệp tham chiếu tới tệp khác ở ngoài: hãy ngắt liên kết rồi lưu lại.",
        "The file fetches another one when it is opened: break that link and save it again.",
    )


def outdated() -> Unreadable:
    return Unreadable(
        "Tệp thuộc định dạng văn bản quá cũ: hãy lưu lại dưới dạng .docx hoặc PDF.",
        "The file is of a version of Word that is too old: save it as .docx or PDF.",
    )
