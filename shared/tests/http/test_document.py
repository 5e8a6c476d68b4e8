"""The document says of every operation what it takes and gives."""

import pytest

from cchc_shared.http.document import openapi_document
from cchc_shared.service.app import create_app
from tests.support.contexts import settings


@pytest.mark.parametrize(("path", "status"), [("/livez", "200"), ("/readyz", "200"), ("/readyz", "503")])
def test_health_is_described_with_an_example(path: str, status: str) -> None:
    document = openapi_document(create_app(name="test", settings=settings(), routers=[]))
    content = document["paths"][path]["get"]["responses"][status]["content"]["application/json"]
    schema = document["components"]["schemas"][content["schema"]["$ref"].rpartition("/")[2]]
    assert content["example"].keys() == schema["properties"].keys()
