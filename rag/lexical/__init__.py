"""Lexical: text to terms, what it asks for, states and denies, and the BM25 index."""

from __future__ import annotations

from rag.lexical.analysis import ANALYZER_VERSION, analyze, fold
from rag.lexical.answer_type import (
    ANSWER_TYPES,
    PREPOSITIONS,
    AnswerType,
    answer_type,
    asks_yes_or_no,
    may_answer,
    says_amount,
    says_time,
)
from rag.lexical.bm25 import LexicalIndex
from rag.lexical.contradiction import denies, missing_numbers, opposed
from rag.lexical.fingerprint import fingerprint
from rag.lexical.negation import Denied, denied
from rag.lexical.quantities import Quantity, quantities
from rag.lexical.reference import points_back

__all__ = [
    "ANALYZER_VERSION",
    "ANSWER_TYPES",
    "PREPOSITIONS",
    "AnswerType",
    "Denied",
    "LexicalIndex",
    "Quantity",
    "analyze",
    "answer_type",
    "asks_yes_or_no",
    "denied",
    "denies",
    "fingerprint",
    "fold",
    "may_answer",
    "missing_numbers",
    "opposed",
    "points_back",
    "quantities",
    "says_amount",
    "says_time",
]
