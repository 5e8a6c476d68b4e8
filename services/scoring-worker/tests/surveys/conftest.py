"""A survey of the service in process."""

import pytest

from tests.support.scoring import ScoringService
from tests.support.surveys import SurveyService


@pytest.fixture
def survey(service: ScoringService) -> SurveyService:
    return SurveyService(service)
