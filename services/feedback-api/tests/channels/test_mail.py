"""What a mail says, whatever software wrote it and whoever meant to do harm with it."""

import base64
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_api.channels import mail as adapter
from feedback_api.channels.domain import LONGEST_NAME, Attached, Ignored, IgnoredBecause, Message, fitted
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


@pytest.mark.parametrize("charset", ["us-ascii", "no-such", "latin-none", "zip", "punycode", "unicode_escape", '"'])
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


HEAD = b"From: bay@example.vn\r\nMessage-ID: <1@x>\r\n"
SHORT = "Đường ngập."


def parts(*given: str | bytes, kind: str = "mixed", boundary: str = "b") -> bytes:
    """A multipart body with its own header; each part begins with its headers."""
    lines = [f"Content-Type: multipart/{kind}; boundary={boundary}".encode(), b""]
    for each in given:
        lines += [f"--{boundary}".encode(), each.encode() if isinstance(each, str) else each]
    return b"\r\n".join([*lines, f"--{boundary}--".encode(), b""])


def text(words: str = SHORT, kind: str = "plain") -> str:
    return f"Content-Type: text/{kind}; charset=utf-8\r\n\r\n{words}"


def file(headers: str = "", content: bytes = b"\xff\xd8 picture", media_type: str = "image/jpeg") -> bytes:
    head = f"Content-Type: {media_type}\r\nContent-Transfer-Encoding: base64\r\n{headers}"
    return head.encode() + b"\r\n" * (1 if headers.endswith("\n") or not headers else 2) + base64.encodebytes(content)


def test_files_are_named_and_not_taken_for_words() -> None:
    sent = EmailMessage()
    sent["From"] = "bay@example.vn"
    sent.set_content(SHORT)
    sent.add_attachment(b"\xff\xd8", maintype="image", subtype="jpeg", filename="ảnh.jpg")
    sent.add_attachment("ghi chú", filename="note.txt")
    found = report(bytes(sent))
    assert (found.content, found.notices) == (SHORT, ())
    assert found.attachments == (Attached("ảnh.jpg", b"\xff\xd8"), Attached("note.txt", "ghi chú\n".encode()))


@pytest.mark.parametrize(
    ("headers", "name"),
    [
        ('Content-Disposition: attachment; filename="ho ga.jpg"', "ho ga.jpg"),
        ("Content-Disposition: attachment;\r\n filename*=utf-8''%E1%BA%A3nh%201.jpg", "ảnh 1.jpg"),
        ("Content-Disposition: attachment;\r\n filename*0*=utf-8''%E1%BA%A3nh; filename*1=1.jpg", "ảnh1.jpg"),
        ('Content-Disposition: attachment; filename="=?utf-8?B?4bqjbmguanBn?="', "ảnh.jpg"),
        ('Content-Disposition: attachment; filename="=?utf-8?Q?=E1=BA=A3nh_1?=\r\n =?utf-8?Q?.jpg?="', "ảnh 1.jpg"),
        ('Content-Disposition: attachment; filename="ảnh.jpg"', "ảnh.jpg"),
        ('Content-Disposition: attachment; filename="a\u0309nh\u202egpj.exe"', "ảnhgpj.exe"),
        ("Content-Disposition: attachment", ""),
        ("Content-Disposition: attachment; filename*=no-such''%ff%00", "\ufffd"),
        ('Content-Disposition: attachment; filename="' + "x" * 3900 + '"', "x" * LONGEST_NAME),
    ],
)
def test_a_file_is_known_by_its_name_however_that_is_written(headers: str, name: str) -> None:
    [found] = report(HEAD + parts(text(), file(headers))).attachments
    assert found == Attached(name, b"\xff\xd8 picture")


def test_the_name_of_the_type_counts_where_there_is_no_other() -> None:
    [found] = report(HEAD + parts(text(), file(media_type='image/jpeg; name="=?utf-8?B?4bqjbmguanBn?="'))).attachments
    assert found.name == "ảnh.jpg"


def test_words_before_and_after_a_picture_are_words() -> None:
    """As telephones write them."""
    found = report(HEAD + parts(text("Trước"), file(), text("Sau")))
    assert (found.content, len(found.attachments)) == ("Trước\n\nSau", 1)


def test_of_two_versions_the_plain_one_is_taken_and_the_files_of_both() -> None:
    markup = parts(text("<p>có <b>thẻ</b></p>", "html"), file(), kind="related", boundary="in")
    found = report(HEAD + parts(text("chữ thường"), markup, kind="alternative"))
    assert (found.content, len(found.attachments)) == ("chữ thường", 1)
    only = report(HEAD + parts(text(" "), markup, kind="alternative"))
    assert only.content == "có thẻ"


