from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from rag.cite import cite, verify
from rag.load.text import read_text
from rag.schema import Document, Place
from tests.evidence import evidence

TEXT = "Primera línea.\nEl faro mide 41 metros.\n\nLo hizo Ferrer\nen 1887.\n"


FARO = evidence(1, "El faro mide 41 metros.", "a.txt", 2, 2)
FERRER = evidence(2, "Lo hizo Ferrer\nen 1887.", "a.txt", 4, 5)


class Files:
    """One file, as it is now; None where it is gone."""

    def __init__(self, text: str | None, *, unchanged: bool = False) -> None:
        self.text, self.unchanged = text, unchanged
        self.n_read = 0

    def is_unchanged(self, path: str) -> bool:
        return self.unchanged

    def read(self, path: str) -> Document | None:
        self.n_read += 1
        return None if self.text is None else read_text(path, self.text.encode())


def test_markers_become_citations_in_the_order_of_the_text() -> None:
    cited = cite("Lo hizo Ferrer [2]. Mide 41 metros [1].", [FARO, FERRER], Files(TEXT))
    assert [(c.marker, c.place, c.status) for c in cited.citations] == [
        (2, "a.txt:4-5", "verified"),
        (1, "a.txt:2", "verified"),
    ]
    assert str(cited.citations[0]) == "[2] a.txt:4-5 «Lo hizo Ferrer en 1887.»"


def test_invented_markers_disappear() -> None:
    cited = cite("Mide 41 [1][9]. Es azul [7].", [FARO], Files(TEXT))
    assert cited.text == "Mide 41 [1]. Es azul."
    assert [c.marker for c in cited.citations] == [1]


def test_grouped_markers_are_parted() -> None:
    cited = cite("Todo [1, 2; 5] y más [2 y 1].", [FARO, FERRER], Files(TEXT))
    assert cited.text == "Todo [1][2] y más [2][1]."


def test_a_quote_that_moved_is_followed_to_the_nearest_place() -> None:
    moved = "\n\n\n" + TEXT + "\n" * 50 + "El faro mide 41 metros."
    (citation,) = cite("x [1]", [FARO], Files(moved)).citations
    assert (citation.status, citation.line_start) == ("moved", 5)


def test_a_quote_that_is_no_longer_there() -> None:
    (citation,) = cite("x [1]", [FARO], Files("El faro mide 42 metros.")).citations
    assert (citation.status, citation.line_start) == ("stale", 2)


def test_a_file_that_is_gone() -> None:
    (citation,) = cite("x [1]", [FARO], Files(None)).citations
    assert citation.status == "missing"


@given(st.text(alphabet=st.sampled_from(list("[]0123,;y añ.\n")), max_size=60))
def test_any_text_gives_only_markers_that_were_shown(text: str) -> None:
    cited = cite(text, [FARO, FERRER], Files(TEXT))
    assert {c.marker for c in cited.citations} <= {1, 2}
    again = cite(cited.text, [FARO, FERRER], Files(TEXT))
    assert {c.marker for c in again.citations} == {c.marker for c in cited.citations}


def test_a_file_that_has_not_changed_is_not_read_and_one_that_has_is_read_once() -> None:
    unchanged = Files(None, unchanged=True)
    assert [item.status for item in verify([FARO, FERRER], unchanged)] == ["verified"] * 2
    assert unchanged.n_read == 0
    changed = Files(TEXT)
    verify([FARO, FERRER], changed)
    assert changed.n_read == 1


def test_evidence_tells_what_became_of_it_and_of_what_says_the_same() -> None:
    twice = replace(FARO, also_at=(Place("b.txt", 7, 7, None),))
    (same,) = verify([twice], Files(TEXT, unchanged=True))
    assert same == twice
    (moved,) = verify([twice], Files("\n" + TEXT))
    assert (moved.status, moved.place, moved.also_at) == ("moved", "a.txt:3", ())
