"""What holds for any unit however its name is written, and for any text."""

import re
import unicodedata
from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cchc_shared.contract.codes import UnitKind
from cchc_shared.contract.wording import unmarked
from tasks_api.naming.domain import Named
from tasks_api.naming.reader import UnitReader
from tasks_api.units.domain import Unit
from tests.support.tasks import Profile

from .conftest import ReaderOn

DAYS = [date(2023, 6, 1), date(2024, 5, 10), date(2025, 4, 15), date(2026, 2, 10)]

WAYS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "in capitals": str.upper,
    "without capitals": str.lower,
    "each word with a capital": str.title,
    "decomposed": lambda name: unicodedata.normalize("NFD", name),
    "with long dashes": lambda name: name.replace("-", "–"),
    "with tight dashes": lambda name: name.replace(" - ", "-"),
    "with &": lambda name: name.replace(" và ", " & "),
    "with tight &": lambda name: name.replace(" và ", "&"),
    "with commas for dashes": lambda name: name.replace(" - ", ", "),
    "with the older tone marks": lambda name: name.replace("òa", "oà").replace("óa", "oá").replace("ủy", "uỷ"),
    "with a bullet and a closing mark": lambda name: f"- {name}; ",
    "numbered": lambda name: f"1. {name}.",
    "by its head": lambda name: f"Thủ trưởng {name}",
    "over two lines": lambda name: name.replace(" ", "\n", 2).replace("\n", " ", 1),
    "with wide blanks": lambda name: name.replace(" ", "\u00a0  "),
    "with a colon": lambda name: f"{name}:",
    "in parentheses": lambda name: f"({name})",
}
"""Ways to write a name that leave no doubt."""

SEPARATORS = ["; ", ", ", " và ", "/", "\n", " ", " & ", " - ", "\n- ", ";\n+ ", " , "]


def meant(found: Named) -> set[str]:
    """The codes that a cell names or asks about."""
    return {*found.units, *(code for each in found.questions for code in each.candidates)}


@pytest.fixture(scope="session")
def on_days(profile: Profile) -> list[tuple[date, list[Unit]]]:
    return [(day, [unit for unit in profile.units if unit.valid_on(day)]) for day in DAYS]


@pytest.mark.parametrize("way", WAYS)
def test_each_unit_is_known_however_it_is_written(
    reader_on: ReaderOn, on_days: list[tuple[date, list[Unit]]], way: str
) -> None:
    for day, units in on_days:
        reader = reader_on(day)
        for unit in units:
            found = reader.read(WAYS[way](unit.name), role="lead")
            assert found.units in {(unit.code,), ()}, (unit.name, found)
            assert unit.code in meant(found), (unit.name, found)
            assert not found.unknown, (unit.name, found)


@pytest.mark.parametrize("prefix", ["UBND", "Ủy ban nhân dân", "Uỷ ban nhân dân", "Chủ tịch UBND", "các"])
def test_each_unit_with_a_committee_is_known_by_it(
    reader_on: ReaderOn, on_days: list[tuple[date, list[Unit]]], prefix: str
) -> None:
    for day, units in on_days:
        for unit in units:
            if unit.kind in {UnitKind.COMMUNE, UnitKind.DISTRICT}:
                found = reader_on(day).read(f"{prefix} {unit.name}", role="coordinating")
                assert unit.code in meant(found), (unit.name, found)
                assert found.units in {(unit.code,), ()}, (unit.name, found)


PLACES = st.integers(0, 10_000)


@given(places=st.tuples(PLACES, PLACES), day=st.sampled_from(DAYS), separator=st.sampled_from(SEPARATORS))
def test_two_names_joined_are_both_read(
    reader_on: ReaderOn, on_days: list[tuple[date, list[Unit]]], places: tuple[int, int], day: date, separator: str
) -> None:
    units = dict(on_days)[day]
    first, second = (units[place % len(units)] for place in places)
    if first.parent == second.code:  # "phường A quận B" is one unit
        first, second = second, first
    found = reader_on(day).read(f"{first.name}{separator}{second.name}", role="coordinating")
    assert {first.code, second.code} <= meant(found)
    assert set(found.units) <= {first.code, second.code}
    assert not found.unknown


@given(places=st.lists(PLACES, min_size=1, max_size=8), day=st.sampled_from(DAYS))
def test_names_of_many_units_come_in_their_order(
    reader_on: ReaderOn, on_days: list[tuple[date, list[Unit]]], places: list[int], day: date
) -> None:
    known = [unit for unit in dict(on_days)[day] if unit.kind == UnitKind.DEPARTMENT]
    chosen = [known[place % len(known)] for place in places]
    found = reader_on(day).read("; ".join(unit.name for unit in chosen), role="lead")
    assert found.units == tuple(dict.fromkeys(unit.code for unit in chosen))


@given(st.text(max_size=200))
def test_no_text_of_chance_gives_a_unit(reader_on: ReaderOn, text: str) -> None:
    found = reader_on(DAYS[-1]).read(text, role="lead")
    assert set(found.units) <= set(re.findall(r"[a-z0-9-]+", text)), "only a code that stands there"


SYLLABLES = st.sampled_from(
    [
        "trung",
        "tâm",
        "ban",
        "hội",
        "phòng",
        "quản",
        "lý",
        "phát",
        "triển",
        "đất",
        "trường",
        "học",
        "viện",
        "nghiên",
        "cứu",
        "bảo",
        "tàng",
        "đoàn",
        "xe",
        "buýt",
        "lâm",
        "nghiệp",
        "đảng",
        "ủy",
        "chi",
        "cục",
        "ngân",
        "hàng",
        "tổng",
        "công",
        "ty",
        "nhà",
        "máy",
        "điện",
        "nước",
        "sông",
        "hồ",
    ]
)


@given(st.lists(SYLLABLES, min_size=1, max_size=8), st.sampled_from(["", "phường Ba Đình", "Sở Nội vụ"]))
def test_another_office_is_never_taken_for_a_unit(reader_on: ReaderOn, words: list[str], behind: str) -> None:
    found = reader_on(DAYS[-1]).read(" ".join([*words, behind]).strip(), role="lead")
    assert found.units == ()
    assert found.unknown or found.questions


@given(
    st.text(st.sampled_from("Sở ban ngành,;/().-&và UBND các xã phường quận 0912345678 đ/c Nguyễn Văn\n"), max_size=80)
)
def test_nothing_is_dropped_in_silence(reader_on: ReaderOn, text: str) -> None:
    reader = reader_on(DAYS[-1])
    found = reader.read(text, role="lead")
    if unmarked(reader.without_persons(text)).strip():
        assert found.units or found.unknown or found.questions or found.warnings


@pytest.mark.parametrize("name", ["..", "–", "()", "!", "0", "‘’"])
def test_a_unit_without_a_word_in_its_name_disturbs_no_other(profile: Profile, name: str) -> None:
    """Whatever somebody named a unit: plans are read."""
    strange = Unit(code="strange", name=name, kind=UnitKind.DEPARTMENT)
    reader = UnitReader([*profile.units, strange], profile.groups, profile.aliases, DAYS[-1])
    assert reader.read("Sở Nội vụ", role="lead").units == ("so-noi-vu",)
