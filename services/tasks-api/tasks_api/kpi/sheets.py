"""What the tasks of a unit are worth, on a sheet."""

from typing import Final

from cchc_shared.contract.provenance import Text
from cchc_shared.service.sheets import Sheet
from tasks_api.tasks.domain import UnitRole
from tasks_api.tasks.sheets import TASKS

KPI: Final = Sheet(
    file="ket-qua-cong-viec",
    title=Text("Kết quả công việc", "What the work is worth"),
    headings={
        "task": "Mã nhiệm vụ",
        "title": "Tên nhiệm vụ",
        "role": "Vai trò",
        "urgency": "Độ khẩn",
        "last_day": "Ngày cuối của thời hạn",
        "completed_on": "Ngày hoàn thành",
        "days_early": "Sớm (âm: trễ), số ngày",
        "handed_on": "Phiên bản khi chuyển đi trễ",
        "quality": "Điểm chất lượng (1–5)",
        "completion": "Điểm tiến độ",
        "quality_points": "Điểm chất lượng quy đổi",
        "role_weight": "Hệ số vai trò",
        "urgency_weight": "Hệ số độ khẩn",
        "kpi": "Kết quả",
    },
    words={
        "role": {
            UnitRole.LEAD: "Chủ trì",
            UnitRole.COORDINATING: "Phối hợp",
            UnitRole.FORMER_LEAD: "Từng chủ trì",
            UnitRole.ASSIGNING: "Giao việc",
            UnitRole.RELATED: "Liên quan",
        },
        "urgency": TASKS.words["urgency"],
    },
)
