"""The BM25 index over analysed texts: the only file that knows tantivy."""

from __future__ import annotations

import errno
import json
import os
import shutil
import weakref
from collections.abc import Iterable, Mapping
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any, Final

from rag.errors import IndexDamagedError, RagError, reason
from rag.lexical.analysis import analyze
from rag.schema import Hit

if TYPE_CHECKING:
    import tantivy

_META: Final = "meta.json"
_WRITER_BYTES: Final = 64_000_000

Part = dict[str, Any]  # what tantivy says of a part of an index: its name and its size


class LexicalIndex:
    """BM25 over analysed texts, each under a number of the caller's, on disk.

    An index is a folder of tantivy's segments. Each is written once, alone, and may stand in any
    number of indexes: their statistics are summed when they are searched together.
    """

    _FIELD: Final = "terms"
    _ROW: Final = "row"

    def __init__(self, index: tantivy.Index) -> None:
        self._index = index
        self._searcher = index.searcher()

    @classmethod
    def write(cls, folder: Path, rows: Iterable[tuple[int, str]]) -> list[Part]:
        """Write texts, each under its number, into an empty folder.

        Returns
        -------
        list
            The parts that hold them, for ``join``.

        Raises
        ------
        OSError
            If the folder cannot be written.
        """
        import tantivy

        try:
            index = tantivy.Index(cls._schema(), path=str(folder))
            cls._register(index)
            writer = index.writer(heap_size=_WRITER_BYTES, num_threads=1)
            for row, text in rows:
                document = tantivy.Document()
                document.add_unsigned(cls._ROW, row)
                document.add_text(cls._FIELD, " ".join(analyze(text)))
                writer.add_document(document)
            writer.commit()
            writer.wait_merging_threads()
        except ValueError as error:  # tantivy's only error, whatever the cause
            raise OSError(errno.EIO, str(error)) from error
        parts: list[Part] = json.loads((folder / _META).read_text("utf-8"))["segments"]
        return parts

    @staticmethod
    def files(folder: Path, parts: Iterable[Part]) -> list[Path]:
        """Return the files of parts that are in a folder."""
        names = {part["segment_id"].replace("-", "") for part in parts}
        return sorted(path for path in folder.iterdir() if path.name.split(".")[0] in names)

    @classmethod
    def join(cls, folder: Path, parts: Iterable[Part]) -> None:
        """Make one index of a folder that holds the files of these parts, and no other.

        Raises
        ------
        OSError
            If the folder cannot be written.
        """
        import tantivy

        try:
            tantivy.Index(cls._schema(), path=str(folder))
        except ValueError as error:
            raise OSError(errno.EIO, str(error)) from error
        meta = json.loads((folder / _META).read_text("utf-8"))
        meta["segments"] = list(parts)
        (folder / _META).write_text(json.dumps(meta), encoding="utf-8")
        for path in (folder / _META, folder / ".managed.json"):
            path.chmod(0o644)  # tantivy makes them for their owner alone

    @classmethod
    def open(cls, folder: Path) -> LexicalIndex:
        """Open a folder that ``join`` made; its files may go once it is open.

        Raises
        ------
        IndexDamagedError
            If it is not an index.
        RagError
            If it cannot be written, and nor can the folder for temporary files.
        """
        try:
            if os.access(folder, os.W_OK):
                return cls._open(folder)
            return cls._open_elsewhere(folder)
        except (ValueError, OSError) as error:
            raise IndexDamagedError(
                f"La carpeta «{folder.name}» del índice está dañada", "Repárala con: rag index"
            ) from error

    @classmethod
    def _open_elsewhere(cls, folder: Path) -> LexicalIndex:
        """Open a folder that cannot be written, through links to its files.

        Beside them tantivy makes lock files: one before it reads, and another some time after,
        from a thread of its own. So their folder goes when the index does, and not before.
        """
        elsewhere = _link(folder)
        try:
            found = cls._open(elsewhere)
        except BaseException:
            _remove(elsewhere)
            raise
        weakref.finalize(found, _remove, elsewhere)
        return found

    @classmethod
    def _open(cls, folder: Path) -> LexicalIndex:
        import tantivy

        index = tantivy.Index.open(str(folder))
        cls._register(index)
        return cls(index)

    @classmethod
    def _schema(cls) -> tantivy.Schema:
        import tantivy

        builder = tantivy.SchemaBuilder()
        builder.add_unsigned_field(cls._ROW, stored=False, indexed=False, fast=True)
        builder.add_text_field(cls._FIELD, tokenizer_name="terms", index_option="freq")
        return builder.build()

    @staticmethod
    def _register(index: tantivy.Index) -> None:
        """Make tantivy take our terms as they are: they are already analysed."""
        import tantivy

        terms = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
        index.register_tokenizer("terms", terms)

    def __len__(self) -> int:
        return int(self._searcher.num_docs)

    def search(self, terms: Mapping[str, float], top_k: int) -> list[Hit]:
        """Find the rows that share terms with a question, best first.

        Parameters
        ----------
        terms
            From ``analyze``, with how much each counts: 1 is its BM25 as it is.
        top_k
            Hits wanted; fewer come back when fewer rows share a term.

        Returns
        -------
        list[Hit]
            Scores are BM25 with tantivy's k1 = 1.2 and b = 0.75, above 0.
        """
        import tantivy

        if not terms or not len(self):
            return []
        schema = self._index.schema
        clauses = []
        for term, weight in terms.items():
            clause = tantivy.Query.term_query(schema, self._FIELD, term, "freq")
            if weight != 1.0:
                clause = tantivy.Query.boost_query(clause, weight)
            clauses.append((tantivy.Occur.Should, clause))
        query = tantivy.Query.boolean_query(clauses)
        hits = self._searcher.search(query, top_k, count=False).hits
        rows = self._searcher.fast_field_values(self._ROW, [address for _, address in hits])
        return [
            Hit(int(row or 0), float(score)) for row, (score, _) in zip(rows, hits, strict=True)
        ]

    def document_frequency(self, term: str) -> int:
        """Return how many rows hold a term."""
        return int(self._searcher.doc_freq(self._FIELD, term))


def _link(folder: Path) -> Path:
    """Make a folder of links to the files of another, where temporary files go."""
    elsewhere: Path | None = None
    try:
        elsewhere = Path(mkdtemp(prefix="rag-"))
        for path in folder.glob("[!.]*"):
            (elsewhere / path.name).symlink_to(path.absolute())
    except OSError as error:
        if elsewhere is not None:
            _remove(elsewhere)
        raise RagError(
            "En el índice no se puede escribir, ni donde van los archivos temporales"
            f" ({reason(error)})",
            "Haz sitio ahí, o di otra carpeta con la variable TMPDIR",
        ) from error
    return elsewhere


def _remove(folder: Path) -> None:
    """Remove a folder of links; a lock file may come while it goes."""
    for _ in range(3):
        shutil.rmtree(folder, ignore_errors=True)
