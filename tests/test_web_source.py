from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.assistant import Assistant, whole
from rag.assistant.sources import Shelf, join
from rag.embed import Embedder
from rag.errors import LoadError, UsageError
from rag.schema import Chunk, Document
from rag.split import split
from rag.web.excerpt import Excerpt, LineState, visible
from rag.web.source import DocumentState, SourceState, open_document, sources_of
from tests.conftest import ROOT
from tests.json_values import json_values
from tests.pdf_file import Text, pdf

QUESTION = "¿Qué organización definió en 2024 lo que es una IA de código abierto?"


BESIDE = "Llueve sobre mojado y nadie se queja de ello. " * 30
# By name; each has a lighthouse of its own, in the town of that name.
DOCUMENTS = {
    "emoji.txt": "Ayer 🎉🎉 llovió. El faro 🗼 de Emoji mide 41 metros. Hoy 🌞 no.\n",
    "mudanza.txt": "El faro de Mudanza mide 42 metros.\n",
    "ruina.txt": "El faro de Ruina mide 43 metros.\n",
    "olvido.txt": "El faro de Olvido mide 44 metros.\n",
    "larga.txt": f"{BESIDE}El faro de Larga mide 45 metros. {BESIDE}\n",
    "oculta.md": (
        "El faro de Oculta <script>alert(1)</script> \u202esortem 46\u202c mide \x1b[31m46.\n"
    ),
    "ventana.txt": "\n".join(
        "El faro de Ventana\tmide 47 metros." if n == 300 else f"Anotación número {n}."
        for n in range(1, 601)
    ),
    "enlace.txt": "El faro de Enlace mide 48 metros.\n",
    "actas/secreto.txt": "El faro de Secreto mide 49 metros.\n",
}


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with those, and with a PDF of three pages."""
    folder = tmp_path_factory.mktemp("fuentes") / "papeles"
    (folder / "actas").mkdir(parents=True)
    for name, text in DOCUMENTS.items():
        (folder / name).write_text(text, encoding="utf-8")
    pages = [
        [Text(f"Renglón {line} de la página {page}.", 60, 800 - 30 * line) for line in range(1, 9)]
        for page in range(1, 4)
    ]
    pages[1][4] = Text("El faro de Lámina mide 50 metros.", 60, 650)
    (folder / "lámina.pdf").write_bytes(pdf(*pages))
    return folder


@pytest.fixture(scope="module")
def assistant(papers: Path, bundled: Embedder) -> Assistant:
    """One that quotes from the folder, whatever is asked."""
    assistant = Assistant.open(
        index_dir=papers.parent / "indice", model="extractive", min_confidence=0
    )
    assistant._engines._embedder = bundled
    assistant.index([papers])
    return assistant


def marked(lines: list[LineState]) -> list[str]:
    """What a browser, which counts in UTF-16 units, marks."""
    units = [(line["text"].encode("utf-16-le"), line["marks"]) for line in lines]
    return [
        text[2 * start : 2 * end].decode("utf-16-le")
        for text, marks in units
        for start, end in marks
    ]


def shown(document: object) -> DocumentState:
    assert isinstance(document, dict)
    assert "error" not in document
    json.dumps(document, ensure_ascii=False).encode()
    return cast(DocumentState, document)


def about(assistant: Assistant, name: str) -> SourceState:
    """The source that tells the height of the lighthouse of a document."""
    town = Path(name).stem.capitalize()
    evidence = assistant.search(f"¿Cuánto mide el faro de {town}?").evidence
    found = [item for item in evidence if item.path.endswith(f"/{name}")]
    source = sources_of(assistant, found)[0]
    json.dumps(source, ensure_ascii=False).encode()  # nothing that cannot be sent
    return source


# --- sources --------------------------------------------------------------------------------------


def test_the_cited_words_are_marked_on_the_lines_of_their_file(seeds_assistant: Assistant) -> None:
    answer = seeds_assistant.ask(QUESTION)
    sources = sources_of(seeds_assistant, answer.evidence, answer.citations)
    (cited,) = [source for source in sources if source["cited"]]
    file = (ROOT / cited["path"]).read_text("utf-8").split("\n")
    for line in cited["lines"]:
        assert line["number"] is not None
        assert line["text"] == file[line["number"] - 1]
    assert " ".join(" ".join(marked(cited["lines"])).split()) == cited["quote"]
    numbers = [line["number"] for line in cited["lines"] if line["marks"]]
    assert [numbers[0], numbers[-1]] == [cited["line_start"], cited["line_end"]]
    first = cited["lines"][0]["number"]
    assert first is not None
    assert cited["line_start"] - 3 <= first <= cited["line_start"]
    assert cited["copy"] == f"{cited['path']}:{cited['line_start']}"


def test_every_source_of_the_seeds_is_marked_where_it_stands(seeds_assistant: Assistant) -> None:
    questions = [
        json.loads(line)["question"]
        for line in (ROOT / "seeds/preguntas.jsonl").read_text("utf-8").splitlines()[:12]
    ]
    for question in questions:
        for source in sources_of(seeds_assistant, seeds_assistant.search(question).evidence):
            assert " ".join(" ".join(marked(source["lines"])).split()) == source["quote"]
            numbered = [line["number"] for line in source["lines"] if line["marks"]]
            assert numbered[0] == source["line_start"]


def test_marks_count_as_a_browser_does(assistant: Assistant) -> None:
    source = about(assistant, "emoji.txt")
    assert any("El faro 🗼 de Emoji mide 41 metros." in text for text in marked(source["lines"]))
    assert " ".join(marked(source["lines"])) == source["quote"]


def test_a_moved_quote_is_shown_where_it_is_now(assistant: Assistant, papers: Path) -> None:
    was = DOCUMENTS["mudanza.txt"]
    (papers / "mudanza.txt").write_text(f"Nuevo.\n\n{was}\nMás nuevo.\n", encoding="utf-8")
    source = about(assistant, "mudanza.txt")
    assert source["status"] == "moved"
    assert [line["number"] for line in source["lines"]] == [1, 2, 3, 4, 5]
    assert [line["number"] for line in source["lines"] if line["marks"]] == [3]


def test_what_a_file_says_no_more_is_shown_as_it_was(assistant: Assistant, papers: Path) -> None:
    (papers / "ruina.txt").write_text("El faro se ha caído.\n", encoding="utf-8")
    source = about(assistant, "ruina.txt")
    assert source["status"] == "stale"
    assert marked(source["lines"]) == ["El faro de Ruina mide 43 metros."]
    document = shown(open_document(assistant, source))
    assert "ya no dice" in (document["notice"] or "")


def test_what_a_file_said_that_is_gone_is_shown(assistant: Assistant, papers: Path) -> None:
    (papers / "olvido.txt").unlink()
    source = about(assistant, "olvido.txt")
    assert source["status"] == "missing"
    assert marked(source["lines"]) == ["El faro de Olvido mide 44 metros."]
    assert "error" in open_document(assistant, source)


def test_a_long_line_is_cut_round_the_mark(assistant: Assistant) -> None:
    source = about(assistant, "larga.txt")
    (line,) = source["lines"]
    assert line["cut"] == [True, True]
    assert len(line["text"]) <= 400 + len(source["quote"]) + 400
    assert marked([line]) == [source["quote"]]


def test_text_shown_is_what_it_is(assistant: Assistant) -> None:
    source = about(assistant, "oculta.md")
    text = " ".join(line["text"] for line in source["lines"])
    assert "⟨U+202E⟩sortem" in text
    assert "<script>" in text  # as text: the page makes no markup of it
    assert "\u202e" not in json.dumps(source, ensure_ascii=False)
    assert "\x1b" not in text


@given(st.text())
def test_nothing_visible_turns_or_hides_or_cannot_be_sent(text: str) -> None:
    said = visible(text)
    said.encode()
    assert not set(said) & {*map(chr, range(9)), "\n", "\x1b", "\u202e", "\u2066", "\x85"}
    plain = "".join(c for c in text if c.isalnum())
    assert "".join(c for c in said if c.isalnum()).find(plain) == 0 or "⟨" in said


def test_a_source_in_a_pdf_has_its_page_and_the_lines_of_it(assistant: Assistant) -> None:
    source = about(assistant, "lámina.pdf")
    assert (source["page"], source["unit"]) == (2, "line")
    assert source["copy"].endswith("/lámina.pdf#page=2")
    assert any("50 metros" in text for text in marked(source["lines"]))
    numbers = [line["number"] for line in source["lines"] if line["number"] is not None]
    assert source["line_start"] in numbers
    assert len(numbers) == len(set(numbers))
    document = shown(open_document(assistant, source))
    assert [line["label"] for line in document["lines"] if line["label"]] == [
        "página 1",
        "página 2",
        "página 3",
    ]
    assert marked(document["lines"]) == marked(source["lines"])


# --- stretches ------------------------------------------------------------------------------------


LINES = st.lists(
    st.sampled_from(
        ["", "", "# Título", "Una frase corta.", "    indentada();", "Dos. Frases. " * 9, "- punto"]
    ),
    min_size=1,
    max_size=40,
)


@given(LINES)
def test_chunks_joined_are_the_document(lines: list[str]) -> None:
    document = Document("a.txt", "\n".join(lines), "text/plain", "")
    chunks = split(document, lambda text: len(text.split()) + 2, 12)
    if not chunks:
        return
    joined = chunks[0]
    for chunk in chunks[1:]:
        joined = join(joined, chunk)
    assert said_on(joined) == said_on(whole(document))
    for chunk in chunks:
        start = chunk.start - joined.start
        assert joined.text[start : start + len(chunk.text)] == chunk.text
        assert joined.place(chunk.start, chunk.end) == document.place(chunk.start, chunk.end)


def said_on(stretch: Chunk) -> list[tuple[int | None, str]]:
    """What each line that says something says, without the space at its ends."""
    excerpt = Excerpt(stretch)
    lines = excerpt.lines(0, excerpt.n_lines)
    return [(line["number"], line["text"].strip()) for line in lines if line["text"].strip()]


# --- documents ------------------------------------------------------------------------------------


def test_a_document_is_opened_at_what_is_cited(assistant: Assistant) -> None:
    source = about(assistant, "ventana.txt")
    document = shown(open_document(assistant, source))
    assert (document["n_lines"], len(document["lines"])) == (600, 400)
    assert document["first"] < 300 < document["last"]
    assert " ".join(" ".join(marked(document["lines"])).split()) == source["quote"]
    below = shown(open_document(assistant, {"path": source["path"], "after": document["last"]}))
    assert below["first"] == document["last"] + 1
    above = shown(open_document(assistant, {"path": source["path"], "before": document["first"]}))
    assert above["last"] == document["first"] - 1
    numbers = [line["number"] for part in (above, document, below) for line in part["lines"]]
    assert numbers == list(range(above["first"], below["last"] + 1))


@pytest.mark.parametrize("how", ["absolute", "dots", "not indexed", "link", "linked folder"])
def test_what_is_not_indexed_is_never_opened(
    assistant: Assistant, papers: Path, tmp_path: Path, how: str
) -> None:
    secret = tmp_path / "secreto.txt"
    secret.write_text("La clave es 1234.\n", encoding="utf-8")
    paths = {
        "absolute": secret,
        "dots": papers / os.path.relpath(secret, papers),
        "not indexed": papers / "nuevo.txt",
        "link": papers / "enlace.txt",
        "linked folder": papers / "actas" / "secreto.txt",
    }
    path = paths[how]
    if how == "not indexed":
        path.write_text("La clave es 1234.\n", encoding="utf-8")
    elif how == "link":
        path.unlink()
        path.symlink_to(secret)
    elif how == "linked folder":
        path.unlink()
        path.parent.rmdir()
        path.parent.symlink_to(tmp_path)
    assert "1234" in path.read_text("utf-8")
    refused = open_document(assistant, {"path": str(path)})
    assert "1234" not in json.dumps(refused)
    assert refused.keys() == {"error"}
    assert assistant.read_source(str(path)) is None
    with pytest.raises((UsageError, LoadError)):
        assistant.open_source(str(path))


JSON = json_values()


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "path": JSON | st.just("seeds/plan-atom.md"),
            "line_start": JSON | st.integers(-5, 90),
            "line_end": JSON | st.integers(-5, 90),
            "page": JSON,
            "quote": JSON | st.sampled_from(["El Plan ATOM", "(", "\\", "[1"]),
            "after": JSON | st.integers(-5, 90),
            "before": JSON | st.integers(-5, 90),
        },
    )
    | JSON
)
def test_whatever_a_browser_asks_for_is_answered(seeds_assistant: Assistant, request_: Any) -> None:
    answer = open_document(seeds_assistant, request_)
    json.dumps(answer, ensure_ascii=False, allow_nan=False).encode()
    if "error" not in answer:
        assert len(answer["lines"]) == max(0, answer["last"] - answer["first"] + 1) <= 400


# --- what is kept ---------------------------------------------------------------------------------


def test_a_document_is_read_once_until_it_changes(tmp_path: Path) -> None:
    shelf = Shelf()
    old = ROOT / "seeds" / "plan-atom.md"
    assert shelf.read(old, "a.md") is shelf.read(old, "a.md")
    fresh = tmp_path / "a.txt"
    fresh.write_text("El faro mide 41 metros.", encoding="utf-8")
    shelf.read(fresh, "a.txt")
    fresh.write_text("El faro mide 42 metros.", encoding="utf-8")
    os.utime(fresh, ns=(0, 0))
    assert "42" in shelf.read(fresh, "a.txt").text


def test_no_more_is_kept_than_may_be() -> None:
    shelf = Shelf(max_chars=5000)
    one, other = ROOT / "seeds" / "plan-atom.md", ROOT / "seeds" / "glosario.md"
    kept = shelf.read(one, "a.md")
    assert len(kept.text) < 5000 < len(kept.text) + len(shelf.read(other, "b.md").text)
    assert shelf.read(one, "a.md") is not kept
