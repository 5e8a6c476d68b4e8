"""`make topics`: makes what is missing, and deletes what is there only when it is told to."""

import subprocess
import sys
import uuid
from collections.abc import Sequence

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from cchc_embedded import topics
from cchc_embedded.paths import REPOSITORY
from cchc_embedded.ports import free_port
from cchc_shared.contract.events import TOPICS
from cchc_shared.stream.kafka import ensure_topics, remove_topics
from tests.support.administration import environment


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is asked of Kafka, in order: the broker of these tests is shared with others."""
    done: list[str] = []

    async def removed(servers: str, names: Sequence[str]) -> list[str]:
        done.append(f"remove {','.join(names)} on {servers}")
        return [f"cchc.{name}" for name in names]

    async def ensured(servers: str) -> None:
        done.append(f"ensure on {servers}")

    monkeypatch.setattr(topics, "remove_topics", removed)
    monkeypatch.setattr(topics, "ensure", ensured)
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "kafka:9092")
    return done


def test_nothing_is_deleted_unless_it_is_said(called: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["make topics"])
    topics.main()
    assert called == ["ensure on kafka:9092"]


@pytest.mark.parametrize("said", ["no", "1", "YES", ""])
def test_no_other_word_deletes(called: list[str], monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    monkeypatch.setattr(sys, "argv", ["make topics", "--anew", said])
    with pytest.raises(SystemExit, match=f"ANEW={said}: .*nothing was done"):
        topics.main()
    assert called == []


def test_topics_are_made_anew_when_it_is_said(
    called: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["make topics", "--anew", "yes"])
    topics.main()
    assert called == [f"remove {','.join(TOPICS)} on kafka:9092", "ensure on kafka:9092"]
    assert [line.rpartition(" ")[2] for line in capsys.readouterr().out.splitlines()] == [
        f"cchc.{name}" for name in TOPICS
    ]


def test_make_hands_the_word_on() -> None:
    address = f"127.0.0.1:{free_port()}"
    own = environment(REPOSITORY) | {"KAFKA_BOOTSTRAP_SERVERS": address}
    for words, expected in (("ANEW=no", "nothing was done"), ("ANEW=yes", f"Kafka {address}: ")):
        result = subprocess.run(
            ["make", "topics", words], cwd=REPOSITORY, env=own, capture_output=True, text=True, check=False
        )
        assert result.returncode == 2
        assert expected in result.stderr
        assert "Traceback" not in result.stderr


async def test_what_topics_held_is_gone_and_others_stay(kafka: str) -> None:
    prefix, other = f"t{uuid.uuid4().hex[:10]}.", f"o{uuid.uuid4().hex[:10]}."
    for each in (prefix, other):
        await ensure_topics(kafka, TOPICS, prefix=each)
        producer = AIOKafkaProducer(bootstrap_servers=kafka)
        await producer.start()
        await producer.send_and_wait(f"{each}{TOPICS[0]}", b"one", partition=0)
        await producer.stop()
    try:
        assert await remove_topics(kafka, TOPICS, prefix=prefix) == sorted(prefix + name for name in TOPICS)
        assert await remove_topics(kafka, TOPICS, prefix=prefix) == []
        await ensure_topics(kafka, TOPICS, prefix=prefix)
        assert (await held(kafka, prefix), await held(kafka, other)) == (0, 1)
    finally:
        admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
        await admin.start()
        await admin.delete_topics([each + name for each in (prefix, other) for name in TOPICS])
        await admin.close()


async def held(kafka: str, prefix: str) -> int:
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka)
    await consumer.start()
    try:
        slot = TopicPartition(f"{prefix}{TOPICS[0]}", 0)
        return int((await consumer.end_offsets([slot]))[slot])
    finally:
        await consumer.stop()
