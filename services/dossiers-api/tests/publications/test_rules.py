"""The city's document of the publication of dossiers, and the words of its sheets."""

from pathlib import Path

import msgspec
import pytest

from cchc_embedded.paths import REPOSITORY
from cchc_shared.calendar.months import Month, closing_rule
from dossiers_api.publications.domain import DossierTable, Figures
from dossiers_api.publications.rules import PublicationRules
from dossiers_api.publications.sheets import WORDING

PROFILE = REPOSITORY / "data" / "hanoi"


def test_months_close_from_the_first_of_the_rule_on() -> None:
    closing = PublicationRules.load(PROFILE).closing
    assert closing_rule(closing, Month(2026, 10)) is None
    rule = closing_rule(closing, Month(2026, 12))
    assert rule is not None
    assert (str(rule.closing_day(Month(2026, 12))), rule.status) == ("2027-01-05", "R")


def test_a_channel_without_a_name_is_refused(tmp_path: Path) -> None:
    text = (PROFILE / "dossier_publications.yaml").read_text("utf-8")
    lines = [line for line in text.splitlines() if "post:" not in line]
    (tmp_path / "dossier_publications.yaml").write_text("\n".join(lines), "utf-8")
    with pytest.raises(msgspec.ValidationError, match="without a name: post"):
        PublicationRules.load(tmp_path)


def test_every_figure_and_table_has_a_name() -> None:
    assert (tuple(WORDING.figures), set(WORDING.tables)) == (Figures.__struct_fields__, set(DossierTable))
