"""The list of plans, the rows of one, and its progress, on a sheet."""

from typing import Final

from cchc_shared.contract.provenance import Text
from cchc_shared.service.sheets import Sheet
from tasks_api.plans.domain import RowState
from tasks_api.tasks.sheets import COUNTS

PLANS: Final = Sheet(
    file="ke-hoach",
    title=Text("Kế hoạch", "Plans"),
    headings={
        "code": "Mã kế hoạch",
        "document_no": "Số văn bản",
        "issued_on": "Ngày ban hành",
        "title": "Trích yếu",
        "issuer": "Cơ quan ban hành",
        "assigning_unit": "Mã cơ quan giao",
        "tasks": "Số nhiệm vụ",
        "parked": "Số dòng chờ trả lời",
        "parent": "Mã kế hoạch cấp trên",
        "imported_at": "Nhập lúc",
        "withdrawn_at": "Thu hồi lúc",
        "documents": "Số văn bản, kể cả sửa đổi",
    },
    units={"assigning_unit": "Cơ quan giao"},
)
ROWS: Final = Sheet(
    file="dong-ke-hoach",
    title=Text("Các dòng của phụ lục", "Rows of an annex"),
    headings={
        "row": "Dòng",
        "number": "TT",
        "written_number": "Số ghi trong văn bản",
        "sections": "Mục",
        "annex": "Phụ lục",
        "cells": "Nội dung",
        "state": "Tình trạng",
        "tasks": "Mã nhiệm vụ",
        "doubts": "Điều chưa rõ",
    },
    words={
        "cells": {
            "title": "Tên nhiệm vụ",
            "lead_unit": "Cơ quan chủ trì",
            "coordinating_units": "Cơ quan phối hợp",
            "due_text": "Thời gian hoàn thành",
            "product": "Sản phẩm",
            "source": "Nguồn nhiệm vụ",
        },
        "state": {
            RowState.ASSIGNED: "Đã giao",
            RowState.PARKED: "Chờ trả lời",
            RowState.DROPPED: "Không phải nhiệm vụ",
        },
    },
    # How the row was read is of use where it is judged, not on paper.
    without=frozenset({"written", "inherited"}),
)

PROGRESS: Final = Sheet(
    file="tien-do-ke-hoach",
    title=Text("Tiến độ kế hoạch", "Progress of a plan"),
    headings=COUNTS
    | {"as_of": "Tính đến hết ngày", "plans": "Mã các kế hoạch được tính"}
    | {f"children.{name}": f"Nhiệm vụ con: {heading.lower()}" for name, heading in COUNTS.items()},
)
