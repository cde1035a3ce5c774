from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.errors import LoadError
from rag.load import load
from rag.load.extract import Extract
from rag.load.pdf import read_pdf
from rag.load.pdf.glyphs import Glyphs
from rag.load.pdf.lines import page_lines
from rag.load.pdf.prose import whole_words
from rag.split import sentence_spans
from tests.pdf_file import IMAGE, Text, lines, pdf

PROSE = [
    "El plazo para presentar la solicitud de ayuda es de treinta dias naturales, y",
    "empieza a contar al dia siguiente de la publicacion de esta orden en el boletin",
    "oficial de la provincia, sin que la falta de otros documentos lo interrumpa nunca.",
]
LEFT = [f"columna primera con el renglon {at} entero, bien" for at in range(1, 9)]
RIGHT = [f"columna segunda con el renglon {at} lleno, bien" for at in range(1, 9)]


def numbered(extract: Extract) -> list[tuple[int, str]]:
    """Return the lines that are not blank, each with its number."""
    texts = extract.text.split("\n")
    return [
        (number, text)
        for number, text in zip(extract.layout.numbers, texts, strict=True)
        if text.strip()
    ]


def said(extract: Extract) -> list[str]:
    return [text for _, text in numbered(extract)]


def test_a_quote_is_found_on_its_page_and_line(tmp_path: Path) -> None:
    file = tmp_path / "orden.pdf"
    file.write_bytes(pdf(lines(["Orden", "", *PROSE], top=800), lines(["Otra página.", *PROSE])))
    document = load(file, "orden.pdf")
    start = document.text.index("oficial de la provincia")
    place = document.place(start, start + 10)
    assert str(place) == "orden.pdf, página 1, línea 4"
    start = document.text.rindex("empieza")
    assert document.place(start, start + 10)[1:4] == (3, 3, 2)
    assert document.media_type == "application/pdf"


def test_running_heads_and_page_numbers_are_counted_but_not_read() -> None:
    pages = [
        [
            Text(f"Manual del empleado, capitulo {page // 2}", 60, 810, 8),
            *lines([f"Empieza la hoja {word}.", *PROSE], top=760),
            Text(f"{page + 7}", 300, 30, 8),
        ]
        for page, word in enumerate(["primera", "segunda", "tercera", "cuarta"])
    ]
    found = numbered(read_pdf(pdf(*pages)))
    assert len(found) == 16
    assert found[:2] == [(2, "Empieza la hoja primera."), (3, PROSE[0])]
    assert not any("Manual" in text or text.isdigit() for _, text in found)


def test_a_first_line_that_repeats_in_large_letters_is_a_title_and_stays() -> None:
    pages = [lines([f"Tema {n}"], size=20) + lines(PROSE, top=740) for n in range(1, 5)]
    extract = read_pdf(pdf(*pages))
    assert [heading.title for heading in extract.headings] == [f"Tema {n}" for n in range(1, 5)]


def test_a_sentence_runs_over_the_end_of_a_page(tmp_path: Path) -> None:
    file = tmp_path / "a.pdf"
    file.write_bytes(pdf(lines(PROSE[:2]), lines([PROSE[2], "", "Otro parrafo distinto."])))
    document = load(file, "a.pdf")
    [first, second] = [document.place(*span) for span in sentence_spans(document.text)]
    assert (first.line_start, first.page, first.line_end, first.page_end) == (1, 1, 1, 2)
    assert (second.line_start, second.page, second.page_end) == (2, 2, None)


def test_paragraphs_end_at_a_gap_and_at_an_indent() -> None:
    first, second = PROSE[:2], PROSE[1:]
    by_gap = pdf(lines([*first, "", *PROSE]))
    by_indent = pdf([*lines(PROSE), Text(second[0], 75, 744), Text(second[1], 60, 732)])
    assert read_pdf(by_gap).text == "\n".join([*first, "", *PROSE, ""])
    assert read_pdf(by_indent).text == "\n".join([*PROSE, "", *second, ""])


