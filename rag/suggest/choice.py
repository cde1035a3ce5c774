"""Choice: which chunks are looked at, and which of their questions are the ones to show."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from rag.hostile import find_signs, orders
from rag.index import Generation
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
# The rules read Spanish alone; what stands under a title may yet be untranslated. To be sure of
# every language takes a model whose opening would be waited for.
_SPANISH: Final = re.compile(
    r"\b(?:el|la|los|las|de|del|un|una|en|que|para|con|se|es|al|por|su|y|dos|tres|cada)\b",
    re.IGNORECASE,
)
_ENGLISH: Final = re.compile(
    r"\b(?:the|of|and|is|are|with|from|this|that|you|to|by)\b", re.IGNORECASE
)
_MAX_ENGLISH: Final = 2  # words, as of a name
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
    """Yield the questions that a chunk answers; who asks none need not be looked at closely."""
    found = [each for each in _asked(chunk) if _is_sound(each.suggestion.question)]
    if found and not any(sign.warns or sign.withholds for sign in find_signs(chunk.text)):
        yield from found


def _asked(chunk: Chunk) -> Iterator[_Found]:
    for start, end, question in definitions(chunk.text, chunk.headings):
        place = (chunk.start + start, chunk.start + end)
        yield _Found(_DEFINED_WORTH, "means", Suggestion(question, chunk.path, *place))
    for at, sentence in enumerate(chunk.sentences):
        says, end = sentence.text, sentence.end
        if len(says) > _MAX_SENTENCE_CHARS:
            continue
        title = says.strip().strip("#*=- \n").split("\n")[0].strip("*# ")
        if title in chunk.headings or says.lstrip("#- ").startswith("**¿"):
            end = max(each.end for each in chunk.sentences[at : at + 3])
            asked = ask_for(title)
            answer = chunk.text[sentence.end - chunk.start : end - chunk.start]
            if asked and needs_figures(asked[2]) and not any(map(str.isdigit, answer)):
                continue
        else:
            asked, answer = ask_of(says, chunk.headings), says
        if asked and _is_prose(answer):
            worth, kind, question = asked
            suggestion = Suggestion(question, chunk.path, sentence.start, end)
            yield _Found(worth + _brevity(question), kind, suggestion)


def _brevity(question: str) -> float:
    """Favour a little what says neither too little nor too much."""
    return -abs(len(question) - 45) / 450


def _is_prose(text: str) -> bool:
    return (
        len(text.strip()) >= _MIN_ANSWER_CHARS
        and _SPANISH.search(text) is not None
        and len(_ENGLISH.findall(text)) < _MAX_ENGLISH
    )


def _is_sound(question: str) -> bool:
    return (
        len(question) <= MAX_CHARS
        and question.count("¿") == question.count("?") == 1
        and not _NOT_PROSE.search(question)
        and not _ENGLISH.search(question)
        and not orders(question)
    )
