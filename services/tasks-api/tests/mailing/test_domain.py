"""What a refusal keeps, how long a mail rests, and which settings make a mail server."""

from datetime import timedelta

import pytest
from pydantic import ValidationError

from tasks_api.mailing.domain import pause, refusal
from tasks_api.settings import MailServer, WorkerSettings

ADDRESS = "van.thu@noivu.hanoi.example.vn"


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (f"5.1.1 <{ADDRESS}>: Recipient address rejected", "5.1.1 <…>: Recipient address rejected"),
        (f"no mailbox for {ADDRESS.upper()}", "no mailbox for …"),
        ("unknown user van.thu\n  see https://example.vn", "unknown user … see https://example.vn"),
        ("vanthu is somebody else", "vanthu is somebody else"),
    ],
)
def test_a_refusal_is_kept_without_the_address(said: str, kept: str) -> None:
    assert refusal(550, said, ADDRESS) == f"550 {kept}"


def test_one_letter_before_the_at_leaves_the_words_alone() -> None:
    assert refusal(550, "a mailbox <a@b.vn> that is away", "a@b.vn") == "550 … mailbox <…> that is away"


def test_the_pause_grows_to_four_hours() -> None:
    pauses = [pause(attempts) for attempts in range(1, 40)]
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (timedelta(minutes=1), timedelta(hours=4))


def settings(**given: str) -> WorkerSettings:
    needed = {"database_url": "postgresql://x@127.0.0.1/x", "jwks_url": "file:///keys", "CCHC_PROFILE": "/city"}
    return WorkerSettings.model_validate(needed | given)


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.vn", MailServer("mail.vn", 587, None, None, tls=False, upgraded=False)),
        ("smtp://u%40x:p%3Aw@mail.vn:25", MailServer("mail.vn", 25, "u@x", "p:w", tls=False, upgraded=True)),
        ("smtps://u:p@mail.vn", MailServer("mail.vn", 465, "u", "p", tls=True, upgraded=False)),
    ],
)
def test_a_password_is_sent_over_tls_alone(url: str, server: MailServer) -> None:
    assert settings(CCHC_SMTP_URL=url, CCHC_MAIL_FROM="cchc@mail.vn").mail_server == server


@pytest.mark.parametrize("url", ["http://mail.vn", "mail.vn", "smtp://", "smtp://mail.vn:x", "smtp://u:secret@:25"])
def test_what_is_no_server_is_refused_without_showing_it(url: str) -> None:
    with pytest.raises(ValidationError) as refused:
        settings(CCHC_SMTP_URL=url, CCHC_MAIL_FROM="cchc@mail.vn")
    assert "secret" not in str([error["msg"] for error in refused.value.errors()])
    assert WorkerSettings.model_fields["smtp_url"].repr is False, "what was given is not shown beside the message"


def test_a_server_needs_a_sender_and_no_server_is_no_mail() -> None:
    with pytest.raises(ValidationError, match="CCHC_MAIL_FROM"):
        settings(CCHC_SMTP_URL="smtp://mail.vn")
    assert settings().mail_server is None
