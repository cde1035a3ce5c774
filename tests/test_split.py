from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.load.registry import as_document
from rag.load.text.markdown import read_markdown
from rag.schema import Document
from rag.split import sentence_spans, split

SPANISH = st.text(
    alphabet=st.sampled_from(list("abcñáéAÉÑ 019.,;:¿?¡!«»“”()[]—-–…#*|>\n\t\u00a0\u0301\u200b")),
    max_size=300,
)


def document(text: str) -> Document:
    data = text.encode()
    return as_document("a.md", data, read_markdown(data))


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


def count_words(text: str) -> int:
    return len(text.split()) + 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Llegó tarde ayer. No dijo nada.", ["Llegó tarde ayer.", "No dijo nada."]),
        ("El Sr. Ruiz vive en la Avda. Mayor.", ["El Sr. Ruiz vive en la Avda. Mayor."]),
        ("Hay fruta, p. ej. Peras de agua.", ["Hay fruta, p. ej. Peras de agua."]),
        ("Según el art. 15.2 es nulo.", ["Según el art. 15.2 es nulo."]),
        ("Cuesta 10.000 euros y pesa 3,5 kg.", ["Cuesta 10.000 euros y pesa 3,5 kg."]),
        (
            "Lo prohibió EE. UU. La medida no gustó.",
            ["Lo prohibió EE. UU.", "La medida no gustó."],
        ),
        ("Lo dijo J. R. R. Tolkien en Oxford.", ["Lo dijo J. R. R. Tolkien en Oxford."]),
        ("¿Quién viene a cenar? Viene mi tía.", ["¿Quién viene a cenar?", "Viene mi tía."]),
        ("¡Qué alegría más grande! ¿Y Luis?", ["¡Qué alegría más grande!", "¿Y Luis?"]),
        (
            "«No me gusta nada.» Así lo dijo ayer.",
            ["«No me gusta nada.»", "Así lo dijo ayer."],
        ),
        (
            "—¿Vienes hoy a casa? —preguntó Ana.\n—No puedo ir hoy.",
            ["—¿Vienes hoy a casa? —preguntó Ana.", "—No puedo ir hoy."],
        ),
        (
            "La reunión del jueves empezará en la sede central a las\n12. Después habrá refresco.",
            [
                "La reunión del jueves empezará en la sede central a las\n12.",
                "Después habrá refresco.",
            ],
        ),
        (
            "Aquella misma tarde de domingo llegó tarde y sin avisar\n— como siempre — Eusebio.",
            ["Aquella misma tarde de domingo llegó tarde y sin avisar\n— como siempre — Eusebio."],
        ),
        ("Compra:\n1. Pan de centeno.\n2. Queso.", ["Compra:", "Pan de centeno.", "Queso."]),
        ("- pan de centeno\n- queso de oveja", ["pan de centeno", "queso de oveja"]),
        ("\u00a0\u00a0 \n\u00a0* leer\n\u00a0* escribir", ["leer", "escribir"]),
        ("1. Abre la caja azul.\n2. Ciérrala.", ["Abre la caja azul.", "Ciérrala."]),
        (
            "Esta línea la partió el editor justo en\nmitad de la frase. Y sigue aquí mismo.",
            ["Esta línea la partió el editor justo en\nmitad de la frase.", "Y sigue aquí mismo."],
        ),
        (f"Un titular corto\n{'Texto ' * 50}fin.", ["Un titular corto", f"{'Texto ' * 50}fin."]),
        ("**Alucinación.** Dato falso que suena bien.",
         ["**Alucinación.** Dato falso que suena bien."]),
        ("| Qwen | Alibaba |\n|---|---|\n| R1 | x |", ["| Qwen | Alibaba |", "| R1 | x |"]),
        ("Nació en Ávila.[1][nota 2] Vive en Vigo.",
         ["Nació en Ávila.[1][nota 2]", "Vive en Vigo."]),
        ("Se fue... Nadie lo vio salir.", ["Se fue... Nadie lo vio salir."]),
        ("Se marchó sin avisar… Nadie lo vio.", ["Se marchó sin avisar…", "Nadie lo vio."]),
        (
            "## Artículo 15. Plazos\nSon de un mes. Se cuentan en días.",
            ["Artículo 15. Plazos", "Son de un mes.", "Se cuentan en días."],
        ),
        ("Artículo 15. Plazos\n====\n\nUn mes.", ["Artículo 15. Plazos", "Un mes."]),
        ("Una cosa va aquí. Otra va allí.\n---\nMás.",
         ["Una cosa va aquí.", "Otra va allí.", "Más."]),
        (
            "## De los plazos de entrega\n1. Un mes.\n2. Dos meses.",
            ["De los plazos de entrega", "Un mes.", "Dos meses."],
        ),
        ("Concepto    Importe\nCaldera      12.000\nRadiador      3.400",
         ["Concepto    Importe", "Caldera      12.000", "Radiador      3.400"]),
        ("Bar\t30 sillas\nCine\t90 sillas", ["Bar\t30 sillas", "Cine\t90 sillas"]),
        ("║ Bar  ║ 30 ║\n║ Cine ║ 90 ║\n╚══════╩════╝", ["║ Bar  ║ 30 ║", "║ Cine ║ 90 ║"]),
        ("Página 2\n+-----+----+\n| Bar | 30 |", ["Página 2", "| Bar | 30 |"]),
        ("Calle: Mayor, 3\nImporte: 300 euros", ["Calle: Mayor, 3", "Importe: 300 euros"]),
        ("Ana escribió ayer:\n> ¿A qué hora es la\n> reunión?\n>\n> Gracias por todo.\nA las diez.",
         ["Ana escribió ayer:", "¿A qué hora es la\n> reunión?", "Gracias por todo.",
          "A las diez."]),
        ("1.- Se aprueba el acta\n2.- Ruegos", ["1.- Se aprueba el acta", "2.- Ruegos"]),
        ("La norma regula las terrazas\nArtículo 2. Plazo\nDiez días.",
         ["La norma regula las terrazas", "Artículo 2. Plazo", "Diez días."]),
        ("Se dictan estos pronunciamientos\nPRIMERO.- Que paga el banco",
         ["Se dictan estos pronunciamientos", "PRIMERO.- Que paga el banco"]),
        ("Se hace según lo que dice el\nArtículo 2 de la Ley de Aguas.",
         ["Se hace según lo que dice el\nArtículo 2 de la Ley de Aguas."]),
        ("Son estos plazos:\n\\begin{itemize}\n\\item Un mes.",
         ["Son estos plazos:", "\\begin{itemize}", "\\item Un mes."]),
        ("\n\n", []),
        ("---", []),
    ],
)  # fmt: skip
def test_spanish_sentences(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


@given(SPANISH)
def test_sentences_are_apart_in_order_and_trimmed(text: str) -> None:
    spans = sentence_spans(text)
    for before, after in pairwise(spans):
        assert before.end <= after.start
    for start, end in spans:
        assert text[start:end] == text[start:end].strip() != ""


@given(SPANISH)
def test_every_word_is_in_a_sentence(text: str) -> None:
    inside = {at for start, end in sentence_spans(text) for at in range(start, end)}
    letters = {at for at, character in enumerate(text) if character.isalpha()}
    assert letters <= inside
    in_chunks = {
        at
        for chunk in split(document(text), count_words, 40)
        for sentence in chunk.sentences
        for at in range(sentence.start, sentence.end)
    }
    source = document(text).text
    assert {at for at, character in enumerate(source) if character.isalpha()} <= in_chunks


@given(SPANISH, st.integers(min_value=3, max_value=40))
def test_chunks_are_exact_spans_that_cover_the_text(text: str, max_tokens: int) -> None:
    source = document(text)
    chunks = split(source, count_words, max_tokens)
    covered: set[int] = set()
    for chunk in chunks:
        assert source.text[chunk.start : chunk.end] == chunk.text
        assert source.place(chunk.start, chunk.end) == chunk.at
        assert (chunk.at.line_start, chunk.at.line_end) == (chunk.line_start, chunk.line_end)
        assert not covered & set(range(chunk.start, chunk.end))
        covered |= set(range(chunk.start, chunk.end))
        for sentence in chunk.sentences:
            assert chunk.start <= sentence.start < sentence.end <= chunk.end
            assert source.text[sentence.start : sentence.end] == sentence.text
            lines = source.text.split("\n")[sentence.line_start - 1 : sentence.line_end]
            assert sentence.text in "\n".join(lines)
    assert {at for at, c in enumerate(source.text) if not c.isspace()} <= covered
    assert [chunk.start for chunk in chunks] == sorted(chunk.start for chunk in chunks)


@given(st.lists(st.sampled_from(["casa", "árbol", "nube.", "¿Sol?", "10.000"]), max_size=400))
def test_no_chunk_is_longer_than_the_limit(words: list[str]) -> None:
    for chunk in split(document(" ".join(words)), count_words, 20):
        assert count_words(chunk.text) <= 20


def test_one_endless_word_is_cut() -> None:
    chunks = split(document("a" * 5000), len, 100)
    assert "".join(chunk.text for chunk in chunks) == "a" * 5000
    assert max(len(chunk.text) for chunk in chunks) <= 100


def test_titles_part_chunks() -> None:
    text = "# Uno\n\nTexto del primer apartado.\n\n## Dos\n\nTexto del otro apartado.\n"
    first, second = split(document(text), count_words, 200)
    assert first.headings == ("Uno",)
    assert second.headings == ("Uno", "Dos")
    assert [sentence.text for sentence in second.sentences] == [
        "Dos",
        "Texto del otro apartado.",
    ]
    assert second.sentences[1].line_start == 7


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("## Artículo 15. Plazos\n\nSon de un mes.", "Artículo 15. Plazos"),
        ("Artículo 15. Plazos\n-------------------\n\nSon de un mes.", "Artículo 15. Plazos"),
        ("# Ley\nArtículo 15. Plazos de las obras\n---\nSon de un mes.",
         "Artículo 15. Plazos de las obras"),
        ("## 3. Plazos\n\nSon de un mes.", "3. Plazos"),
        ("## De los plazos\n1. Son de un mes.", "De los plazos"),
    ],
)  # fmt: skip
def test_a_title_is_one_sentence(text: str, title: str) -> None:
    chunk = split(document(text), count_words, 200)[-1]
    assert chunk.headings[-1] == title
    assert [sentence.text for sentence in chunk.sentences][-2:] == [title, "Son de un mes."]


