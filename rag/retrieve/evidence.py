"""Evidence: scored sentences to what is shown, each with what it needs to be understood.

A sentence that makes no sense alone («Esto…», the first item of a list, a question in a dialogue)
brings its neighbour; what is said in several places is shown once, with all of them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from rag.hostile import admissible_span, is_withheld, warnings_about
from rag.lexical import fingerprint, points_back
from rag.retrieve.repeats import Said
from rag.retrieve.sentences import is_title
from rag.schema import Candidate, Chunk, Evidence, Fate, Passage, Place, Sentence

_MAX_CHARS: Final = 700  # of an evidence of several sentences
_MAX_HEAD_WORDS: Final = 6
_MAX_WITHHELD: Final = 2  # shown of what may not answer: they must not take the place of what may
_SCORE_SCALE: Final = 4.0  # keeps the best scores, which come near 10, apart from 1

_ITEM_MARK: Final = re.compile(r"(?:^|\n)[^\S\n]*(?:[-*+•·▪◦]|\d{1,3}[.)ºª]|[a-zA-Z]\))[^\S\n]+$")
_ENDS: Final = tuple('.!?…:;»”")')

_fingerprint = lru_cache(maxsize=1_000)(fingerprint)  # a form may be found hundreds of times


@dataclass(slots=True, eq=False)
class _Item:
    """Sentences ``first`` to ``last`` of a passage's chunk, on the way to be evidence."""

    best: Candidate
    first: int
    last: int

    @property
    def passage(self) -> Passage:
        return self.best.passage

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        return self.passage.chunk.sentences[self.first : self.last + 1]

    @property
    def sayings(self) -> Iterable[tuple[int, str]]:
        fingerprints = self.passage.fingerprints[self.first : self.last + 1]
        return zip(fingerprints, (each.text for each in self.sentences), strict=True)

    def shows(self, candidate: Candidate) -> bool:
        is_here = self.passage.row == candidate.passage.row
        return is_here and self.first <= candidate.at <= self.last


def choose_evidence(
    candidates: Sequence[Candidate], passages: Sequence[Passage], max_evidence: int
) -> tuple[tuple[Evidence, ...], tuple[Candidate, ...]]:
    """Turn the best sentences into evidence.

    Parameters
    ----------
    candidates
        Best first.
    passages
        Where the same words are looked for.
    max_evidence
        Most items wanted.

    Returns
    -------
    tuple
        The evidence, best first, and the candidates with what became of each.
    """
    items: list[_Item] = []
    at = 0
    while at < len(candidates):
        # An item that takes in others leaves room: for the best of those that found none.
        at = 0 if _place(candidates[at], items, max_evidence) else at + 1
    evidence = tuple(
        _evidence(item, marker, _elsewhere(item, passages))
        for marker, item in enumerate(items, start=1)
    )
    return evidence, _with_fates(candidates, items)


def is_admissible(candidate: Candidate) -> bool:
    """Say whether an answer may rest on a sentence, or a part of it; not if it gives orders."""
    sentence = candidate.sentence
    span = admissible_span(candidate.passage.chunk, sentence.start, sentence.end)
    return span is not None


def _place(candidate: Candidate, items: list[_Item], max_evidence: int) -> bool:
    """Add a candidate to the items, if it has a place among them; no two show the same.

    Returns
    -------
    bool
        Whether there are fewer items than before: an item took in others.
    """
    passage = candidate.passage
    is_full = len(items) >= max_evidence
    if is_full and all(item.passage.row != passage.row for item in items):
        return False  # before its chunk is looked at for orders, which takes milliseconds
    if any(item.shows(candidate) for item in items):
        return False
    is_kept_apart = not is_admissible(candidate)
    if is_kept_apart and sum(not is_admissible(item.best) for item in items) >= _MAX_WITHHELD:
        return False
    at = candidate.at
    first, last = (at, at) if is_kept_apart else _with_neighbours(passage, at)
    touched = [
        item
        for item in items
        if item.passage.row == passage.row and first <= item.last and item.first <= last
        if is_admissible(item.best) and not is_kept_apart
    ]
    if touched:
        if _is_head(passage, candidate.sentence):
            return False  # what it heads is shown already
        widest = min(first, *(i.first for i in touched)), max(last, *(i.last for i in touched))
        whole = passage.chunk.sentences[widest[0]].start, passage.chunk.sentences[widest[1]].end
        is_clean = not is_withheld(passage.chunk, *whole)
        if is_clean and len(_text(passage.chunk, *widest)) <= _MAX_CHARS:
            best, *others = touched
            best.first, best.last = widest
            items[:] = [item for item in items if item not in others]
            return bool(others)
        # Together they are too long: it goes apart, with those neighbours that are not shown.
        first = max([first, *(item.last + 1 for item in touched if item.last < at)])
        last = min([last, *(item.first - 1 for item in touched if item.first > at)])
    if not is_full and _said(items).which(*_saying(candidate)) is None:
        items.append(_Item(candidate, first, last))
    return False


