"""The publication of dossiers in words."""

from typing import Final

from cchc_shared.contract.provenance import Text
from cchc_shared.publications.wording import Wording
from dossiers_api.publications.domain import DossierTable

WORDING: Final = Wording(
    path="/v1/publications/dossiers",
    file="ho-so",
    figures={
        "received": Text("Tiếp nhận", "Received"),
        "ended": Text("Đã kết thúc", "Ended"),
        "on_time": Text("Đúng hạn", "On time"),
        "late": Text("Quá hạn", "Late"),
        "overdue_open": Text("Quá hạn, chưa giải quyết", "Overdue, open"),
        "not_due": Text("Chưa đến hạn", "Not due"),
        "undated": Text("Chưa rõ hạn", "Undated"),
        "on_time_rate": Text("Tỷ lệ đúng hạn", "On-time rate"),
    },
    tables={
        DossierTable.TOTAL: Text("Tất cả", "All"),
        DossierTable.CHANNEL: Text("Theo hình thức nộp", "By channel"),
        DossierTable.FIELD: Text("Theo lĩnh vực", "By field"),
        DossierTable.UNIT: Text("Theo đơn vị", "By unit"),
    },
    every_month=Text("Công khai kết quả giải quyết hồ sơ hằng tháng", "Monthly publication of dossiers"),
    title=Text("Kết quả giải quyết hồ sơ", "Dossiers handled"),
    of_month=Text("Kết quả tiếp nhận, giải quyết hồ sơ thủ tục hành chính", "Dossiers received and handled"),
    counted=Text("Hồ sơ", "Dossiers"),
    quantity=Text("Số hồ sơ", "Dossiers"),
    of_units=Text("Theo đơn vị", "By unit"),
    note=Text(
        "Tỷ lệ đúng hạn = đúng hạn : (đúng hạn + quá hạn + quá hạn, chưa giải quyết). Hồ sơ đang chờ bổ sung lần đầu "
        "khi còn hạn là đúng hạn; hồ sơ bị yêu cầu bổ sung quá số lần cho phép là quá hạn.",
        "On-time rate = on time : (on time + late + overdue and open). What waits for a first supplement before it is "
        "due is on time; what was asked for supplements too often is late.",
    ),
)
