from __future__ import annotations

import unicodedata
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import LoadError
from rag.load.text.encoding import decode
from rag.load.text.markdown import read_markdown
from rag.load.text.plain import read_text

TEXT = (
    "El año pasado la información sobre pingüinos llegó a España: ¿quién la leyó?\n"
    "«Sí», dijo él. ¡Qué corazón!\n"
    "ÁRBOL, NIÑO, última línea\n"
)
WORDS = st.sampled_from(
    "el la que información año corazón árbol después también niño pingüino útil así qué Ávila "
    "vergüenza ESPAÑA CANCIÓN según sílaba reloj mesa 1984 (ver). día, noche;".split()
)
SPANISH = st.lists(st.lists(WORDS, min_size=1, max_size=12).map(" ".join), min_size=1, max_size=8)


@pytest.mark.parametrize(
    "encoding",
    """
    utf-8 utf-8-sig utf-16 utf-16-le utf-16-be utf-32 latin-1 cp1252 iso-8859-15 cp850 mac-roman
    """.split(),
)
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_spanish_comes_back_from_each_encoding(encoding: str, line_end: str) -> None:
    data = TEXT.replace("\n", line_end).encode(encoding)
    assert decode(data).text == TEXT


@given(SPANISH, st.sampled_from(["cp1252", "cp850", "mac-roman", "utf-16-le", "utf-8"]))
def test_words_come_back_from_each_encoding(lines: list[str], encoding: str) -> None:
    text = "\n".join(["Una línea de más: mañana, camión, café y más.", *lines])
    assert decode(text.encode(encoding)).text == text


@pytest.mark.parametrize("word", ["información", "mañana", "así", "único", "pingüino", "¿quién?"])
@pytest.mark.parametrize("encoding", ["cp1252", "cp850", "mac-roman"])
def test_one_accent_is_enough(word: str, encoding: str) -> None:
    text = f"Nada hay en esta frase con tilde sino {word} y lo que sigue.\n"
    assert decode(text.encode(encoding)).text == text


def test_the_notes_say_what_was_done() -> None:
    assert decode(TEXT.encode()).notes == ()
    assert decode(TEXT.encode("cp1252")).notes == ("leído como cp1252 (no es UTF-8)",)
    assert read_text(TEXT.encode("cp850")).notes == ("leído como cp850 (no es UTF-8)",)
    assert read_markdown(TEXT.encode("mac-roman")).notes == ("leído como mac-roman (no es UTF-8)",)


def test_a_program_added_lines_in_another_encoding() -> None:
    data = TEXT.encode() + "Añadió otra línea más\n".encode("cp1252") + "así\n".encode()
    text, notes = decode(data)
    assert text == TEXT + "Añadió otra línea más\nasí\n"
    assert notes == ("1 línea leída como cp1252 (el resto está en UTF-8)",)


def test_bytes_that_are_no_letter_are_told_with_their_line() -> None:
    text, notes = decode("uno\nqué línea \n".encode() + b"l\xc3\xadnea\xff y m\xc3\xa1s\n")
    assert text.split("\n")[2] == "línea\N{REPLACEMENT CHARACTER} y más"
    assert notes == ("1 byte no se ha podido leer (línea 3)",)


def test_other_alphabets_are_read_too() -> None:
    text = "Все люди рождаются свободными и равными в своем достоинстве и правах."
    assert decode(text.encode("cp1251")).text == text


@pytest.mark.parametrize(
    "data",
    [
        b"texto\0binario",
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
        b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
        bytes(range(256)) * 4,
        b"PK\x03\x04 cualquier cosa",
        bytes(range(1, 32)) * 10 + b"\xff\xfe\xfd",
    ],
)
def test_what_is_not_text_is_not_read(data: bytes) -> None:
    with pytest.raises(LoadError, match="binario") as raised:
        decode(data)
    assert raised.value.remedy


def test_a_stray_null_is_a_blank() -> None:
    text, notes = decode((TEXT * 3).encode().replace(b"pasado", b"pasado\0", 1))
    assert text.startswith("El año pasado  la información")
    assert notes == ("1 byte nulo se ha dejado en blanco",)
    assert decode(TEXT.encode() + b"\0" * 4096).text == TEXT


def test_control_characters_break_no_line() -> None:
    raw = "a\x0bb\x0cc\x1cd\u2028e\u2029f\x1b[1mnegrita\x1b[0m n\x08ng\n\x1a"
    assert decode(raw.encode()).text == "a b c d e fnegrita ng\n"
    assert decode("dice \x93hola\x94\x85".encode()).text == "dice “hola”…"


@pytest.mark.parametrize("reads_as", ["latin-1", "cp1252", "cp850", "mac-roman"])
def test_accents_that_were_read_in_another_encoding_are_mended(reads_as: str) -> None:
    text = "La información del año está aquí.\nOtra frase sin nada.\nMañana, más.\n"
    damaged = text.encode().decode(reads_as)
    found = decode(damaged.encode())
    assert found.text == text
    assert found.notes == ("reparadas 2 líneas con los acentos mal codificados",)


@pytest.mark.parametrize(
    "text",
    [
        "Sale informaciÃ³n en vez de información.",
        "Si ves «informaciÃ³n», el archivo está mal leído.",
        "Se ve `aÃ±o` en la pantalla.",
        "Fórmula: Ã = 3, Â = 2, así que es mayor.",
        "SÃO PAULO y âncora, 25 °C, 3 €/m², l’Hospitalet",
    ],
)
def test_what_speaks_of_the_damage_is_left(text: str) -> None:
    assert decode(text.encode()) == (text, ())


@given(st.binary(max_size=400))
def test_any_bytes_are_text_or_an_error_of_ours(data: bytes) -> None:
    with suppress(LoadError):
        text, notes = decode(data)
        assert unicodedata.is_normalized("NFC", text)
        assert len((text + ".").splitlines()) == text.count("\n") + 1
        assert all(notes)


@given(st.text(st.characters(codec="cp1252", exclude_characters="\0\r\n"), max_size=60))
def test_lines_are_those_of_the_file(line: str) -> None:
    data = "\r\n".join(["primera línea, así", line, "última"]).encode("cp1252")
    with suppress(LoadError):  # a line of nothing but control characters is no text
        assert decode(data).text.count("\n") == 2
