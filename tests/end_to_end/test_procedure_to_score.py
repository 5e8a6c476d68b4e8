"""A decision on procedures, through the gateway, to the score of the unit that prepared it."""

from tests.end_to_end.conftest import Scores
from tests.support.http import Client, Clients

UNIT = "so-tai-chinh"
PUBLISHED = {
    "name": "Thủ tục ví dụ",
    "field": "VD01",
    "field_name": "Lĩnh vực ví dụ",
    "levels": ["city"],
    "working_days": 3,
}


def test_decisions_and_disclosures_go_to_the_score(callers: Clients, desk: Client) -> None:
    early = [PUBLISHED | {"procedure": f"1.99000{number}", "effective_on": "2026-09-28"} for number in range(3)]
    late = PUBLISHED | {"procedure": "1.990003", "effective_on": "2026-09-17"}  # the tenth would have been in time
    body = {"number": "99/QĐ-UBND", "issued_on": "2026-09-14", "unit": UNIT, "publishes": [*early, late]}
    control = callers.as_office()
    assert control.send("POST", "/v1/procedure-decisions", json=body).status_code == 201
    for number, (at, complete) in enumerate([("2026-09-16", True), ("2026-09-17", False), ("2026-09-30", True)]):
        said = {"effective_on": "2026-09-28", "at": f"{at}T09:00:00+07:00", "complete": complete}
        answer = control.send("POST", f"/v1/procedures/1.99000{number}/disclosures", json=said)
        assert answer.status_code == 200, answer.text

    scores = Scores(desk, UNIT, "2026-09", index_set="QD766")
    scores.until("CKMB.1", numerator=3, denominator=4)
    scores.until("CKMB.2", numerator=2, denominator=4)
    leaf = scores.until("CKMB.3", numerator=2, denominator=4)
    assert leaf["inputs"][0]["indicator"] == "PUBLIC_CONTENT_FULL"
