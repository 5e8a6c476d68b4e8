"""What is marked in a draft: on drafts that were invented and labelled for these tests."""

from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cchc_shared.contract.yaml_text import read_document
from feedback_api.advice.domain import Adviser, Draft, Mark
from feedback_api.advice.rules import AdviceRules
from feedback_api.similar.rules import FILE

from ..conftest import PROFILE

ADVISER = Adviser(read_document(PROFILE / FILE, AdviceRules))
LAMP = "Đèn đường ngõ 5 Đội Cấn hỏng ba hôm nay"
GOOD = (
    "Ngày 18/11/2026 tổ chiếu sáng đã thay hai bóng đèn tại ngõ 5 Đội Cấn; đến 20 giờ cùng ngày cả ngõ đã sáng trở lại."
)


class Case(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    empty: bool
    report: str
    answer: str


class Cases(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    chosen_on: tuple[Case, ...]
    held_out: tuple[Case, ...]


CHOSEN_ON, HELD_OUT = msgspec.structs.astuple(read_document(Path(__file__).parent / "drafts.yaml", Cases))


def marks(answer: str, report: str = LAMP) -> list[Mark]:
    return [each.mark for each in ADVISER.marks(Draft(answer=answer, report=report))]


def measured(cases: Sequence[Case]) -> tuple[float, float]:
    """Precision and recall of "has any mark" for "says nothing"."""
    found = [bool(marks(case.answer, case.report)) for case in cases]
    right = sum(case.empty for case, each in zip(cases, found, strict=True) if each)
    return round(right / sum(found), 2), round(right / sum(case.empty for case in cases), 2)


def test_precision_and_recall_on_the_invented_drafts() -> None:
    assert measured(CHOSEN_ON) == (1.0, 1.0)
    assert measured(HELD_OUT) == (0.86, 1.0)


@pytest.mark.parametrize(
    ("answer", "mark"),
    [
        ("Xin ghi nhận.", Mark.STOCK_PHRASES),
        ("Đã thay bóng ở ngõ 5 Đội Cấn.", Mark.SHORT),
        (GOOD.replace("đèn", "mới").replace("ngõ 5 Đội Cấn", "đó").replace("ngõ", "phố"), Mark.NO_WORD_OF_REPORT),
        (f"{GOOD} Chúng tôi sẽ kiểm tra các ngõ khác.", Mark.PROMISE_WITHOUT_DATE),
        (f"{GOOD} Gọi anh Nam 0912 345 678.", Mark.PERSONAL_DATA),
        (f"{GOOD} Thư: nam.nguyen@gmail.com", Mark.PERSONAL_DATA),
    ],
)
def test_each_mark_of_words(answer: str, mark: Mark) -> None:
    assert mark in marks(answer)


@pytest.mark.parametrize(
    "answer",
    [
        GOOD,
        f"{GOOD} Chúng tôi sẽ kiểm tra các ngõ khác trước 30/11.",
        f"{GOOD} Chúng tôi sẽ kiểm tra các ngõ khác trong 3 ngày.",
        f"{GOOD} Chúng tôi sẽ kiểm tra các ngõ khác trong tuần này.",
        f"{GOOD} Thư: ubnd@doican.hanoi.gov.vn",
    ],
)
def test_what_says_something_has_no_mark(answer: str) -> None:
    assert marks(answer) == []


def test_marks_of_what_is_known_beside_the_words() -> None:
    draft = Draft(answer=GOOD, report=LAMP, lacks_evidence=True, same_text=2)
    assert [each.mark for each in ADVISER.marks(draft)] == [Mark.NO_EVIDENCE, Mark.SAME_TEXT]
    once = msgspec.structs.replace(draft, lacks_evidence=False, same_text=1)
    assert ADVISER.marks(once) == []
    standard = msgspec.structs.replace(draft, lacks_evidence=False, standard_reply="Đèn đường")
    (found,) = ADVISER.marks(standard)
    assert (found.mark, "Đèn đường" in found.said.vi) == (Mark.STANDARD_REPLY_ALONE, True)


@given(st.text(max_size=300), st.text(max_size=100))
def test_any_draft_can_be_looked_through(answer: str, report: str) -> None:
    found = marks(answer, report)
    assert len(found) == len(set(found))
