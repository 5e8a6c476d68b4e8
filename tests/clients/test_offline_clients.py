"""Clients that are copied from the guide: one is run on a network that breaks, three write the same requests."""

import json
import os
import re
import shutil
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from tests.clients.test_typescript_client import node
from tests.support.system import System

GUIDE = Path(__file__).parents[2] / "docs/guides/clients"
REQUESTS: Mapping[str, Mapping[str, Any]] = json.loads((GUIDE / "requests.json").read_text("utf-8"))
OF_EACH = {"Authorization", "X-Client"}
HEADERS = {name for each in REQUESTS.values() for name in each["headers"]}
METHODS = {each["method"] for each in REQUESTS.values()}
MARKED = re.compile(r"// request: (\w+)\n(.*?)(?=// request: |\Z)", re.DOTALL)
CALL_ENDS = re.compile(r"\.(?:ok|status)\b|Content-Location")
QUOTED = re.compile(r"""["']([\w/][^"'\s]*)["']""")


@pytest.mark.parametrize("system", ["postgres"], indirect=True)
def test_a_report_a_picture_and_the_list_survive_a_bad_network(system: System, tmp_path: Path) -> None:
    shutil.copy(GUIDE / "report.js", tmp_path / "report.mjs")
    shutil.copy(Path(__file__).with_name("offline.mjs"), tmp_path)
    picture = tmp_path / "lamp.jpg"
    picture.write_bytes(large_picture())
    token = system.bearer("offline-citizen", "citizen")["Authorization"].removeprefix("Bearer ")
    told = json.loads(node(tmp_path, "offline.mjs", system.url, token, str(picture)))
    assert told["parts"] >= 2
    assert told["key"][14] == "7"
    named = [name_of(each) for each in told["sent"]]
    assert set(named) == set(REQUESTS)
    for name, each in zip(named, told["sent"], strict=True):
        asked = REQUESTS[name]
        assert str(each["status"]) in asked["answers"], each
        assert set(each["headers"]) - OF_EACH <= set(asked["headers"])
        assert set(each["headers"]) >= OF_EACH
        assert sorted(each["query"]) == asked.get("query", [])
        if name == "send":
            assert sorted(each["body"]) == asked["body"]
    assert {each["status"] for each in told["sent"] if name_of(each) == "follow"} == {200, 304}
    own = {"Authorization": f"Bearer {token}"}
    sent = httpx.get(f"{system.url}/v1/feedback?mine=true", headers=own).json()["items"]
    assert [each["code"] for each in sent] == [told["receipt"]["code"]] == list(told["kept"])
    attached = httpx.get(f"{system.url}/v1/feedback/{told['receipt']['code']}/attachments", headers=own).json()["items"]
    assert [told["attachment"].endswith(each["id"]) for each in attached] == [True]


@pytest.mark.parametrize("language", ["dart", "kt", "swift"])
def test_the_others_write_the_same_requests(language: str) -> None:
    """They are not compiled: of each call, marked with its name, method, path and headers are those of the table."""
    source = (GUIDE / f"report.{language}").read_text("utf-8")
    calls = {name: CALL_ENDS.split(rest)[0] for name, rest in MARKED.findall(source)}
    assert set(calls) == set(REQUESTS)
    for name, asked in REQUESTS.items():
        written = set(QUOTED.findall(calls[name]))
        assert METHODS & written == {asked["method"]}, name
        if "query" in asked:
            [path] = [each for each in written if each.startswith(f"{asked['path']}?")]
            assert sorted(re.findall(r"[?&](\w+)=", path)) == asked["query"]
        else:
            assert asked["path"] in calls[name], name
        optional = {"If-None-Match"} & set(asked["headers"])
        assert HEADERS & written | optional == set(asked["headers"]), name
        assert all(f'"{each}"' in source or f"'{each}'" in source for each in {*optional, *OF_EACH}), name


def name_of(sent: Mapping[str, Any]) -> str:
    """Which of the requests it is."""
    path = re.sub(r"^/v1/uploads/.+", "/v1/uploads/{upload}", sent["path"])
    [name] = [name for name, each in REQUESTS.items() if (each["method"], each["path"]) == (sent["method"], path)]
    return name


def large_picture() -> bytes:
    """Noise, which fills more than one part."""
    written = BytesIO()
    Image.frombytes("RGB", (480, 480), os.urandom(480 * 480 * 3)).save(written, "JPEG", quality=95)
    return written.getvalue()
