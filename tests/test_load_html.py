from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.errors import LoadError
from rag.load import load
from rag.load.extract import Extract
from rag.load.html import read_html
from rag.split import sentence_spans

# Enough words for what is around them to be a small share of the page.
TEXT = "<p>" + "El plazo para presentar la solicitud es de diez días hábiles. " * 5 + "</p>"


def read(page: str) -> Extract:
    return read_html(page.encode())


def lines(page: str) -> list[tuple[int, str]]:
    """Return the lines of the text with their numbers in the file, without the blank ones."""
    extract = read(page)
    numbered = zip(extract.layout.numbers, extract.text.split("\n"), strict=True)
    return [(number, text) for number, text in numbered if text]


def words(page: str) -> str:
    return " ".join(text for _, text in lines(page))


def test_words_stand_on_their_lines(tmp_path: Path) -> None:
    file = tmp_path / "a.html"
    file.write_bytes(
        b"<html>\r\n<title>Plazos</title>\r<body>\n<h1>Los <em>plazos</em></h1>\n"
        b"<p>El plazo es\nde <b>di</b>ez d&iacute;as&nbsp;h&aacute;biles.</p><p>Otro.\n</body>"
    )
    document = load(file, "a.html")
    assert document.text == "Los plazos\n\nEl plazo es\nde diez días hábiles.\n\nOtro."
    assert document.layout.numbers == (4, 4, 5, 6, 6, 6)
    assert document.layout.unit == "line"
    assert document.layout.line_ends == "wraps"
    assert document.title == "Plazos"
    assert [(each.level, each.title) for each in document.headings] == [(1, "Los plazos")]
    start = document.text.index("diez")
    assert str(document.place(start, start + 4)) == "a.html:6"


def test_a_page_on_one_line() -> None:
    assert lines("<h2>Uno</h2><p>dos<br>tres<div>cuatro</div>cinco") == [
        (1, "Uno"),
        (1, "dos"),
        (1, "tres"),
        (1, "cuatro"),
        (1, "cinco"),
    ]


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ("ver (<a\nhref='x'>Debian</a>), dijo", [(1, "ver"), (2, "(Debian), dijo")]),
        ("Debian</b\n>. Fin", [(1, "Debian."), (2, "Fin")]),
        ("uno\n<b\n\nid=x>dos", [(1, "uno"), (4, "dos")]),
        ("pala&shy;bra <img alt='Guardar\ncomo'> fin", [(1, "palabra Guardar como"), (2, "fin")]),
        ("H<sub>2</sub>O, 10<sup>-6</sup> m<sup>2</sup>", [(1, "H2O, 10⁻⁶ m²")]),
        ("la casa<sup><a href='#n'>1</a></sup>.", [(1, "la casa[1].")]),
        ("casa.<sup><a href='#n'><i>[</i>1<i>]</i></a></sup>&#8203; Y", [(1, "casa.[1] Y")]),
    ],
)
def test_a_word_stays_whole(page: str, expected: list[tuple[int, str]]) -> None:
    assert lines(page) == expected


def test_lists_code_and_addresses() -> None:
    page = (
        "<ul>\n<li>uno\n<li><p>dos</p><p>tres</p>\n<li><ul><li>cuatro</ul></ul>\n"
        "<pre>\nif a:\n    b\n\nc</pre>\n<p>Ana Ruiz<br>Calle Mayor, 3<br>28013 Madrid"
    )
    assert lines(page) == [
        (2, "- uno"),
        (3, "- dos"),
        (3, "tres"),
        (4, "- cuatro"),
        (6, "if a:"),
        (7, "    b"),
        (9, "c"),
        (10, "Ana Ruiz"),
        (10, "Calle Mayor, 3"),
        (10, "28013 Madrid"),
    ]
    text = read(page).text
    assert "if a:\n\n    b\n\nc" in text
    assert "Ana Ruiz\n\nCalle" in text


@pytest.mark.parametrize(
    ("broken", "expected"),
    [
        ("Basura: 45 euros<br>Vado: 60 euros", 2),
        ("Ana Ruiz<br>ana@pueblo.es<br>c/ Mayor, 3<br>Toledo", 4),
        (f"Basura{' de la villa' * 9}: 45 euros<br>Vado: 60 euros<br>Toldo: 3 euros", 3),
        (f"Vive{' con su hijo' * 6} en<br>Toledo.", 1),
        ("Su padre nació en<br>Toledo, donde vive, y<br>no piensa volver.", 1),
    ],
)
def test_lines_that_are_broken_by_hand(broken: str, expected: int) -> None:
    text = read(f"<p>{broken}</p>").text
    assert len(sentence_spans(text, line_ends="wraps")) == expected


