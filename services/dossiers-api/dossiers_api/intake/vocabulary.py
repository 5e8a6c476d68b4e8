"""The national portal's words for dossiers (`MaHoSo`, `TrangThaiHoSo`, …), read into ours. Pure.

Names and codes stand in `cchc_shared.contract.national_portal`. Whatever names the applicant or anybody else is dropped
here: it is neither kept nor passed on.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from cchc_shared.contract.codes import DossierStatus
from cchc_shared.contract.national_portal import CHANNELS, CODE, DIGITISED, NAMES, STATUS, STATUSES, TAKEN_AT, WHEN
from cchc_shared.contract.rules import RuleBroken

_DATE: Final = re.compile(
    r"(?P<d>\d\d?)/(?P<m>\d\d?)/(?P<y>\d{4})(?: (?P<H>\d\d?):(?P<M>\d\d)(?::(?P<S>\d\d))?)?"
    r"|(?P<y2>\d{4})(?P<m2>\d\d)(?P<d2>\d\d)(?:(?P<H2>\d\d)(?P<M2>\d\d)(?P<S2>\d\d))?"
    r"|(?P<y3>\d{4})-(?P<m3>\d\d)-(?P<d3>\d\d)(?:[T ](?P<H3>\d\d):(?P<M3>\d\d)(?::(?P<S3>\d\d)(?:\.\d{1,7})?)?)?",
    re.ASCII,
)
_ZONED: Final = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*([Zz]|[+-]\d\d:\d\d)", re.ASCII)


def is_national(item: object) -> bool:
    """Whether an item is written in the portal's words."""
    return isinstance(item, Mapping) and (CODE in item or STATUS in item)


