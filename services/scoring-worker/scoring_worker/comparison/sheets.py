"""A comparison on a sheet."""

from typing import Final

from cchc_shared.contract.provenance import Text
from cchc_shared.service.sheets import Sheet

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
    words={"only_in": {"first": "Thứ nhất", "second": "Thứ hai"}},
)
