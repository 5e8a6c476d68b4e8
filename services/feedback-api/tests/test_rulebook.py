"""The city's document of rules: each room reads its part, and a faulty part is refused."""

from collections.abc import Callable
from datetime import date

import msgspec
import pytest
import yaml

from feedback_api import rulebook
from feedback_api.attachments.rules import AttachmentRules
from feedback_api.deadlines.rules import DeadlineRules
from feedback_api.erasure.rules import ErasureRules
from feedback_api.handling.rules import HandlingRules
from feedback_api.intake.rules import IntakeRules
from feedback_api.open311.rules import Open311Rules
from feedback_api.privacy.rules import PrivacyRules
from feedback_api.publications.rules import PublicationRules
from feedback_api.reports.rules import AskingRules, LabelRules, ReminderRules, RetentionRules
from feedback_api.routing.rules import RoutingRules
from tests.support.http import Json

from .conftest import PROFILE

PARTS: tuple[type[rulebook.Part], ...] = (
    DeadlineRules,
    RoutingRules,
    IntakeRules,
    HandlingRules,
    PrivacyRules,
    ErasureRules,
    RetentionRules,
    AskingRules,
    ReminderRules,
    LabelRules,
    AttachmentRules,
    Open311Rules,
    PublicationRules,
)


def _document() -> Json:
    loaded: Json = yaml.safe_load((PROFILE / rulebook.FILE).read_text("utf-8"))
    return loaded


def _parts(document: Json) -> list[rulebook.Part]:
    return [msgspec.convert(document, part) for part in PARTS]


def _without(document: Json, section: str, entry: str) -> None:
    document[section] = [rule for rule in document[section] if rule["id"] != entry]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda document: _without(document, "resolution", "normal-default"),
        lambda document: _without(document, "acceptance", "acceptance-default"),
        lambda document: _without(document, "desks", "city-office"),
        lambda document: document["resolution"][-1].update(effective_until=date(2026, 12, 31)),
        lambda document: document.pop("outcomes"),
        lambda document: document["categories"].update(surprise=1),
        lambda document: document["acceptance"][0].update(counts_from="accepted"),
        lambda document: document["resolution"][0].update(working_days=3),
        lambda document: document["resolution"][0].update(working_hours=0),
        lambda document: document["resolution"][0].update(surprise=1),
        lambda document: document["resolution"][0].update(kinds=["gossip"]),
        lambda document: document["resolution"][-1].update(channels=["ihanoi"]),
        lambda document: document["resolution"][-1].update(calendar_days=7),
        lambda document: document["acceptance"][-1].update(channels=["smoke_signals"]),
    ],
)
def test_a_faulty_document_is_refused(spoil: Callable[[Json], None]) -> None:
    document = _document()
    spoil(document)
    with pytest.raises(ValueError):  # noqa: PT011 - each fault has its own words
        _parts(document)


def test_every_section_of_the_document_is_read() -> None:
    read = {field.name for part in PARTS for field in msgspec.structs.fields(part)}
    assert set(_document()) == read


def test_unverified_rules_say_so() -> None:
    limits, routes = rulebook.load(PROFILE, DeadlineRules), rulebook.load(PROFILE, RoutingRules)
    for entry in (*limits.acceptance, *limits.resolution, *routes.routing, *routes.desks):
        assert (entry.status == "R") == ("unofficial" in entry.source)
