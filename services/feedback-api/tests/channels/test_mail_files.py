"""What comes with the words of a mail: files by any name, pictures in the text, mails within mails."""

import base64
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_api.channels.domain import LONGEST_NAME, Attached, Message, named
from feedback_api.channels.mail import read

NOTHING_SAID = "(không có nội dung chữ)"
HEAD = b"From: bay@example.vn\r\nMessage-ID: <1@x>\r\n"
WORDS = "Đường ngập."


def report(raw: bytes) -> Message:
    found = read(raw, NOTHING_SAID)
    assert isinstance(found, Message), found
    return found


def parts(*given: str | bytes, kind: str = "mixed", boundary: str = "b") -> bytes:
    """A multipart body with its own header; each part begins with its headers."""
    lines = [f"Content-Type: multipart/{kind}; boundary={boundary}".encode(), b""]
    for each in given:
        lines += [f"--{boundary}".encode(), each.encode() if isinstance(each, str) else each]
    return b"\r\n".join([*lines, f"--{boundary}--".encode(), b""])


def text(words: str = WORDS, kind: str = "plain") -> str:
    return f"Content-Type: text/{kind}; charset=utf-8\r\n\r\n{words}"


def file(headers: str = "", content: bytes = b"\xff\xd8 picture", media_type: str = "image/jpeg") -> bytes:
    head = f"Content-Type: {media_type}\r\nContent-Transfer-Encoding: base64\r\n{headers}"
    return head.encode() + b"\r\n" * (1 if headers.endswith("\n") or not headers else 2) + base64.encodebytes(content)


def test_files_are_named_and_not_taken_for_words() -> None:
    sent = EmailMessage()
    sent["From"] = "bay@example.vn"
    sent.set_content(WORDS)
    sent.add_attachment(b"\xff\xd8", maintype="image", subtype="jpeg", filename="ảnh.jpg")
    sent.add_attachment("ghi chú", filename="note.txt")
    found = report(bytes(sent))
    assert (found.content, found.notices) == (WORDS, ())
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


@given(st.text())
def test_any_name_can_be_said_in_one_line(name: str) -> None:
    said = named(name)
    assert said.isprintable()
    assert len(said) <= LONGEST_NAME
    assert said == said.strip()
    assert named(said) == said


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
    assert (found.content, [each.content for each in found.attachments]) == (WORDS, [b"?"])


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
