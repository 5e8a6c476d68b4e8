"""The words with which one-stop systems synchronise dossiers with the national portal, beside ours.

Names and codes are those of `interop_status`. The intake of dossiers reads by them; the portal of integrators shows
them.
"""

from collections.abc import Mapping
from typing import Final

from cchc_shared.contract.codes import Digitisation, DossierChannel, DossierStatus

CODE: Final = "MaHoSo"
STATUS: Final = "TrangThaiHoSo"
WHEN: Final = "ThoiDiemXuLy"

STATUSES: Final = {str(number): status for number, status in enumerate(DossierStatus, 1)}
"""The portal's codes 1 to 10."""
LABELS: Final = {
    "1": "Mới đăng ký",
    "2": "Được tiếp nhận",
    "3": "Không được tiếp nhận",
    "4": "Đang xử lý",
    "5": "Yêu cầu bổ sung giấy tờ",
    "6": "Yêu cầu thực hiện nghĩa vụ tài chính",
    "7": "Công dân yêu cầu rút hồ sơ",
    "8": "Dừng xử lý",
    "9": "Đã xử lý xong",
    "10": "Đã trả kết quả",
}
"""What the portal calls them."""
NAMES: Final = {
    "new": "2", "processing": "4", "waiting": "5", "paying": "6", "cancelled": "7", "unresolved": "8",
    "releasing": "9", "done": "10", "denied": "3", "receiving": "1", "interoperating": "0", "posting": "0",
}  # fmt: skip
"""Names that one-stop software in use writes, and the code that each means; 0 is none of the portal's."""
CHANNELS: Final = {"1": DossierChannel.COUNTER, "2": DossierChannel.ONLINE, "3": DossierChannel.POST}
DIGITISED: Final = {
    "0": None,
    "1": Digitisation.DIGITISED,
    "2": Digitisation.REUSED_PAPERS,
    "3": Digitisation.REUSED_RESULT,
}
TAKEN_AT: Final = {
    DossierStatus.REGISTERED: "NgayNopHoSo",
    DossierStatus.RECEIVED: "NgayTiepNhan",
    DossierStatus.NOT_RECEIVED: "NgayTuChoi",
    DossierStatus.HANDLED: "NgayKetThucXuLy",
    DossierStatus.RETURNED: "NgayTra",
}
"""The field that says when a dossier took a status. Of the others only `ThoiDiemXuLy` says it."""

FIELDS: Final[Mapping[str, str]] = {
    "dossier": CODE, "status": STATUS, "at": WHEN, "procedure": "MaTTHC", "field": "MaLinhVuc", "unit": "DonViXuLy",
    "channel": "KenhThucHien", "received_at": "NgayTiepNhan", "appointment_at": "NgayHenTra",
    "digitisation": "HoSoCoThanhPhanSoHoa",
}  # fmt: skip
"""Our field of a delivery → the portal's, so that what is wrong is said of what was written."""
PROGRESS_FIELDS: Final[Mapping[str, str]] = {
    "dossier": CODE, "office": "PhongBanXuLy", "at": WHEN, "started_at": "NgayBatDau",
    "due_at": "NgayKetThucTheoQuyDinh", "source_status": "TrangThai",
}  # fmt: skip
"""Our field of a progress row → the portal's."""