def test_rows_say_the_names_of_their_columns() -> None:
    page = (
        "<table><caption>Tarifas</caption>\n<tr><th>Zona<th>Precio:</tr>\n"
        "<tr>\n<td>Norte\n<td>3 €\n<tr><td rowspan=2>Sur<td>4 €\n<tr><td>5 €\n"
        "<tr><th colspan=2>Sin servicio</table>"
    )
    assert lines(page) == [
        (1, "Tarifas"),
        (4, "Zona: Norte; Precio: 3 €"),
        (6, "Zona: Sur; Precio: 4 €"),
        (7, "Zona: Sur; Precio: 5 €"),
        (8, "Sin servicio"),
    ]


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("<tr><td>a<td>b<tr><td>c<td>", "a | b c"),
        ("<tr><th>Autor:<td>Ana<tr><th>Año<td>2020", "Autor: Ana Año: 2020"),
        ("<tr><th>A<th>B<tr><th>C<th>D", "A | B C | D"),
        ("<tr><th colspan=2>T<tr><th>A<th>B<tr><td>1<td>2", "T A: 1; B: 2"),
        ("<tr><th rowspan=2>A<th colspan=2>B<tr><th>C<th>D<tr><td>1<td>2<td>3",
         "A: 1; B C: 2; B D: 3"),
        ("<tr><td>a<td/><td>b<table><tr><th>A<th>B<tr><td>1<td>2</table>c", "a b A: 1; B: 2 c"),
        ("<tr><td><h2>Uno</h2>dos<td>tres", "Uno dos tres"),
    ],
)  # fmt: skip
def test_tables(table: str, expected: str) -> None:
    assert words(f"<table>{table}</table>") == expected


@pytest.mark.parametrize(
    "hidden",
    [
        "<script>if (a<b) oculto()</script>",
        "<style>oculto</style>",
        "<template><p>oculto</p></template>",
        "<noscript>oculto</noscript>",
        "<svg><title>oculto<text>oculto</svg>",
        "<!-- oculto <p>oculto -->",
        "<span hidden>oculto <span>oculto</span> oculto</span>",
        "<span aria-hidden=true>oculto</span>",
        "<span style='color: red; DISPLAY : none'>oculto</span>",
        "<span style='visibility:hidden'>oculto</span>",
        "<span style='font-size:0px'>oculto</span>",
        "<div hidden><div>oculto</div><p>oculto<p>oculto</div>",
        "<a class='headerlink' href='#a'>oculto</a>",
        "<iframe><p>oculto</iframe>",
        "<img alt='oculto.png'>",
    ],
)
def test_what_no_reader_sees_is_left_out(hidden: str) -> None:
    assert words(f"<p>antes {hidden} después") == "antes después"


def test_what_looks_hidden_is_not() -> None:
    page = "<body style='visibility:hidden'><p style='font-size:0.8em'>a <del>b</del> &lt;i&gt;"
    assert words(page) == "a b <i>"


@pytest.mark.parametrize(
    "boilerplate",
    [
        "<nav><a href=x>menú</a> menú</nav>",
        "<header><h1>menú</h1></header>",
        "<footer>menú</footer>",
        "<aside>menú</aside>",
        "<div role=navigation>menú</div>",
        "<div class='navheader'><table><tr><th>menú</table></div>",
        "<div class='col site-footer'>menú</div>",
        "<div class='related-posts'><h3>menú</h3><p>menú</div>",
        "<div id='main-menu'><p>menú</div>",
        "<div class='toc'><a href='#a'>menú</a></div>",
        "<p><a href=x>menú</a></p><ul><li><a href=y>menú</a></ul>",
        "<select><option>menú<option>menú</select>",
    ],
)
def test_menus_and_their_like_are_left_out(boilerplate: str) -> None:
    title = "<h1>Plazos</h1>"
    assert "menú" not in words(f"{boilerplate}{title}{TEXT}")
    assert "menú" not in words(f"{title}{TEXT}{boilerplate}")


@pytest.mark.parametrize(
    "content",
    [
        "<div class='menu-del-dia'>contenido</div>",
        "<div class='with-sidebar'>contenido</div>",
        "<body class='sidebar'>contenido",
        "<article><header>contenido</header></article>",
        "<p>Véase <a href=x>contenido</a></p>",
        "<header><h1>contenido</h1><p>Ana Ruiz</header>",
    ],
)
def test_content_is_kept(content: str) -> None:
    assert "contenido" in words(f"{content}{TEXT}")


def test_the_main_element_is_the_page_if_it_has_most_of_it() -> None:
    assert "suelto" not in words(f"<div>suelto</div><main>{TEXT}</main>")
    assert "suelto" in words(f"<div>suelto {TEXT}{TEXT}</div><main>{TEXT}</main>")


def test_an_index_keeps_its_links() -> None:
    links = "".join(f"<li><a href='{n}.html'>Capítulo {n}</a>" for n in range(30))
    for page in (f"<h1>Guía</h1><ul>{links}</ul>", f"<h1>Guía</h1><div class=toc>{links}</div>"):
        assert "Capítulo 29" in words(page)
    assert words(f"<nav>{links}</nav>").endswith("Capítulo 29")


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Plazos - Ayuntamiento", "Plazos"),
        ("Ayuntamiento | Plazos", "Plazos"),
        ("Plazos y tasas - Ayuntamiento", "Plazos y tasas - Ayuntamiento"),
    ],
)
def test_the_title_without_the_name_of_the_site(title: str, expected: str) -> None:
    assert read(f"<title>{title}</title><h1>PLAZOS</h1>{TEXT}").title == expected


