"""Metrics: judged questions to the figures that say how good the whole is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from rag.evaluate.judge import Judged

_TOP_RANKS: Final = (1, 3, 5)


@dataclass(frozen=True, slots=True)
class PassageMetrics:
    """Of the chunks found for the answerable questions, in [0, 1].

    Attributes
    ----------
    hit_at_1, hit_at_5
        Share of questions with a chunk that holds the answer among the first.
    mrr_at_10
        Mean reciprocal rank of the first of them.
    ndcg_at_10
        Normalised discounted cumulative gain; each place where it is said counts once.
    """

    hit_at_1: float
    hit_at_5: float
    mrr_at_10: float
    ndcg_at_10: float


@dataclass(frozen=True, slots=True)
class AbstentionMetrics:
    """Of the answers withheld.

    Attributes
    ----------
    n_refused, n_refused_rightly
        Questions refused, and those of them that have no answer.
    auroc
        Probability that the confidence is higher for a question with an answer than for one
        without; None where the set has not both.
    """

    n_refused: int
    n_refused_rightly: int
    auroc: float | None


@dataclass(frozen=True, slots=True)
class Metrics:
    """The figures; counts are of questions unless they say of what.

    Attributes
    ----------
    passages
        None where no question has an answer.
    evidence_hits, sentence_hits
        Questions with right evidence, as it is shown, among the first n; and the same for single
        sentences, without the neighbours that evidence may bring.
    n_answers_right
        The answer, or the quote of its first citation, contains a right answer.
    f1, exact_match
        Means over the answerable questions; an answer withheld counts as 0.
    n_citations, n_right_citations, n_verbatim
        Citations: all, those of answerable questions on a right place, those found verbatim.
    n_rightly_cited
        Answerable questions with a citation on a right place.
    """

    n_answerable: int
    n_unanswerable: int
    passages: PassageMetrics | None
    evidence_hits: dict[int, int]
    sentence_hits: dict[int, int]
    n_answered: int
    n_answers_right: int
    f1: float
    exact_match: float
    n_citations: int
    n_citations_of_answerable: int
    n_right_citations: int
    n_rightly_cited: int
    n_verbatim: int
    abstention: AbstentionMetrics
    retrieve_seconds: tuple[float, float]
    total_seconds: tuple[float, float]

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form of ``rag eval``."""
        passages = self.passages
        return {
            "n_answerable": self.n_answerable,
            "n_unanswerable": self.n_unanswerable,
            "passages": passages
            and {
                "hit@1": round(passages.hit_at_1, 4),
                "hit@5": round(passages.hit_at_5, 4),
                "mrr@10": round(passages.mrr_at_10, 4),
                "ndcg@10": round(passages.ndcg_at_10, 4),
            },
            "evidence_hits": {f"top_{rank}": n for rank, n in self.evidence_hits.items()},
            "sentence_hits": {f"top_{rank}": n for rank, n in self.sentence_hits.items()},
            "n_answered": self.n_answered,
            "n_answers_right": self.n_answers_right,
            "f1": round(self.f1, 4),
            "exact_match": round(self.exact_match, 4),
            "n_citations": self.n_citations,
            "citation_precision": _share(self.n_right_citations, self.n_citations_of_answerable),
            "citation_recall": _share(self.n_rightly_cited, self.n_answerable),
            "n_verbatim": self.n_verbatim,
            "n_refused": self.abstention.n_refused,
            "n_refused_rightly": self.abstention.n_refused_rightly,
            "abstention_precision": _share(
                self.abstention.n_refused_rightly, self.abstention.n_refused
            ),
            "abstention_recall": _share(self.abstention.n_refused_rightly, self.n_unanswerable),
            "abstention_auroc": self.abstention.auroc and round(self.abstention.auroc, 4),
            "retrieve_seconds": _percentiles_dict(self.retrieve_seconds),
            "total_seconds": _percentiles_dict(self.total_seconds),
        }


def measure(judged: Sequence[Judged]) -> Metrics:
    """Sum up judged questions.

    Parameters
    ----------
    judged
        At least one.
    """
    answerable = [each for each in judged if each.question.answerable]
    unanswerable = [each for each in judged if not each.question.answerable]
    n = max(1, len(answerable))
    return Metrics(
        n_answerable=len(answerable),
        n_unanswerable=len(unanswerable),
        passages=_passage_metrics(answerable) if answerable else None,
        evidence_hits=_hits([each.evidence_rank for each in answerable]),
        sentence_hits=_hits([each.sentence_rank for each in answerable]),
        n_answered=sum(not each.answer.abstained for each in answerable),
        n_answers_right=sum(each.answer_right for each in answerable),
        f1=sum(each.f1 for each in answerable) / n,
        exact_match=sum(each.exact_match for each in answerable) / n,
        n_citations=sum(len(each.answer.citations) for each in judged),
        n_citations_of_answerable=sum(len(each.answer.citations) for each in answerable),
        n_right_citations=sum(each.n_right_citations for each in answerable),
        n_rightly_cited=sum(each.n_right_citations > 0 for each in answerable),
        n_verbatim=sum(each.n_verbatim for each in judged),
        abstention=AbstentionMetrics(
            n_refused=sum(each.answer.abstained for each in judged),
            n_refused_rightly=sum(each.answer.abstained for each in unanswerable),
            auroc=_auroc(judged) if answerable and unanswerable else None,
        ),
        retrieve_seconds=_percentiles([each.answer.timings.retrieve_seconds for each in judged]),
        total_seconds=_percentiles([each.answer.timings.total_seconds for each in judged]),
    )


def _hits(ranks: Sequence[int | None]) -> dict[int, int]:
    return {top: sum(rank is not None and rank <= top for rank in ranks) for top in _TOP_RANKS}


def _passage_metrics(answerable: Sequence[Judged]) -> PassageMetrics:
    """Let ir_measures judge the order of the passages.

    A passage that is the first to hold a source goes by that source's name; one of several
    sources that a single passage holds together is one.
    """
    from ir_measures import RR, Qrel, ScoredDoc, Success, calc_aggregate, nDCG

    relevant: list[Qrel] = []
    ranked: list[ScoredDoc] = []
    for number, each in enumerate(answerable):
        found = [f"source {source}" for source in each.passages if source is not None]
        missed = [f"missed {n}" for n in range(each.n_missed)]
        relevant.extend(Qrel(str(number), name, 1) for name in found + missed)
        ranked.extend(
            ScoredDoc(
                str(number),
                f"passage {rank}" if source is None else f"source {source}",
                float(-rank),
            )
            for rank, source in enumerate(each.passages)
        )
    measures = [Success @ 1, Success @ 5, RR @ 10, nDCG @ 10]
    values = calc_aggregate(measures, relevant, ranked)
    return PassageMetrics(*(float(values[measure]) for measure in measures))


def _auroc(judged: Sequence[Judged]) -> float:
    from sklearn.metrics import roc_auc_score

    return float(
        roc_auc_score(
            [each.question.answerable for each in judged], [each.confidence for each in judged]
        )
    )


def _percentiles(seconds: Sequence[float]) -> tuple[float, float]:
    import numpy as np

    half, most = np.percentile(seconds, [50, 95])
    return float(half), float(most)


def _percentiles_dict(seconds: tuple[float, float]) -> dict[str, float]:
    return {"p50": round(seconds[0], 4), "p95": round(seconds[1], 4)}


def _share(n: int, total: int) -> float | None:
    return round(n / total, 4) if total else None
