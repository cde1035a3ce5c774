"""Test sets as folders of documents, their questions, and an index over them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from rag.config import load_settings
from rag.embed import Embedder, SentenceTransformerEmbedder
from rag.evaluate import Question, Source, load_questions
from rag.index import Generation, Making, sync

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared"
SEEDS = "seeds"


class Corpus(NamedTuple):
    """Documents, and questions whose answers are known.

    Attributes
    ----------
    documents
        One text a file, by name.
    """

    name: str
    documents: dict[str, str]
    questions: list[Question]

    def part(self, keep: Callable[[str], bool]) -> Corpus:
        """Return the documents whose name is wanted, with all the questions."""
        kept = {name: text for name, text in self.documents.items() if keep(name)}
        return Corpus(self.name, kept, self.questions)


def squad(name: str) -> Corpus:
    """Read a set in SQuAD's format: an article a document, a paragraph a line."""
    documents: dict[str, str] = {}
    questions: list[Question] = []
    data = json.loads((SHARED / "eval" / f"{name}.json").read_text("utf-8"))["data"]
    for number, article in enumerate(data):
        path = f"{number:02d}.txt"
        lines: list[str] = []
        for paragraph in article["paragraphs"]:
            lines.extend([" ".join(paragraph["context"].split()), ""])
            for asked in paragraph["qas"]:
                answers = tuple(answer["text"] for answer in asked["answers"])
                source = Source(path, len(lines) - 1)
                questions.append(Question(asked["question"], answers, (source,), bool(answers)))
        documents[path] = "\n".join(lines)
    return Corpus(name, documents, questions)


def seeds() -> Corpus:
    """Read our own corpus."""
    folder = ROOT / "seeds"
    files = [*folder.glob("*.md"), *folder.glob("*.txt")]
    documents = {path.name: path.read_text("utf-8") for path in files}
    return Corpus(SEEDS, documents, load_questions(folder / "preguntas.jsonl"))


def available(*names: str) -> list[Corpus]:
    """Return the sets asked for that are on this machine, and our own."""
    return [*(squad(name) for name in names if (SHARED / "eval").is_dir()), seeds()]


def open_embedder(precision: str = "auto") -> Embedder:
    """Open the bundled embedding model."""
    settings = load_settings()
    return SentenceTransformerEmbedder(settings.embedding_model, settings.cache_dir, precision)


def index(corpus: Corpus, embedder: Embedder, max_chunk_tokens: int = 256) -> Generation:
    """Index a corpus in a folder that goes away; what is read from it stays."""
    with TemporaryDirectory() as folder:
        documents = Path(folder, "d")
        documents.mkdir()
        for name, text in corpus.documents.items():
            (documents / name).write_text(text, encoding="utf-8")
        making = Making(lambda: embedder, embedder.name, max_chunk_tokens)
        sync(Path(folder, "index"), [documents], making)
        generation = Generation.open_current(Path(folder, "index"))
        # Read all of it now.
        _ = generation.chunks, generation.dense, generation.sentence_vectors, generation.lexical
        return generation
