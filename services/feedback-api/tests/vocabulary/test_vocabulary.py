"""The vocabulary: every code has its label, in both languages, and nobody fetches it twice."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from cchc_shared.contract.codes import Channel, FeedbackKind, FeedbackReturnReason, FeedbackStatus, Severity
from feedback_api import rulebook
from feedback_api.vocabulary.rules import VocabularyRules

from ..conftest import PROFILE, Service

ENUMS = {
    "statuses": FeedbackStatus,
    "kinds": FeedbackKind,
    "severities": Severity,
    "channels": Channel,
    "return_reasons": FeedbackReturnReason,
}
DOCUMENT: dict[str, Any] = yaml.safe_load((PROFILE / rulebook.FILE).read_text("utf-8"))
OF_THE_DOCUMENT = {
    **{name: DOCUMENT[name]["names"] for name in ("categories", "outcomes", "contact_purposes", "erasure_reasons")},
    "refusals": DOCUMENT["refusals"]["reasons"],
}


async def test_every_code_has_a_label(service: Service) -> None:
    answer = await service.client.get("/v1/vocabulary")
    assert answer.status_code == 200
    found = answer.json()
    assert found.keys() == {"version", *ENUMS, *OF_THE_DOCUMENT}
    codes = {name: [item["code"] for item in each["items"]] for name, each in found.items() if name != "version"}
    assert {name: set(codes[name]) for name in ENUMS} == {name: set(enum) for name, enum in ENUMS.items()}
    assert {name: codes[name] for name in OF_THE_DOCUMENT} == {
        name: list(each) for name, each in OF_THE_DOCUMENT.items()
    }
    texts = [
        item[field]
        for name, each in found.items()
        if name != "version"
        for item in each["items"]
        for field in item.keys() - {"code"}
    ]
    assert all(text["vi"] and text["en"] for text in texts)
    assert all(item["meaning"] for item in found["statuses"]["items"])
    assert all(item["where_to_go"] for item in found["refusals"]["items"])


@pytest.mark.parametrize("name", ENUMS)
def test_a_document_without_a_label_is_refused(name: str, tmp_path: Path) -> None:
    document = yaml.safe_load((PROFILE / rulebook.FILE).read_text("utf-8"))
    code = next(iter(ENUMS[name]))
    del document["labels"][name][code]
    (tmp_path / rulebook.FILE).write_text(yaml.safe_dump(document, allow_unicode=True), "utf-8")
    with pytest.raises(ValueError, match=code):
        rulebook.load(tmp_path, VocabularyRules)


async def test_it_is_kept_and_not_sent_again(service: Service) -> None:
    first = await service.client.get("/v1/vocabulary")
    assert first.headers["cache-control"] == "public, max-age=300"
    again = await service.client.get("/v1/vocabulary", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
