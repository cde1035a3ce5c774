"""What the facade does with the documents: tell them, add to them, take them away."""

from __future__ import annotations

import threading
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.assistant import Assistant
from rag.assistant.library import Library
from rag.assistant.safe_name import numbered, safe_name
from rag.assistant.uploads import Limits, Uploads
from rag.config import load_settings
from rag.embed import Embedder
from rag.errors import IndexBusyError, LoadError, NoDocumentsError, NoIndexError, UsageError
from rag.index import Making, SyncReport, open_current, sync
from rag.index.lock import writing
from rag.retrieve import Retriever
from tests.hashing_embedder import HashingEmbedder

FARO = "El faro del puerto mide 41 metros y lo construyó Ramón Ferrer en el año 1887.\n"
HUERTA = "La huerta empieza a regarse a las siete, y la vigila Aurora Peña desde enero.\n"
ENGLISH = "The lighthouse was built in 1887 by the people of the harbour, and is still there.\n"


@pytest.fixture
def library(tmp_path: Path, hashing: HashingEmbedder) -> Library:
    settings = load_settings(
        index_dir=tmp_path / "i", uploads_dir=tmp_path / "subidos", embedding_model=hashing.name
    )
    return Library(settings, lambda: hashing)


Index = Callable[..., SyncReport]


@pytest.fixture
def index(tmp_path: Path, hashing: HashingEmbedder) -> Index:
    """Indexes, as «rag index» does."""
    making = Making(lambda: hashing, hashing.name, load_settings().max_chunk_tokens)
    return lambda *paths: sync(tmp_path / "i", paths, making)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A folder of the person's own."""
    folder = tmp_path / "propios"
    folder.mkdir()
    (folder / "faro.txt").write_text(FARO, encoding="utf-8")
    (folder / "huerta.md").write_text(HUERTA, encoding="utf-8")
    return folder


def sent(tmp_path: Path, text: str = FARO) -> Path:
    """Return a file as it comes from a browser."""
    path = tmp_path / "llegado"
    path.write_text(text, encoding="utf-8")
    return path


def names(library: Library) -> list[str]:
    return [Path(document.path).name for document in library.contents().documents]


# --- the names that somebody sends ----------------------------------------------------------------

HOSTILE_CHARS = st.one_of(
    st.sampled_from(list("./\\:~ \x00\n\u202e\u200b\u0301\ud800<>|?*aeñCONcon1")), st.characters()
)


@given(st.text(HOSTILE_CHARS, max_size=400))
def test_a_safe_name_stays_below_its_folder(given_name: str) -> None:
    try:
        name = safe_name(given_name)
    except LoadError:
        return
    parts = name.split("/")
    assert all(part.strip() == part and part.strip(".") == part.rstrip(".") for part in parts)
    assert not any(part in {"", ".", ".."} or part.startswith(".") for part in parts)
    assert not set(name) & set('<>:"|?*\\\0\n')
    assert not any(unicodedata.category(each) in {"Cc", "Cf", "Cs"} for each in name)
    assert unicodedata.normalize("NFC", name) == name
    assert all(len(numbered(part, 999).encode()) <= 255 for part in parts)
    assert safe_name(name) == name
    root = Path("/raiz")
    assert (root / name).resolve().is_relative_to(root)


@pytest.mark.parametrize(
    ("given_name", "name"),
    [
        ("../../etc/passwd.txt", "etc/passwd.txt"),
        ("/etc/hosts", "etc/hosts"),
        ("C:\\Users\\ana\\acta.pdf", "Users/ana/acta.pdf"),
        ("actas/2024/enero.txt", "actas/2024/enero.txt"),
        ("cancio\u0301n.txt", "canción.txt"),
        ("CON.txt", "CON_.txt"),
        ("factura\u202efdp.exe.txt", "facturafdp.exe.txt"),
        ("acta.pdf. . ", "acta.pdf"),
        ("a" * 300 + ".pdf", "a" * 176 + ".pdf"),
        ("ñ" * 300 + ".pdf", "ñ" * 88 + ".pdf"),
    ],
)
def test_what_becomes_of_a_name(given_name: str, name: str) -> None:
    assert safe_name(given_name) == name


@pytest.mark.parametrize("given_name", ["", "..", "a/..", ".env", "x/.git/config", "\u200b", "a/"])
def test_a_name_that_is_none_is_refused(given_name: str) -> None:
    with pytest.raises(LoadError):
        safe_name(given_name)


