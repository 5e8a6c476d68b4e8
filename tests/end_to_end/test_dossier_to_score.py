"""A dossier from one-stop software, through the gateway, to the score of its unit, and back to its events."""

from datetime import UTC, datetime, timedelta

from tests.end_to_end.conftest import Scores
from tests.support.http import Client, Clients, Json

UNIT = "so-xay-dung"
SECOND = timedelta(seconds=1)


def delivery(number: int, status: str, at: datetime, received_at: datetime, due_at: datetime) -> Json:
    return {
        "dossier": f"H26.11-{received_at:%y%m%d}-{number:04}",
        "status": status,
        "at": at.isoformat(),
        "procedure": "1.001234",
        "unit": UNIT,
        "channel": "online",
        "received_at": received_at.isoformat(),
        "appointment_at": due_at.isoformat(),
    }


def send(system: Client, items: list[Json]) -> list[str]:
    answer = system.send("POST", "/v1/dossiers/events", json={"items": items})
    assert answer.status_code == 200, answer.text
    return [each["status"] for each in answer.json()["results"]]


def test_dossiers_go_from_the_gateway_to_the_score(callers: Clients, desk: Client) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    received = now - 3 * SECOND
    later, earlier = now + timedelta(days=1), now - 2 * SECOND
    lives = [(1, later, now - SECOND), (2, earlier, now - SECOND), (3, later, None)]
    items = []
    for number, due_at, handled_at in lives:
        items.append(delivery(number, "received", received, received, due_at))
        if handled_at is not None:
            items.append(delivery(number, "handled", handled_at, received, due_at))
    system = callers.as_system()
    assert send(system, items[::-1]) == ["accepted"] * 5
    assert send(system, items) == ["duplicate"] * 5

    scores = Scores(desk, UNIT, f"{received + timedelta(hours=7):%Y-%m}", index_set="QD766")
    leaf = scores.until("TDGQ.1", numerator=2, denominator=3)
    assert leaf["inputs"][0]["indicator"] == "TDGQ_ON_TIME"
    shown = callers.as_head(UNIT).get(f"/v1/dossiers/{items[0]['dossier']}")
    assert (shown["late"], shown["status"]) == (False, "handled")
    counted = desk.get("/v1/statistics/dossiers", unit=UNIT)["rows"]
    assert [(row["on_time"], row["late"], row["not_due"]) for row in counted] == [(1, 1, 1)]