def test_a_line_ends_where_the_next_word_had_room() -> None:
    fields = ["Factura 2024/15", "Fecha: 3 de mayo", "Cliente: Ana Ruiz"]
    clause = [*fields, "Artículo 2. Plazo", *PROSE]
    expected = [*clause[:4], "\n".join(PROSE) + "\n"]
    assert read_pdf(pdf(lines(clause))).text.split("\n\n") == expected
    wrapped = ["El plazo de", *PROSE[1:]]  # a sentence goes on, whatever the room
    assert "\n\n" not in read_pdf(pdf(lines(wrapped))).text


def test_a_line_that_is_pushed_down_goes_on_with_its_sentence() -> None:
    pushed = [*lines(PROSE), Text("y sin que por eso deje nadie de poder pedirla.", 60, 736)]
    whole = read_pdf(pdf([*pushed[:-2], Text(PROSE[2][:-1], 60, 756), pushed[-1]]))
    assert "\n\n" not in whole.text
    assert "\n\n" in read_pdf(pdf(pushed)).text


def interleaved(left: Sequence[Text], right: Sequence[Text]) -> list[Text]:
    return [text for pair in zip(left, right, strict=True) for text in pair]


@pytest.mark.parametrize("is_interleaved", [False, True])
def test_columns_are_read_and_counted_one_after_the_other(*, is_interleaved: bool) -> None:
    left, right = lines(LEFT, x=50, top=700), lines(RIGHT, x=310, top=700)
    body = interleaved(left, right) if is_interleaved else [*left, *right]
    title = Text(
        "Un titulo largo que va de un lado de la pagina hasta el otro, sin mas", 50, 740, 16
    )
    foot = Text(
        "Y una linea que cierra la pagina de un lado hasta el otro, sin mas cosas que " * 1, 50, 560
    )
    found = numbered(read_pdf(pdf([title, *body, foot])))
    assert [text for _, text in found[1:17]] == [*LEFT, *RIGHT]
    assert [number for number, _ in found] == list(range(1, 19))


def test_a_gap_through_both_columns_does_not_part_them() -> None:
    left = [*lines(LEFT, 50, 700), *lines(LEFT, 50, 540)]
    right = [*lines(RIGHT, 310, 700), *lines(RIGHT, 310, 540)]
    assert said(read_pdf(pdf([*left, *right]))) == [*LEFT, *LEFT, *RIGHT, *RIGHT]


def test_a_table_drawn_row_by_row_is_not_two_columns() -> None:
    rows = [("Madrid", "3300000"), ("Sevilla", "680000"), ("Soria", "40000"), ("Teruel", "35000"),
            ("Huesca", "53000"), ("Zamora", "60000")]  # fmt: skip
    texts = [
        Text(cell, 60 + 250 * at, 700 - 14 * row)
        for row, cells in enumerate(rows)
        for at, cell in enumerate(cells)
    ]
    assert numbered(read_pdf(pdf(texts))) == [
        (number, " ".join(cells)) for number, cells in enumerate(rows, 1)
    ]


def test_the_cells_of_a_row_are_read_one_after_the_other() -> None:
    texts = [
        Text("Vacaciones", 60, 700),
        *lines(["treinta dias naturales al", "cabo de cada anno"], 250, 700),
        Text("Permisos", 60, 670),
        *lines(["quince dias por boda o", "pareja de hecho"], 250, 676),
    ]  # fmt: skip
    extract = read_pdf(pdf(texts))
    assert numbered(extract) == [
        (1, "Vacaciones treinta dias naturales al"), (2, "cabo de cada anno"),
        (3, "Permisos"), (3, "quince dias por boda o"), (4, "pareja de hecho"),
    ]  # fmt: skip
    assert extract.text.count("\n\n") == 1


def test_the_place_of_a_row_whose_last_cell_begins_above_the_others(tmp_path: Path) -> None:
    cells = lines(["quince dias por boda,", "por pareja de hecho o", "por traslado"], 250, 700)
    file = tmp_path / "a.pdf"
    file.write_bytes(pdf([Text("Permisos", 60, 688), *cells]))
    document = load(file, "a.pdf")
    assert document.text.startswith("Permisos\nquince dias por boda,\npor pareja")
    assert document.place(0, len("Permisos\nquince"))[1:3] == (1, 2)


