"""What words of a report point to: on reports that were invented and labelled for these tests."""

from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cchc_shared.contract.codes import Severity
from cchc_shared.contract.wording import unmarked
from cchc_shared.contract.yaml_text import read_document
from feedback_api import rulebook
from feedback_api.advice.domain import Adviser
from feedback_api.advice.rules import AdviceRules
from feedback_api.handling.rules import HandlingRules
from feedback_api.similar.rules import FILE

from ..conftest import PROFILE

RULES = read_document(PROFILE / FILE, AdviceRules)
ADVISER = Adviser(RULES)


class Case(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    words: str
    refusals: frozenset[str] = frozenset()
    urgent: bool = False


class Cases(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    chosen_on: tuple[Case, ...]
    held_out: tuple[Case, ...]


CHOSEN_ON, HELD_OUT = msgspec.structs.astuple(read_document(Path(__file__).parent / "reports.yaml", Cases))


def refusals(words: str) -> frozenset[str]:
    return frozenset(each.code for each in ADVISER.suggest(words, Severity.NORMAL, None).refusals)


def is_urgent(words: str) -> bool:
    return ADVISER.suggest(words, Severity.NORMAL, None).severity is not None


def rates(pairs: Sequence[tuple[bool, bool]]) -> tuple[float, float]:
    """Precision and recall of pairs of what was suggested and what is so."""
    right = sum(said and true for said, true in pairs)
    return round(right / sum(said for said, _ in pairs), 2), round(right / sum(true for _, true in pairs), 2)


def of_refusals(cases: Sequence[Case]) -> tuple[float, float]:
    reasons = {rule.reason for rule in RULES.suggestions.refusals}
    return rates([(reason in refusals(case.words), reason in case.refusals) for case in cases for reason in reasons])


def of_urgency(cases: Sequence[Case]) -> tuple[float, float]:
    return rates([(is_urgent(case.words), case.urgent) for case in cases])


def test_precision_and_recall_on_the_invented_reports() -> None:
    assert of_refusals(CHOSEN_ON) == of_urgency(CHOSEN_ON) == (1.0, 1.0)
    assert of_refusals(HELD_OUT) == (1.0, 1.0)
    assert of_urgency(HELD_OUT) == (1.0, 0.83)


@pytest.mark.parametrize(
    ("words", "category"),
    [
        ("Đèn đường ngõ 5 không sáng", "lighting"),
        ("Rác thải chất đống, mùi hôi", "sanitation"),
        ("pho ngap nuoc sau mua", "flooding"),
        ("Ổ gà trước cổng trường", "infrastructure"),
        ("Hàng rong lấn chiếm vỉa hè", "public_order"),
        ("Cành cây gãy cần cắt tỉa", "trees"),
        ("Có nhóm đánh bạc trong ngõ", "security"),
    ],
)
def test_words_point_to_a_category_unless_it_has_it(words: str, category: str) -> None:
    assert [each.code for each in ADVISER.suggest(words, Severity.NORMAL, None).categories] == [category]
    assert ADVISER.suggest(words, Severity.NORMAL, category).categories == []


def test_what_is_urgent_already_is_not_suggested() -> None:
    assert ADVISER.suggest("Nhà đang cháy", Severity.URGENT, None).severity is None


def test_the_words_are_shown_as_they_stand_in_the_report() -> None:
    (refusal,) = ADVISER.suggest("Toi gui DON TO CAO va don to cao nua", Severity.NORMAL, None).refusals
    assert list(refusal.words) == ["don to cao"]
    assert refusal.why is not None


@pytest.mark.parametrize("phrase", [phrase for rule in RULES.suggestions.refusals for phrase in rule.any])
def test_each_phrase_is_found_and_taken_back(phrase: str) -> None:
    assert refusals(f"Tôi gửi {phrase} này")
    assert not refusals(f"Tôi không phải {phrase} này")


@pytest.mark.parametrize(
    "phrase", [phrase for rule in RULES.suggestions.severities for phrase in rule.any if " " in phrase]
)
def test_phrases_of_danger_are_found_without_marks(phrase: str) -> None:
    assert is_urgent(f"xay ra {unmarked(phrase)} o day")


@given(st.text(max_size=300))
def test_any_text_can_be_looked_through(words: str) -> None:
    found = ADVISER.suggest(words, Severity.NORMAL, None)
    for each in (*found.refusals, *found.categories):
        assert all(word in words.casefold() for word in each.words)


def test_codes_that_the_city_does_not_have_are_a_fault() -> None:
    handling = rulebook.load(PROFILE, HandlingRules)
    RULES.suggestions.check_codes(handling.refusals.reasons, handling.categories.names)
    with pytest.raises(ValueError, match="complaint"):
        RULES.suggestions.check_codes(set(handling.refusals.reasons) - {"complaint"}, handling.categories.names)
