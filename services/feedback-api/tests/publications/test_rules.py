"""The city's rules of publications: which months close, on which day, and that nothing is left without a name."""

from datetime import date
from pathlib import Path

import msgspec
import pytest

from feedback_api import rulebook
from feedback_api.publications.domain import Month
from feedback_api.publications.publishing import closing_day
from feedback_api.publications.rules import ClosingRule, PublicationRules

from ..conftest import PROFILE

RULES = rulebook.load(PROFILE, PublicationRules)


def test_months_close_from_the_first_of_the_rule_on() -> None:
    publications = RULES.publications
    assert publications.closing_of(date(2026, 10, 1)) is None
    rule = publications.closing_of(date(2026, 12, 1))
    assert rule is not None
    assert (closing_day(rule, Month(2026, 12)), rule.status) == (date(2027, 1, 5), "R")


def test_a_rule_may_end_and_another_follow() -> None:
    former = ClosingRule(
        id="a", effective_from=date(2026, 1, 1), effective_until=date(2026, 6, 30), day=5, source="", status="R"
    )
    later = msgspec.structs.replace(former, id="b", effective_from=date(2026, 7, 1), effective_until=None, day=28)
    rules = msgspec.structs.replace(RULES.publications, closing=(former, later))
    assert [getattr(rules.closing_of(date(2026, month, 1)), "id", None) for month in (6, 7)] == ["a", "b"]
    assert closing_day(later, Month(2027, 1)) == date(2027, 2, 28)


@pytest.mark.parametrize(
    ("found", "wrong", "says"),
    [("      day: 5\n", "      day: 31\n", "<= 28"), ("    zalo: {vi: Zalo, en: Zalo}\n", "", "without a name: zalo")],
)
def test_a_faulty_document_is_refused(tmp_path: Path, found: str, wrong: str, says: str) -> None:
    text = (PROFILE / rulebook.FILE).read_text("utf-8")
    assert found in text
    (tmp_path / rulebook.FILE).write_text(text.replace(found, wrong), "utf-8")
    with pytest.raises(msgspec.ValidationError, match=says):
        rulebook.load(tmp_path, PublicationRules)