def read(item: Mapping[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    """The item in our words, as `DeliveryIn` takes it. Raises `RuleBroken`, which names the portal's field."""
    status, source = _status(item)
    received = _instant(item, "NgayTiepNhan", zone)
    found = {
        "dossier": item.get(CODE),
        "status": status,
        "at": _taken_at(item, status, zone),
        "procedure": item.get("MaTTHC"),
        "field": item.get("MaLinhVuc") or None,
        "unit": item.get("DonViXuLy"),
        "channel": _coded(item, "KenhThucHien", CHANNELS, None),
        "received_at": None if status in {DossierStatus.REGISTERED, DossierStatus.NOT_RECEIVED} else received,
        "appointment_at": _instant(item, "NgayHenTra", zone, ends=True),
        "fee_charged": bool(item.get("DanhSachLePhi")),
        "paid_online": True if str(item.get("DuocThanhToanTrucTuyen") or "0") == "1" else None,
        "digitisation": _coded(item, "HoSoCoThanhPhanSoHoa", DIGITISED, "0"),
        "electronic_result": _electronic(item, status),
        "source_status": source,
    }
    return {name: value for name, value in found.items() if value is not None}


def read_progress(item: Mapping[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    """A progress row in our words, as `ProgressIn` takes it. Raises `RuleBroken`, which names the portal's field.

    Who worked on it, as what, and what was written about it (`NguoiXuLy`, `ChucDanh`, `NoiDungXuLy`) are dropped.
    """
    at = _instant(item, WHEN, zone)
    found = {
        "dossier": item.get(CODE),
        "office": item.get("PhongBanXuLy"),
        "at": at,
        "started_at": _instant(item, "NgayBatDau", zone) or at,
        "due_at": _instant(item, "NgayKetThucTheoQuyDinh", zone, ends=True),
        "source_status": str(item.get("TrangThai") or "").strip() or None,
    }
    return {name: value for name, value in found.items() if value is not None}


def _status(item: Mapping[str, Any]) -> tuple[DossierStatus, str]:
    given = str(item.get(STATUS, "")).strip()
    code = NAMES.get(given.lower(), given).lstrip("0") or "0"
    if code == "0" and given:
        raise RuleBroken(
            STATUS,
            f"`{given}` không phải là trạng thái 1 đến 10 của Cổng Dịch vụ công: không gửi bước này, hồ sơ giữ trạng "
            "thái trước đó",
            f"{given} is none of the portal's statuses 1 to 10: do not send this step, the dossier keeps its status",
        )
    if code not in STATUSES:
        raise RuleBroken(STATUS, "phải là một trong: `1` đến `10`", "must be one of 1 to 10")
    return STATUSES[code], given


def _taken_at(item: Mapping[str, Any], status: DossierStatus, zone: ZoneInfo) -> datetime:
    names = [name for name in (TAKEN_AT.get(status), WHEN) if name is not None]
    for name in names:
        found = _instant(item, name, zone)
        if found is not None:
            return found
    if status is DossierStatus.SUPPLEMENT_REQUESTED and (asked := _last_request(item, zone)) is not None:
        return asked
    wanted = " hoặc ".join(f"`{name}`" for name in names)
    raise RuleBroken(
        names[0],
        f"không biết hồ sơ có trạng thái này từ lúc nào: ghi {wanted}",
        f"does not say when the dossier took this status: give {' or '.join(names)}",
    )


def _last_request(item: Mapping[str, Any], zone: ZoneInfo) -> datetime | None:
    asked = item.get("DanhSachHoSoBoSung")
    rows = [each for each in asked if isinstance(each, Mapping)] if isinstance(asked, Sequence) else []
    times = [_instant(each, "NgayBoSung", zone) for each in rows]
    return max((each for each in times if each is not None), default=None)


def _electronic(item: Mapping[str, Any], status: DossierStatus) -> bool | None:
    if status not in {DossierStatus.HANDLED, DossierStatus.RETURNED}:
        return None
    return True if item.get("DanhSachGiayToKetQua") else (False if status is DossierStatus.RETURNED else None)


def _coded(item: Mapping[str, Any], name: str, codes: Mapping[str, Any], absent: str | None) -> Any:
    given = item.get(name)
    code = absent if given is None or given == "" else str(given).strip()
    if code is None:
        return None
    if code not in codes:
        known = ", ".join(codes)
        raise RuleBroken(name, f"phải là một trong: `{known}`", f"must be one of: {known}")
    return codes[code]


def _instant(item: Mapping[str, Any], name: str, zone: ZoneInfo, *, ends: bool = False) -> datetime | None:
    """An instant in any of the forms of the portal's documents, by the city's clock where no offset is written.

    A day without a time is its beginning, or for an appointment its end: what is promised for a day is in time on it.
    """
    given = item.get(name)
    if given is None or given == "":
        return None
    text = str(given).strip()
    try:
        if _ZONED.fullmatch(text):
            return datetime.fromisoformat(text.replace("z", "Z"))
        found = _DATE.fullmatch(text)
        if found is None:
            raise ValueError(text)
        return _local(found.groupdict(), zone, ends=ends)
    except ValueError as error:
        raise RuleBroken(
            name,
            "không phải ngày giờ theo dạng `yyyyMMddHHmmss`, `dd/MM/yyyy HH:mm:ss` hoặc RFC 3339",
            "is no time written as yyyyMMddHHmmss, dd/MM/yyyy HH:mm:ss or by RFC 3339",
        ) from error


def _local(parts: Mapping[str, str | None], zone: ZoneInfo, *, ends: bool) -> datetime:
    part: Callable[[str], int | None] = lambda letter: next(  # noqa: E731
        (int(value) for name, value in parts.items() if name[0] == letter and value is not None), None
    )
    year, month, day, hour = part("y"), part("m"), part("d"), part("H")
    on = date(year or 0, month or 0, day or 0)
    if hour is None:
        on += timedelta(days=ends)
        return datetime(on.year, on.month, on.day, tzinfo=zone)
    return datetime(on.year, on.month, on.day, hour, part("M") or 0, part("S") or 0, tzinfo=zone)
