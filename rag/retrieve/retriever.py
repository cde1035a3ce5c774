"""The retriever: a question to evidence, over one generation of an index."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Final

from rag.embed import Embedder
from rag.index import Generation
from rag.rerank import Reranker
from rag.retrieve.confidence import Calibration, Features
from rag.retrieve.evidence import choose_evidence, is_admissible
from rag.retrieve.passages import PassageWeights, find_passages, rerank_passages
from rag.retrieve.query import Query, read_question
from rag.retrieve.sentences import SentenceWeights, score_sentences
from rag.schema import Candidate, Explanation, Passage, Retrieved

_N_RERANKED: Final = 20  # passages that a reranker reads: it takes a forward pass for each
ONLY_ORDERS: Final = (
    "Lo único que hay sobre esto da órdenes al modelo, o no se ve en el documento: "
    "no se usa para responder."
)
_N_LOOKED_AT: Final = 10  # best sentences
_N_BACKGROUND: Final = 500  # sentences that stand for the whole index


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each signal counts.

    Attributes
    ----------
    n_passages
        Passages whose sentences are looked at.
    """

    passages: PassageWeights = field(default_factory=PassageWeights)
    sentences: SentenceWeights = field(default_factory=SentenceWeights)
    n_passages: int = 10


class Retriever:
    """Search over one generation of an index.

    Parameters
    ----------
    reranker
        Orders the first passages again; None leaves the order of the search.

    Raises
    ------
    IndexMismatchError
        If the index was not made by this embedding model.
    """

    def __init__(
        self,
        generation: Generation,
        embedder: Embedder,
        weights: Weights | None = None,
        reranker: Reranker | None = None,
    ) -> None:
        generation.manifest.check(embedder.name)
        generation.manifest.check_weights(embedder)
        self._generation = generation
        self._embedder = embedder
        self._weights = weights or Weights()
        self._reranker = reranker
        self._calibration = Calibration(
            embedder.name, generation.sample_of_sentences(_N_BACKGROUND)
        )

    def retrieve(self, question: str, max_evidence: int, min_confidence: float = 0.0) -> Retrieved:
        """Find the evidence for a question.

        Parameters
        ----------
        question
            With at least one letter or digit.
        max_evidence
            Most items wanted.
        min_confidence
            Below it the evidence is not enough to answer from.

        Returns
        -------
        Retrieved
            Evidence and passages, each best first; both empty when the index is.
        """
        started = time.perf_counter()
        query, passages, found = self._search(question)
        sure = 0.0
        doubts: tuple[str, ...] = ("No hay nada indexado.",)
        # Those that decide how sure we are; to look at every one would take as long as the search.
        first, rest = found[:_N_LOOKED_AT], found[_N_LOOKED_AT:]
        admissible = [*(each for each in first if is_admissible(each)), *rest]
        if admissible:
            assessment = self._calibration.assess(query, admissible)
            sure, doubts = assessment.confidence, assessment.doubts
        elif found:
            doubts = (ONLY_ORDERS,)
        evidence, candidates = choose_evidence(found, passages, max_evidence)
        explanation = Explanation(tuple(passages), candidates, sure, min_confidence, doubts)
        seconds = time.perf_counter() - started
        return Retrieved(question, evidence, explanation, seconds)

    def features(self, question: str) -> Features | None:
        """Return what the confidence in a question's evidence is computed from."""
        query, _, candidates = self._search(question)
        return self._calibration.assess(query, candidates).features if candidates else None

    def _search(self, question: str) -> tuple[Query, list[Passage], list[Candidate]]:
        """Return passages and sentences, each best first."""
        weights = self._weights
        query = read_question(question, self._embedder, self._generation.lexical)
        passages = find_passages(query, self._generation, weights.passages)
        if self._reranker is not None:
            passages = rerank_passages(query, passages, self._reranker, _N_RERANKED)
        first = passages[: weights.n_passages]
        candidates = score_sentences(query, first, self._generation, weights.sentences)
        return query, passages, candidates
