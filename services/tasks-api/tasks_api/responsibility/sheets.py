"""The register of responsibility on a sheet."""

from typing import Final

from cchc_shared.contract.provenance import Text
from cchc_shared.service.sheets import Sheet
from tasks_api.responsibility.domain import EntryKind

REGISTER: Final = Sheet(
    file="so-theo-doi-trach-nhiem",
    title=Text("Sổ theo dõi trách nhiệm", "Register of responsibility"),
    headings={
        "id": "Mã mục",
        "kind": "Hình thức",
        "unit": "Mã đơn vị",
        "happened_on": "Ngày",
        "head.office": "Chức vụ người đứng đầu",
        "head.name": "Người đứng đầu",
        "cause": "Lý do",
        "tasks": "Mã nhiệm vụ",
        "reports": "Mã phản ánh",
        "inspections": "Mã cuộc kiểm tra",
        "document_no": "Số văn bản",
        "document_on": "Ngày văn bản",
        "outcome": "Kết quả",
        "withdrawn": "Đã rút",
        "actor": "Người ghi",
        "at": "Ghi lúc",
    },
    words={
        "kind": {
            EntryKind.REVIEW: "Kiểm điểm",
            EntryKind.DISCIPLINE: "Kỷ luật",
            EntryKind.PRAISE: "Khen thưởng",
        }
    },
    units={"unit": "Đơn vị"},
)
