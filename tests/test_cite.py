from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rag.cite import cite
from rag.load.text import read_text
from rag.schema import Document
from tests.evidence import evidence

TEXT = "Primera línea.\nEl faro mide 41 metros.\n\nLo hizo Ferrer\nen 1887.\n"


FARO = evidence(1, "El faro mide 41 metros.", "a.txt", 2, 2)
FERRER = evidence(2, "Lo hizo Ferrer\nen 1887.", "a.txt", 4, 5)


def source(text: str | None) -> Document | None:
    return None if text is None else read_text("a.txt", text.encode())


def test_markers_become_citations_in_the_order_of_the_text() -> None:
    cited = cite("Lo hizo Ferrer [2]. Mide 41 metros [1].", [FARO, FERRER], lambda _: source(TEXT))
    assert [(c.marker, c.place, c.status) for c in cited.citations] == [
        (2, "a.txt:4-5", "verified"),
        (1, "a.txt:2", "verified"),
    ]
    assert str(cited.citations[0]) == "[2] a.txt:4-5 «Lo hizo Ferrer en 1887.»"


def test_invented_markers_disappear() -> None:
    cited = cite("Mide 41 [1][9]. Es azul [7].", [FARO], lambda _: source(TEXT))
    assert cited.text == "Mide 41 [1]. Es azul."
    assert [c.marker for c in cited.citations] == [1]


def test_grouped_markers_are_parted() -> None:
    cited = cite("Todo [1, 2; 5] y más [2 y 1].", [FARO, FERRER], lambda _: source(TEXT))
    assert cited.text == "Todo [1][2] y más [2][1]."


def test_a_quote_that_moved_is_followed_to_the_nearest_place() -> None:
    moved = "\n\n\n" + TEXT + "\n" * 50 + "El faro mide 41 metros."
    (citation,) = cite("x [1]", [FARO], lambda _: source(moved)).citations
    assert (citation.status, citation.line_start) == ("moved", 5)


def test_a_quote_that_is_no_longer_there() -> None:
    (citation,) = cite("x [1]", [FARO], lambda _: source("El faro mide 42 metros.")).citations
    assert (citation.status, citation.line_start) == ("stale", 2)


def test_a_file_that_is_gone() -> None:
    (citation,) = cite("x [1]", [FARO], lambda _: source(None)).citations
    assert citation.status == "missing"


@given(st.text(alphabet=st.sampled_from(list("[]0123,;y añ.\n")), max_size=60))
def test_any_text_gives_only_markers_that_were_shown(text: str) -> None:
    cited = cite(text, [FARO, FERRER], lambda _: source(TEXT))
    assert {c.marker for c in cited.citations} <= {1, 2}
    again = cite(cited.text, [FARO, FERRER], lambda _: source(TEXT))
    assert {c.marker for c in again.citations} == {c.marker for c in cited.citations}
