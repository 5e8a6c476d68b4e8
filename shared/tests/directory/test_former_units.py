"""Units that are gone: what a sender may mean, what became of it, by the city's own list."""

import csv
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cchc_embedded.paths import REPOSITORY
from cchc_shared.contract.codes import UnitKind
from cchc_shared.directory.domain import Unit, Units

TODAY = date(2026, 11, 18)
LAST = date(2025, 6, 30)


def shipped() -> Iterator[Unit]:
    """The units of the city's folder, as their events define them."""
    with (REPOSITORY / "data" / "hanoi" / "units.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            first, last = (date.fromisoformat(row[name]) if row[name] else None for name in ("valid_from", "valid_to"))
            kind, successors = UnitKind(row["kind"]), tuple(row["successors"].split())
            yield Unit(row["code"], first, last, row["name"], kind, successors)


EVERY = list(shipped())
KNOWN = Units(EVERY)
COMMUNES = {unit.code for unit in EVERY if unit.kind is UnitKind.COMMUNE and unit.exists_on(TODAY)}


def test_each_commune_of_the_last_day_has_living_heirs_and_each_new_commune_has_forebears() -> None:
    former = [unit for unit in EVERY if unit.kind is UnitKind.COMMUNE and unit.valid_to == LAST]
    heirs = [set(KNOWN.living_heirs([unit], TODAY)) for unit in former]
    assert (len(former), len(COMMUNES)) == (526, 126)
    assert all(heirs)
    assert set().union(*heirs) == COMMUNES


def test_the_heirs_of_a_district_are_those_of_its_communes() -> None:
    with (REPOSITORY / "data" / "hanoi" / "units.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["valid_to"] == LAST.isoformat()]
    for district in (row for row in rows if row["kind"] == "district"):
        parts = [row["successors"].split() for row in rows if row["parent"] == district["code"]]
        assert set(district["successors"].split()) == {code for codes in parts for code in codes}


@pytest.mark.parametrize(
    ("word", "heirs"),
    [
        ("00001", ["00097"]),  # Phường Phúc Xá → Hồng Hà
        ("Phường Hàng Bạc", ["00070"]),
        ("phuong hang bac", ["00070"]),
        ("Phường Thụy Khuê", ["00004", "00103"]),
        ("Phường Thuỵ Khuê", ["00004", "00103"]),
        ("00004", ["00004"]),  # its code has passed to Phường Ba Đình
        ("Phường Trúc Bạch", ["00004"]),  # whose code that was
        ("Phường Bạch Mai", ["00292"]),  # the present one goes before the former one of that name
        ("Phường Minh Khai", ["00292", "00322", "00598", "00602", "00613", "00622"]),  # there were two
        ("Xã Văn Tự", ["10273"]),
        ("Xã Vân Từ", ["10330"]),  # marks tell them apart where they are written
        ("Xa Van Tu", ["10273", "10330"]),
        ("001", ["00004", "00008", "00025", "00070", "00097", "00190", "00199", "00226"]),
        ("Phường Không Có", []),
    ],
)
def test_what_became_of_a_unit(word: str, heirs: list[str]) -> None:
    assert KNOWN.living_heirs(KNOWN.meant(word, TODAY), TODAY) == heirs


def test_a_unit_means_itself_on_its_last_day() -> None:
    [meant] = KNOWN.meant("Phường Phúc Xá", date(2024, 12, 31))
    assert KNOWN.living_heirs([meant], date(2024, 12, 31)) == ["00001"]


@pytest.mark.parametrize(
    ("word", "near"), [("Phường Ba Dih", "00004"), ("phuong hoan kien", "00070"), ("UBND phường Ba Đình", "00004")]
)
def test_names_that_are_near(word: str, near: str) -> None:
    assert KNOWN.near(word, TODAY)[0].code == near


def test_nothing_is_near_what_is_no_name() -> None:
    assert KNOWN.near("00000", TODAY) == []


CODES = "ABC"
FIRST = date(2020, 1, 1)


@st.composite
def histories(draw: st.DrawFn) -> list[Unit]:
    """Units that end at any time, and name any successors, themselves and each other included."""
    units = []
    for code in CODES:
        day = FIRST
        for _ in range(draw(st.integers(1, 3))):
            end = day + timedelta(draw(st.integers(0, 3)))
            heirs = draw(st.lists(st.sampled_from(CODES), max_size=2))
            units.append(Unit(code, day, end, code, None, tuple(heirs)))
            day = end + timedelta(1 + draw(st.integers(0, 1)))
    return units


@given(histories(), st.integers(0, 15), st.sampled_from(CODES))
def test_the_chain_ends_and_leads_to_living_units(units: list[Unit], days: int, code: str) -> None:
    known, day = Units(units), FIRST + timedelta(days)
    meant = known.meant(code, day)
    heirs = known.living_heirs(meant, day)
    assert all(known.exists(heir, day) for heir in heirs)
    assert heirs == sorted(set(heirs))
    if known.exists(code, day):
        assert heirs == [code]
