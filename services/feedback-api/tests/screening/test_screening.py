"""Officials look for numbers of persons in a text before they publish it."""

from ..conftest import People, Service


async def test_officials_try_a_text_before_they_publish_it(service: Service, people: People) -> None:
    path, body = "/v1/feedback/screenings", {"text": "  Liên hệ 0912 345 678 nhé  "}
    seen = await service.client.post(path, json=body, headers=people["officer"])
    assert seen.json() == {
        "text": "Liên hệ 0912 345 678 nhé",
        "masked": "Liên hệ [số điện thoại] nhé",
        "findings": [{"kind": "phone", "start": 8, "length": 12}],
    }
    assert (await service.client.post(path, json=body, headers=people["citizen"])).status_code == 403
