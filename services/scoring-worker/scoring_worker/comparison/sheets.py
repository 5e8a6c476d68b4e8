"""Comparisons on sheets."""

from typing import Final

from cchc_shared.contract.provenance import Text
from cchc_shared.service.sheets import Sheet
from scoring_worker.seasons.sheets import ORIGINS, STATES, STEPS

ONLY_IN: Final = {"first": "Thứ nhất", "second": "Thứ hai"}
COMPARISON: Final = Sheet(
    file="so-sanh-diem",
    title=Text("So sánh điểm", "A comparison of scores"),
    headings={
        "code": "Mã tiêu chí",
        "name": "Tiêu chí",
        "field": "Lĩnh vực",
        "first_points": "Điểm thứ nhất",
        "first_max": "Điểm tối đa thứ nhất",
        "first_share": "Tỷ lệ thứ nhất",
        "second_points": "Điểm thứ hai",
        "second_max": "Điểm tối đa thứ hai",
        "second_share": "Tỷ lệ thứ hai",
        "difference": "Chênh lệch điểm",
        "share_difference": "Chênh lệch tỷ lệ",
        "only_in": "Chỉ có ở",
        "first": "Thứ nhất",
        "second": "Thứ hai",
        "set": "Bộ chỉ số",
        "notice": "Lưu ý",
    },
    words={"only_in": ONLY_IN},
)

_POINTS: Final = {
    "points": "Điểm",
    "max": "Điểm tối đa",
    "share": "Tỷ lệ",
    "state": "Tình trạng",
    **STEPS,
    "origin": "Nguồn của điểm",
    "finding.cause": "Nguyên nhân mất điểm",
    "finding.accountable_unit": "Đơn vị chịu trách nhiệm",
    "finding.accountable_position": "Chức danh chịu trách nhiệm",
    "finding.task": "Nhiệm vụ khắc phục",
}
SEASONS: Final = Sheet(
    file="so-sanh-dot-cham-diem",
    title=Text("So sánh đợt chấm điểm đã công bố", "A comparison of published seasons"),
    headings={
        "code": "Mã tiêu chí",
        "name": "Tiêu chí",
        "field": "Lĩnh vực",
        **{f"first.{name}": f"{heading} (thứ nhất)" for name, heading in _POINTS.items()},
        **{f"second.{name}": f"{heading} (thứ hai)" for name, heading in _POINTS.items()},
        "difference": "Chênh lệch điểm",
        "share_difference": "Chênh lệch tỷ lệ",
        "only_in": "Chỉ có ở",
        "one": "Thứ nhất",
        "other": "Thứ hai",
        "set": "Bộ chỉ số",
        "notice": "Lưu ý",
    },
    words={
        "only_in": ONLY_IN,
        **{f"{side}.origin": ORIGINS for side in ONLY_IN},
        **{f"{side}.state": STATES for side in ONLY_IN},
    },
)
