"""Mails by real SMTP: each once as far as SMTP allows, whatever the server answers, and a dead server costs delay."""

import asyncio
from datetime import timedelta
from email.header import decode_header, make_header
from email.message import Message

import pytest
from aiosmtplib import SMTP
from structlog.testing import capture_logs

from cchc_shared.calendar.clock import FixedClock
from tasks_api.mailing.domain import GIVEN_UP_AFTER
from tasks_api.mailing.sending import AT_ONCE, LEASE
from tests.support.tasks import Api
from tests.support.waiting import until

from .post_office import (
    SENDER,
    delivered,
    free_port,
    gathered,
    listed,
    mailbox,
    post_of,
    post_office,
    rows,
    tried,
    worker,
)

LEAD, OTHER = "so-noi-vu", "so-tu-phap"
OFFICER, HEAD = "vanthu.noivu@hanoi.example.vn", "giamdoc.noivu@hanoi.example.vn"
ASSIGNED = {"title": "Việc có tên Nguyễn Văn A", "due_on": "2024-06-28"}


async def assign(api: Api, lead: str = LEAD) -> str:
    answer = await api.send("POST", "/v1/tasks", api.coordinator, json=ASSIGNED | {"lead_unit": lead})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["code"])


def text_of(message: Message) -> str:
    content = message.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content.decode()


async def test_a_mail_says_what_the_inbox_says_and_neither_titles_nor_names(city: Api, clock: FixedClock) -> None:
    with post_office() as office:
        async with worker(city, office.port) as here:
            await gathered(here, clock)  # the plan of the city was assigned before there was a mailbox
            await mailbox(city, LEAD, officer=OFFICER)
            code = await assign(city)
            await gathered(here, clock)
            await delivered(post_of(here))
    [message] = office.taken
    assert (message["From"], message["To"], message["Auto-Submitted"]) == (SENDER, OFFICER, "auto-generated")
    assert message["Message-ID"].endswith("@hanoi.example.vn>")
    assert str(make_header(decode_header(message["Subject"]))) == (
        f"Đơn vị được giao nhiệm vụ {code}, ngày cuối 28/06/2024"
    )
    text = text_of(message)
    assert f"- Đơn vị được giao nhiệm vụ {code}, ngày cuối 28/06/2024." in text
    assert f"- Your unit was assigned task {code}, last day 2024-06-28." in text
    assert "Nguyễn" not in text


async def test_one_mail_says_all_that_was_told_meanwhile_to_each_mailbox(city: Api, clock: FixedClock) -> None:
    await mailbox(city, LEAD, officer=OFFICER, unit_head=HEAD)
    with post_office() as office:
        async with worker(city, office.port) as here:
            codes = [await assign(city) for _ in range(3)]
            await assign(city, OTHER)
            await gathered(here, clock)
            await gathered(here, clock)
            await delivered(post_of(here))
    assert sorted(message["To"] for message in office.taken) == [HEAD, OFFICER], "the other unit has no mailbox"
    for message in office.taken:
        assert [text_of(message).count(code) for code in codes] == [2, 2, 2], "in both languages"


async def test_what_is_told_while_no_server_is_set_is_never_mailed(city: Api, clock: FixedClock) -> None:
    await mailbox(city, LEAD, officer=OFFICER)
    async with worker(city, None) as here:
        await assign(city)
        await gathered(here, clock)
    with post_office() as office:
        async with worker(city, office.port) as here:
            await gathered(here, clock)
            await delivered(post_of(here))
    assert office.taken == []


@pytest.mark.parametrize("code", [450, 452])
async def test_later_is_later_with_a_growing_pause(city: Api, clock: FixedClock, code: int) -> None:
    await mailbox(city, LEAD, officer=OFFICER, unit_head=HEAD)
    with post_office() as office:
        office.answers[OFFICER] = f"{code} mailbox full"
        async with worker(city, office.port) as here:
            post = post_of(here)
            await assign(city)
            await gathered(here, clock)
            pauses = list[timedelta]()
            for _ in range(4):
                await delivered(post)
                [waiting] = await listed(city, state="waiting")
                [row] = [row for row in await rows(here.engine) if row.sent_at is None]
                pauses.append(row.next_at - clock.now())
                clock.advance(pauses[-1])
            assert waiting["attempts"] == 4
            assert pauses == [timedelta(minutes=each) for each in (1, 2, 4, 8)]
            assert len(office.to(HEAD)) == 1, "nobody else waited, and none was sent twice"
            office.answers.clear()
            await delivered(post)
            assert len(office.to(OFFICER)) == 1


async def test_who_says_later_for_days_is_believed_no_more(city: Api, clock: FixedClock) -> None:
    await mailbox(city, LEAD, officer=OFFICER)
    with post_office() as office:
        office.answers[OFFICER] = "452 mailbox full"
        async with worker(city, office.port) as here:
            await assign(city)
            await gathered(here, clock)
            await delivered(post_of(here))
            clock.advance(GIVEN_UP_AFTER)
            await delivered(post_of(here))
    assert [mail["refusal"] for mail in await listed(city, state="refused")] == ["452 mailbox full"]


