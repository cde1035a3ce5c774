from __future__ import annotations

import email.policy
import re
import time
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.load.extract import Extract
from rag.load.mail import read_mail, read_mailbox

BODY = (
    "Hola, compañeros:\n"
    "\n"
    "La reunión será el martes 14 en el salón de actos de la última planta, junto a la cafetería "
    "nueva, y durará unas dos horas, más o menos.\n"
    "> ¿Cuándo era?\n"
    "-- \n"
    "Ángel\n"
)
HOW = ["8bit", "quoted-printable", "base64"]


def message(how: str, body: str = BODY) -> EmailMessage:
    mail = EmailMessage()
    mail["Received"] = "from a by b"
    mail["Subject"] = "Reunión del año"
    mail["From"] = "Ángel Núñez <angel@example.org>"
    mail["To"] = "todos@example.org"
    mail["Date"] = "Wed, 22 Nov 2023 10:00:00 +0100"
    mail.set_content(body, cte=how)
    return mail


def words(extract: Extract) -> list[tuple[int, str]]:
    """Return the line and the text of each line that is not blank."""
    lines = zip(extract.layout.numbers, extract.text.split("\n"), strict=True)
    return [(number, line) for number, line in lines if line.strip()]


@pytest.mark.parametrize("how", HOW)
def test_who_what_and_when(how: str) -> None:
    extract = read_mail(message(how).as_bytes())
    assert extract.title == "Reunión del año"
    assert words(extract)[:4] == [
        (2, "Asunto: Reunión del año"),
        (3, "De: Ángel Núñez <angel@example.org>"),
        (4, "Para: todos@example.org"),
        (5, "Fecha: Wed, 22 Nov 2023 10:00:00 +0100"),
    ]
    said = " ".join(" ".join(line for _, line in words(extract)[4:]).split())
    assert said == " ".join(BODY.split())


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"])
def test_words_stand_on_their_line_of_the_file(how: str, line_end: bytes) -> None:
    data = message(how).as_bytes().replace(b"\n", line_end)
    lines = data.split(line_end)
    for number, line in words(read_mail(data))[4:]:
        written = lines[number - 1]
        if how == "8bit":
            assert line.strip() == written.decode().strip()
        elif how == "quoted-printable":
            first = re.match(r"[\x21-\x7e]+(?=\s)", line)
            assert first is None or first[0].encode() in written
    if how == "base64":  # 57 bytes a line
        start = lines.index(b"") + 1
        n_before = len(BODY[: BODY.index("Ángel")].encode())
        assert words(read_mail(data))[-1] == (start + 1 + n_before // 57, "Ángel")


@given(
    st.lists(st.text(st.sampled_from("aeñ ó=.é"), max_size=120), min_size=1, max_size=8),
    st.sampled_from(HOW),
)
def test_every_word_comes_back(lines: list[str], how: str) -> None:
    body = "\n".join(lines) + "\n"
    said = " ".join(line for _, line in words(read_mail(message(how, body).as_bytes()))[4:])
    assert said.split() == body.split()


def with_more() -> EmailMessage:
    mail = message("quoted-printable")
    mail.add_alternative("<p>Hola en HTML</p>", subtype="html")
    mail.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="foto del año.png")
    return mail


def test_the_plain_text_is_read_and_what_is_attached_is_named() -> None:
    extract = read_mail(with_more().as_bytes())
    assert "HTML" not in extract.text
    assert extract.notes == ("no se ha leído lo adjunto: foto del año.png",)


def test_html_goes_to_its_reader() -> None:
    mail = EmailMessage()
    mail["Subject"] = "x"
    mail.set_content("<html>\n<p>Sólo hay HTML</p>\n</html>\n", subtype="html", cte="8bit")

    data = mail.as_bytes()
    number, line = words(read_mail(data))[-1]
    assert line == "Sólo hay HTML"
    assert data.decode().split("\n")[number - 1] == "<p>Sólo hay HTML</p>"


def test_a_mailbox_has_a_title_a_message() -> None:
    data = b"".join(b"From a@b Wed\n" + message(how).as_bytes() + b"\n" for how in HOW)
    extract = read_mailbox(data)
    assert [heading.title for heading in extract.headings] == ["Asunto: Reunión del año"] * 3
    lines = data.split(b"\n")
    found = [number for number, line in words(extract) if line.startswith("Para:")]
    assert [lines[number - 1] for number in found] == [b"To: todos@example.org"] * 3


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"Subject",
        b"Content-Type: multipart/mixed; boundary=a\n\n" + b"--a\n" * 5000,
        b"Content-Type: message/rfc822\n\n" * 5000,
        b"Content-Type: text/plain; a*0=b;a*0\n\nhola",
        b"Content-Transfer-Encoding: base64\n\n!!!!\n=\nYQ==\n",
        b"Content-Type: text/plain; charset=unicode_escape\n\nhola \\x",
    ],
)
def test_damaged_mail_is_read_as_far_as_it_goes(data: bytes) -> None:
    extract = read_mail(data)
    assert all(1 <= number <= data.count(b"\n") + 1 for number in extract.layout.numbers)


def test_an_old_charset_is_believed_when_it_can_be() -> None:
    mail = message("8bit")
    mail.set_content("canción", charset="iso-8859-1", cte="8bit")
    data = mail.as_bytes(policy=email.policy.SMTP)
    assert words(read_mail(data))[-1][1] == "canción"
    assert words(read_mail(data.replace(b"iso-8859-1", b"us-ascii")))[-1][1] == "canción"


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_headers_with_accents_as_they_were_typed(encoding: str) -> None:
    header = "Subject: Reunión del año\nFrom: José =?utf-8?q?Mu=C3=B1oz?= <a@b.es>\n\nhola\n"
    said = [line for _, line in words(read_mail(header.encode(encoding)))]
    assert said == ["Asunto: Reunión del año", "De: José Muñoz <a@b.es>", "hola"]


@pytest.mark.parametrize(
    "header",
    [
        "Content-Type: text/plain" + ';"a' * 20_000,
        "Content-Type: text/plain" + '; a*0="b"' * 6000,
        "Subject: " + "=?utf-8?q?a?=" * 5000,
        "To: " + '"a\\" <b>,' * 6000,
    ],
)
def test_no_header_takes_long(header: str) -> None:
    begun = time.monotonic()
    read_mail(f"{header}\n\nhola\n".encode())
    assert time.monotonic() - begun < 3
