"""Open work of units that ended, on a sheet."""

from typing import Final

from cchc_shared.contract.provenance import Text
from cchc_shared.service.sheets import Sheet
from tasks_api.reassignments.domain import Seat, Why, Work

WAITING: Final = Sheet(
    file="viec-cua-don-vi-da-ket-thuc",
    title=Text("Việc của đơn vị đã kết thúc", "Open work of ended units"),
    headings={
        "work": "Loại việc",
        "code": "Mã việc",
        "seat": "Vai trò của đơn vị",
        "from_unit": "Mã đơn vị đã kết thúc",
        "from_until": "Kết thúc ngày",
        "successors": "Mã đơn vị kế thừa",
        "why": "Vì sao chờ",
    },
    words={
        "work": {
            Work.TASK: "Nhiệm vụ",
            Work.CONSULTATION: "Lấy ý kiến",
            Work.RECOMMENDATION: "Kiến nghị kiểm tra",
            Work.SUBMISSION: "Hồ sơ trình",
        },
        "seat": {
            Seat.LEAD: "Chủ trì",
            Seat.ASSIGNING: "Giao việc",
            Seat.ASKED: "Được hỏi",
            Seat.ASKER: "Hỏi",
            Seat.RESPONSIBLE: "Thực hiện",
            Seat.INSPECTING: "Kiểm tra",
            Seat.SENDER: "Trình",
            Seat.RECEIVER: "Quyết định",
        },
        "why": {
            Why.SEVERAL: "Có nhiều đơn vị kế thừa",
            Why.NONE: "Không có đơn vị kế thừa",
            Why.NOBODY: "Không giao cho đơn vị nào",
        },
    },
    units={"from_unit": "Đơn vị đã kết thúc", "successors": "Đơn vị kế thừa"},
)
OUTCOMES: Final = Sheet(
    file="ket-qua-chuyen-giao",
    title=Text("Kết quả chuyển giao", "Outcome of a reassignment"),
    headings={
        "work": "Loại việc",
        "code": "Mã việc",
        "seat": "Vai trò của đơn vị",
        "from_unit": "Mã đơn vị đã kết thúc",
        "from_until": "Kết thúc ngày",
        "to_unit": "Mã đơn vị nhận",
        "why": "Vì sao chờ",
    },
    words=WAITING.words,
    units={"from_unit": "Đơn vị đã kết thúc", "to_unit": "Đơn vị nhận"},
)
