"""What makes two imports of a plan the same."""

from datetime import date

import pytest
from msgspec.structs import replace

from tasks_api.plans.domain import PlanDocument

DOCUMENT = PlanDocument(
    document_no="1/KH", issued_on=date(2026, 1, 2), title="Kế hoạch", issuer="UBND", file_name="a.csv", content=b"x"
)


@pytest.mark.parametrize(
    "other",
    [
        {"document_no": "2/KH"},
        {"issued_on": date(2026, 1, 3)},
        {"title": "Kế hoạch khác"},
        {"issuer": "Sở"},
        {"content": b"y"},
    ],
)
def test_another_document_has_another_digest(other: dict[str, object]) -> None:
    assert replace(DOCUMENT, **other).digest() != DOCUMENT.digest()


def test_the_name_of_its_file_makes_no_other_document() -> None:
    assert replace(DOCUMENT, file_name="b.csv").digest() == DOCUMENT.digest()
    assert len(DOCUMENT.digest()) == 32
