"""Who held a code in a period, and which of its months count."""

from datetime import date

from cchc_shared.contract.codes import UnitKind
from scoring_worker.periods import parse
from scoring_worker.units.domain import Unit, counting_months, holder


def unit(valid_from: date, valid_to: date | None, name: str = "x") -> Unit:
    return Unit("x", name, UnitKind.COMMUNE, valid_from, valid_to)


def test_the_last_holder_of_a_code_is_scored_for_its_own_months() -> None:
    old, new = unit(date.min, date(2025, 6, 30), "old"), unit(date(2025, 7, 1), None, "new")
    year, half = parse("2025"), parse("2025-H1")
    assert holder([old, new], year) is new
    assert holder([old, new], half) is old
    assert counting_months(new, year) == parse("2025-H2").months
    assert counting_months(old, half) == half.months


def test_a_unit_that_ended_is_scored_for_the_period_it_ended_in() -> None:
    ended = unit(date.min, date(2025, 6, 30))
    assert holder([ended], parse("2025")) is ended
    assert counting_months(ended, parse("2025")) == parse("2025-H1").months
    assert holder([ended], parse("2026")) is None


def test_of_an_unknown_unit_every_month_counts() -> None:
    assert holder([], parse("2025")) is None
    assert counting_months(None, parse("2025-Q3")) == parse("2025-Q3").months


def test_a_unit_that_held_the_code_from_the_first_to_the_last_day_counts_every_month() -> None:
    year = parse("2025")
    exactly = unit(year.first_day, year.last_day)
    assert counting_months(exactly, year) == year.months
    assert counting_months(unit(date(2025, 1, 2), None), year) == year.months, "some day of January is enough"
    assert counting_months(unit(date(2025, 2, 1), date(2025, 11, 30)), year) == year.months[1:-1]
    assert holder([exactly], parse("2025-12")) is holder([exactly], parse("2025-01")) is exactly
    assert holder([unit(date(2025, 1, 31), date(2025, 2, 1))], parse("2025-01")) is not None
    assert holder([unit(date(2025, 1, 31), date(2025, 2, 1))], parse("2025-02")) is not None
    assert holder([exactly], parse("2024")) is holder([exactly], parse("2026")) is None
