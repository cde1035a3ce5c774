"""Judge: a claim against all the evidence, and which lines of it say it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath
from typing import Final, NamedTuple

from rag.cite.locate import sentences_of
from rag.cite.names import same_as
from rag.cite.statement import Statement, read
from rag.cite.support import Finding, Setting, Similarity, compare, is_verbatim
from rag.schema import Evidence
from rag.split import sentence_spans

_MAX_RUN: Final = 3  # sentences that may say one thing together
_MIN_CLAUSE_TERMS: Final = 2
_MIN_PART_WORDS: Final = 3
_MIN_SHARE: Final = 0.3  # of a claim that each of two evidences must say
_JOINT: Final = re.compile(
    r";\s+|,?\s+(?:mientras que|pero|aunque|y además|y también|y|e|en cambio)\s+|,\s+"
)


class Support(NamedTuple):
    """Sentences ``first`` to ``last`` of an evidence say a claim, or a part of it."""

    marker: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the evidence says of a claim.

    Attributes
    ----------
    supports
        None where nothing says it.
    reason
        Why, in Spanish, where nothing does.
    """

    supports: tuple[Support, ...]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class _Item:
    """An evidence, read once: as it stands, with the marks of its lists, and by its sentences."""

    marker: int
    whole: Statement
    sentences: tuple[Statement, ...]
    allowed: tuple[bool, ...]
    setting: Setting

    def runs(self) -> list[tuple[int, int]]:
        n = len(self.sentences)
        found = [
            (first, first + length - 1)
            for length in range(1, min(_MAX_RUN, n) + 1)
            for first in range(n - length + 1)
        ]
        if n > _MAX_RUN:
            found.append((0, n - 1))  # a quotation, a list and what introduces it
        return [run for run in found if all(self.allowed[run[0] : run[1] + 1])]

    def said(self, run: tuple[int, int]) -> Statement:
        return read(" ".join(each.text for each in self.sentences[run[0] : run[1] + 1]))


