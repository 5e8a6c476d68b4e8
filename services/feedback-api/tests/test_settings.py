"""Settings of this service that cannot work, and what is said of them."""

import os

import pytest

from cchc_shared.service.http_settings import read
from feedback_api.settings import FeedbackSettings


def test_a_key_that_cannot_work_is_named_and_not_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JWKS_URL", "http://127.0.0.1:1/keys")
    monkeypatch.setenv("DATABASE_URL", "mysql://feedback:hidden-password@127.0.0.1/cchc")
    monkeypatch.setenv("CCHC_CONTACT_KEY", "hidden-key")
    with pytest.raises(SystemExit) as ended:
        read(FeedbackSettings)
    said = capsys.readouterr().err
    assert ended.value.code == os.EX_CONFIG
    assert {line.partition(":")[0] for line in said.splitlines()} >= {"DATABASE_URL", "CCHC_CONTACT_KEY"}
    assert "hidden" not in said