def test_another_file_of_the_same_name_has_a_number() -> None:
    assert numbered("actas/enero.pdf", 2) == "actas/enero (2).pdf"
    assert numbered("LEEME", 3) == "LEEME (3)"


# --- storing --------------------------------------------------------------------------------------


def uploads(folder: Path, **limits: int) -> Uploads:
    given_limits = {"max_file_bytes": 1000, "max_total_bytes": 100_000, "min_free_bytes": 0}
    return Uploads(folder, Limits(**(given_limits | limits)))


def test_same_bytes_are_stored_once_and_others_beside_them(tmp_path: Path) -> None:
    kept = uploads(tmp_path / "u")
    assert kept.store({"a/faro.txt": sent(tmp_path)}).new == ("a/faro.txt",)
    again = kept.store({"a/faro.txt": sent(tmp_path)})
    assert (again.new, again.known) == ((), ("a/faro.txt",))
    assert kept.store({"a/faro.txt": sent(tmp_path, HUERTA)}).new == ("a/faro (2).txt",)
    assert kept.store({"a/faro.txt": sent(tmp_path, HUERTA)}).known == ("a/faro (2).txt",)
    assert sorted(path.name for path in (tmp_path / "u" / "a").iterdir()) == [
        "faro (2).txt",
        "faro.txt",
    ]


def test_what_is_refused_says_why_and_the_rest_goes_on(tmp_path: Path) -> None:
    (tmp_path / "grande").write_bytes(b"x" * 1001)
    (tmp_path / "vacio").touch()
    (tmp_path / "enlace").symlink_to(sent(tmp_path))
    kept = uploads(tmp_path / "u", max_files=6)
    stored = kept.store(
        {
            "grande.txt": tmp_path / "grande",
            "vacio.txt": tmp_path / "vacio",
            "programa.exe": sent(tmp_path),
            "enlace.txt": tmp_path / "enlace",
            "no-esta.txt": tmp_path / "no-esta",
            "bien.txt": sent(tmp_path),
            "de-mas.txt": sent(tmp_path),
        }
    )
    assert stored.new == ("bien.txt",)
    why = dict(stored.refused)
    assert "ocupa más de" in why["grande.txt"]
    assert "vacío" in why["vacio.txt"]
    assert "formato no admitido" in why["programa.exe"]
    assert "enlace" in why["enlace.txt"]
    assert "no existe" in why["no-esta.txt"]
    assert "tanda" in why["de-mas.txt"]
    assert [path.name for path in (tmp_path / "u").glob(".subiendo*")] == []


def test_the_folder_and_the_disk_have_an_end(tmp_path: Path) -> None:
    full = uploads(tmp_path / "u", max_total_bytes=10)
    assert "lo subido ocuparía" in full.store({"a.txt": sent(tmp_path)}).refused[0][1]
    full = uploads(tmp_path / "u", min_free_bytes=1 << 60)
    assert "no queda sitio" in full.store({"a.txt": sent(tmp_path)}).refused[0][1]


def test_nothing_is_written_through_a_link_that_leads_outside(tmp_path: Path) -> None:
    outside = tmp_path / "fuera"
    outside.mkdir()
    (tmp_path / "u").mkdir()
    (tmp_path / "u" / "enlace").symlink_to(outside)
    stored = uploads(tmp_path / "u").store({"enlace/a.txt": sent(tmp_path)})
    assert "lleva fuera" in stored.refused[0][1]
    assert not list(outside.iterdir())


# --- the documents of an assistant ----------------------------------------------------------------


def test_each_document_is_told(library: Library, index: Index, own: Path) -> None:
    (own / "copia.txt").write_text(FARO, encoding="utf-8")
    (own / "lighthouse.txt").write_text(ENGLISH, encoding="utf-8")
    (own / "cifras.csv").write_text("a;b\n1;2\n3;4\n", encoding="utf-8")
    (own / "foto.png").write_bytes(b"no")
    index(own)
    by_name = {Path(document.path).name: document for document in library.contents().documents}
    assert by_name["faro.txt"].copy_of == by_name["copia.txt"].path
    assert by_name["huerta.md"].format == "Markdown"
    assert by_name["huerta.md"].language == "es"
    assert by_name["lighthouse.txt"].language == "en"
    assert by_name["cifras.csv"].language is None
    assert by_name["huerta.md"].n_bytes == len(HUERTA.encode())
    assert by_name["huerta.md"].modified is not None
    assert not any(document.is_uploaded for document in by_name.values())


