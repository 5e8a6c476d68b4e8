"""Nobody is told live of what they may not list: the table of notify is held to what the lists of the services do."""

from collections.abc import Iterator

import pytest

from cchc_embedded.contracts import applications
from cchc_shared.contract.codes import UNIT_STAFF, Role
from cchc_shared.http.access import declarations
from cchc_shared.http.tokens import Principal
from feedback_api.reports.access import READ_ALL, Scope, scope
from notify.audience.domain import OF_EVERY_UNIT, UNITS_IN
from tasks_api.tasks.access import reader

LISTS = {
    "consultation": ("tasks-api", "/v1/consultations"),
    "dossier": ("dossiers-api", "/v1/dossiers"),
    "dossier_step": ("dossiers-api", "/v1/statistics/dossier-steps"),
    "feedback": ("feedback-api", "/v1/feedback"),
    "feedback_reminder": ("feedback-api", "/v1/feedback"),
    "procedure": ("dossiers-api", "/v1/procedures"),
    "task": ("tasks-api", "/v1/tasks"),
}
"""Where each kind of thing is listed, or counted."""
APPS = applications()


def declared(service: str, path: str) -> Iterator[frozenset[Role]]:
    for found in declarations(APPS[service]):
        if (found.method, found.path) == ("GET", path):
            yield frozenset(Role) if found.anonymous else found.roles or frozenset()


def test_every_kind_of_thing_is_listed_somewhere() -> None:
    assert LISTS.keys() == UNITS_IN.keys() == OF_EVERY_UNIT.keys()


@pytest.mark.parametrize("thing", LISTS)
def test_whoever_is_told_may_call_the_list(thing: str) -> None:
    [roles] = declared(*LISTS[thing])
    assert roles.issuperset({*OF_EVERY_UNIT[thing], *UNIT_STAFF})


@pytest.mark.parametrize("role", Role)
def test_whoever_is_told_of_every_unit_lists_every_unit(role: Role) -> None:
    caller = Principal("someone", frozenset({role}), "so-noi-vu")
    assert (role in OF_EVERY_UNIT["feedback"]) == (role in READ_ALL) == (scope(caller) is Scope.ALL)
    assert (role in OF_EVERY_UNIT["task"]) == (reader(caller) is None)