def test_words_cut_at_the_end_of_a_line_are_whole_where_they_begin() -> None:
    extract = read_pdf(
        pdf(
            lines(
                [
                    "La guerra franco-prusiana se recuerda por la rapi-",
                    "dez de los hechos, y de la contienda franco-",
                    "prusiana se escribieron memorias en Madrid-",
                    "Barcelona hasta 1914, sin ninguna pausa",
                ]
            )
        )
    )
    assert numbered(extract) == [
        (1, "La guerra franco-prusiana se recuerda por la rapidez"),
        (2, "de los hechos, y de la contienda franco-prusiana"),
        (3, "se escribieron memorias en Madrid-Barcelona"),
        (4, "hasta 1914, sin ninguna pausa"),
    ]


def test_a_word_cut_at_the_end_of_a_page_is_whole() -> None:
    extract = read_pdf(
        pdf(
            lines([*PROSE[:2], "provincia y sin que por tanto haya ninguna inte-"]),
            lines(["rrupcion de plazos."]),
        )
    )
    assert said(extract)[2:] == [
        "provincia y sin que por tanto haya ninguna interrupcion",
        "de plazos.",
    ]


@given(st.lists(st.text("abc-\u00ad\u0002 ", min_size=1), min_size=1), st.booleans())
def test_joining_loses_no_letter(texts: list[str], goes_on: bool) -> None:
    joined = list(whole_words(texts, [goes_on] * len(texts)))
    assert len(joined) == len(texts)
    kept = "".join(filter(str.isalpha, "".join(joined)))
    assert kept == "".join(filter(str.isalpha, "".join(texts)))


def glyphs(*drawn: tuple[str, float, float], spaced: Sequence[int] = ()) -> Glyphs:
    """Return glyphs of ten points on one line: text, left and right edge."""
    n = len(drawn)
    return Glyphs(
        [text for text, _, _ in drawn],
        np.array([left for _, left, _ in drawn], float),
        np.array([right for _, _, right in drawn], float),
        np.full(n, 700.0), np.full(n, 10.0), np.isin(np.arange(n), spaced), np.zeros(n, np.int64),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("drawn", "expected"),
    [
        ([("´", 1, 4), ("a", 0, 5), ("s", 5, 10)], "ás"),
        ([("a", 0, 5), ("´", 1, 4), ("s", 5, 10)], "ás"),
        ([("ı", 0, 3), ("\u0301", 0, 3), ("o", 3, 8)], "ío"),
        ([("~", 0, 5), ("n", 5, 10)], "~n"),
        ([("˜", 1, 4), ("n", 0, 5), ("o", 5, 10)], "ño"),
        ([("a", 0, 5), ("´", 6, 8), ("b", 9, 14)], "a´b"),
        ([("ﬁ", 0, 5), ("n", 5, 10)], "fin"),
        ([("²", 0, 3), ("½", 3, 8)], "²½"),
    ],
)
def test_accents_and_ligatures(drawn: list[tuple[str, float, float]], expected: str) -> None:
    [line] = page_lines(glyphs(*drawn))
    assert line.text == expected


def test_letters_that_are_set_apart_make_words() -> None:
    widths = [(letter, 9.0 * at, 9.0 * at + 5) for at, letter in enumerate("CAPITULO")]
    more = [(letter, 85.0 + 9 * at, 90.0 + 9 * at) for at, letter in enumerate("PRIMERO")]
    [line] = page_lines(glyphs(*widths, *more, spaced=range(1, 15)))
    assert line.text == "CAPITULO PRIMERO"


def test_a_space_that_no_character_draws() -> None:
    texts = "BT /F 10 Tf 60 700 Td [(sin) -300 (espacios) -300 (entre) 40 (lazados)] TJ ET"
    assert said(read_pdf(pdf([texts]))) == ["sin espacios entrelazados"]