@pytest.mark.parametrize(
    "text",
    [
        "El presupuesto es de 9.000 euros.\n---\nOtra parte.",
        "---\ntitulo: Plan\nautor: Beatriz Galindo\n---\n\nTexto.",
        "Primera parte del párrafo\nsegunda parte\n=====\n\nTexto.",
    ],
)
def test_a_paragraph_over_a_rule_is_no_title(text: str) -> None:
    assert document(text).headings == ()


def test_a_title_without_text_goes_with_the_next() -> None:
    (chunk,) = split(document("# Uno\n\n## Dos\n\nHay texto aquí debajo.\n"), count_words, 200)
    assert chunk.text.startswith("# Uno")
    assert chunk.headings == ("Uno", "Dos")


def test_a_number_sign_in_a_code_block_is_no_title() -> None:
    source = document(
        "# Guía\n\n```sh\n# comentario\nls\n```\n\nTitular\n=======\n\nTexto final.\n"
    )
    assert [heading.title for heading in source.headings] == ["Guía", "Titular"]


def test_a_sentence_on_two_lines_has_both() -> None:
    text = "Encabezado breve.\n\nEsta frase la partió el editor cuando ya no cabía\nen la línea.\n"
    chunks = split(document(text), count_words, 200)
    last = chunks[-1].sentences[-1]
    assert (last.line_start, last.line_end) == (3, 4)


@pytest.mark.parametrize(
    "text",
    [
        "a. " * 50_000,
        "." * 200_000,
        "«" * 200_000,
        " " * 500_000 + "x",
        "\n" * 300_000,
        "- " * 9_000,
        "# Título\n\nFrase corta de prueba.\n\n" * 5_000,
        ">" * 200_000 + "\n" + "> " * 100_000 + "x",
        "A: b   c\n" * 30_000,
    ],
    ids=["initials", "stops", "quotes", "spaces", "lines", "bullets", "titles", "bars", "rows"],
)
def test_time_grows_with_length_and_no_faster(text: str) -> None:
    started = time.perf_counter()
    split(document(text), lambda piece: len(piece) // 4 + 2, 256)
    assert time.perf_counter() - started < 10  # under 1 s here; squared it would be minutes
