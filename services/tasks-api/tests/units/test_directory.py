"""Which units exist on a day, and what documents call them."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cchc_shared.contract.codes import UnitKind
from cchc_shared.contract.provenance import Text
from tasks_api.units.domain import Unit, UnitIndex
from tasks_api.units.rules import Group, Groups
from tests.support.tasks import Profile

DAY = date(2025, 7, 1)
ONE = timedelta(days=1)
days = st.one_of(st.none(), st.integers(0, 2).map(lambda number: DAY + number * ONE))


def unit(
    code: str,
    since: date | None = None,
    until: date | None = None,
    *,
    name: str = "x",
    kind: UnitKind = UnitKind.COMMUNE,
) -> Unit:
    return Unit(code=code, name=name, kind=kind, valid_from=since, valid_to=until)


@given(days, days)
def test_both_days_of_a_period_belong_to_it(since: date | None, until: date | None) -> None:
    around = [DAY + number * ONE for number in range(-1, 4)]
    expected = [day for day in around if (since or day) <= day <= (until or day)]
    assert [day for day in around if unit("A", since, until).valid_on(day)] == expected


@given(days, days, days, days)
def test_periods_overlap_where_they_share_a_day(
    since: date | None, until: date | None, other_since: date | None, other_until: date | None
) -> None:
    one, other = unit("A", since, until), unit("A", other_since, other_until)
    around = [DAY + number * ONE for number in range(-1, 4)]
    empty = [each for each in (one, other) if each.valid_from and each.valid_to and each.valid_to < each.valid_from]
    if not empty:  # nobody may define such a unit
        assert one.overlaps(other) == any(one.valid_on(day) and other.valid_on(day) for day in around)


@pytest.fixture
def unit_index(profile: Profile) -> UnitIndex:
    units = [
        unit("00004", name="Phường Ba Đình"),
        unit("00008", name="Xã Ba Vì"),
        unit("old", until=DAY - ONE, name="Phường Cũ"),
        unit("so-noi-vu", name="Sở Nội vụ", kind=UnitKind.DEPARTMENT),
    ]
    return UnitIndex(units, profile.groups, DAY)


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("00004", ["00004"]),
        (" 00004 ", ["00004"]),
        ("phường ba đình", ["00004"]),
        ("UBND phường Ba Đình", ["00004"]),
        ("Ủy ban nhân dân xã Ba Vì", ["00008"]),
        ("UBNDX phường Ba Đình", []),
        ("Phường Cũ", []),
        ("old", []),
    ],
)
def test_a_unit_is_found_by_its_code_or_by_its_name_with_or_without_a_committee(
    unit_index: UnitIndex, name: str, codes: list[str]
) -> None:
    assert [found.code for found in unit_index.named(name)] == codes


def test_units_are_got_by_code_and_only_those_of_the_day(unit_index: UnitIndex) -> None:
    found = unit_index.get("so-noi-vu")
    assert found is not None
    assert found.name == "Sở Nội vụ"
    assert unit_index.get("old") is None


def test_groups_have_wordings_and_codes_and_members_of_the_day(unit_index: UnitIndex) -> None:
    communes = unit_index.group("UBND các xã,  phường")
    assert communes is not None
    assert communes is unit_index.group(" all-communes ")
    assert [each.code for each in unit_index.members(communes)] == ["00004", "00008"]
    assert unit_index.expand(["all-communes", "so-noi-vu"]) == {"00004", "00008", "so-noi-vu"}
    assert unit_index.group("các hội") is None


def test_the_first_group_keeps_a_wording() -> None:
    name = Text("x", "x")
    groups = [Group(code, name, (UnitKind.COMMUNE,), ("Các xã",)) for code in ("first", "second")]
    stated = {"version": "1", "source": "x", "status": "V", "effective_from": DAY}
    found = UnitIndex([], Groups(committee_prefixes=(), groups=tuple(groups), **stated), DAY).group("các xã")  # type: ignore[arg-type]
    assert found is groups[0]
