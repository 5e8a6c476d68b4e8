"""The rule that the officials' guide shows is one that the service takes."""

import re
from pathlib import Path

import pytest

from cchc_shared.contract.yaml_text import read_yaml

from .cases import rules

GUIDE = Path(__file__).parents[4] / "docs" / "guides" / "official.md"
SHOWN = re.findall(r"^```yaml\n(.*?)^```$", GUIDE.read_text("utf-8"), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("shown", SHOWN)
def test_the_rule_of_the_guide_is_taken(shown: str) -> None:
    (route,) = rules(*read_yaml(shown)["routing"]).routing
    assert (route.to, route.time and route.time.hours) == ("commune_of_place", "outside")


def test_the_guide_shows_one() -> None:
    assert SHOWN
