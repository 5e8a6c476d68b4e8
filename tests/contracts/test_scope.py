"""A scope names operations as the contract does: what a service checks is what the contract says."""

import pytest
from fastapi.routing import iter_route_contexts

from cchc_embedded.contracts import applications
from cchc_shared.contract.codes import Role
from cchc_shared.http.access import check_scope, names_of
from cchc_shared.http.document import openapi_document
from cchc_shared.http.problems import Problem
from cchc_shared.identity.principal import Principal, Scope

APPS = applications()


def caller(*routes: str) -> Principal:
    return Principal("system:a", frozenset({Role.SYSTEM}), None, Scope(frozenset(routes), None, frozenset()))


@pytest.mark.parametrize("name", APPS)
def test_every_operation_is_named_as_in_the_contract(name: str) -> None:
    paths = openapi_document(APPS[name])["paths"]
    found = 0
    for route in iter_route_contexts(APPS[name].routes):
        for method in route.methods or ():
            operation = paths.get(route.path, {}).get(method.lower())
            if operation is None:
                continue
            found += 1
            own = route.original_route if hasattr(route, "original_route") else route
            assert names_of(own) == (operation["operationId"], *operation["tags"])
            check_scope(caller(operation["operationId"]), own)
            check_scope(caller(*operation["tags"]), own)
            check_scope(Principal("someone", frozenset(), None), own)
            if "health" not in operation["tags"]:
                with pytest.raises(Problem) as refused:
                    check_scope(caller("another"), own)
                assert refused.value.extra == {"operation": operation["operationId"]}
    assert found == sum(len(item) for item in paths.values())