@pytest.mark.parametrize(
    ("headers", "shown"),
    [
        ("Content-ID: <logo@x>", True),
        ("Content-ID: logo@x", True),
        ("Content-ID: <another@x>", False),
        ("Content-ID: <a b@x>\r\nContent-Disposition: inline", True),
        ("Content-Disposition: inline", False),
    ],
)
@pytest.mark.parametrize("picture_first", [True, False])
def test_it_is_known_which_pictures_the_markup_shows(headers: str, *, shown: bool, picture_first: bool) -> None:
    words = text('<p>Kính gửi</p><img src="cid:logo@x"><img src=CID:a%20b@x>', "html")
    both: list[str | bytes] = [words, file(headers)]
    [found] = report(HEAD + parts(*(reversed(both) if picture_first else both), kind="related")).attachments
    assert found.shown is shown


def test_a_mail_within_a_mail_gives_its_words_and_its_files() -> None:
    within = b"Content-Type: message/rfc822\r\n\r\nFrom: ca@example.vn\r\nSubject: =?utf-8?B?xJDDqG4gaOG7j25n?=\r\n"
    forwarded = within + parts(text("Đèn tắt từ hôm qua."), file(), boundary="in")
    found = report(HEAD + parts(text("Kính chuyển."), forwarded))
    assert found.content == "Kính chuyển.\n\nĐèn hỏng\n\nĐèn tắt từ hôm qua."
    assert (found.email, found.ref, len(found.attachments)) == ("bay@example.vn", "1@x", 1)


def test_a_mail_within_a_mail_that_is_encoded_is_a_file() -> None:
    encoded = base64.encodebytes("From: ca@example.vn\r\n\r\nĐèn".encode())
    head = b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    found = report(HEAD + parts(text(), head + encoded))
    assert (found.content, [each.content for each in found.attachments]) == (SHORT, [b"?"])


@pytest.mark.parametrize("kind", ["alternative", "mixed"])
def test_characters_are_lost_only_of_what_is_taken(kind: str) -> None:
    broken = b"Content-Type: text/html; charset=utf-8\r\n\r\n<p>ng\xe2p \x81\xff</p>"
    found = report(HEAD + parts(text(), broken, kind=kind))
    assert [notice.code for notice in found.notices] == ([] if kind == "alternative" else ["characters-lost"])


def test_a_mail_of_files_alone_is_a_report() -> None:
    found = report(HEAD + file())
    assert (found.content, found.attachments) == (NOTHING_SAID, (Attached("", b"\xff\xd8 picture"),))
    assert report(HEAD + b"Subject: Ho ga\r\n" + file()).content == "Ho ga"


@pytest.mark.parametrize(
    ("encoding", "content"),
    [
        ("base64", b"aGk"),
        ("base64", b"aG!!k="),
        ("quoted-printable", b"h=69"),
        ("x-uuencode", b'begin 666 x\n":&D \n \nend\n'),
        ("7bit", b"hi"),
    ],
)
def test_a_file_is_decoded_as_it_says(encoding: str, content: bytes) -> None:
    head = f"Content-Type: application/pdf\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n".encode()
    [found] = report(HEAD + parts(text(), head + content)).attachments
    assert found.content.rstrip() == b"hi"


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


def test_a_reply_alone_names_what_it_answers() -> None:
    assert report(bytes(mail(In_Reply_To="<3@x>"))).answers == ("3@x",)
    assert report(bytes(mail())).answers == ()


def test_a_postmaster_speaks_of_other_mails() -> None:
    assert read(bytes(mail(From="Postmaster@example.vn"))) == Ignored(IgnoredBecause.BOUNCED)


def test_headers_of_faulty_bytes_are_read_as_far_as_they_go() -> None:
    found = report(b"From: B\xe1\xba\xa3y\r\nSubject: ng\xe2p\r\n\r\nx")
    assert (found.title, found.name, found.email) == ("ng\ufffdp", None, "Bảy")


@pytest.mark.parametrize(
    ("date", "hour"),
    [("Wed, 18 Nov 2026 08:59:00 -0000", 8), ("Wed, 18 Nov 2026 08:59:00 +0700", 1), ("Wed, 18 Nov 2026 08:59", 8)],
)
def test_a_time_without_a_zone_is_of_utc(date: str, hour: int) -> None:
    found = report(bytes(mail(Date=date))).sent_at
    assert found == datetime(2026, 11, 18, hour, 59, tzinfo=UTC)
    assert found.tzinfo is UTC


def test_a_text_that_is_cut_within_a_letter_has_lost_none() -> None:
    words = ("x" * (adapter.MOST_OF_A_TEXT - 1) + "ậ").encode()
    found = read(raw(words, "text/plain; charset=utf-8"))
    assert isinstance(found, Message)
    assert (found.content.rstrip("x"), found.notices) == ("", ())


def test_the_plain_version_is_taken_wherever_it_stands() -> None:
    assert report(HEAD + parts(text("<p>thẻ</p>", "html"), text("chữ"), kind="alternative")).content == "chữ"
    silent = parts(text(""), text("", "html"), kind="alternative")
    assert read(HEAD + silent) == Ignored(IgnoredBecause.EMPTY)


def test_a_mail_within_a_mail_may_have_no_subject() -> None:
    within = b"Content-Type: message/rfc822\r\n\r\nFrom: ca@example.vn\r\n\r\nhi"
    assert report(HEAD + parts(within)).content == "hi"
