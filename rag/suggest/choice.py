"""Choice: which chunks are looked at, and which of their questions are the ones to show."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from rag.hostile import find_signs, orders
from rag.index import Generation
from rag.language import is_foreign
from rag.schema import Chunk
from rag.suggest.sentences import ask_of
from rag.suggest.titles import ask_for, definitions, needs_figures

MAX_CHARS: Final = 90

_N_CHUNKS: Final = 150
_MIN_PER_DOCUMENT: Final = 3
_MIN_ANSWER_CHARS: Final = 25
_MAX_SENTENCE_CHARS: Final = 400
_DEFINED_WORTH: Final = 0.8
_SAME_KIND: Final = 0.12  # what another question of a kind that is there already is worth less
_ALIKE: Final = 88  # per cent of their letters: the same question in two documents
_SAME_DOCUMENT: Final = 1.0
_NOT_PROSE: Final = re.compile(r"https?:|www\.|@|[<>{}|\\=$#~^_\[\]]|//|\.\.|::|\w{32}")


class Suggestion(NamedTuple):
    """A question that a document answers.

    Attributes
    ----------
    start, end
        Of what answers it, in characters of the document's text.
    """

    question: str
    path: str
    start: int
    end: int


class _Found(NamedTuple):
    worth: float
    kind: str
    suggestion: Suggestion


def spread(generation: Generation, n_chunks: int = _N_CHUNKS) -> Iterator[Chunk]:
    """Yield some chunks at equal distances through an index, and through its documents."""
    documents = {(each.segment, each.first): each for each in generation.documents}
    known = sorted(documents.values(), key=lambda each: each.path)
    n_documents = min(len(known), max(1, n_chunks // _MIN_PER_DOCUMENT))
    for nth in range(n_documents):
        document = known[nth * len(known) // n_documents]
        n_own = document.n_chunks
        if generation.n_chunks > n_chunks:
            n_own = min(n_own, max(1, n_chunks // n_documents))
        rows = generation.rows_of(document)
        for each in range(n_own):
            yield generation.chunk(rows[each * len(rows) // n_own])


def suggest(chunks: Iterable[Chunk], n_wanted: int) -> list[Suggestion]:
    """Make questions that chunks answer, the best first: of many documents and of many kinds.

    The same chunks give the same questions.
    """
    from rapidfuzz.fuzz import ratio

    found = {each.suggestion.question: each for chunk in chunks for each in _questions(chunk)}
    left = list(found.values())
    chosen: list[Suggestion] = []
    kinds: Counter[str] = Counter()
    paths: Counter[str] = Counter()

    def worth(each: _Found) -> float:
        repeated = _SAME_KIND * kinds[each.kind] + _SAME_DOCUMENT * paths[each.suggestion.path]
        return each.worth - repeated

    while left and len(chosen) < n_wanted:
        best = max(left, key=worth)
        question = best.suggestion.question
        left = [each for each in left if ratio(each.suggestion.question, question) < _ALIKE]
        chosen.append(best.suggestion)
        kinds[best.kind] += 1
        paths[best.suggestion.path] += 1
    return chosen


def _questions(chunk: Chunk) -> Iterator[_Found]:
    if any(sign.warns or sign.withholds for sign in find_signs(chunk.text)):
        return
    for start, end, question in definitions(chunk.text, chunk.headings):
        if _is_sound(question):
            place = (chunk.start + start, chunk.start + end)
            yield _Found(_DEFINED_WORTH, "means", Suggestion(question, chunk.path, *place))
    for at, sentence in enumerate(chunk.sentences):
        says = sentence.text
        if len(says) > _MAX_SENTENCE_CHARS:
            continue
        follows = chunk.sentences[at + 1 : at + 3]
        title = says.strip().strip("#*=- \n").split("\n")[0].strip("*# ")
        is_title = title in chunk.headings
        asked: tuple[float, str, str] | None
        if is_title or says.lstrip("#- ").startswith("**¿"):
            end = follows[-1].end if follows else sentence.end
            answer = chunk.text[sentence.end - chunk.start : end - chunk.start]
            asked = ask_for(title) if _is_prose(answer) else None
            if asked and needs_figures(asked[2]) and not any(map(str.isdigit, answer)):
                asked = None
        else:
            end = sentence.end
            asked = ask_of(says, chunk.headings) if _is_prose(says) else None
        if asked and _is_sound(asked[2]):
            suggestion = Suggestion(asked[2], chunk.path, sentence.start, end)
            yield _Found(asked[0] + _brevity(asked[2]), asked[1], suggestion)


def _brevity(question: str) -> float:
    """Favour a little what says neither too little nor too much."""
    return -abs(len(question) - 45) / 450


def _is_prose(text: str) -> bool:
    return len(text.strip()) >= _MIN_ANSWER_CHARS and not is_foreign(" ".join(text.split()))


def _is_sound(question: str) -> bool:
    return (
        len(question) <= MAX_CHARS
        and question.count("¿") == question.count("?") == 1
        and not _NOT_PROSE.search(question)
        and not is_foreign(question)
        and not orders(question)
    )
