"""The city's rules of publications: which months close, on which day, and that nothing is left without a name."""

from datetime import date
from pathlib import Path

import msgspec
import pytest

from cchc_shared.calendar.months import Month, closing_rule
from feedback_api import rulebook
from feedback_api.publications.rules import PublicationRules

from ..conftest import PROFILE

RULES = rulebook.load(PROFILE, PublicationRules)


def test_months_close_from_the_first_of_the_rule_on() -> None:
    closing = RULES.publications.closing
    assert closing_rule(closing, Month(2026, 10)) is None
    rule = closing_rule(closing, Month(2026, 12))
    assert rule is not None
    assert (rule.closing_day(Month(2026, 12)), rule.status) == (date(2027, 1, 5), "R")


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