def test_without_an_index_an_upload_makes_one(library: Library, tmp_path: Path) -> None:
    with pytest.raises(NoIndexError):
        library.contents()
    stored, report = library.add({"actas/faro.txt": sent(tmp_path)})
    assert stored.new == ("actas/faro.txt",)
    assert report is not None
    assert report.n_documents == 1
    assert library.contents().documents[0].is_uploaded


def test_an_upload_joins_what_was_indexed(
    library: Library, index: Index, own: Path, tmp_path: Path
) -> None:
    index(own)
    library.add({"nuevo.txt": sent(tmp_path, ENGLISH)})
    assert names(library) == ["faro.txt", "huerta.md", "nuevo.txt"]


def test_a_removed_upload_is_deleted_even_the_last(library: Library, tmp_path: Path) -> None:
    library.add({"actas/faro.txt": sent(tmp_path)})
    (document,) = library.contents().documents
    assert library.remove(document.path).deleted == [document.path]
    assert library.contents().documents == ()
    assert library.contents().left_out == ()
    assert [path.name for path in (tmp_path / "subidos").iterdir()] == [".subidos.jsonl"]
    library.add({"actas/faro.txt": sent(tmp_path)})
    assert names(library) == ["faro.txt"]


@pytest.mark.parametrize("name", ["[a]*!.txt", "#nota.txt", "!no.txt", "final .txt", "ñ?.md"])
def test_a_file_of_ones_own_is_never_deleted(
    library: Library, index: Index, own: Path, name: str
) -> None:
    odd = own / name
    odd.write_text(ENGLISH, encoding="utf-8")
    (own / "a.txt").write_text("Otro texto que no tiene nada que ver con los demás.\n")
    index(own)
    path = f"{own.as_posix()}/{name}"
    library.remove(path)
    assert odd.read_text(encoding="utf-8") == ENGLISH
    assert names(library) == ["a.txt", "faro.txt", "huerta.md"]
    assert library.contents().left_out == (path,)
    assert index().n_documents == 3
    library.restore(path)
    assert len(names(library)) == 4
    assert library.contents().left_out == ()


def test_what_is_left_out_of_one_folder_stays_in_the_others(
    library: Library, index: Index, own: Path, tmp_path: Path
) -> None:
    other = tmp_path / "otros"
    other.mkdir()
    (other / "faro.txt").write_text(ENGLISH, encoding="utf-8")
    index(own, other)
    library.remove(f"{own.as_posix()}/faro.txt")
    assert [document.path for document in library.contents().documents] == [
        f"{other.as_posix()}/faro.txt",
        f"{own.as_posix()}/huerta.md",
    ]


def test_all_of_a_folder_may_be_left_out_and_a_file_that_is_named_comes_back(
    library: Library, index: Index, own: Path
) -> None:
    index(own / "faro.txt", own)
    for document in library.contents().documents:
        library.remove(document.path)
    assert library.contents().documents == ()
    assert len(list(own.iterdir())) == 2
    index(own / "faro.txt")
    assert names(library) == ["faro.txt"]


def test_no_patterns_at_all_forgets_what_was_left_out(
    library: Library, index: Index, own: Path, tmp_path: Path, hashing: HashingEmbedder
) -> None:
    index(own)
    library.remove(f"{own.as_posix()}/faro.txt")
    making = Making(lambda: hashing, hashing.name, load_settings().max_chunk_tokens)
    assert sync(tmp_path / "i", [], making, exclude=["*.pdf"]).n_documents == 1
    assert sync(tmp_path / "i", [], making, exclude=[""]).n_documents == 2


def test_a_file_of_ones_own_among_the_uploads_is_not_deleted(
    library: Library, index: Index, tmp_path: Path
) -> None:
    library.add({"subido.txt": sent(tmp_path)})
    mine = tmp_path / "subidos" / "mio.txt"
    mine.write_text(HUERTA, encoding="utf-8")
    edited = tmp_path / "subidos" / "subido.txt"
    edited.write_text(FARO + HUERTA, encoding="utf-8")  # since it was uploaded
    index()
    for document in library.contents().documents:
        assert not document.is_uploaded
        library.remove(document.path)
    assert mine.exists()
    assert edited.exists()


