"""What is not fit to be published."""

import json

import pytest

from cchc_embedded.publishing import objections

MODULES = ("cchc_shared.contract.codes", "tasks_api.tasks.domain")


def document(summary: str, *ids: str) -> dict[str, str]:
    paths = {f"/v1/{number}": {"get": {"operationId": each, "summary": summary}} for number, each in enumerate(ids)}
    return {"openapi/x.json": json.dumps({"paths": paths}, ensure_ascii=False)}


@pytest.mark.parametrize("summary", ["as § 1.2 says", "as 002 says", "see ADR 0003", "see 002.", *MODULES])
def test_a_private_reference_is_found(summary: str) -> None:
    assert len(objections(document(summary, "tasks.list"))) == 1


@pytest.mark.parametrize("summary", ["Plan 002/KH-UBND", "task KH-002-14", "code 0021", "version 1.002", "tasks.list"])
def test_a_number_of_the_city_is_no_private_reference(summary: str) -> None:
    assert objections(document(summary, "tasks.list", "parked_events.scoring.list")) == []


@pytest.mark.parametrize("ids", [["list"], ["tasks.List"], ["tasks-api.list"], ["tasks."], ["tasks.get", "tasks.get"]])
def test_an_operation_without_a_name_of_its_own_is_found(ids: list[str]) -> None:
    assert len(objections(document("List", *ids))) == 1
