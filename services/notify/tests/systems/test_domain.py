"""For whom a system speaks is said in one of two ways, and never left out."""

import pytest

from cchc_shared.contract.rules import RuleBroken
from notify.systems.domain import check_units


@pytest.mark.parametrize(("units", "whole_city", "right"), [([], False, False), ([], True, True), (["a"], False, True)])
def test_units_are_named_or_the_whole_city_is(units: list[str], whole_city: bool, right: bool) -> None:
    if right:
        check_units(units, whole_city=whole_city)
    else:
        with pytest.raises(RuleBroken):
            check_units(units, whole_city=whole_city)


def test_units_and_the_whole_city_are_not_both() -> None:
    with pytest.raises(RuleBroken):
        check_units(["a"], whole_city=True)