def test_sending_again_what_was_left_out_takes_it_back(
    library: Library, index: Index, tmp_path: Path
) -> None:
    folder = tmp_path / "subidos"
    folder.mkdir()
    (folder / "mio.txt").write_text(HUERTA, encoding="utf-8")
    (folder / "otro.txt").write_text(FARO, encoding="utf-8")
    index(folder)
    library.remove(f"{folder.as_posix()}/mio.txt")
    assert names(library) == ["otro.txt"]
    library.add({"mio.txt": sent(tmp_path, HUERTA)})
    assert names(library) == ["mio.txt", "otro.txt"]


def test_an_upload_that_the_patterns_leave_out_is_told(
    library: Library, own: Path, tmp_path: Path, hashing: HashingEmbedder
) -> None:
    making = Making(lambda: hashing, hashing.name, load_settings().max_chunk_tokens)
    sync(tmp_path / "i", [own], making, include=["*.md"])
    _, report = library.add({"a.txt": sent(tmp_path), "b.md": sent(tmp_path, ENGLISH)})
    assert report is not None
    assert [Path(path).name for path in report.new] == ["b.md"]
    assert [(name, "patrones" in why) for name, why in report.skipped] == [("a.txt", True)]


def test_what_is_not_there_can_be_neither_removed_nor_restored(
    library: Library, index: Index, own: Path
) -> None:
    index(own)
    for path in ("/etc/passwd", "../faro.txt", ""):
        with pytest.raises(UsageError):
            library.remove(path)
        with pytest.raises(UsageError):
            library.restore(path)


def test_a_folder_that_is_gone_is_still_refused(library: Library, index: Index, own: Path) -> None:
    index(own)
    library.remove(f"{own.as_posix()}/faro.txt")
    (own / "huerta.md").unlink()
    with pytest.raises(NoDocumentsError, match="--allow-empty"):
        index()


def test_while_another_writes_nothing_is_lost(library: Library, tmp_path: Path) -> None:
    library.add({"faro.txt": sent(tmp_path)})
    (document,) = library.contents().documents
    with writing(tmp_path / "i"), pytest.raises(IndexBusyError):
        library.remove(document.path)
    assert (tmp_path / "subidos" / "faro.txt").read_text(encoding="utf-8") == FARO


@pytest.fixture
def asking(
    index: Index, own: Path, tmp_path: Path, hashing: HashingEmbedder
) -> Iterator[list[str]]:
    """Somebody who asks all the time; what went wrong."""
    index(own)
    stop = threading.Event()
    wrong: list[str] = []

    def ask() -> None:
        while not stop.is_set():
            generation = open_current(tmp_path / "i")
            found = Retriever(generation, hashing).retrieve("¿A qué hora se riega la huerta?", 5)
            if not any("siete" in evidence.text for evidence in found.evidence):
                wrong.append(str(found))

    thread = threading.Thread(target=ask)
    thread.start()
    yield wrong
    stop.set()
    thread.join()
    assert wrong == []


def test_who_asks_meanwhile_is_answered(
    library: Library, asking: list[str], tmp_path: Path
) -> None:
    for number in range(4):
        library.add({f"{number}.txt": sent(tmp_path, ENGLISH + str(number))})
        library.remove(f"{(tmp_path / 'subidos').as_posix()}/{number}.txt")
    assert asking == []
    assert names(library) == ["faro.txt", "huerta.md"]


def test_the_facade_says_the_same(tmp_path: Path, bundled: Embedder) -> None:
    own = tmp_path / "huerta.txt"
    own.write_text(HUERTA, encoding="utf-8")
    assistant = Assistant.open(
        index_dir=tmp_path / "i", uploads_dir=tmp_path / "subidos", model="extractive"
    )
    assistant._engines._embedder = bundled
    assistant.index([own])
    stored, report = assistant.add({"faro.txt": sent(tmp_path)})
    assert (stored.new, report and report.n_documents) == (("faro.txt",), 2)
    assert "41 metros" in assistant.ask("¿Cuánto mide el faro del puerto?").text
    for document in assistant.documents():
        assistant.remove(document.path)
    assert assistant.left_out() == (own.as_posix(),)
    assert assistant.ask("¿Cuánto mide el faro del puerto?").abstained
    assistant.restore(own.as_posix())
    assert [document.path for document in assistant.documents()] == [own.as_posix()]
