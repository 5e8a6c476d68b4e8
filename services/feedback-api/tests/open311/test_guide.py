"""The requests in the guide for developers are answered as it says."""

import json
import re
from pathlib import Path

from .conftest import APP, Open311

GUIDE = Path(__file__).parents[4] / "docs/guides/app-developer.md"
PAIR = re.compile(r"^```http\n(?P<request>.*?)^```\n\n^```json\n(?P<answer>.*?)^```", re.MULTILINE | re.DOTALL)


async def test_requests_of_the_guide_are_answered_as_printed(open311: Open311) -> None:
    pairs = list(PAIR.finditer(GUIDE.read_text("utf-8")))
    assert len(pairs) == 4
    for pair in pairs:
        line, _, body = pair["request"].strip().partition("\n\n")
        method, path = line.split()
        headers = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
        form = body.replace("api_key=test-key", f"api_key={APP}")
        answer = await open311.client.request(method, path, content=form, headers=headers)
        assert answer.json() == json.loads(pair["answer"]), line
