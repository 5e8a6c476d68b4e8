"""Progress by groups on a sheet."""

from typing import Final

from cchc_shared.contract.provenance import Text
from cchc_shared.service.sheets import Sheet
from tasks_api.tasks.sheets import COUNTS

PROGRESS: Final = Sheet(
    file="tien-do",
    title=Text("Tiến độ", "Progress of tasks"),
    headings={"key": "Nhóm", "name": "Tên cấp giao", **COUNTS},
    # A group may be a unit; any other is called as its key.
    units={"key": "Tên nhóm"},
)
