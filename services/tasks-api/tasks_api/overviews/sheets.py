"""The overviews on sheets."""

from typing import Final

from cchc_shared.contract.provenance import Text
from cchc_shared.service.sheets import Sheet
from tasks_api.overviews.domain import WaitsFor
from tasks_api.submissions.sheets import SUBMISSIONS
from tasks_api.tasks.sheets import TASKS

_STATUS: Final = TASKS.words["status"]
LATE: Final = Sheet(
    file="nhiem-vu-qua-han",
    title=Text("Nhiệm vụ quá hạn", "Late tasks"),
    headings={
        "task": "Mã nhiệm vụ",
        "title": "Tên nhiệm vụ",
        "unit": "Mã cơ quan chủ trì",
        "plan": "Mã kế hoạch",
        "status": "Trạng thái",
        "due_on": "Ngày cuối của thời hạn",
        "late_since": "Quá hạn từ",
        "days_late": "Số ngày quá hạn",
    },
    words={"status": _STATUS},
    units={"unit": "Cơ quan chủ trì"},
)
WAITING: Final = Sheet(
    file="nhiem-vu-cho-quyet-dinh",
    title=Text("Nhiệm vụ chờ quyết định", "Tasks that wait for a decision"),
    headings={
        "task": "Mã nhiệm vụ",
        "title": "Tên nhiệm vụ",
        "unit": "Mã cơ quan chủ trì",
        "plan": "Mã kế hoạch",
        "waits_for": "Chờ việc gì",
        "decides": "Mã đơn vị quyết định",
        "since": "Chờ từ",
        "due_on": "Ngày cuối của thời hạn",
        "requested_due_on": "Ngày xin gia hạn đến",
    },
    words={
        "waits_for": {
            WaitsFor.FIRST_APPROVAL: "Thủ trưởng đơn vị duyệt",
            WaitsFor.SECOND_APPROVAL: "Cơ quan giao duyệt",
            WaitsFor.EXTENSION: "Gia hạn",
            WaitsFor.CLOSING: "Kết thúc",
        }
    },
    units={"unit": "Cơ quan chủ trì", "decides": "Đơn vị quyết định"},
)
HANDOVERS: Final = Sheet(
    file="nhiem-vu-chuyen-tra",
    title=Text("Nhiệm vụ chuyển, trả", "Tasks that were handed on"),
    headings={
        "task": "Mã nhiệm vụ",
        "title": "Tên nhiệm vụ",
        "unit": "Mã cơ quan chủ trì",
        "plan": "Mã kế hoạch",
        "status": "Trạng thái",
        "handovers": "Số lần chuyển, trả",
        "moves": "Các lần chuyển",
    },
    words={"status": _STATUS},
    units={"unit": "Cơ quan chủ trì"},
)
SILENT: Final = Sheet(
    file="don-vi-tra-loi-y-kien",
    title=Text("Đơn vị trả lời ý kiến", "How units answer"),
    headings={
        "unit": "Mã đơn vị",
        "asked": "Được hỏi",
        "answered": "Trả lời đúng hạn",
        "returned": "Trả lại",
        "withdrawn": "Đã rút",
        "late": "Trả lời trễ",
        "silent": "Không trả lời",
        "deemed": "Coi như đồng ý",
        "open": "Chờ trả lời",
        "asks": "Đã hỏi đơn vị khác",
        "needless": "Hỏi không cần thiết",
    },
    units={"unit": "Đơn vị"},
)
RETURNED: Final = Sheet(
    file="ho-so-bi-tra-lai",
    title=Text("Hồ sơ bị trả lại", "Papers that came back"),
    headings={
        "id": "Mã hồ sơ trình",
        "task": "Mã nhiệm vụ",
        "unit": "Mã đơn vị trình",
        "to_unit": "Mã đơn vị quyết định",
        "subject": "Nội dung trình",
        "reason": "Lý do trả lại",
        "returned_at": "Trả lại lúc",
        "times": "Số lần bị trả lại",
    },
    words={"reason": SUBMISSIONS.words["return_reason"]},
    units={"unit": "Đơn vị trình", "to_unit": "Đơn vị quyết định"},
)
