"""Problems of files, and why one is refused."""

from collections.abc import Mapping
from typing import Final

from cchc_shared.contract.provenance import Text
from cchc_shared.contract.rules import RuleBroken
from cchc_shared.files.images import Fault
from cchc_shared.http import kinds
from cchc_shared.http.field_errors import FieldError
from cchc_shared.http.kinds import kind
from cchc_shared.http.problems import Problem

STORAGE_UNAVAILABLE: Final = kind(
    "storage-unavailable",
    503,
    vi="Kho tệp đính kèm tạm thời không sẵn sàng, hãy thử lại sau.",
    en="The storage of attachments is unavailable for the moment; try again later.",
    mend_vi="Đợi theo Retry-After rồi gửi lại cùng Idempotency-Key.",
    mend_en="Wait as Retry-After says, then send it again with the same Idempotency-Key.",
)
SCANNER_UNAVAILABLE: Final = kind(
    "scanner-unavailable",
    503,
    vi="Chưa quét được mã độc trong tệp, hãy thử lại sau.",
    en="Files cannot be scanned for malware at the moment; try again later.",
    mend_vi="Đợi theo Retry-After rồi gửi lại cùng Idempotency-Key.",
    mend_en="Wait as Retry-After says, then send it again with the same Idempotency-Key.",
)
INFECTED: Final = kind(
    "infected",
    422,
    vi="Tệp có mã độc nên không được nhận.",
    en="The file has malware in it and is not taken.",
    mend_vi="Quét thiết bị của bạn, rồi gửi ảnh hoặc tài liệu khác.",
    mend_en="Scan your device, then send another picture or document.",
)

OUT_OF_RANGE: Final = kind(
    "out-of-range",
    416,
    vi="Tệp không có khoảng byte được hỏi.",
    en="The file has none of the bytes that are asked for.",
    mend_vi="`Content-Range` cho biết tệp dài bao nhiêu byte; hỏi lại trong khoảng đó.",
    mend_en="Content-Range says how many bytes there are; ask within them.",
)

_REASONS: Final[Mapping[Fault, Text]] = {
    Fault.EMPTY: Text("tệp rỗng", "is empty"),
    Fault.TYPE: Text("không phải kiểu tệp được nhận", "is not of a type that is taken"),
    Fault.BROKEN: Text(
        "ảnh hoặc tài liệu bị hỏng, bị cắt cụt hoặc có phần thừa", "is broken, cut off, or has something added to it"
    ),
    Fault.PIXELS: Text("ảnh có quá nhiều điểm ảnh", "has too many pixels"),
}


def refused(fault: Fault, detail: str = "") -> RuleBroken:
    """422: why the file is not taken; `detail` are names or numbers that need no language."""
    said = _REASONS[fault]
    more = f": {detail}" if detail else ""
    return RuleBroken("file", said.vi + more, said.en + more)


class Infected(Problem):
    """A scanner found malware."""


def infected() -> Infected:
    """422: a scanner found malware."""
    return Infected(INFECTED, errors=[FieldError("body.file", "có mã độc", "has malware in it")])


def unavailable(of: kinds.Kind) -> Problem:
    """503: nothing was stored."""
    return Problem(of, headers={"Retry-After": "5"})