@pytest.mark.parametrize(
    ("declaration", "encoding"),
    [
        ("", "utf-8"),
        ("<meta charset=iso-8859-1>", "utf-8"),  # what it says is wrong
        ("<meta charset='ISO-8859-1'>", "cp1252"),
        ("<meta http-equiv=Content-Type content='text/html; charset=windows-1250'>", "cp1250"),
        ("<?xml version='1.0' encoding='iso-8859-15'?>", "iso-8859-15"),
        ("", "utf-16"),
        ("", "utf-8-sig"),
    ],
)
def test_encodings(declaration: str, encoding: str) -> None:
    data = f"{declaration}<p>canción, 3 €, «ó»".replace("«ó»", "ó").encode(encoding)
    assert read_html(data).text == "canción, 3 €, ó"


@pytest.mark.parametrize("data", [b"", b"<script>x</script>", b"<p>", b"<p>a\0b"])
def test_what_has_no_text_says_so(data: bytes) -> None:
    with pytest.raises(LoadError) as raised:
        read_html(data)
    assert raised.value.remedy


def test_sections_of_data_are_text_in_xml_alone() -> None:
    assert words("<?xml version='1.0'?><p>a<![CDATA[ &amp; <b> ]]>c") == "a &amp; <b> c"
    assert words("<p>a<![CDATA[ b ]]>c") == "ac"
    assert words("<?xml version='1.0'?><p>a<script/>b<a id='x'/> c") == "ab c"


def test_bad_markup_loses_no_words() -> None:
    assert words("<p>a < b y c<d entonces") == "a < b y c<d entonces"
    assert words("<p>uno <a href=\"x>dos</a> <b title='>tres") == "uno dos tres"
    assert words("</p>uno</div></x><p>dos") == "uno dos"
    assert words("<title>uno<p>dos").endswith("dos")
    assert words("a&#0;b &#xd800; &#" + "9" * 5000 + "; c &noes; &eacute") == "a�b � � c &noes; é"


@pytest.mark.parametrize(
    "piece",
    [
        "<!--", "<!x ", "<?x ", "</a ", "<a x=\"'", '<a x=">" ', "<a ", "<", "<![CDATA[", "<title>",
        "<div>x", "<b><i>", "</div></b>", "<table><tr><td>x", "<p hidden><div>", "<ul><li>",
        "<td rowspan=1000>x<td colspan=99>", "&#1", "a<b\n>", "<svg><title/>", "<p class='menu-",
    ],
)  # fmt: skip
def test_time_is_linear_whatever_the_page(piece: str) -> None:
    def seconds(n_chars: int) -> float:
        page = (piece * (n_chars // len(piece)) + "\">'-->fin").encode()
        start = time.thread_time()  # not the process's, where the threads of other tests may run
        with suppress(LoadError):
            read_html(page)
        return time.thread_time() - start

    few, many = (min(seconds(n), seconds(n)) for n in (5_000, 40_000))  # one may meet the collector
    assert many < 0.3 + 20 * few  # 64 times as long, were it quadratic


NAMES = "div p span b li ul table tr td th h2 a pre section blockquote em br dl dt center".split()
TAGS = st.one_of(
    st.sampled_from(NAMES).map(lambda name: f"<{name}>"),
    st.sampled_from(NAMES).map(lambda name: f"</{name}>"),
    st.sampled_from(["<a name='x'>", "<p\nclass='a'>", "<!-- x\n -->", "<br/>", "<img\nalt=''>"]),
    st.sampled_from([" ", "\n", "\r\n", "\n\n", "&nbsp;"]),
)


@settings(max_examples=100)
@given(st.lists(st.lists(TAGS, max_size=4), max_size=15))
def test_every_word_is_kept_and_stands_on_its_line(pieces: list[list[str]]) -> None:
    written = [f" palabra{at:02} {''.join(tags)}" for at, tags in enumerate(pieces)]
    page = "".join(["inicio ", *written, " fin"])
    source = page.replace("\r\n", "\n").split("\n")
    found = lines(page)
    is_table = "<table>" in page
    said = " ".join(text for _, text in found)
    for at in range(len(pieces)):
        word = f"palabra{at:02}"
        assert word in said
        stands = [number for number, text in found if word in text]
        line = next(number for number, text in enumerate(source, 1) if word in text)
        # A title is one line, and a row is; both stand where they begin.
        assert line in stands or "<h2>" in page or (is_table and min(stands) <= line)


@settings(max_examples=100)
@given(st.text(alphabet="<>/!?-=\"'& \n\tabpx#;0[]", max_size=80) | st.text(max_size=40))
def test_any_text_is_a_page(text: str) -> None:
    page = f"{text.encode('utf-8', 'replace').decode()}\"'-->]]><p>fin".replace("\0", "")
    assert isinstance(read(page), Extract)