async def test_never_is_shown_to_the_operator_without_the_address_and_tried_when_they_say_so(
    city: Api, clock: FixedClock
) -> None:
    await mailbox(city, LEAD, officer=OFFICER)
    with post_office() as office:
        office.answers[OFFICER] = f"550 5.1.1 <{OFFICER}>: no such user"
        async with worker(city, office.port) as here:
            with capture_logs() as logs:
                await assign(city)
                await gathered(here, clock)
                await delivered(post_of(here))
            [mail] = await listed(city)
            assert (mail["state"], mail["refusal"]) == ("refused", "550 5.1.1 <…>: no such user")
            assert "vanthu" not in f"{mail} {logs}", "addresses are personal data"
            clock.advance(timedelta(days=3))
            await delivered(post_of(here))
            assert office.taken == []
            office.answers.clear()
            again = await city.send("POST", f"/v1/mails/{mail['id']}/actions/retry", city.operator)
            assert again.json()["state"] == "waiting"
            await delivered(post_of(here))
    assert [message["Message-ID"] for message in office.taken] == [mail["message_id"]]


async def test_a_server_that_dies_in_the_middle_gets_the_same_mail_again(city: Api, clock: FixedClock) -> None:
    await mailbox(city, LEAD, officer=OFFICER, unit_head=HEAD)
    with post_office() as office:
        office.dies = 1
        async with worker(city, office.port) as here:
            await assign(city)
            await gathered(here, clock)
            assert not await tried(post_of(here)), "it hung up"
            assert await tried(post_of(here)), "the other mail does not wait for it"
            assert len(office.taken) == 2
            clock.advance(timedelta(minutes=1))
            assert await tried(post_of(here))
    twice, once = (office.to(str(office.taken[index]["To"])) for index in (0, 1))
    assert len(once) == 1
    assert len(twice) == 2
    assert len({message["Message-ID"] for message in twice}) == 1, "its reader's program knows it"
    assert all(mail["state"] == "sent" for mail in await listed(city))


async def test_a_dead_server_costs_nothing_but_delay(city: Api, clock: FixedClock) -> None:
    await mailbox(city, LEAD, officer=OFFICER)
    port = free_port()
    async with worker(city, port) as here:
        for _ in range(3):
            await assign(city)
            await gathered(here, clock)
            assert not await tried(post_of(here))
        clock.advance(timedelta(days=30))
        assert not await tried(post_of(here))
        assert {mail["attempts"] for mail in await listed(city, state="waiting")} == {0}
        with post_office(port) as office:
            assert await tried(post_of(here))
    assert len(office.taken) == 3


async def test_a_sender_that_is_not_allowed_parks_nothing(city: Api, clock: FixedClock) -> None:
    await mailbox(city, LEAD, officer=OFFICER)
    with post_office() as office:
        office.sender = "550 you may not send"
        async with worker(city, office.port) as here:
            await assign(city)
            await gathered(here, clock)
            assert not await tried(post_of(here))
            assert await listed(city, state="refused") == [], "it is the operator's to mend, not each mail's fault"
            office.sender = "250 OK"
            clock.advance(timedelta(minutes=1))
            assert await tried(post_of(here))
    assert len(office.taken) == 1


async def test_three_workers_at_once_one_killed(city: Api, clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed between the server's answer and the mark: that mail alone is sent again, after the lease."""
    addresses = [f"cb{number:03}@hanoi.example.vn" for number in range(3 * AT_ONCE // 2)]
    items = [{"role": "officer", "address": each} for each in addresses]
    await city.send("PUT", f"/v1/units/{LEAD}/mailboxes", city.operator, json={"items": items})
    with post_office() as office:
        async with worker(city, office.port) as here:
            for _ in range(2):
                await assign(city)
                await gathered(here, clock)
            posts = [post_of(here) for _ in range(3)]
            sending = SMTP.send_message
            victims = list[asyncio.Task[bool]]()

            async def kill_after(*given: object, **more: object) -> object:
                done = await sending(*given, **more)  # type: ignore[arg-type]
                me = asyncio.current_task()
                if me is not None and me in victims and len(office.taken) > 5:
                    me.cancel()
                    await asyncio.sleep(0)
                return done

            monkeypatch.setattr(SMTP, "send_message", kill_after)
            victims.append(asyncio.create_task(posts[0].round()))
            await asyncio.gather(*victims, *(delivered(post) for post in posts[1:]), return_exceptions=True)
            assert victims[0].cancelled()
            await delivered(posts[1])
            left = await listed(city, state="waiting")
            assert len(left) == 1, "what it had not begun was given back"
            clock.advance(LEASE)
            await delivered(posts[2])
    ids = [message["Message-ID"] for message in office.taken]
    assert sorted(set(ids)) == sorted(row.message_id for row in await rows(city.here.engine))
    assert {each for each in ids if ids.count(each) > 1} == {left[0]["message_id"]}
    assert len(ids) == 2 * len(addresses) + 1


async def test_a_worker_sends_by_itself_until_it_is_stopped(city: Api, clock: FixedClock) -> None:
    await mailbox(city, LEAD, officer=OFFICER)
    with post_office() as office:
        async with worker(city, office.port) as here:
            await assign(city)
            await gathered(here, clock)
            post = post_of(here)

            async def arrived() -> int:
                return len(office.taken)

            post.start()
            await until(arrived)
            await post.stop()
    assert len(office.taken) == 1
