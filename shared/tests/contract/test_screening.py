"""Whatever people write of a number is found wherever it stands, and ordinary words are left alone."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cchc_shared.contract.screening import MASKS, Identifier, screen, screened
from cchc_shared.http.text import clean

DIGITS = st.text("0123456789", min_size=12, max_size=12)
WORDS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
LETTERS = "aăâbcdđeêghiklmnoôơpqrstuưvxyáàảãạếềểễệíìỉĩịóòỏõọúùủũụ"
WIDE = {ord("0") + digit: ord("０") + digit for digit in range(10)}
BETWEEN = st.sampled_from(["", " ", ".", "-", " - ", "\u00a0", "–"])


def grouped(digits: str, sizes: list[int], between: str) -> str:
    """The digits in groups of these sizes; the last takes the rest."""
    parts, at = [], 0
    for size in sizes:
        parts.append(digits[at : at + size])
        at += size
    return between.join(part for part in [*parts, digits[at:]] if part)


@st.composite
def phones(draw: st.DrawFn) -> str:
    """Mobile numbers and those of the city, as people write them."""
    digits = draw(DIGITS)
    number = draw(st.sampled_from(["3", "5", "7", "8", "9"])) + digits[:8]
    if draw(st.booleans()):
        number = "24" + digits[:8]
    prefix = draw(st.sampled_from(["0", "0", "+84", "84", "+84 ", "(+84)", "0084"]))
    groups = draw(st.sampled_from([[], [2, 3], [3, 3], [2, 2, 2, 2], [1] * 9, [4]]))
    return prefix + grouped(number, groups, draw(BETWEEN))


@st.composite
def id_numbers(draw: st.DrawFn) -> str:
    """Numbers of twelve and of nine digits, the latter grouped only where they begin with 0."""
    digits = draw(DIGITS)
    if draw(st.booleans()):
        between = draw(st.sampled_from(["", " ", ".", "-"]))
        return grouped("0" + digits[1:], draw(st.sampled_from([[], [3, 3, 3], [4, 4], [3], [6], [1] * 11])), between)
    if draw(st.booleans()):
        return digits[:9]
    return grouped("0" + digits[1:9], [3, 3], draw(st.sampled_from([" ", ".", "-"])))


@st.composite
def plates(draw: st.DrawFn) -> str:
    """Plates of cars and motorcycles, new and old."""
    digits = draw(DIGITS)
    series = draw(st.sampled_from(["A", "K", "LD", "K1", "B1", "AA", "MĐ1", "f2"]))
    number = draw(st.sampled_from([digits[2:5] + "." + digits[5:7], digits[2:7], digits[2:6]]))
    return (
        f"{digits[:2]}{draw(st.sampled_from(['', '-', ' ']))}{series}{draw(st.sampled_from(['-', ' ', ' - ']))}{number}"
    )


EMAILS = st.from_regex(
    r"[a-z][a-z0-9._]{0,20}[a-z0-9](@|＠|\(at\)|\[at\])[a-z0-9]{2,15}\.(vn|com|gov\.vn)", fullmatch=True
)
ACCOUNTS = st.one_of(
    st.from_regex(r"(STK|số tài khoản|tk|tài khoản)(:| |: | của tôi là )[0-9]{6,16}", fullmatch=True),
    st.from_regex(r"9704 [0-9]{4} [0-9]{4} [0-9]{4}", fullmatch=True),
    st.from_regex(r"[1-9][0-9]{12,15}", fullmatch=True),
)
PASSPORTS = st.from_regex(r"[A-Z][0-9]{7,8}|(hộ chiếu|passport)(:| |: | số )[b-z] ?[0-9]{7}", fullmatch=True)
SPOKEN = st.lists(st.sampled_from(WORDS), min_size=9, max_size=11).map(" ".join)
WHATEVER = st.one_of(phones(), id_numbers(), plates(), EMAILS, ACCOUNTS, PASSPORTS, SPOKEN)
PLAIN = st.lists(st.text(LETTERS, min_size=1, max_size=7), max_size=8).map(" ".join)


def carries(text: str) -> int:
    """How many digits and names of digits it has: what is left of a number that was not found."""
    return len(re.findall(r"\d", text)) + sum(text.split().count(word) for word in WORDS)


@given(
    PLAIN,
    WHATEVER,
    PLAIN,
    st.sampled_from([" ", ": ", ", ", "\n", " ("]),
    st.sampled_from([" ", ". ", ", ", "\n", ")"]),
)
def test_whatever_is_inserted_is_found(before: str, data: str, after: str, left: str, right: str) -> None:
    text = clean(before + left + data + right + after)
    found = screen(text)
    assert found.findings
    assert carries(found.masked) == carries(before) + carries(after)
    assert "@" not in found.masked


@given(phones() | id_numbers())
def test_digits_of_full_width_are_digits(data: str) -> None:
    wide = data.translate(WIDE)
    assert [(start, end) for _, start, end in screen(wide).findings] == [
        (start, end) for _, start, end in screen(data).findings
    ]


@given(st.lists(PLAIN | WHATEVER, max_size=6).map(", ".join))
@example("STK:000000, a a a aaaaaaa, +84 300.000.000")
@example("STK 000000 +84 300.000.000")
def test_findings_are_apart_and_a_masked_text_has_none(text: str) -> None:
    found = screen(text)
    ends = [0, *(finding.end for finding in found.findings)]
    assert all(end <= start < stop for end, (_, start, stop) in zip(ends, found.findings, strict=False))
    assert screened(found.masked) == found.masked


@given(st.text(max_size=300))
@example("0" * 300)
@example("+84" * 100)
def test_any_text_is_taken(text: str) -> None:
    found = screen(text)
    assert all(0 <= start < end <= len(text) for _, start, end in found.findings)


ORDINARY = (
    "Theo Quyết định số 1207/QĐ-UBND ngày 28/2/2025 và Nghị định 20/2008/NĐ-CP, thời hạn 15 ngày làm việc.",
    "Tổng kinh phí 150.000.000 đồng, tương đương 1.234.567,89 USD, tăng 12,5% so với năm 2024.",
    "Từ 01.01.2025 - 31.12.2025, 08:30 đến 17:00, tổ dân phố số 12, ngõ 345, đường 30/4.",
    "Mã hồ sơ H26.45-240115-0012, biên nhận số 000.12.34.",
    "Kết quả: 235 phản ánh tháng 1, 149 tháng 2, cộng 384; đạt 96,35%.",
    "Đường dây nóng 1022, 113, 114, 115.",
    "Mở tài khoản định danh điện tử cho 1.500.000 người dân.",
    "Ngày 12-11-2026 lúc 9 giờ 30, tại 54 Trần Hưng Đạo, quận Hoàn Kiếm, mã bưu chính 100000.",
)


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_texts_are_left_as_they_are(text: str) -> None:
    assert screened(text) == text


def test_each_kind_is_told_from_the_others() -> None:
    text = (
        "Gọi 0912.345.678 hoặc (024) 3825 1234, thư a.b@example.vn, CCCD 001090012345, cmnd 123 456 789, "
        "hộ chiếu B1234567, stk 0011 0022 333, xe 30A-123.45"
    )
    kinds = [finding.kind for finding in screen(text).findings]
    assert kinds == ["phone", "phone", "email", "id_number", "id_number", "passport", "bank_account", "licence_plate"]
    assert set(MASKS) == set(Identifier)
