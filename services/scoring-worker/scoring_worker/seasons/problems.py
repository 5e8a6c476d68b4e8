"""The answer to what is wrong with a season or with a card of it."""

from collections.abc import Iterable

from cchc_shared.http.field_errors import FieldError, field_path
from cchc_shared.http.problems import Problem, invalid
from scoring_worker.seasons.domain import Fault


def refused(found: Iterable[Fault]) -> Problem:
    """Every fault at once, each with its place in the body."""
    return invalid(
        [FieldError(field_path("body", *each.field.split(".")), each.words.vi, each.words.en) for each in found]
    )
