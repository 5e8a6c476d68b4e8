"""What a mail says, whatever software wrote it and whoever meant to do harm with it."""

import base64
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_api.channels import mail as adapter
from feedback_api.channels.domain import Ignored, IgnoredBecause, Message, fitted
from feedback_api.channels.mail import MOST_PARTS, OutOfBounds
from feedback_api.intake.notices import NoticeCode

WORDS = "Đường Nguyễn Trãi ngập nước từ tối qua."


NOTHING_SAID = "(không có nội dung chữ)"


def read(raw: bytes) -> Message | Ignored:
    return adapter.read(raw, NOTHING_SAID)


def mail(words: str = WORDS, **headers: str) -> EmailMessage:
    """Under `Message_ID` for `Message-ID`, and so on."""
    message = EmailMessage()
    given = {"From": "Bảy <bay@example.vn>", "Subject": "Ngập nước", "Message_ID": "<1@example.vn>"} | headers
    for name, value in given.items():
        message[name.replace("_", "-")] = value
    message.set_content(words)
    return message


def report(raw: bytes) -> Message:
    found = fitted(read(raw))
    assert isinstance(found, Message), found
    return found


def raw(body: bytes, content_type: str, *more: bytes) -> bytes:
    head = (b"From: bay@example.vn", b"Message-ID: <1@x>", b"Content-Type: " + content_type.encode(), *more)
    return b"\r\n".join((*head, b"", body))


def test_a_mail_is_a_report() -> None:
    found = report(bytes(mail(Date="Wed, 18 Nov 2026 08:59:00 +0700")))
    assert (found.ref, found.title, found.content) == ("1@example.vn", "Ngập nước", WORDS)
    assert (found.name, found.email) == ("Bảy", "bay@example.vn")
    assert found.sent_at == datetime(2026, 11, 18, 1, 59, tzinfo=UTC)
    assert not found.notices
    assert not found.attachments


@pytest.mark.parametrize("charset", ["utf-8", "utf-16", "windows-1258", "UTF8"])
@pytest.mark.parametrize("encoding", ["8bit", "base64"])
def test_vietnamese_is_read_in_every_charset_that_has_it(charset: str, encoding: str) -> None:
    text = "Đã ba đêm không có đèn"
    # The Windows code page has tone marks of its own: vowel first, then its tone.
    composed = "Đa\u0303 ba đêm không co\u0301 đe\u0300n" if charset == "windows-1258" else text
    body = composed.encode(charset)
    sent = base64.encodebytes(body) if encoding == "base64" else body
    found = report(raw(sent, f"text/plain; charset={charset}", b"Content-Transfer-Encoding: " + encoding.encode()))
    assert found.content == text
    assert found.notices == ()


@pytest.mark.parametrize("charset", ["us-ascii", "no-such-charset", "zip", "punycode", "unicode_escape", '"'])
def test_a_charset_that_is_wrong_does_not_matter_where_it_is_utf_8(charset: str) -> None:
    assert report(raw(WORDS.encode(), f"text/plain; charset={charset}")).content == WORDS


def test_what_no_charset_explains_is_taken_and_said() -> None:
    found = report(raw(b"ng\xe2p \x81\xff", "text/plain; charset=utf-8"))
    assert found.content.startswith("ngâp")
    assert [notice.code for notice in found.notices] == [NoticeCode.CHARACTERS_LOST]


def test_of_two_versions_the_plain_one_is_taken() -> None:
    both = mail("chữ thường")
    both.add_alternative("<p>có <b>thẻ</b></p>", subtype="html")
    assert report(bytes(both)).content == "chữ thường"


def test_markup_alone_is_read_without_its_tags() -> None:
    markup = "<html><style>p {}</style><p>Kính gửi,<br>đường <b>hỏng</b> &amp; ngập</p><script>x()</script></html>"
    assert report(raw(markup.encode(), "text/html; charset=utf-8")).content == "Kính gửi,\nđường hỏng & ngập"


def test_a_reply_names_what_it_answers_nearest_first() -> None:
    found = report(bytes(mail(In_Reply_To="<3@x>", References="<1@x> <2@x> <3@x>")))
    assert found.answers == ("3@x", "2@x", "1@x")


