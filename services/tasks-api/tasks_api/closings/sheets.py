"""A closed month on a sheet."""

from typing import Final

from cchc_shared.contract.provenance import Text
from cchc_shared.service.sheets import Sheet
from tasks_api.tasks.sheets import COUNTS

MONTH: Final = Sheet(
    file="thang-da-chot",
    title=Text("Tháng đã chốt", "A closed month"),
    headings={
        **COUNTS,
        "unit": "Mã đơn vị",
        "name": "Tên đơn vị",
        "carried_over": "Kỳ trước chuyển sang",
        "assigned": "Giao mới trong kỳ",
        "received": "Nhận từ đơn vị khác",
        "passed_on": "Chuyển đơn vị khác",
        "due": "Đến hạn trong kỳ",
        "open": "Còn lại cuối kỳ",
        "missed": "Để trễ rồi chuyển hoặc kết thúc trong kỳ",
    },
)
