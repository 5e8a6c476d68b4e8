"""A process that is killed, frozen or refuses its work is noticed within ten seconds: the sum of what each look takes.

How long a machine takes beside is not in these sums. That the faults are noticed at all is shown on a running system.
"""

import re
from typing import Final

import pytest
import yaml

from cchc_embedded import operations, probes, supervisor
from cchc_embedded.paths import REPOSITORY
from cchc_shared.service import health
from tests.support.alerting import Series, holds, rules_at_once, seconds, series_of

pytestmark = pytest.mark.unit
NOTICED_WITHIN: Final = 10.0
GUIDE: Final = (REPOSITORY / "docs" / "guides" / "alerts.md").read_text("utf-8")
RULES: Final = rules_at_once()
EVERY: Final = seconds(RULES["interval"])
"""Between two evaluations."""


def scraping() -> float:
    """Between two scrapes: the guide says the same wherever it says it."""
    blocks = [yaml.safe_load(block) for block in re.findall(r"^```yaml\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)]
    configs = [config for block in blocks for config in block["scrape_configs"]]
    assert {config["job_name"] for config in configs} == {"cchc"}
    (interval,) = {config["scrape_interval"] for config in configs}
    return seconds(interval)


SCRAPE: Final = scraping()
LOOK: Final = operations.PAUSE_SECONDS + probes.ANSWER_SECONDS
"""Until the operator's address of the whole knows of a part that is silent."""
BRIEF: Final = operations.PAUSE_SECONDS + SCRAPE
"""A process that is back after less than that may never be seen to be away."""


def test_no_rule_of_this_group_waits() -> None:
    assert [rule["alert"] for rule in RULES["rules"] if "for" in rule] == []


def test_the_guide_says_how_often_the_rules_are_evaluated() -> None:
    assert f"evaluated every {EVERY:g} seconds" in GUIDE
    assert "Within ten seconds" in GUIDE


def test_a_page_is_there_before_prometheus_gives_up() -> None:
    """It waits for an answer no longer than until the next scrape; a part that is silent is asked once."""
    assert health.LOOK_SECONDS < probes.ANSWER_SECONDS < SCRAPE


@pytest.mark.parametrize(
    ("fault", "noticed"),
    [
        ("frozen", LOOK),
        ("refuses a grant", LOOK),
        ("was fed a dump", LOOK),
        ("killed, and stays away", operations.PAUSE_SECONDS),
        ("killed, and is back at once", BRIEF),
    ],
)
def test_a_fault_of_one_machine_fires_within_ten_seconds(fault: str, noticed: float) -> None:
    assert noticed + SCRAPE + EVERY <= NOTICED_WITHIN, fault


@pytest.mark.parametrize(
    ("fault", "noticed"),
    [
        ("frozen: the scrape waits in vain", SCRAPE),
        ("refuses: its own look may hang", health.LOOK_SECONDS),
        ("killed, and stays away", 0),
        ("killed, and is back before the next scrape", SCRAPE),
    ],
)
def test_a_fault_in_a_container_fires_within_ten_seconds(fault: str, noticed: float) -> None:
    assert noticed + SCRAPE + EVERY <= NOTICED_WITHIN, fault


def test_the_screen_and_readiness_tell_of_it_within_ten_seconds() -> None:
    assert LOOK <= NOTICED_WITHIN
    assert operations.REFUSALS * operations.PAUSE_SECONDS + probes.ANSWER_SECONDS <= NOTICED_WITHIN


def test_a_process_that_was_away_briefly_is_still_told_of() -> None:
    """Both start times, the former and the new one, stand in the window of the rule."""
    (rule,) = [rule for rule in RULES["rules"] if rule["alert"] == "ProcessStartedAgain"]
    window = seconds(re.findall(r"\[(\w+)\]", rule["expr"])[0])
    assert supervisor.FIRST_PAUSE < BRIEF
    assert window >= BRIEF + 2 * SCRAPE


PAGE = 'cchc_part_ready{part="a"} 0\ncchc_part_ready{part="b"} 1\nold{topic="x",n="1"} 3\nold{topic="x",n="2"} 7\n'


def found(expression: str, *pages: str) -> list[dict[str, str]]:
    looks: list[tuple[float, list[Series]]] = [(3.0 * at, series_of(page)) for at, page in enumerate(pages)]
    return [dict(labels) for labels in holds(expression, looks)]


def test_the_forms_of_these_rules_are_evaluated_as_prometheus_does() -> None:
    assert found("cchc_part_ready == 0", PAGE) == [{"part": "a"}]
    assert found('cchc_part_ready{part="b"} == 0', PAGE) == []
    assert found("max by (topic) (old) > 6.5", PAGE) == [{"topic": "x"}]
    assert found("max (old) < 7", PAGE) == []
    assert found("absent(old)", PAGE) == []
    assert found("absent(gone)", PAGE) == [{}]
    assert found("changes(old[30s]) > 0", PAGE, PAGE.replace("7", "8")) == [{"topic": "x", "n": "2"}]
    assert found("changes(old[30s]) > 0", PAGE, "", PAGE.replace("7", "8")) == [{"topic": "x", "n": "2"}]
    assert found("changes(old[3s]) > 0", PAGE, PAGE.replace("7", "8")) == []


@pytest.mark.parametrize(
    "expression", ["rate(old[5m]) > 0", "old > 1 and old < 2", 'old{n=~"1|2"} > 0', "old > bool 1", "sum(old) > 1"]
)
def test_other_forms_are_refused(expression: str) -> None:
    with pytest.raises(ValueError, match="of this evaluator"):
        found(expression, PAGE)


@pytest.mark.parametrize("rule", RULES["rules"], ids=lambda rule: str(rule["alert"]))
def test_every_rule_of_this_group_has_a_known_form(rule: dict[str, str]) -> None:
    assert found(rule["expr"], PAGE) is not None
