"""Signatures are those of Standard Webhooks, and secrets follow from the key of the installation."""

import base64
from datetime import UTC, datetime
from uuid import UUID

from notify.webhooks import signing

A, B = UUID(int=1), UUID(int=2)


def test_the_example_of_the_reference_libraries_is_signed_alike() -> None:
    secret = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    at = datetime.fromtimestamp(1614265330, UTC)
    assert signing.headers([secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", at, b'{"test": 2432232314}') == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_two_secrets_give_two_signatures_of_which_each_is_that_of_its_secret() -> None:
    at, secrets = datetime(2026, 11, 18, tzinfo=UTC), [b"a" * 32, b"b" * 32]
    both = signing.headers(secrets, "m", at, b"{}")["webhook-signature"].split(" ")
    assert both == [signing.headers([each], "m", at, b"{}")["webhook-signature"] for each in secrets]


def test_each_webhook_key_and_number_has_a_secret_of_its_own() -> None:
    every = {signing.secret(key, id_, number) for key in (b"1" * 32, b"2" * 32) for id_ in (A, B) for number in (1, 2)}
    assert len(every) == 8
    assert all(len(each) == 32 for each in every)
    assert signing.shown(b"\0" * 32) == "whsec_" + "A" * 43 + "="
