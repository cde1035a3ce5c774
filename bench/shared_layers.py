"""Table 2, second part: how many layers the two readings of a sentence may share.

python -m bench.shared_layers
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

import faiss
import numpy as np
from numpy.typing import NDArray

from bench.corpora import available, index, open_embedder
from bench.manuals import DEBIAN, ManualQuestion, index_manuals, is_installed, read_questions
from bench.ranks import NOT_FOUND, first_right
from rag.config import load_settings
from rag.dense import DenseIndex
from rag.embed import Embedder, unpack_bundled_model
from rag.embed.batches import BatchEncoder
from rag.embed.bundled import eight_bits, weights
from rag.embed.bundled.packed import PackedModel
from rag.embed.bundled.session import GraphSession
from rag.embed.bundled.token_table import TokenTable
from rag.embed.bundled.tokens import BundledTokenModel
from rag.evaluate import Question
from rag.evaluate.judge import holds, says
from rag.index import Generation, searchable_text
from rag.retrieve import Retriever
from rag.schema import Candidate, Passage, Row

_N_QUESTIONS: Final = 1000  # of each set, drawn once
_SHARED: Final = (8, 9, 10, 11, 12)


class _Asked(NamedTuple):
    text: str
    is_passage: Callable[[Passage], bool]
    is_sentence: Callable[[Candidate], bool]


def main() -> None:
    """Print the table in Markdown."""
    print("| set | layers passed through | seconds | chunk @1 | MRR@10 | sentence @1 | @3 | @5 |")
    print("|---|---|---|---|---|---|---|---|")
    embedder = open_embedder()
    encoders = _encoders(embedder)
    for name, generation, questions in _sets(embedder):
        for layers, encoder in encoders.items():
            seconds = _replace_vectors(generation, encoder)
            found = _found(Retriever(generation, embedder), questions)
            print(f"| {name} ({len(questions)}) | {layers} | {seconds:.1f} | {found} |", flush=True)


def _encoders(embedder: Embedder) -> dict[str, BatchEncoder]:
    """Return, by the layers that they pass through, two readings and those that share some."""
    folder = unpack_bundled_model(load_settings().cache_dir)
    packed = PackedModel(weights._packed_file().read_bytes())
    table = TokenTable(folder / weights.WEIGHTS_NAME, keep=True)
    prefix = weights.PREFIXES["passage"]
    encoders = {}
    for n_shared in (0, *_SHARED):
        vars(eight_bits)["_SHARED_LAYERS"] = n_shared / packed.n_layers
        graph = eight_bits.build_document_graph(packed, table)
        model = BundledTokenModel(folder, embedder.max_tokens, embedder.dimension)
        model._session = GraphSession(graph.SerializeToString(), table)
        encoders[f"{2 * packed.n_layers - n_shared}, {n_shared} for both"] = BatchEncoder(
            model, prefix
        )
    return encoders


def _sets(embedder: Embedder) -> Iterator[tuple[str, Generation, list[_Asked]]]:
    for corpus in available("xquad-es-dev", "squad-es-v1-dev"):
        answerable = [question for question in corpus.questions if question.answerable]
        drawn = random.Random(0).sample(answerable, min(_N_QUESTIONS, len(answerable)))
        yield corpus.name, index(corpus, embedder), [_of_test_set(each) for each in drawn]
    if is_installed():
        asked = [_of_manual(each) for each in read_questions()]
        yield DEBIAN, index_manuals(embedder), asked


def _of_test_set(question: Question) -> _Asked:
    return _Asked(
        question.text,
        lambda passage: any(holds(passage, source) for source in question.sources),
        lambda candidate: any(says(candidate, source) for source in question.sources),
    )


def _of_manual(question: ManualQuestion) -> _Asked:
    def is_passage(passage: Passage) -> bool:
        return question.says(passage.chunk.path, searchable_text(passage.chunk))

    def is_sentence(candidate: Candidate) -> bool:
        return question.says(candidate.passage.chunk.path, candidate.sentence.text)

    return _Asked(question.text, is_passage, is_sentence)


def _replace_vectors(generation: Generation, encoder: BatchEncoder) -> float:
    """Embed what is indexed once more, in the place of what is on disk; return the seconds."""
    chunks, rows = list(generation.chunks()), list(generation.rows())
    texts = [searchable_text(chunk) for chunk in chunks]
    spans = []
    for chunk, text in zip(chunks, texts, strict=True):
        offset = len(text) - len(chunk.text) - chunk.start
        spans.append([(offset + each.start, offset + each.end) for each in chunk.sentences])
    started = time.perf_counter()
    whole, sentences = encoder.embed_in_context(texts, spans)
    seconds = time.perf_counter() - started
    ends = np.cumsum([len(own) for own in spans])[:-1]
    by_row = dict(zip(rows, np.split(sentences.astype(np.float16), ends), strict=True))
    vars(generation)["sentence_vectors"] = by_row.get
    vars(generation)["dense"] = _dense(whole, rows)
    return seconds


def _dense(vectors: NDArray[np.float32], rows: Sequence[int]) -> DenseIndex:
    parts = {}
    for number in {Row.of(row).segment for row in rows}:
        own = [at for at, row in enumerate(rows) if Row.of(row).segment == number]
        parts[number] = faiss.IndexScalarQuantizer(
            vectors.shape[1], faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
        )
        parts[number].add(np.ascontiguousarray(vectors[own]))
    return DenseIndex(parts)


def _found(retriever: Retriever, questions: Sequence[_Asked]) -> str:
    of_passages, of_sentences = [], []
    for asked in questions:
        explanation = retriever.retrieve(asked.text, 1).explanation
        of_passages.append(first_right(map(asked.is_passage, explanation.passages)))
        of_sentences.append(first_right(map(asked.is_sentence, explanation.candidates)))
    passages, sentences = np.array(of_passages), np.array(of_sentences)
    reciprocal = np.where(passages <= 10, 1 / np.minimum(passages, NOT_FOUND), 0)
    cells = [(passages <= 1).mean(), reciprocal.mean()]
    cells += [(sentences <= top).mean() for top in (1, 3, 5)]
    return " | ".join(f"{each:.3f}" for each in cells)


if __name__ == "__main__":
    main()