class Judge:
    """Compares claims with the evidence of one question.

    Parameters
    ----------
    similarity
        Cosine of two texts, in [-1, 1]; a second opinion on what is said in other words.
    may_support
        Says of a sentence of the evidence whether anything may rest on it.
    is_foreign
        Says whether a text is in another language than Spanish.
    """

    def __init__(
        self,
        evidence: Sequence[Evidence],
        question: str = "",
        *,
        similarity: Similarity | None = None,
        may_support: Callable[[str], bool] = lambda _: True,
        is_foreign: Callable[[str], bool] = lambda _: False,
    ) -> None:
        self._question = read(question)
        self._similarity = similarity
        self._items = {item.marker: _read_item(item, may_support, is_foreign) for item in evidence}

    def judge(self, claim: str, cited: Sequence[int] = ()) -> Verdict:
        """Look for what supports a claim: in what it cites, then in the rest.

        Parameters
        ----------
        claim
            A sentence without markers.
        cited
            The markers that it bears, or that stand nearest.
        """
        statement = read(claim)
        if not statement.words:
            return Verdict((), "no dice nada")
        own = [self._items[marker] for marker in dict.fromkeys(cited) if marker in self._items]
        rest = [item for item in self._items.values() if item not in own]
        found = self._verbatim(statement, [*own, *rest])
        if found:
            return Verdict((found,))
        if not (statement.terms or statement.names or statement.quantities):
            return Verdict((), "no dice nada que se pueda comprobar")
        best: Finding | None = None
        for items in (own, rest):
            support, finding = self._in_one(statement, items)
            if support:
                return Verdict(self._with_others(statement, support, own))
            best = _nearer(best, finding)
            supports = self._in_parts(claim, items if items is own else [*own, *rest])
            if supports:
                return Verdict(supports)
        return Verdict((), best.reason if best else "no hay citas que lo digan")

    def text_of(self, support: Support) -> str:
        """Return the sentences that something rests on."""
        return self._items[support.marker].said((support.first, support.last)).text

    def knows(self, text: str) -> bool:
        """Say whether the names and numbers of what introduces others are known at all."""
        statement = read(text)
        near = [self._question]
        for item in self._items.values():
            near += [item.setting.titles, *item.sentences]
        return all(
            any(each.says_name(name) for each in near) for name in statement.names if name.is_sure
        ) and all(
            any(quantity.is_said_by(other) for each in near for other in each.quantities)
            for quantity in statement.quantities
        )

    def is_silent_on(self, topic: str) -> bool:
        """Say whether no sentence of the evidence says all the words of a topic."""
        terms = {term for term in read(topic).all_terms if len(term) > 1}
        return bool(terms) and not any(
            all(sentence.says_term(term) for term in terms)
            for item in self._items.values()
            for sentence in item.sentences
        )

    def _verbatim(self, claim: Statement, items: Sequence[_Item]) -> Support | None:
        for item in items:
            is_whole = len(claim.words) == len(item.whole.words) and all(item.allowed)
            if is_whole and is_verbatim(claim, item.whole):
                return Support(item.marker, 0, len(item.sentences) - 1)
            for first, last in item.runs():
                said = item.said((first, last))
                if len(claim.words) <= len(said.words) and is_verbatim(claim, said):
                    return Support(item.marker, first, last)
        return None

    def _in_one(
        self, claim: Statement, items: Sequence[_Item]
    ) -> tuple[Support | None, Finding | None]:
        """Look for one evidence that says the whole claim, in as few sentences as can be."""
        best: Finding | None = None
        for item in items:
            for run in item.runs():
                finding = self._compare(claim, item, run)
                if finding.is_supported:
                    return Support(item.marker, *run), finding
                best = _nearer(best, finding)
        return None, best

    def _compare(self, claim: Statement, item: _Item, run: tuple[int, int]) -> Finding:
        return compare(claim, item.said(run), item.setting, self._question, self._similarity)

    def _with_others(
        self, claim: Statement, support: Support, cited: Sequence[_Item]
    ) -> tuple[Support, ...]:
        """Add the other evidences that it cites and that say the same."""
        others = []
        for item in cited:
            if item.marker != support.marker:
                other, _ = self._in_one(claim, [item])
                if other:
                    others.append(other)
        return (support, *others)

    def _in_parts(self, claim: str, items: Sequence[_Item]) -> tuple[Support, ...]:
        """Look for the parts of a claim one by one: each must be said whole by one evidence."""
        for joint in _JOINT.finditer(claim):
            parts = [claim[: joint.start()], claim[joint.end() :]]
            statements = [read(part) for part in parts]
            if not all(_says_something(each) for each in statements):
                continue
            found = [self._in_one(each, items)[0] for each in statements]
            if all(found):
                return tuple(dict.fromkeys(each for each in found if each))
        return ()


def _says_something(part: Statement) -> bool:
    """Say whether a part of a claim could stand alone: «lo hizo Ferrer», but not «y Ferrer»."""
    named = set().union(*(same_as(name.key) for name in part.names)) if part.names else set()
    has_other_words = any(term not in named for term in part.all_terms)
    n_said = len(part.terms) + len(part.names) + len(part.quantities)
    return (
        len(part.words) >= _MIN_PART_WORDS
        and has_other_words
        and n_said > 0
        and (bool(part.names or part.quantities) or n_said >= _MIN_CLAUSE_TERMS)
    )


def _nearer(one: Finding | None, other: Finding | None) -> Finding | None:
    if one is None or other is None:
        return one or other
    return max(one, other, key=lambda finding: (finding.coverage >= _MIN_SHARE, finding.rank))


def _read_item(
    evidence: Evidence, may_support: Callable[[str], bool], is_foreign: Callable[[str], bool]
) -> _Item:
    parts = sentences_of(evidence)
    chunk = evidence.passage.chunk
    before = chunk.text[: max(0, evidence.start - chunk.start)]
    spans = sentence_spans(before)[-2:]
    path = PurePosixPath(evidence.path)  # «plazos-2024.md» is cited so, and as «plazos 2024»
    titles = " . ".join([*chunk.headings, path.stem.replace("-", " "), path.name])
    return _Item(
        evidence.marker,
        read(evidence.shown),
        tuple(read(part.shown) for part in parts),
        tuple(may_support(part.text) for part in parts),
        Setting(
            read(titles),
            read(" ".join(before[span.start : span.end] for span in spans)),
            partial(is_foreign, evidence.text),
        ),
    )
