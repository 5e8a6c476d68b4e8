"""The tour through dossiers: one-stop software says what became of one, and its unit and the board look at it."""

from tests.support.steps import UNIT, Answers, Call

CODE = "H26.11-260302-0001"
RECEIVED = {
    "dossier": CODE,
    "status": "received",
    "at": "2026-03-02T09:00:00+07:00",
    "procedure": "1.001234",
    "unit": UNIT,
    "channel": "online",
    "received_at": "2026-03-02T09:00:00+07:00",
    "appointment_at": "2026-03-09T17:00:00+07:00",
}
NATIONAL = {
    "MaHoSo": CODE,
    "TrangThaiHoSo": "9",
    "MaTTHC": "1.001234",
    "KenhThucHien": "2",
    "DonViXuLy": UNIT,
    "NgayTiepNhan": "20260302090000",
    "NgayHenTra": "09/03/2026 17:00:00",
    "NgayKetThucXuLy": "20260306150000",
}


def dossier_tour() -> Answers:
    """One is said in both vocabularies, once wrongly, then read, listed and counted."""
    unknown = {**RECEIVED, "dossier": "H29.11-260302-0001"}
    yield Call("dossiers.send", "channel", body={"items": [RECEIVED, NATIONAL, unknown, RECEIVED]})
    yield Call("dossiers.get", "head", path={"code": CODE})
    yield Call("dossiers.list", "head", query={"status": "handled", "limit": 1})
    yield Call("dossiers.count", "board", query={"group_by": "month,unit", "unit": UNIT})
