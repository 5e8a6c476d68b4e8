"""The list of documents that tasks come from, on a sheet."""

from typing import Final

from cchc_shared.contract.provenance import Text
from cchc_shared.service.sheets import Sheet
from tasks_api.documents.domain import NAMES

DOCUMENTS: Final = Sheet(
    file="van-ban",
    title=Text("Văn bản giao việc", "Documents that tasks come from"),
    headings={
        "code": "Mã văn bản",
        "kind": "Loại văn bản",
        "number": "Số, ký hiệu",
        "dated_on": "Ngày văn bản",
        "received_on": "Ngày đến",
        "sender": "Nơi gửi",
        "subject": "Trích yếu",
        "source": "Nguồn nhiệm vụ",
        "unit": "Mã đơn vị đăng ký",
        "registered_at": "Đăng ký lúc",
    },
    words={"kind": {kind.value: name for kind, name in NAMES.items()}},
    units={"unit": "Đơn vị đăng ký"},
    without=frozenset({"files", "version"}),
)