def test_the_mark_of_a_note_is_not_part_of_the_word() -> None:
    body, mark = "/F 10 Tf 0 Ts", "/F 6 Tf 4 Ts"
    shown = f"{body} (contrato) Tj {mark} (12) Tj {body} ( laboral de 3 m) Tj {mark} (2) Tj"
    assert said(read_pdf(pdf([f"BT 60 700 Td {shown} ET"]))) == ["contrato 12 laboral de 3 m2"]


def test_titles_come_from_the_outline() -> None:
    outline = [("Disposiciones generales", 1, 0), ("Plazos", 1, 1), ("No está en el texto", 1, 1)]
    data = pdf(
        lines(["1. Disposiciones generales", *PROSE]), lines(["Plazos", *PROSE]), outline=outline
    )
    extract = read_pdf(data)
    assert [heading.title for heading in extract.headings] == [
        "1. Disposiciones generales",
        "Plazos",
    ]
    assert all(
        extract.text[heading.start :].startswith(heading.title) for heading in extract.headings
    )


def test_titles_are_larger_than_the_body() -> None:
    page = [
        *lines(["Reglamento de", "regimen interno"], top=800, size=22, leading=26),
        *lines(["Capitulo primero"], top=720, size=14), *lines(PROSE, top=690),
    ]  # fmt: skip
    extract = read_pdf(pdf(page, title="Microsoft Word - Documento1.docx"))
    assert [(each.level, each.title) for each in extract.headings] == [
        (1, "Reglamento de regimen interno"), (2, "Capitulo primero")
    ]  # fmt: skip
    assert extract.title == "Reglamento de regimen interno"
    assert read_pdf(pdf(page, title="Régimen interno de 2024")).title == "Régimen interno de 2024"


def test_what_cannot_be_seen_is_not_read_but_a_layer_of_recognised_text_is() -> None:
    page = [
        Text("reconocido en la imagen", 60, 700, mode=3),
        Text("fuera", 900, 700),
        Text("nada", 60, 600, 0.1),
    ]
    assert said(read_pdf(pdf([*page, IMAGE]))) == ["reconocido en la imagen"]


def test_a_page_on_its_side_is_read_as_it_is_seen() -> None:
    page = [Text(text, 100 + 14 * at, 100, turn=(0, 1)) for at, text in enumerate(PROSE)]
    assert numbered(read_pdf(pdf(page, page_entries="/Rotate 90"))) == list(enumerate(PROSE, 1))


def test_a_scan_is_told_from_a_blank_page() -> None:
    with pytest.raises(LoadError, match="escaneado") as failure:
        read_pdf(pdf([IMAGE], [IMAGE]))
    assert "ocrmypdf -l spa" in failure.value.remedy
    with pytest.raises(LoadError, match="no tiene texto"):
        read_pdf(pdf([], []))
    assert read_pdf(pdf(lines(PROSE), [IMAGE], [], lines(PROSE))).notes == (
        "la página 2 no se ha leído: solo tiene imágenes",
    )


def test_a_password() -> None:
    with pytest.raises(LoadError, match="contraseña") as failure:
        read_pdf(pdf(lines(PROSE), password="secreto"))
    assert "qpdf" in failure.value.remedy
    assert said(read_pdf(pdf(lines(PROSE), password=""))) == PROSE


def test_a_damaged_file_is_mended_or_refused() -> None:
    data = pdf(lines(PROSE), lines(PROSE))
    assert said(read_pdf(data.replace(b"startxref\n", b"startxref\n9"))) == PROSE * 2
    with pytest.raises(LoadError, match="dañado"):
        read_pdf(b"%PDF-1.4\nno es un PDF")
    with pytest.raises(LoadError, match="dañado"):
        read_pdf(b"")


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_damage_is_an_error_of_ours_or_none(data: st.DataObject) -> None:
    whole = bytearray(pdf(lines(PROSE), lines(PROSE), outline=[("Plazos", 1, 1)]))
    for _ in range(data.draw(st.integers(1, 8))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    with suppress(LoadError):
        extract = read_pdf(bytes(whole))
        assert len(extract.layout.numbers) == extract.text.count("\n") + 1