def _with_fates(candidates: Iterable[Candidate], items: Sequence[_Item]) -> tuple[Candidate, ...]:
    """Say what became of each candidate, given what is shown; they come as if all were cut."""
    shown = [
        (marker, item.passage.row, at)
        for marker, item in enumerate(items, start=1)
        for at in range(item.first, item.last + 1)
    ]
    markers = {(row, at): marker for marker, row, at in reversed(shown)}
    said = _said(items)

    def with_fate(candidate: Candidate) -> Candidate:
        marker = markers.get((candidate.passage.row, candidate.at))
        if marker is not None:
            is_best = items[marker - 1].best is candidate
            fate: Fate = "evidence" if is_best else "neighbour"
            return replace(candidate, fate=fate, marker=marker)
        repeated = said.which(*_saying(candidate))
        if repeated is None:
            return candidate
        return replace(candidate, fate="duplicate", marker=shown[repeated][0])

    return tuple(map(with_fate, candidates))


def _said(items: Iterable[_Item]) -> Said:
    return Said(saying for item in items for saying in item.sayings)


def _saying(candidate: Candidate) -> tuple[int, str]:
    return candidate.fingerprint, candidate.sentence.text


def _with_neighbours(passage: Passage, at: int) -> tuple[int, int]:
    """Return the first and last sentence that are needed to understand one of a chunk."""
    chunk = passage.chunk
    sentence = chunk.sentences[at]
    if _needs_next(passage, sentence):
        first, last = at, _end_of_list(chunk, at + 1)
    elif at > 0 and _needs_previous(passage, at):
        first, last = at - 1, at
    else:
        return at, at
    if len(_text(chunk, first, last)) > _MAX_CHARS:
        return at, at
    # What may not support an answer does not come along with what may.
    if is_withheld(chunk, chunk.sentences[first].start, chunk.sentences[last].end):
        return at, at
    return first, last


def _needs_previous(passage: Passage, at: int) -> bool:
    chunk = passage.chunk
    text = chunk.sentences[at].text
    if text.startswith("|") or is_title(passage, chunk.sentences[at - 1]):  # a row of a table
        return False
    introduced = _is_item(chunk, chunk.sentences[at]) and _introduces(chunk.sentences[at - 1])
    return introduced or points_back(text)


def _needs_next(passage: Passage, sentence: Sentence) -> bool:
    """Say whether a sentence is a question, or names what the following ones tell."""
    is_asking = sentence.text.rstrip(" *_").endswith("?")
    return (
        is_asking or _introduces(sentence) or _is_head(passage, sentence)
    ) and sentence is not passage.chunk.sentences[-1]


def _is_head(passage: Passage, sentence: Sentence) -> bool:
    """Say whether a sentence is a title, or a few words that stand as one."""
    text = sentence.text.rstrip(" *_")
    is_short = not text.endswith(_ENDS) and len(text.split()) <= _MAX_HEAD_WORDS
    stands_apart = is_short and text[0] != "|" and not _is_item(passage.chunk, sentence)
    return stands_apart or is_title(passage, sentence)


def _introduces(sentence: Sentence) -> bool:
    return sentence.text.rstrip(" *_").endswith(":")


def _end_of_list(chunk: Chunk, at: int) -> int:
    """Return the last item of the list that a sentence begins, or introduces, if it does."""
    if _introduces(chunk.sentences[at]) and at + 1 < len(chunk.sentences):
        at += 1
    last = at
    while (
        last + 1 < len(chunk.sentences)
        and _is_item(chunk, chunk.sentences[at])
        and _is_item(chunk, chunk.sentences[last + 1])
        and len(_text(chunk, at - 1, last + 1)) <= _MAX_CHARS
    ):
        last += 1
    return last


def _is_item(chunk: Chunk, sentence: Sentence) -> bool:
    """Say whether a list mark stands before a sentence."""
    start = sentence.start - chunk.start
    return _ITEM_MARK.search(chunk.text[max(0, start - 40) : start]) is not None


def _elsewhere(item: _Item, passages: Iterable[Passage]) -> tuple[Place, ...]:
    """Find the other places that say an item's best sentence."""
    words = item.best.fingerprint
    said = Said([_saying(item.best)])
    shown = item.passage.chunk.place(item.sentences[0].start, item.sentences[-1].end)
    places = (
        place
        for passage in passages
        if words in passage.fingerprints  # most do not say them, and are not read
        for chunk, sentence, others in _sentences_of(passage)
        if said.which(others, sentence.text) is not None
        for place in chunk.places(sentence.start, sentence.end)
    )
    return tuple(dict.fromkeys(place for place in places if not shown.holds(place)))


def _sentences_of(passage: Passage) -> Iterator[tuple[Chunk, Sentence, int]]:
    """Yield the sentences of a passage and of its copies, with their fingerprints."""
    for sentence, words in zip(passage.chunk.sentences, passage.fingerprints, strict=True):
        yield passage.chunk, sentence, words
    for copy in passage.copies:
        for sentence in copy.sentences:
            yield copy, sentence, _fingerprint(sentence.text)


def _text(chunk: Chunk, first: int, last: int) -> str:
    start, end = chunk.sentences[first].start, chunk.sentences[last].end
    return chunk.text[start - chunk.start : end - chunk.start]


def _evidence(item: _Item, marker: int, also_at: tuple[Place, ...]) -> Evidence:
    chunk = item.passage.chunk
    whole = chunk.sentences[item.first].start, chunk.sentences[item.last].end
    span = admissible_span(chunk, *whole)
    start, end = span or whole
    return Evidence(
        marker=marker,
        at=chunk.place(start, end),
        start=start,
        text=chunk.text[start - chunk.start : end - chunk.start],
        score=1.0 / (1.0 + math.exp(-item.best.score / _SCORE_SCALE)),
        passage=item.passage,
        also_at=also_at,
        warnings=warnings_about(chunk, start, end),
        is_admissible=span is not None,
    )
