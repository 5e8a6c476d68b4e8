"""How phrases are found in a text, with and without marks."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_api.advice.words import Phrases, Reading, Span, cited, standing, within, without

MARKED_FROM = 0.1
SYLLABLES = ("tố", "cáo", "tờ", "cao", "cháy", "không", "bóng", "5", "gas")
TEXTS = st.lists(st.sampled_from([*SYLLABLES, ".", "\n", "“", "”", ","]), max_size=40).map(" ".join)
PHRASES = st.lists(st.lists(st.sampled_from(SYLLABLES), min_size=1, max_size=3).map(" ".join), min_size=1, max_size=6)


def found(text: str, *phrases: str, short: bool = False) -> list[str]:
    reading = Reading(text, MARKED_FROM)
    return [reading.written(span) for span in Phrases(phrases, short=short).spans(reading)]


@pytest.mark.parametrize(
    ("text", "phrase", "expected"),
    [
        ("Tôi TỐ CÁO ông ấy", "tố cáo", ["TỐ CÁO"]),
        ("Tôi làm báo cáo", "tố cáo", []),
        ("Cây này rất to cao", "tố cáo", []),
        ("toi to cao ong ay", "tố cáo", ["to cao"]),
        ("nha dang chay", "cháy", []),
        ("Nhà cháy", "cháy", ["cháy"]),
        ("rò gas", "rò gas", ["rò gas"]),
        ("Nước chảy tràn", "cháy", []),
        ("Hoà bình", "hòa bình", ["Hoà bình"]),
        ("đơn tố. cáo", "tố cáo", []),
        ("khiếu nại, tố cáo", "khiếu nại tố cáo", ["khiếu nại, tố cáo"]),
        ("đổ rác", "đỗ rác", []),
        ("do rac bua bai", "đổ rác", ["do rac"]),
    ],
)
def test_whole_words_and_their_marks(text: str, phrase: str, expected: list[str]) -> None:
    assert found(text, phrase) == expected


def test_the_longest_stands_for_those_within_it() -> None:
    assert found("gửi đơn tố cáo", "tố cáo", "đơn tố cáo", "cáo") == ["đơn tố cáo"]


@given(TEXTS, PHRASES)
def test_what_is_found_is_in_order_and_none_within_another(text: str, phrases: list[str]) -> None:
    reading = Reading(text, MARKED_FROM)
    spans = Phrases(phrases).spans(reading)
    assert all(one.start < other.start and one.end < other.end for one, other in pairwise(spans))


@given(TEXTS, PHRASES)
def test_each_phrase_that_stands_is_within_what_is_found(text: str, phrases: list[str]) -> None:
    reading = Reading(text, MARKED_FROM)
    spans = Phrases(phrases).spans(reading)
    for phrase in phrases:
        assert all(within(span, spans) for span in Phrases([phrase]).spans(reading))


@given(st.integers(0, 9), st.integers(1, 4), st.lists(st.integers(1, 4), max_size=6))
def test_within_agrees_with_looking_at_each(start: int, length: int, gaps: list[int]) -> None:
    others, at = list[Span](), 0
    for gap in gaps:
        others.append(Span(at, at + gap + 1))
        at += gap
    span = Span(start, start + length)
    assert within(span, others) == any(other.start <= start and span.end <= other.end for other in others)


@given(TEXTS, PHRASES)
def test_nothing_is_lost_where_phrases_are_taken_out(text: str, phrases: list[str]) -> None:
    reading = Reading(text, MARKED_FROM)
    spans = Phrases(phrases).spans(reading)
    covered = {at for span in spans for at in range(span.start, span.end)}
    assert list(without(reading, spans)) == [word for at, word in enumerate(reading.words) if at not in covered]


def test_a_quotation_counts_as_one_only_after_the_name_of_a_document() -> None:
    citations = Phrases(["luật", "điều"], short=True)
    quoted = Reading("Điều 2 nói: “khiếu nại là việc”. Tôi gửi “đơn khiếu nại”", MARKED_FROM)
    (span,) = cited(quoted, citations)
    assert quoted.written(span) == "khiếu nại là việc"
    complaint = Phrases(["khiếu nại"])
    assert standing(quoted, complaint, [[span]]) == [complaint.spans(quoted)[1]]


def test_a_phrase_without_a_word_is_a_fault_of_the_document() -> None:
    with pytest.raises(ValueError, match="no word"):
        Phrases(["!!"])
