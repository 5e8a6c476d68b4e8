"""Problems of the files of documents."""

from typing import Final

from cchc_shared.contract.rules import RuleBroken
from cchc_shared.http.kinds import kind
from cchc_shared.http.problems import Problem, not_found

DOCUMENT_IN_USE: Final = kind(
    "document-in-use",
    409,
    vi="Đã có nhiệm vụ giao từ văn bản này: tệp của văn bản là căn cứ và phải được giữ lại.",
    en="Tasks have come of this document: its files are what they rest on, and stay.",
    mend_vi="Thêm tệp đúng với `replaces` là tệp cần thay; tệp cũ vẫn được giữ.",
    mend_en="Add the right file with `replaces` naming the one it stands for, which is kept.",
)


def too_many(most: int) -> RuleBroken:
    """422: the document has as many as it may have."""
    return RuleBroken("file", f"văn bản đã có {most} tệp", f"the document has {most} files")


def there_already(name: str) -> RuleBroken:
    """422: the file that is to replace another stands in the document already."""
    return RuleBroken("file", f"văn bản đã có tệp này: `{name}`", f"the document has this file already: `{name}`")


def not_standing() -> RuleBroken:
    """422: what is to be replaced is no file of the document, or was taken back or replaced."""
    return RuleBroken("replaces", "không phải tệp hiện hành của văn bản này", "is no file that stands in this document")


def no_file() -> Problem:
    """404: there is none, or it was taken back."""
    return not_found("tệp này của văn bản", "this file of the document")