@pytest.mark.parametrize(
    ("headers", "because"),
    [
        ({"Auto_Submitted": "auto-replied"}, IgnoredBecause.AUTOMATIC),
        ({"Auto_Submitted": "auto-generated; x=y"}, IgnoredBecause.AUTOMATIC),
        ({"X_Autoreply": "yes"}, IgnoredBecause.AUTOMATIC),
        ({"Precedence": "auto_reply"}, IgnoredBecause.AUTOMATIC),
        ({"Return_Path": "<>"}, IgnoredBecause.BOUNCED),
        ({"From": "MAILER-DAEMON@example.vn"}, IgnoredBecause.BOUNCED),
    ],
)
def test_software_gets_no_report(headers: dict[str, str], because: IgnoredBecause) -> None:
    assert read(bytes(mail(**headers))) == Ignored(because)


def test_a_report_of_delivery_and_an_empty_mail_are_none() -> None:
    bounce = raw(b"--b\r\n\r\nnot delivered\r\n--b--", "multipart/report; boundary=b")
    assert read(bounce) == Ignored(IgnoredBecause.BOUNCED)
    assert fitted(read(raw(b" \r\n", "text/plain"))) == Ignored(IgnoredBecause.EMPTY)


def test_who_says_that_a_person_wrote_is_believed() -> None:
    assert report(bytes(mail(Auto_Submitted="no"))).content == WORDS


def test_a_mail_without_an_id_has_one_of_its_words() -> None:
    first, same, other = (report(b"From: a@b.vn\r\n\r\n" + words) for words in (b"x", b"x", b"y"))
    assert first.ref == same.ref != other.ref


def test_what_is_too_long_is_cut_and_said() -> None:
    found = report(bytes(mail("x" * 30_000, Subject="s" * 400, Message_ID=f"<{'i' * 300}@x>")))
    assert (len(found.content), len(found.title or "")) == (20_000, 300)
    assert found.ref.startswith("sha256:")
    assert {notice.field for notice in found.notices} == {"body.content", "body.title"}


def nested(depth: int) -> bytes:
    heads = [f"Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n" for n in range(depth)]
    return "".join(heads).encode() + b"\r\nsau c\xc3\xb9ng\r\n"


def test_parts_within_parts_end_nothing() -> None:
    assert report(nested(MOST_PARTS)).content == "sau cùng"
    for depth in (MOST_PARTS + 1, 10_000):
        with pytest.raises(OutOfBounds):
            read(nested(depth))
    with pytest.raises(OutOfBounds):
        read(raw(b"--b\r\n\r\n" * 100_000, "multipart/mixed; boundary=b"))


@pytest.mark.parametrize(
    "value", ['text/plain; x="' + ";" * 100_000, "text/plain; charset*=punycode''" + "a-" * 50_000]
)
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_a_header_of_a_part_is_not_looked_into_when_it_is_too_long(value: str, end: str) -> None:
    with pytest.raises(OutOfBounds):
        read(f"Subject: s{end}Content-Type:{end} {value}{end}{end}x".encode())


@pytest.mark.parametrize(
    "header",
    [
        b"From: " + b"(" * 100_000,
        b"Subject: " + b"=?utf-8?q?" * 50_000,
        b"Date: " + b"1" * 100_000,
        b"From: <@>, <",
        b"From: =?x?b?//8=?=",
    ],
)
def test_headers_that_are_none_are_read_as_far_as_they_go(header: bytes) -> None:
    assert report(header + b"\r\n\r\n" + WORDS.encode()).content == WORDS


@pytest.mark.parametrize(
    "markup", ["<div>" * 100_000 + "sâu", "<b>x" * 100_000, "<a " + "x=1 " * 90_000 + ">", "<![CDATA[<"]
)
def test_no_markup_ends_the_reading(markup: str) -> None:
    read(b"Subject: s\r\n" + raw(markup.encode(), "text/html"))


HEADER = st.sampled_from(
    [
        "From",
        "Subject",
        "Date",
        "Message-ID",
        "In-Reply-To",
        "Content-Type",
        "Content-Transfer-Encoding",
        "Content-Disposition",
    ]
)
VALUE = st.sampled_from(
    ["multipart/mixed; boundary=b", "message/rfc822", "text/html; charset=utf-7", "base64", "attachment"]
)
LINES = st.lists(
    st.tuples(HEADER, VALUE | st.text(max_size=40)).map(": ".join)
    | st.sampled_from(["", "--b", "--b--"])
    | st.text(max_size=40),
    max_size=30,
)


@given(LINES.map(lambda lines: "\r\n".join(lines).encode(errors="surrogatepass")) | st.binary(max_size=300))
def test_nothing_that_a_stranger_sends_breaks_it(sent: bytes) -> None:
    found = fitted(read(sent))
    if isinstance(found, Message):
        assert found.ref
        assert found.content
        found.content.encode()
