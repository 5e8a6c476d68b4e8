"""The publication of reports in words."""

from typing import Final

from cchc_shared.contract.provenance import Text
from cchc_shared.publications.wording import Wording
from feedback_api.publications.domain import SheetTable

WORDING: Final = Wording(
    path="/v1/publications/feedback",
    file="phan-anh",
    figures={
        "received": Text("Tiếp nhận", "Received"),
        "resolved": Text("Đã trả lời", "Answered"),
        "on_time": Text("Đúng hạn", "On time"),
        "late": Text("Trễ hạn", "Late"),
        "overdue_open": Text("Quá hạn, chưa trả lời", "Overdue, open"),
        "missed": Text("Trễ rồi mới chuyển", "Late when passed on"),
        "on_time_rate": Text("Tỷ lệ đúng hạn", "On-time rate"),
        "satisfied_rate": Text("Tỷ lệ hài lòng", "Satisfied"),
        "reopened": Text("Mở lại", "Reopened"),
    },
    tables={
        SheetTable.TOTAL: Text("Tất cả", "All"),
        SheetTable.CHANNEL: Text("Theo kênh", "By channel"),
        SheetTable.KIND: Text("Theo loại", "By kind"),
        SheetTable.CATEGORY: Text("Theo lĩnh vực", "By category"),
        SheetTable.UNIT: Text("Theo đơn vị", "By unit"),
    },
    every_month=Text("Công khai kết quả xử lý phản ánh, kiến nghị hằng tháng", "Monthly publication of feedback"),
    title=Text("Kết quả xử lý phản ánh, kiến nghị", "Feedback handled"),
    of_month=Text("Kết quả tiếp nhận, xử lý phản ánh, kiến nghị", "Feedback received and handled"),
    counted=Text("Phản ánh, kiến nghị", "Reports"),
    quantity=Text("Số phản ánh, kiến nghị", "Reports"),
    of_units=Text("Theo đơn vị, mỗi đơn vị theo hạn của mình", "By unit, each by its own time"),
    note=Text(
        "Tỷ lệ đúng hạn = đúng hạn : (đúng hạn + trễ hạn + quá hạn, chưa trả lời + trễ rồi mới chuyển). Đơn vị được "
        "tính theo hạn của riêng mình, toàn thành phố tính theo hạn đã hứa với người gửi.",
        "On-time rate = on time : (on time + late + overdue and open + late when passed on). Units are counted by "
        "their own time, the city by what senders were promised.",
    ),
)
