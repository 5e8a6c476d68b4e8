"""The list of submissions on a sheet."""

from typing import Final

from cchc_shared.contract.codes import SubmissionReturnReason, SubmissionStatus
from cchc_shared.contract.provenance import Text
from cchc_shared.service.sheets import Sheet

SUBMISSIONS: Final = Sheet(
    file="ho-so-trinh",
    title=Text("Hồ sơ trình", "Submissions"),
    headings={
        "id": "Mã hồ sơ trình",
        "task": "Mã nhiệm vụ",
        "unit": "Mã đơn vị trình",
        "to_unit": "Mã đơn vị quyết định",
        "subject": "Nội dung trình",
        "consultations": "Mã lấy ý kiến",
        "drafted_at": "Soạn lúc",
        "status": "Trạng thái",
        "meetings": "Cuộc họp trực tiếp",
        "sent_at": "Trình lúc",
        "return_reason": "Lý do trả lại",
    },
    words={
        "status": {
            SubmissionStatus.DRAFT: "Đang soạn",
            SubmissionStatus.SENT: "Đã trình",
            SubmissionStatus.RETURNED: "Trả lại",
            SubmissionStatus.APPROVED: "Đã duyệt",
        },
        "return_reason": {
            SubmissionReturnReason.INCOMPLETE: "Hồ sơ chưa đủ",
            SubmissionReturnReason.OWN_COMPETENCE: "Thuộc thẩm quyền của đơn vị trình",
        },
    },
    units={"unit": "Đơn vị trình", "to_unit": "Đơn vị quyết định"},
)
