"""Spanish analysis, and the BM25 index over it (tantivy)."""

from __future__ import annotations

import errno
import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rag.schema import Hit

if TYPE_CHECKING:
    import tantivy

# Raised when the same text gives other terms: the index remembers it.
ANALYZER_VERSION: Final = 1

_WORD: Final = re.compile(r"\d+(?:[.,]\d+)+|[^\W_]+")
_THOUSANDS: Final = re.compile(r"\d{1,3}(?:\.\d{3})+|\d{1,3}(?:,\d{3}){2,}")

# Words that a question and any passage share: articles, prepositions, pronouns, auxiliary verbs
# and the interrogatives. Written folded, as they are compared.
STOP_WORDS: Final = frozenset(
    """
    a al algo algun alguna algunas alguno algunos ante antes aquel aquella aquellas aquello
    aquellos aqui asi aun aunque cada casi como con contra cual cuales cualquier cuando cuanta
    cuantas cuanto cuantos de del desde donde durante e el ella ellas ello ellos en entonces
    entre era eran es esa esas ese eso esos esta estaba estaban estan estar estas este esto
    estos fue fueron ha haber habia habian han hasta hay he la las le les lo los mas me mi
    mientras mis muy ni no nos nosotros nuestra nuestras nuestro nuestros o os otra otras otro
    otros para pero poco por porque pues que quien quienes se sea sean segun ser si sido siempre
    siendo sin sino so sobre son su sus tal tambien tan tanto te tenia tiene tienen toda todas
    todo todos tras tu tus u un una unas uno unos usted ustedes y ya yo
    """.split()
)


def analyze(text: str) -> list[str]:
    """Turn text into the terms that are compared, in order, repeated as they occur.

    Case and accents are folded, ñ is kept; stop words go; words are cut to their Snowball stem;
    «10.000» is ``10000`` and «3.5» is ``3,5``.
    """
    terms = (_term(word) for word in _WORD.findall(unicodedata.normalize("NFC", text)))
    return [term for term in terms if term]


@lru_cache(maxsize=100_000)
def _term(word: str) -> str:
    if word[0].isdigit():
        if "." in word or "," in word:
            whole = _THOUSANDS.fullmatch(word) is not None
            return re.sub(r"[.,]", "", word) if whole else word.replace(".", ",")
        return word.casefold()
    folded = _fold(word.casefold())
    return "" if folded in STOP_WORDS else _stemmer().stemWord(folded)


def _fold(word: str) -> str:
    """Drop the accents of a word, but not the tilde that makes ñ another letter."""
    if word.isascii():
        return word
    parts = (
        letter if letter == "ñ" else unicodedata.normalize("NFD", letter)[0] for letter in word
    )
    return "".join(parts)


@lru_cache(maxsize=1)
def _stemmer() -> Any:
    import Stemmer

    return Stemmer.Stemmer("spanish")


class LexicalIndex:
    """BM25 over analysed texts, one row a text, on disk."""

    _FIELD: Final = "terms"
    _ROW: Final = "row"

    def __init__(self, index: tantivy.Index) -> None:
        self._index = index
        self._searcher = index.searcher()

    @classmethod
    def build(cls, folder: Path, texts: Iterable[str]) -> None:
        """Write the index of the texts into an empty folder; the n-th text is row n, from 0.

        Raises
        ------
        OSError
            If the folder cannot be written.
        """
        import tantivy

        try:
            index = tantivy.Index(cls._schema(), path=str(folder))
            cls._register(index)
            writer = index.writer(heap_size=64_000_000, num_threads=1)
            for row, text in enumerate(texts):
                document = tantivy.Document()
                document.add_unsigned(cls._ROW, row)
                document.add_text(cls._FIELD, " ".join(analyze(text)))
                writer.add_document(document)
            writer.commit()
            writer.wait_merging_threads()
        except ValueError as error:  # tantivy's only error, whatever the cause
            raise OSError(errno.EIO, str(error)) from error

    @classmethod
    def open(cls, folder: Path) -> LexicalIndex:
        """Open a folder that ``build`` wrote."""
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

    def search(self, terms: Sequence[str], top_k: int) -> list[Hit]:
        """Find the rows that share terms with a question, best first.

        Parameters
        ----------
        terms
            From ``analyze``.
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
        query = tantivy.Query.boolean_query(
            [
                (tantivy.Occur.Should, tantivy.Query.term_query(schema, self._FIELD, term, "freq"))
                for term in dict.fromkeys(terms)
            ]
        )
        hits = self._searcher.search(query, top_k, count=False).hits
        rows = self._searcher.fast_field_values(self._ROW, [address for _, address in hits])
        return [
            Hit(int(row or 0), float(score)) for row, (score, _) in zip(rows, hits, strict=True)
        ]

    def document_frequency(self, term: str) -> int:
        """Return how many rows hold a term."""
        return int(self._searcher.doc_freq(self._FIELD, term))
