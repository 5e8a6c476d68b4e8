"""The reports of progress of a task, and the obstacles that wait, on a sheet."""

from typing import Final

from cchc_shared.contract.provenance import Text
from cchc_shared.service.sheets import Sheet

REPORTS: Final = Sheet(
    file="bao-cao-tien-do",
    title=Text("Báo cáo tiến độ", "Reports of progress"),
    headings={
        "id": "Số báo cáo",
        "percent": "Tiến độ (%)",
        "content": "Đã làm",
        "obstacles": "Vướng mắc",
        "unit": "Mã cơ quan chủ trì khi đó",
        "reported_at": "Báo cáo lúc",
        "reported_by": "Người báo cáo",
        "answer": "Trả lời vướng mắc",
        "answered_at": "Trả lời lúc",
        "answered_by": "Người trả lời",
        "waiting_days": "Số ngày chờ trả lời",
    },
    units={"unit": "Cơ quan chủ trì khi đó"},
)
OBSTACLES: Final = Sheet(
    file="vuong-mac",
    title=Text("Vướng mắc chờ trả lời", "Obstacles that wait for an answer"),
    headings={
        "task": "Mã nhiệm vụ",
        "title": "Tên nhiệm vụ",
        "lead_unit": "Mã cơ quan chủ trì",
        "assigning_unit": "Mã cơ quan giao",
        "report": "Số báo cáo",
        "percent": "Tiến độ (%)",
        "obstacles": "Vướng mắc",
        "reported_at": "Báo cáo lúc",
        "waiting_days": "Số ngày chờ trả lời",
    },
    units={"lead_unit": "Cơ quan chủ trì", "assigning_unit": "Cơ quan giao"},
)
