"""The national portal's words are read as ours; what names a person goes no further."""

import contextlib
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cchc_shared.contract import national_portal
from cchc_shared.contract.codes import Digitisation, DossierChannel, DossierStatus
from cchc_shared.contract.rules import RuleBroken
from dossiers_api.intake import vocabulary

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
PERSONAL = {
    "ChuHoSo": "Nguyễn Văn A",
    "SoGiayToChuHoSo": "001099000001",
    "Email": "a@example.vn",
    "SoDienThoai": "0912345678",
    "TrichYeuHoSo": "Cấp lại giấy của ông Nguyễn Văn A",
}
ITEM: dict[str, Any] = {
    "MaHoSo": "H26.33-261102-0001",
    "MaTTHC": "1.001234",
    "MaLinhVuc": "G01",
    "KenhThucHien": "2",
    "TrangThaiHoSo": "2",
    "NgayTiepNhan": "20261102090000",
    "NgayHenTra": "12/11/2026 17:00:00",
    "DonViXuLy": "Sở Nội vụ",
    **PERSONAL,
}
NINE = datetime(2026, 11, 2, 2, tzinfo=UTC)


def read(**other: object) -> dict[str, Any]:
    return vocabulary.read(ITEM | other, HANOI)


def test_a_dossier_in_the_portals_words() -> None:
    assert read() == {
        "dossier": "H26.33-261102-0001",
        "status": DossierStatus.RECEIVED,
        "at": NINE,
        "procedure": "1.001234",
        "field": "G01",
        "unit": "Sở Nội vụ",
        "channel": DossierChannel.ONLINE,
        "received_at": NINE,
        "appointment_at": datetime(2026, 11, 12, 10, tzinfo=UTC),
        "fee_charged": False,
        "source_status": "2",
    }


def test_nobody_is_named() -> None:
    said = str(read())
    assert not any(value in said for value in PERSONAL.values())


@pytest.mark.parametrize("code", range(1, 11))
def test_each_code_of_the_portal_is_a_status(code: int) -> None:
    times = {"NgayNopHoSo": "20261102090000", "NgayTuChoi": "20261103090000", "NgayKetThucXuLy": "20261104090000"}
    found = read(**times, NgayTra="20261105090000", ThoiDiemXuLy="20261103100000", TrangThaiHoSo=code)
    assert found["status"] == list(DossierStatus)[code - 1]
    assert found["source_status"] == str(code)


@pytest.mark.parametrize(("name", "status"), [("processing", "in_progress"), ("Done", "returned"), ("new", "received")])
def test_names_of_one_stop_software_are_read_and_kept(name: str, status: str) -> None:
    found = read(TrangThaiHoSo=name, ThoiDiemXuLy="20261103100000", NgayTra="20261105090000")
    assert (found["status"], found["source_status"]) == (status, name)


@pytest.mark.parametrize("given_status", ["0", 0, "interoperating", "posting"])
def test_the_code_that_is_no_status_is_said_to_be_none(given_status: object) -> None:
    with pytest.raises(RuleBroken) as error:
        read(TrangThaiHoSo=given_status)
    assert error.value.field == "TrangThaiHoSo"
    assert "keeps its status" in error.value.message.en


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("20261102090000", NINE),
        ("02/11/2026 09:00:00", NINE),
        ("2/11/2026 9:00", NINE),
        ("2026-11-02T09:00:00", NINE),
        ("2026-11-02 09:00:00.123", NINE),
        ("2026-11-02T09:00:00+07:00", NINE),
        ("2026-11-02T02:00:00Z", NINE),
        ("20261102", datetime(2026, 11, 1, 17, tzinfo=UTC)),
        ("02/11/2026", datetime(2026, 11, 1, 17, tzinfo=UTC)),
    ],
)
def test_times_in_every_form_of_the_portals_documents(written: str, wanted: datetime) -> None:
    assert read(NgayTiepNhan=written)["at"] == wanted


@pytest.mark.parametrize(
    "written", ["11/25/2026", "02-11-2026", "2/11/26", "hôm qua", "31/02/2026", "20261302", "2026-11-02T25:00:00", True]
)
def test_what_is_no_time_is_not_guessed(written: object) -> None:
    with pytest.raises(RuleBroken) as error:
        read(NgayTiepNhan=written)
    assert error.value.field == "NgayTiepNhan"


def test_an_appointment_for_a_day_is_kept_by_its_end() -> None:
    assert read(NgayHenTra="12/11/2026")["appointment_at"] == datetime(2026, 11, 12, 17, tzinfo=UTC)


def test_a_status_without_its_time_is_asked_for_one() -> None:
    with pytest.raises(RuleBroken) as error:
        read(TrangThaiHoSo=4)
    assert error.value.field == "ThoiDiemXuLy"
    with pytest.raises(RuleBroken) as error:
        read(TrangThaiHoSo=10)
    assert (error.value.field, "ThoiDiemXuLy" in error.value.message.en) == ("NgayTra", True)


def test_a_supplement_was_asked_for_when_the_newest_row_says_so() -> None:
    rows = [{"NgayBoSung": "03/11/2026 08:00:00"}, {"NgayBoSung": "05/11/2026 08:00:00"}, "?"]
    found = read(TrangThaiHoSo=5, DanhSachHoSoBoSung=rows)
    assert found["at"] == datetime(2026, 11, 5, 1, tzinfo=UTC)


def test_papers_fees_and_results() -> None:
    ended = {"TrangThaiHoSo": 10, "NgayTra": "20261105090000"}
    found = read(**ended, HoSoCoThanhPhanSoHoa=2, DanhSachLePhi=[{"SoTien": 1}], DuocThanhToanTrucTuyen=1)
    assert found["digitisation"] == Digitisation.REUSED_PAPERS
    assert (found["fee_charged"], found["paid_online"], found["electronic_result"]) == (True, True, False)
    assert read(**ended, DanhSachGiayToKetQua=[{"TenGiayTo": "x"}])["electronic_result"] is True
    with pytest.raises(RuleBroken, match="must be one of: 0, 1, 2, 3"):
        read(HoSoCoThanhPhanSoHoa=7)


@given(
    st.dictionaries(
        st.sampled_from([*national_portal.FIELDS.values(), "NgayTra", "DanhSachHoSoBoSung", "DanhSachLePhi"]),
        st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.lists(st.integers(), max_size=2),
    )
)
def test_anything_is_read_or_refused(item: dict[str, Any]) -> None:
    with contextlib.suppress(RuleBroken):
        vocabulary.read(ITEM | item, HANOI)
