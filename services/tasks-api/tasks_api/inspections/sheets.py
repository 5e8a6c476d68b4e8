"""The lists of inspections and of their recommendations, and how far they are, on a sheet."""

from typing import Final

from cchc_shared.contract.codes import InspectionStatus, RecommendationStatus
from cchc_shared.contract.provenance import Text
from cchc_shared.service.sheets import Sheet

_STATUSES: Final[dict[str, str]] = {
    InspectionStatus.PLANNED: "Đã lên kế hoạch",
    InspectionStatus.ANNOUNCED: "Đã thông báo",
    InspectionStatus.IN_PROGRESS: "Đang kiểm tra",
    InspectionStatus.CONCLUDED: "Đã kết luận",
    InspectionStatus.CANCELLED: "Đã hủy",
}
INSPECTIONS: Final = Sheet(
    file="kiem-tra",
    title=Text("Kiểm tra", "Inspections"),
    headings={
        "code": "Mã cuộc kiểm tra",
        "inspecting_unit": "Mã đơn vị kiểm tra",
        "inspected_unit": "Mã đơn vị được kiểm tra",
        "subject": "Nội dung",
        "document_no": "Số quyết định",
        "unannounced": "Đột xuất",
        "planned_from": "Từ ngày",
        "planned_to": "Đến ngày",
        "planned_at": "Lập lúc",
        "status": "Trạng thái",
        "revealed_at": "Đơn vị biết từ",
        "started_at": "Bắt đầu lúc",
        "conclusion_no": "Số kết luận",
        "concluded_at": "Kết luận lúc",
    },
    words={"status": _STATUSES},
    units={"inspecting_unit": "Đơn vị kiểm tra", "inspected_unit": "Đơn vị được kiểm tra"},
)
RECOMMENDATIONS: Final = Sheet(
    file="kien-nghi-kiem-tra",
    title=Text("Kiến nghị kiểm tra", "Recommendations of inspections"),
    headings={
        "code": "Mã kiến nghị",
        "inspection": "Mã cuộc kiểm tra",
        "conclusion": "Kết luận số",
        "number": "Kiến nghị số",
        "text": "Nội dung",
        "responsible_unit": "Mã đơn vị thực hiện",
        "inspecting_unit": "Mã đơn vị kiểm tra",
        "inspected_unit": "Mã đơn vị được kiểm tra",
        "issued_at": "Ban hành lúc",
        "due_on": "Ngày cuối của thời hạn",
        "due_at": "Quá hạn từ",
        "status": "Trạng thái",
        "open": "Chưa xong",
        "overdue": "Quá hạn",
        "reported_at": "Báo cáo lúc",
        "done_at": "Xong lúc",
        "done_late": "Xong trễ",
    },
    words={
        "status": {
            RecommendationStatus.OPEN: "Đang thực hiện",
            RecommendationStatus.REPORTED: "Đã báo cáo",
            RecommendationStatus.DONE: "Đã xong",
        }
    },
    units={
        "responsible_unit": "Đơn vị thực hiện",
        "inspecting_unit": "Đơn vị kiểm tra",
        "inspected_unit": "Đơn vị được kiểm tra",
    },
)
_COUNTS: Final = {"total": "tổng số", "done": "đã xong", "open": "đang thực hiện"}
PROGRESS: Final = Sheet(
    file="tien-do-kiem-tra",
    title=Text("Tiến độ kiểm tra", "Progress of inspections"),
    headings={
        "as_of": "Tính đến hết ngày",
        "unit": "Mã đơn vị",
        "inspections.total": "Cuộc kiểm tra: tổng số",
        "inspections.unannounced": "Cuộc kiểm tra: đột xuất",
        **{f"inspections.{status}": f"Cuộc kiểm tra: {word.lower()}" for status, word in _STATUSES.items()},
        **{f"conclusions.{name}": f"Kết luận: {word}" for name, word in _COUNTS.items()},
        **{f"recommendations.{name}": f"Kiến nghị: {word}" for name, word in _COUNTS.items()},
        "recommendations.reported": "Kiến nghị: đã báo cáo",
        "recommendations.overdue": "Kiến nghị: quá hạn",
        **{
            f"recommendations_of_open_conclusions.{name}": f"Kiến nghị của kết luận chưa xong: {word}"
            for name, word in _COUNTS.items()
        },
    },
    units={"unit": "Đơn vị"},
)
