"""A Python client, generated from the contract: its names read as they are spoken, and it works."""

import importlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest

from tests.clients.calls import send
from tests.support.steps import CALLERS
from tests.support.system import System
from tests.support.tour import tour, toured
from tests.support.waiting import until_now

PACKAGE = "cchc_generated_client"
OCTETS = "application/octet-stream"
FILES = (
    "message/rfc822",
    "application/yaml",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "image/jpeg",
    "image/png",
    "image/webp",
    "application/pdf",
    "application/offset+octet-stream",
    "application/x-ndjson",
)
"""Media types that the generator must be told to be bytes."""
ANSWER = "Đã thay bóng đèn"


@pytest.fixture(scope="session")
def generated(contract: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the generated package; a warning of the generator fails."""
    folder = tmp_path_factory.mktemp("python_client")
    config = folder / "config.json"
    config.write_text(json.dumps({"post_hooks": [], "content_type_overrides": dict.fromkeys(FILES, OCTETS)}))
    generator = [
        *(sys.executable, "-m", "openapi_python_client", "generate"),
        *("--path", str(contract), "--output-path", str(folder / PACKAGE)),
        *("--meta", "none", "--config", str(config), "--fail-on-warning"),
    ]
    done = subprocess.run(generator, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


Generated = Any
"""What the generator has made: no type checker has seen it."""
Import = Callable[[str], Generated]
Caller = Callable[..., Generated]


@pytest.fixture
def module(generated: Path, monkeypatch: pytest.MonkeyPatch) -> Import:
    """`module("api.feedback.feedback_submit")`."""
    monkeypatch.syspath_prepend(str(generated))
    return lambda name: importlib.import_module(f"{PACKAGE}.{name}")


@pytest.fixture
def caller(module: Import, system: System) -> Iterator[Caller]:
    """`caller(sub, *roles, unit=…)`: the generated client of such a person."""
    opened: list[Generated] = []

    def of(sub: str, *roles: str, unit: str | None = None) -> Generated:
        token = system.bearer(sub, *roles, unit=unit)["Authorization"].removeprefix("Bearer ")
        client = module("client").AuthenticatedClient(
            base_url=system.url, token=token, raise_on_unexpected_status=True, timeout=120
        )
        opened.append(client)
        return client

    yield of
    for client in opened:
        client.get_httpx_client().close()


def done(answer: Generated, status: int = 200) -> Generated:
    """What a call that must succeed brought."""
    assert answer.status_code == status, answer.content
    return answer.parsed


@pytest.mark.parametrize("system", ["postgres"], indirect=True)
def test_a_report_is_submitted_and_acted_on(module: Import, caller: Caller) -> None:
    citizen, desk = caller("citizen", "citizen"), caller("desk", "coordinator")
    head = caller("head", "officer", "unit_head", unit="so-xay-dung")
    models = module("models")
    report = models.FeedbackIn(
        channel=models.Channel.IHANOI, kind=models.FeedbackKind.ON_SITE, content="Đèn đường hỏng ba đêm liền"
    )
    submitted = module("api.feedback.feedback_submit").sync_detailed(client=citizen, body=report)
    code = done(submitted, 201).code
    version = submitted.headers["ETag"]

    def act(client: Generated, action: str, **body: Generated) -> Generated:
        nonlocal version
        answer = module(f"api.feedback.feedback_{action}").sync_detailed(code, client=client, if_match=version, **body)
        version = answer.headers.get("ETag", version)
        return done(answer)

    assert act(desk, "assign", body=models.FeedbackAssignIn(unit="so-xay-dung")).unit == "so-xay-dung"
    assert act(head, "accept").status == models.FeedbackStatus.ACCEPTED, "an action without words needs no body"
    refused = module("api.feedback.feedback_publish").sync_detailed(code, client=head, if_match=version)
    assert (refused.status_code, refused.parsed.code) == (409, "wrong-state")
    assert isinstance(refused.parsed, models.ProblemDocument)
    assert refused.parsed["possible"], "what a problem says beyond the standard is kept"
    act(head, "draft_answer", body=models.FeedbackDraftAnswerIn(answer=ANSWER, outcome="resolved"))
    assert act(head, "approve_answer").status == models.FeedbackStatus.ANSWERED
    assert act(head, "publish").status == models.FeedbackStatus.PUBLISHED
    assert done(module("api.feedback.feedback_get").sync_detailed(code, client=citizen)).answer == ANSWER


@pytest.mark.parametrize("system", ["postgres"], indirect=True)
def test_a_task_is_created_and_approved(module: Import, caller: Caller) -> None:
    unit = "so-khoa-hoc-va-cong-nghe"
    desk, head, officer = (
        caller("desk", "coordinator"),
        caller("head", "unit_head", unit=unit),
        caller("o", "officer", unit=unit),
    )
    models = module("models")
    wanted = models.TaskIn(title="Rà soát thủ tục hành chính", lead_unit=unit)
    created = done(module("api.tasks.tasks_create").sync_detailed(client=desk, body=wanted), 201)
    steps: tuple[tuple[Generated, str, dict[str, Generated]], ...] = (
        (officer, "start", {}),
        (officer, "report", {"body": models.TaskActionIn(content="Đã trình dự thảo")}),
        (head, "approve", {}),
        (desk, "approve", {}),
    )
    for version, (client, action, body) in enumerate(steps, 1):
        act = module(f"api.tasks.tasks_{action}").sync_detailed
        answer = act(created.code, client=client, if_match=f'"{version}"', **body)
        task = done(answer)
    assert task.status == models.TaskStatus.COMPLETED
    page = done(module("api.tasks.tasks_list").sync_detailed(client=desk, unit="so-khoa-hoc-va-cong-nghe", limit=200))
    assert created.code in [each.code for each in page.items]


@pytest.mark.parametrize("system", ["postgres"], indirect=True)
def test_every_operation_of_the_client_is_called(
    generated: Path, contract: Path, module: Import, caller: Callable[..., Any], system: System
) -> None:
    anonymous = module("client").Client(base_url=system.url, raise_on_unexpected_status=True, timeout=120)
    people = {
        name: caller(f"{name} on tour", *roles, unit=unit) if roles else anonymous
        for name, (roles, unit) in CALLERS.items()
    }
    operations = [each for path in json.loads(contract.read_text())["paths"].values() for each in path.values()]
    expected = {each["operationId"].replace(".", "_") for each in operations if toured(each)}
    offered = {
        f"{operation.parent.name}.{operation.stem}"
        for operation in (generated / PACKAGE / "api").glob("*/*.py")
        if operation.stem in expected
    }
    assert len(offered) == len(expected)
    called: set[str] = set()
    guide = tour()
    call = next(guide)
    while True:
        name = next(name for name in offered if name.endswith(f".{call.operation.replace('.', '_')}"))
        called.add(name)
        make = partial(send, call, module(f"api.{name}"), people[call.caller])
        # What was done a moment ago may still be on its way to the scores.
        answer = until_now(make, lambda found: found.status_code == HTTPStatus.OK) if "scores" in name else make()
        assert answer.parsed is not None
        assert isinstance(done(answer, call.status), module("models").ProblemDocument) == (call.status >= 400)
        try:
            call = guide.send(json.loads(answer.content))
        except StopIteration:
            break
    anonymous.get_httpx_client().close()
    assert called == offered
