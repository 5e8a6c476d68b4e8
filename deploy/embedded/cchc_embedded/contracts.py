"""All contracts of the system: events, the OpenAPI of each service and of the gateway, and the table of problems.

`python -m cchc_embedded.contracts docs/contracts` writes them; `--check` fails, naming the files that differ. Both fail
if a document says what no reader outside can follow up, or if an operation has no name for generated clients.
"""

import argparse
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from fastapi import FastAPI

import dossiers_api.bootstrap
import feedback_api.bootstrap
import gateway.bootstrap
import notify.bootstrap
import scoring_worker.bootstrap
import tasks_api.bootstrap
from cchc_embedded.problem_table import problem_table
from cchc_embedded.publishing import objections
from cchc_shared.contract import documents as contracts
from cchc_shared.files.settings import TakingSettings
from cchc_shared.http.document import openapi_document
from cchc_shared.http.kinds import KINDS, Kind
from cchc_shared.service.settings import ServiceSettings
from feedback_api.settings import FeedbackSettings
from gateway.openapi.routes import public_document
from gateway.openapi.table import GATEWAY, RouteTable
from gateway.settings import GatewaySettings
from notify.settings import NotifySettings
from scoring_worker.index_sets.document import schema as index_set_schema
from scoring_worker.questionnaires.document import schema as questionnaire_schema
from scoring_worker.settings import ScoringSettings

# Nothing is opened: applications are built to be looked at.
NOWHERE: dict[str, Any] = {
    "database_url": "postgresql://nowhere/none",
    "jwks_url": "file:///dev/null",
    "environment": "embedded",
    "CCHC_PROFILE": ".",
}


PROBLEMS = "../guides/problems.md"
"""The one generated page for people stands among the guides."""


def problem_kinds() -> Iterable[Kind]:
    """Every kind of problem of the system: all services are imported here."""
    return KINDS.values()


def applications() -> dict[str, FastAPI]:
    """Every HTTP application of the system by its name, unopened."""
    upstream = "http://127.0.0.1:9"
    services = ("tasks_api_url", "feedback_api_url", "dossiers_api_url", "notify_url", "scoring_api_url")
    addresses: dict[str, Any] = dict.fromkeys(services, upstream)
    return {
        "tasks-api": tasks_api.bootstrap.build_app(TakingSettings(**NOWHERE)),
        "feedback-api": feedback_api.bootstrap.build_app(FeedbackSettings(**NOWHERE, CCHC_CONTACT_KEY="A" * 43 + "=")),
        "dossiers-api": dossiers_api.bootstrap.build_app(ServiceSettings(**NOWHERE)),
        "notify": notify.bootstrap.build_app(
            NotifySettings(**NOWHERE, CCHC_SYSTEMS_KEY="A" * 43 + "=", CCHC_WEBHOOKS_KEY="A" * 43 + "=")
        ),
        "scoring-api": scoring_worker.bootstrap.build_app(ScoringSettings(**NOWHERE)),
        "gateway": gateway.bootstrap.build_app(GatewaySettings(**NOWHERE, **addresses)),
    }


def documents() -> dict[str, str]:
    """Every generated contract by its path below the folder."""
    apps = applications()
    services = {name: openapi_document(app) for name, app in apps.items() if name != "gateway"}
    every = {f"openapi/{name}.json": document for name, document in services.items()}
    contracts_of_all = {**services, GATEWAY: openapi_document(apps[GATEWAY])}
    table = RouteTable.of(contracts_of_all)
    if table.conflicts:
        sys.exit("two services claim one path: " + ", ".join(map(str, table.conflicts)))
    every[f"openapi/{GATEWAY}.json"] = public_document(contracts_of_all, table)
    every["index-set.schema.json"] = index_set_schema()
    every["questionnaire.schema.json"] = questionnaire_schema()
    files = contracts.documents() | {name: _json(document) for name, document in every.items()}
    return files | {PROBLEMS: problem_table(problem_kinds())}


def _json(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    made = documents()
    if found := objections(made):
        sys.exit("not fit to be published:\n  " + "\n  ".join(found))
    if not arguments.check:
        contracts.write(arguments.folder, made)
    elif wrong := contracts.differences(arguments.folder, made):
        sys.exit("contracts differ from the code (make contracts): " + ", ".join(wrong))


if __name__ == "__main__":
    main()
