"""The sheets of a workbook, their columns, and the words that stand for codes. One row is one thing of the document.

What belongs to a thing and comes several times (the steps of a ladder, the inputs of an expression, the terms of an
indicator) has rows of its own below it, in which its code is left blank.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final, Literal, NamedTuple

from scoring_worker.index_sets import sentences
from scoring_worker.index_sets.rules import RULES
from scoring_worker.sources import MEASURES

Form = Literal["code", "text", "number", "day", "truth", "word", "codes", "words"]
"""How a cell is read. Codes and words are lists of them, with semicolons between."""
Words = Mapping[str, str]
"""By code the word that stands for it."""
_NO_WORDS: Final[Words] = MappingProxyType({})


class Column(NamedTuple):
    """A column. `key` is what it is of a thing (`rule.threshold`), `below` what it is in a row below one; "" for
    nothing. `words` are those of words."""

    vi: str
    en: str
    form: Form
    key: str = ""
    below: str = ""
    words: Words = _NO_WORDS
    width: int = 12

    @property
    def heading(self) -> str:
        return f"{self.vi} · {self.en}"


class Table(NamedTuple):
    """A sheet with one thing in a row, which stand at `at` in the document: by their codes where they are `by_code`.

    A row in which one of the `lead` columns is filled begins a thing; without any of these, each row does.
    """

    name: str
    at: str
    columns: tuple[Column, ...]
    lead: tuple[str, ...] = ("code",)
    below: str = ""
    """What a row below a thing is known by."""
    by_code: bool = False
    is_needed: bool = True


KINDS: Final[Words] = {kind: name.vi for kind, name in sentences.KINDS.items()}
STATUS: Final[Words] = {each: each for each in "VNSR"}
MISSING: Final[Words] = {"exclude": "Bỏ ra khỏi điểm tối đa", "zero": "0 điểm"}
NOTHING: Final[Words] = {"missing": "Như chưa có số liệu", "zero": "0 điểm", "full": "Đủ điểm"}
ELSEWHERE: Final[Words] = {
    "shrink": "Rút khỏi tổng",
    "scale": "Quy đổi trong nhóm",
    "share": "Chia đều trong nhóm",
    "full": "Đủ điểm",
}
ADDS: Final[Words] = {"points": "Điểm", "bonus": "Điểm thưởng", "penalty": "Điểm phạt"}
RANKING: Final[Words] = {"1-2-2-4": "1-2-2-4", "1-2-2-3": "1-2-2-3"}
BANDS_OF: Final[Words] = {"percent": "Tỷ lệ phần trăm", "total": "Tổng điểm"}
DIRECTION: Final[Words] = {"up": "Càng cao càng tốt", "down": "Càng thấp càng tốt"}
SOURCE: Final[Words] = {
    "events": "Từ sự kiện",
    "imported": "Hệ thống khác gửi",
    "declared": "Đơn vị tự khai",
    "council": "Hội đồng chấm",
    "survey": "Khảo sát",
    "set": "Bộ chỉ số khác",
}
OF: Final[Words] = {"share": "Tỷ lệ", "amount": "Số lượng"}
SIDE: Final[Words] = {"numerator": "Tử số", "denominator": "Mẫu số"}
STATES: Final[Words] = {
    "pending": "Chưa đến hạn",
    "on_time": "Đúng hạn",
    "late": "Trễ hạn",
    "overdue": "Quá hạn",
    "happened": "Đã xảy ra",
}
RULE: Final[Words] = {kind: rule.title.vi for kind, rule in RULES.items()}
TRUTH: Final[Words] = {"true": "Có", "false": "Không"}
EACH_MEASURE: Final[Words] = {each: each for each in MEASURES}

_STEP: Final = {"at_least", "above"}
"""Parameters that a step of a ladder has too."""


def _named(column: str = "name", vi: str = "Tên", en: str = "Name") -> tuple[Column, Column]:
    return (
        Column(vi, en, "text", f"{column}.vi", width=44),
        Column(f"{vi} bằng tiếng Anh", f"{en} in English", "text", f"{column}.en", width=30),
    )


def _parameters() -> Iterator[Column]:
    """The parameters of all rules, each once."""
    found = {name: each for rule in RULES.values() for name, each in rule.parameters.items()}
    for name, each in found.items():
        form: Form = "number" if each.is_number else "text"
        below = name if name in _STEP else ""
        yield Column(each.vi, each.en, form, f"rule.{name}", below, width=12 if each.is_number else 40)


GENERAL_NAME: Final = "Bộ chỉ số"
GENERAL_COLUMNS: Final = (
    Column("Mục", "Item", "text", "item", width=36),
    Column("Giá trị", "Value", "text", "value", width=60),
    Column("Tiếng Anh", "English", "text", "english", width=60),
    Column("Giải thích", "Note", "text", "note", width=60),
)
GENERAL: Final = (
    Column("Mã", "Code", "code", "code"),
    Column("Phiên bản", "Version", "code", "version"),
    Column("Tên", "Title", "text", "title.vi"),
    Column("Căn cứ", "Source", "text", "source"),
    Column("Độ tin cậy", "Status", "word", "status", words=STATUS),
    Column("Hiệu lực từ ngày", "Effective from", "day", "effective_from"),
    Column("Hiệu lực đến hết ngày", "Effective to", "day", "effective_to"),
    Column("Là bản mẫu", "Template", "truth", "template", words=TRUTH),
    Column("Lời báo cho người đọc", "Notice", "text", "notice.vi"),
    Column("Loại đơn vị được chấm", "Kinds of units", "words", "kinds", words=KINDS),
    Column("Tổng điểm", "Points", "number", "points"),
    Column("Số chữ số thập phân của tiêu chí", "Places of criteria", "number", "places.criteria"),
    Column("Số chữ số thập phân của lĩnh vực", "Places of fields", "number", "places.fields"),
    Column("Số chữ số thập phân của tổng", "Places of the total", "number", "places.total"),
    Column("Số chữ số thập phân của tỷ lệ", "Places of the percentage", "number", "places.percent"),
    Column("Xếp hạng khi bằng điểm", "Ranking", "word", "ranking", words=RANKING),
    Column("Khi chưa có số liệu", "Missing", "word", "missing", words=MISSING),
    Column("Khi mẫu số bằng 0", "Zero denominator", "word", "zero_denominator", words=NOTHING),
    Column("Khi không áp dụng", "Not applicable", "word", "not_applicable", words=ELSEWHERE),
    Column("Xếp loại theo", "Bands of", "word", "bands_of", words=BANDS_OF),
    Column("Tỷ lệ có số liệu để được xếp hạng", "Rank from coverage", "number", "rank_from_coverage"),
    Column("Lưu ý", "Remark", "text", "remarks.vi"),
)
"""One row each; a key that ends in `.vi` has its English text in the next cell. A remark may come several times."""
NOTES: Final = {
    "code": "Mã không đổi qua các phiên bản.",
    "version": "Đổi số liệu là phiên bản mới; phiên bản đã nạp không bao giờ thay đổi.",
    "status": "V: đọc trong văn bản gốc; N: khớp số liệu công bố; S: qua nguồn thứ hai; R: tự đặt, không chính thức.",
    "points": "Điểm tối đa của các tiêu chí phải cộng đúng số này.",
    "kinds": "Nhiều giá trị cách nhau bằng dấu chấm phẩy.",
    "template": "Để trống: không.",
    "zero_denominator": "Để trống: như chưa có số liệu. Tiêu chí có thể ghi khác.",
    "not_applicable": "Để trống: rút khỏi tổng. Tiêu chí có thể ghi khác.",
    "missing": "Tiêu chí có thể ghi khác.",
    "bands_of": "Để trống: tỷ lệ phần trăm.",
    "rank_from_coverage": "Từ 0 đến 1; dưới mức này có điểm nhưng không xếp hạng, không xếp loại.",
    "remarks.vi": "Thêm dòng “Lưu ý” nếu có nhiều lưu ý.",
}

CRITERIA: Final = Table(
    "Tiêu chí",
    "fields",
    (
        Column("Cấp (1 là lĩnh vực)", "Level (1 is a field)", "number", "level", width=10),
        Column("Mã", "Code", "code", "code"),
        *_named(),
        Column("Điểm tối đa", "Max", "number", "max"),
        Column("Cách tính", "Rule", "word", "rule.kind", words=RULE, width=30),
        *_parameters(),
        Column("Trên", "Above", "number", "", "above"),
        Column("Phần của điểm (0 đến 1)", "Share of the points (0 to 1)", "number", "", "share"),
        Column("Tên đầu vào", "Name of the input", "code", "", "name"),
        Column("Chỉ tiêu", "Indicator", "code", "indicator", "indicator", width=28),
        Column("Chiều", "Direction", "word", "direction", words=DIRECTION, width=20),
        Column("Khi chưa có số liệu", "Missing", "word", "missing", words=MISSING, width=20),
        Column("Khi mẫu số bằng 0", "Zero denominator", "word", "zero_denominator", words=NOTHING, width=20),
        Column("Khi không áp dụng", "Not applicable", "word", "not_applicable", words=ELSEWHERE, width=20),
        Column("Loại đơn vị", "Kinds of units", "words", "kinds", words=KINDS, width=24),
        Column("Phần điểm", "Part", "code", "part"),
        Column("Tính vào", "Adds", "word", "adds", words=ADDS),
        Column("Mức trần", "Cap", "number", "cap"),
        Column("Căn cứ", "Source", "text", "source", width=30),
        Column("Độ tin cậy", "Status", "word", "status", words=STATUS),
    ),
    ("level", "code"),
    below="name",
)
INDICATORS: Final = Table(
    "Chỉ tiêu",
    "indicators",
    (
        Column("Mã", "Code", "code", "code", width=36),
        *_named(),
        Column("Nguồn số liệu", "Source of numbers", "word", "source", words=SOURCE, width=20),
        Column("Là", "Of", "word", "of", words=OF),
        Column("Có thể nhập thay", "Or entered", "truth", "or_entered", words=TRUTH),
        Column("Của bộ chỉ số", "Of the set", "code", "set", width=20),
        Column("Lĩnh vực của bộ đó", "Its field", "code", "field", width=20),
        *_named("definition", "Định nghĩa", "Definition"),
        Column("Vế", "Side", "word", "", "side", SIDE),
        Column("Việc được đếm", "Measure", "word", "", "measure", EACH_MEASURE, 28),
        Column("Trạng thái", "States", "words", "", "states", STATES, 28),
    ),
    below="side",
    by_code=True,
)
BANDS: Final = Table(
    "Xếp loại",
    "bands",
    (
        Column("Mã", "Code", "code", "code", width=20),
        *_named(),
        Column("Từ", "At least", "number", "at_least"),
        Column("Trên", "Above", "number", "above"),
        Column("Cần mọi điều kiện", "Requires", "codes", "requires", width=40),
        Column("Bắt buộc khi có điều kiện", "Forced by", "codes", "forced_by", width=40),
    ),
)
GATES: Final = Table(
    "Điều kiện",
    "gates",
    (
        Column("Mã", "Code", "code", "code", width=24),
        *_named(),
        Column("Biểu thức", "Expression", "text", "when", width=50),
        Column("Tên đầu vào", "Name of the input", "code", "", "name"),
        Column("Chỉ tiêu", "Indicator", "code", "", "indicator", width=28),
    ),
    below="name",
    by_code=True,
    is_needed=False,
)
EXEMPTIONS: Final = Table(
    "Miễn trừ",
    "exemptions",
    (
        Column("Tiêu chí không áp dụng", "Criteria", "codes", "criteria", width=28),
        *_named("reason", "Lý do", "Reason"),
        Column("Đơn vị", "Units", "codes", "units", width=28),
        Column("Loại đơn vị", "Kinds of units", "words", "kinds", words=KINDS, width=24),
        Column("Kỳ", "Periods", "codes", "periods", width=20),
        Column("Khi không áp dụng", "Not applicable", "word", "not_applicable", words=ELSEWHERE, width=20),
        Column("Căn cứ", "Source", "text", "source", width=30),
        Column("Độ tin cậy", "Status", "word", "status", words=STATUS),
    ),
    lead=(),
    is_needed=False,
)
PARTS: Final = Table(
    "Phần điểm",
    "parts",
    (
        Column("Mã", "Code", "code", "code", width=20),
        *_named(),
        Column("Loại đơn vị", "Kind of unit", "word", "", "kind", KINDS, 24),
        Column("Điểm", "Points", "number", "points", "points"),
    ),
    below="kind",
    is_needed=False,
)
TABLES: Final = (CRITERIA, INDICATORS, BANDS, GATES, EXEMPTIONS, PARTS)
LISTS_NAME: Final = "Danh mục"
"""A sheet of words and their codes, from which cells are chosen. It is not read."""
