"""The list of scores on a sheet."""

from typing import Final

from cchc_shared.contract.provenance import Text
from cchc_shared.service.sheets import UNIT_KINDS, Sheet

SCORES: Final = Sheet(
    file="diem-chi-so",
    title=Text("Điểm chỉ số", "Scores"),
    headings={
        "rank": "Thứ hạng",
        "unit": "Mã đơn vị",
        "name": "Đơn vị",
        "kind": "Loại đơn vị",
        "total": "Tổng điểm",
        "max": "Điểm tối đa tính được",
        "percent": "Tỷ lệ phần trăm",
        "coverage": "Phần điểm có số liệu",
        "band_name": "Xếp loại",
        "fields": "Điểm lĩnh vực",
        "provisional": "Tạm tính",
        "computed_at": "Thay đổi lần cuối lúc",
        "period": "Kỳ",
        "as_of": "Tính đến",
        "known_at": "Theo những gì đã biết đến",
        "set": "Bộ chỉ số",
        "set_version": "Phiên bản",
        "notice": "Lưu ý",
    },
    words={"kind": UNIT_KINDS},
    spread=frozenset({"fields"}),
)
