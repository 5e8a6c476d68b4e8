"""Texts with blanks: what is taken, and how they are filled."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cchc_shared.contract.rules import RuleBroken
from feedback_api.standard_replies.domain import Blank, check_blanks, filled

VALUES = {blank: f"<{blank}>" for blank in Blank}
WORDS = st.text(st.characters(exclude_characters="{}"), max_size=30)


@pytest.mark.parametrize(
    "text",
    [
        "{name}",
        "{phone}",
        "{code.__class__}",
        "{code[0]}",
        "{code!r}",
        "{code:>10}",
        "{}",
        "{0}",
        "{code",
        "code}",
        "{ code }",
    ],
)
def test_only_named_blanks_are_taken(text: str) -> None:
    with pytest.raises(RuleBroken) as broken:
        check_blanks(text)
    assert broken.value.field == "text"


@given(st.lists(st.tuples(WORDS, st.sampled_from(Blank))), WORDS)
def test_each_blank_has_its_value_and_the_rest_is_left(parts: list[tuple[str, Blank]], end: str) -> None:
    text = "".join(f"{words}{{{blank}}}" for words, blank in parts) + end
    check_blanks(text)
    assert filled(text, VALUES).text == "".join(words + VALUES[blank] for words, blank in parts) + end


@given(st.lists(st.tuples(WORDS, st.sampled_from(Blank))))
def test_what_is_not_known_stays_and_is_named(parts: list[tuple[str, Blank]]) -> None:
    text = "".join(f"{words}{{{blank}}}" for words, blank in parts)
    found = filled(text, {})
    assert found.text == text
    assert set(found.left) == {blank for _, blank in parts}
    assert len(found.left) == len(set(found.left))


@given(st.text(max_size=40))
def test_a_brace_is_written_twice(text: str) -> None:
    doubled = text.replace("{", "{{").replace("}", "}}")
    check_blanks(doubled)
    assert filled(doubled, VALUES).text == text
