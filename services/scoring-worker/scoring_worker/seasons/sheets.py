"""Seasons on sheets for people."""

from typing import Final

from cchc_shared.contract.provenance import Text
from cchc_shared.service.sheets import Sheet

KINDS: Final = {
    "department": "Sở, ban, ngành",
    "district": "Quận, huyện, thị xã",
    "commune": "Xã, phường",
    "section": "Phòng chuyên môn",
    "central_agency": "Cơ quan ngành dọc",
    "service_unit": "Đơn vị sự nghiệp",
    "province": "Tỉnh, thành phố",
}
STEPS: Final = {
    "calculated": "Hệ thống tính",
    "self_score": "Điểm tự chấm",
    "appraisal_1": "Thẩm định lần 1",
    "appraisal_2": "Thẩm định lần 2",
    "council": "Hội đồng",
    "ruling": "Sau phản hồi",
}
"""Points of a criterion, by who gave them, in the order in which they come."""
ORIGINS: Final = {
    "calculated": "Hệ thống tính",
    "self_score": "Tự chấm",
    "appraisal_1": "Thẩm định lần 1",
    "appraisal_2": "Thẩm định lần 2",
    "council": "Hội đồng",
    "ruling": "Kết luận phản hồi",
}
STATES: Final = {"scored": "Đã chấm", "missing": "Chưa có số liệu", "not_applicable": "Không áp dụng"}
RESULTS: Final = Sheet(
    file="ket-qua-dot-cham-diem",
    title=Text("Kết quả đợt chấm điểm", "Results of a season"),
    headings={
        "rank": "Xếp hạng",
        "unit": "Mã đơn vị",
        "name": "Đơn vị",
        "kind": "Loại đơn vị",
        "total": "Tổng điểm",
        "max": "Điểm tối đa",
        "percent": "Tỷ lệ phần trăm",
        "coverage": "Tỷ lệ điểm có số liệu",
        "band": "Xếp loại",
        "template": "Trọng số bản mẫu",
        "fields": "Điểm từng lĩnh vực",
    },
    words={"kind": KINDS},
)
CRITERIA: Final = Sheet(
    file="bang-diem-cong-bo",
    title=Text("Bảng điểm công bố", "Published points"),
    headings={
        "unit": "Mã đơn vị",
        "unit_name": "Đơn vị",
        "criterion": "Mã tiêu chí",
        "name": "Tiêu chí",
        "name_en": "Tên tiếng Anh",
        "field": "Lĩnh vực",
        "max": "Điểm tối đa",
        "state": "Tình trạng",
        **STEPS,
        "points": "Điểm đạt được",
        "origin": "Nguồn của điểm",
        "finding": "Cần khắc phục",
        "template": "Trọng số bản mẫu",
    },
    words={"origin": ORIGINS, "state": STATES},
)
FINDINGS: Final = Sheet(
    file="noi-dung-can-khac-phuc",
    title=Text("Nội dung cần khắc phục", "Findings of a season"),
    headings={
        "unit": "Mã đơn vị",
        "unit_name": "Đơn vị",
        "criterion": "Mã tiêu chí",
        "name": "Tiêu chí",
        "name_en": "Tên tiếng Anh",
        "field": "Lĩnh vực",
        "points": "Điểm đạt được",
        "max": "Điểm tối đa",
        "cause": "Nguyên nhân",
        "accountable_unit": "Đơn vị chịu trách nhiệm",
        "accountable_position": "Chức danh chịu trách nhiệm",
        "task": "Nhiệm vụ khắc phục",
        "complete": "Đã nêu đủ",
        "proposed_task": "Nhiệm vụ gợi ý",
    },
)
