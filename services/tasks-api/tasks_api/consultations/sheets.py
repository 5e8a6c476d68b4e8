"""The list of consultations, and the counts of who asks whom, on a sheet."""

from typing import Final

from cchc_shared.contract.codes import ConsultationReturnReason, ConsultationStatus, Opinion
from cchc_shared.contract.provenance import Text
from cchc_shared.service.sheets import Sheet

_OPINIONS: Final[dict[str, str]] = {
    Opinion.AGREE: "Đồng ý",
    Opinion.AGREE_WITH_CHANGES: "Đồng ý, đề nghị sửa",
    Opinion.DISAGREE: "Không đồng ý",
}
CONSULTATIONS: Final = Sheet(
    file="lay-y-kien",
    title=Text("Lấy ý kiến", "Consultations"),
    headings={
        "id": "Mã lấy ý kiến",
        "task": "Mã nhiệm vụ",
        "asker": "Mã đơn vị hỏi",
        "unit": "Mã đơn vị được hỏi",
        "kind": "Loại lấy ý kiến",
        "deemed_consent": "Im lặng là đồng ý",
        "question": "Nội dung hỏi",
        "relevance": "Vì sao hỏi đơn vị này",
        "main_contents": "Nội dung chủ yếu",
        "asked_at": "Hỏi lúc",
        "due_at": "Hạn trả lời",
        "status": "Trạng thái",
        "answer.opinion": "Ý kiến",
        "answer.at": "Trả lời lúc",
        "answer.content": "Nội dung trả lời",
        "answer.per_content": "Ý kiến về từng nội dung",
        "late_answer.opinion": "Ý kiến trả lời trễ",
        "late_answer.at": "Trả lời trễ lúc",
        "late_answer.content": "Nội dung trả lời trễ",
        "late_answer.per_content": "Ý kiến trả lời trễ về từng nội dung",
        "disagreements": "Nội dung không đồng ý",
        "return_reason": "Lý do trả lại",
        "ended_at": "Kết thúc lúc",
        "notice": "Số thông báo coi như đồng ý",
    },
    words={
        "status": {
            ConsultationStatus.OPEN: "Chờ trả lời",
            ConsultationStatus.ANSWERED: "Đã trả lời",
            ConsultationStatus.RETURNED: "Trả lại",
            ConsultationStatus.WITHDRAWN: "Đã rút",
            ConsultationStatus.DEEMED_AGREED: "Coi như đồng ý",
            ConsultationStatus.SILENT: "Không trả lời",
        },
        "answer.opinion": _OPINIONS,
        "answer.per_content": _OPINIONS,
        "late_answer.opinion": _OPINIONS,
        "late_answer.per_content": _OPINIONS,
        "return_reason": {
            ConsultationReturnReason.OUT_OF_COMPETENCE: "Không thuộc thẩm quyền",
            ConsultationReturnReason.BELONGS_TO_REQUESTER: "Thuộc thẩm quyền của đơn vị hỏi",
        },
    },
    units={"asker": "Đơn vị hỏi", "unit": "Đơn vị được hỏi"},
)
STATISTICS: Final = Sheet(
    file="thong-ke-lay-y-kien",
    title=Text("Thống kê lấy ý kiến", "Counts of consultations"),
    headings={
        "month": "Tháng",
        "asker": "Mã đơn vị hỏi",
        "unit": "Mã đơn vị được hỏi",
        "asked": "Đã hỏi",
        "answered": "Trả lời đúng hạn",
        "returned": "Trả lại",
        "withdrawn": "Đã rút",
        "late": "Trả lời trễ",
        "silent": "Không trả lời",
    },
    units={"asker": "Đơn vị hỏi", "unit": "Đơn vị được hỏi"},
)
