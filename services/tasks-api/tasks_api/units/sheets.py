"""The directory of units on a sheet."""

from typing import Final

from cchc_shared.contract.provenance import Text
from cchc_shared.service.sheets import UNIT_KINDS, Sheet

UNITS: Final = Sheet(
    file="don-vi",
    title=Text("Đơn vị", "Units"),
    headings={
        "code": "Mã đơn vị",
        "name": "Tên đơn vị",
        "kind": "Loại đơn vị",
        "parent": "Mã đơn vị cấp trên",
        "valid_from": "Có từ ngày",
        "valid_to": "Đến hết ngày",
        "successors": "Mã đơn vị kế thừa",
    },
    words={"kind": UNIT_KINDS},
    units={"parent": "Đơn vị cấp trên", "successors": "Đơn vị kế thừa"},
)
