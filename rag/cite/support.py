"""Support: whether a sentence of the evidence says what a claim says.

It is found by form: the numbers, dates and names of the claim must all be there, its words for the
most part, and neither may deny what the other says. So what is checked is presence, not truth.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from rag.cite.names import names, same_as
from rag.cite.statement import Statement, is_akin, read, words
from rag.lexical import Quantity, analyze, opposed

Similarity = Callable[[str, str], float]

# bench/README.md, table 16.
_ENOUGH: Final = 0.6  # share of a claim's words: it needs no second opinion
_TOO_LITTLE: Final = 0.2  # nothing helps it
_ALIKE: Final = 0.92  # cosine of a claim that has fewer, …
_ALIKE_FOREIGN: Final = 0.84  # … and of one whose evidence is in another language
_ENOUGH_ALONE: Final = 0.5  # where there is no second opinion to be had
_MIN_CLAUSE_TERMS: Final = 2
_ADDED: Final = re.compile(
    r"[,;:()]\s|\s(?:y|e|o|pero|mientras que|porque|ya que|para|durante|que|cuando|aunque)\s"
)
_AROUND: Final = 0.7
_FACT: Final = 0.5  # what a name or number counts for, beside a word; all of them must be there
_INITIAL: Final = re.compile(r"\b[^\W\d_]\.")
_AUXILIARY: Final = frozenset("pued pod podr deb hac hiz qued ten cre parec lleg".split())  # stems
_LONG_CHARS: Final = 120
_MIN_PART_CHARS: Final = 40
# Before a claim, they may deny it or set it a condition: then its words are no proof.
_TAKES_BACK: Final = frozenset(
    """
    no ni nunca jamas sin tampoco nadie ningun ninguna falso falsa mentira bulo rumor niega niegan
    nego negaron si salvo excepto
    """.split()
)
_CLAUSE: Final = re.compile(r"[,;:()]|[.!?]\s|\s(?:y|e|o|pero|mientras que|frente a|and)\s")


class Finding(NamedTuple):
    """What comes of looking for a claim in some sentences.

    Attributes
    ----------
    reason
        Why they do not say it, in Spanish; empty where they do.
    coverage
        Share of the claim's words that they say, in [0, 1].
    rank
        How near they come: the more checks passed, the higher.
    """

    reason: str
    coverage: float
    rank: int

    @property
    def is_supported(self) -> bool:
        return not self.reason


class Setting(NamedTuple):
    """What surrounds the sentences of an evidence.

    Attributes
    ----------
    titles
        Of its passage and its file: what it is about.
    before
        The sentences just before it in its passage.
    is_foreign
        Says whether it is in another language than the claim: not asked for what is verbatim.
    """

    titles: Statement
    before: Statement
    is_foreign: Callable[[], bool] = lambda: False


def compare(
    claim: Statement,
    said: Statement,
    setting: Setting,
    question: Statement,
    similarity: Similarity | None,
) -> Finding:
    """Look for a claim in sentences that stand together."""
    coverage = _coverage(claim, said, setting, question)
    for rank, check in enumerate((_alphabet, _numbers, _names)):
        reason = check(claim, said, setting)
        if reason:
            return Finding(reason, coverage, rank)
    if not setting.is_foreign():
        for rank, contrary in enumerate((_denial, _opposite, _swap), start=3):
            reason = contrary(claim, said)
            if reason:
                return Finding(reason, coverage, rank)
    if _has_enough(claim, said, setting, coverage, similarity):
        return Finding("", coverage, 7)
    return Finding("las citas no dicen eso con palabras parecidas", coverage, 6)


def is_verbatim(claim: Statement, said: Statement) -> bool:
    """Say whether a claim's words stand together in others, and nothing before takes them back."""
    amounts = {(quantity.values, quantity.unit) for quantity in said.quantities}
    if any((quantity.values, quantity.unit) not in amounts for quantity in claim.quantities):
        return False  # the words of «un 3 %» stand in «un 3,5 %»
    n = len(claim.words)
    return any(
        said.words[at : at + n] == claim.words and _TAKES_BACK.isdisjoint(said.words[:at])
        for at in range(len(said.words) - n + 1)
    )


def _has_enough(
    claim: Statement,
    said: Statement,
    setting: Setting,
    coverage: float,
    similarity: Similarity | None,
) -> bool:
    if setting.is_foreign():
        if similarity is not None:
            return similarity(claim.text, said.text) >= _ALIKE_FOREIGN
        return bool(claim.names or claim.quantities)
    if not _says_what_is_denied(claim, said):
        return False
    unsaid = _unsaid_clause(claim, said, setting)
    share = _share(claim, said, setting)
    if share >= _ENOUGH and not unsaid:
        return True
    if similarity is None:
        return not unsaid and (share >= _ENOUGH_ALONE or coverage >= _ENOUGH)
    if unsaid:  # «… y está pintado de azul»
        return False
    return coverage >= _TOO_LITTLE and any(
        similarity(claim.text, part) >= _ALIKE for part in _parts(said.text)
    )


def _says_what_is_denied(claim: Statement, said: Statement) -> bool:
    """Say whether the sentences themselves name something of what each «no» of a claim reaches.

    That the hotel has no pool is said by no sentence about its car park, however alike they are.
    """
    reached = [[term for term in scope if term in claim.terms] for scope in claim.denied.scopes]
    return all(any(said.says_term(term) for term in scope) for scope in reached if scope)


def _share(claim: Statement, said: Statement, setting: Setting) -> float:
    """Return the share of a claim's words that are said, names and numbers apart."""
    if not claim.terms:
        return 1.0
    return sum(_said(term, said, setting) for term in claim.terms) / len(claim.terms)


def _said(term: str, said: Statement, setting: Setting) -> float:
    """Return 1 for what the sentences say, and less for what is said around them."""
    if said.says_term(term):
        return 1.0
    is_around = term in setting.titles.all_terms or term in setting.before.all_terms
    return _AROUND if is_around else 0.0


def _unsaid_clause(claim: Statement, said: Statement, setting: Setting) -> bool:
    """Say whether a claim has a clause of which not a word is said."""
    for part in _ADDED.split(claim.text):
        clause = read(part)
        if clause.names or clause.quantities or len(clause.terms) < _MIN_CLAUSE_TERMS:
            continue
        if not any(_said(term, said, setting) for term in clause.terms):
            return True
    return False


def _parts(text: str) -> list[str]:
    """Return a sentence, and the parts of a long one: a claim is most often like one of them."""
    parts = [part for part in re.split(r"[;:]\s", text) if len(part) >= _MIN_PART_CHARS]
    return [text, *parts] if len(text) > _LONG_CHARS and len(parts) > 1 else [text]


def _coverage(claim: Statement, said: Statement, setting: Setting, question: Statement) -> float:
    wanted = dict.fromkeys(claim.terms, 1.0)
    for term in claim.terms:
        if term in question.all_terms:  # it says the question again
            wanted[term] = 0.5
    for name in claim.names:
        if not name.is_sure:
            term = "".join(analyze(name.written)[:1])
            if term in wanted and not said.says_name(name):
                wanted[term] = 2.0
    facts = _FACT * (len(claim.quantities) + sum(name.is_sure for name in claim.names))
    total = sum(wanted.values())
    if not total:
        return 1.0
    found = sum(weight * _said(term, said, setting) for term, weight in wanted.items())
    return (found + facts) / (total + facts)


def _alphabet(claim: Statement, said: Statement, _setting: Setting) -> str:
    letters = _foreign_letters(claim.text)
    if letters and not letters <= _foreign_letters(said.text):
        return "está en otro alfabeto"
    return ""


@lru_cache(maxsize=1024)
def _foreign_letters(text: str) -> frozenset[str]:
    return frozenset(
        letter
        for letter in text
        if ord(letter) > 0x2FF
        and letter.isalpha()
        and not unicodedata.name(letter, "").startswith(("LATIN", "GREEK", "MODIFIER"))
    )


def _numbers(claim: Statement, said: Statement, setting: Setting) -> str:
    for quantity in claim.quantities:
        there = [other for other in said.quantities if quantity.is_said_by(other)]
        if not there:
            around = [*setting.titles.quantities]
            if _is_of_a_name(claim, quantity):  # «Apache 2.0»
                around += setting.before.quantities
            if any(quantity.is_said_by(other) for other in around):
                continue
            return f"«{quantity.written.strip()}» no está en las citas"
        if _is_repeated(claim, said, quantity) or _belongs_elsewhere(claim, said, quantity, there):
            return f"las citas dicen «{quantity.written.strip()}» de otra cosa"
    return ""


def _is_repeated(claim: Statement, said: Statement, quantity: Quantity) -> bool:
    """Say whether a claim has a number twice where the evidence has it once, beside another."""
    mine = [each for each in claim.quantities if each.values & quantity.values]
    theirs = [each for each in said.quantities if each.values & quantity.values]
    left = [
        each
        for each in said.quantities
        if each.unit == quantity.unit
        and not any(each.values & other.values for other in claim.quantities)
    ]
    return len(mine) > len(theirs) and bool(left)


def _is_of_a_name(claim: Statement, quantity: Quantity) -> bool:
    return any(name.start + len(name.written) + 1 == quantity.start for name in claim.names)


def _belongs_elsewhere(
    claim: Statement, said: Statement, quantity: Quantity, there: Sequence[Quantity]
) -> bool:
    """Say whether a number stands beside other names than those that the claim puts it beside.

    «40 de Estados Unidos, 15 de China» does not say «40 de China».
    """
    others = [
        other
        for other in said.quantities
        if other not in there and other.unit == there[0].unit and not quantity.is_said_by(other)
    ]
    if not others:
        return False
    own = _clause(claim.text, quantity)
    near = max(len(own & _clause(said.text, other)) for other in there)
    return any(len(own & _clause(said.text, other)) > near for other in others)


def _clause(text: str, quantity: Quantity) -> frozenset[str]:
    """Return the terms of the clause that a number stands in."""
    start, end = 0, len(text)
    for match in _CLAUSE.finditer(text):
        if match.end() <= quantity.start:
            start = match.end()
        elif match.start() >= quantity.end:
            end = match.start()
            break
    clause = text[start : quantity.start] + " " + text[quantity.end : end]
    named = (same_as(name.key) for name in names(clause))
    return frozenset(analyze(clause)).union(*named)


def _names(claim: Statement, said: Statement, setting: Setting) -> str:
    strangers = {
        name.key
        for name in said.names
        if name.is_sure and not name.written.isupper() and not claim.says_name(name)
    }
    for name in claim.names:
        if not name.is_sure or said.says_name(name) or setting.titles.says_name(name):
            continue
        # «Cox no opina igual. Dijo que…»: a name that stands just before will do, unless the
        # sentence names somebody else.
        if not strangers and setting.before.says_name(name):
            continue
        return f"«{name.written}» no está en las citas"
    return ""


def _denial(claim: Statement, said: Statement) -> str:
    if _mostly_affirmed(claim, said):
        return "las citas no lo niegan"
    if _mostly_affirmed(said, claim):
        return "las citas lo niegan"
    return ""


def _mostly_affirmed(denying: Statement, other: Statement) -> bool:
    """Say whether something that one statement denies is what another affirms."""
    return any(_is_affirmed(scope, denying, other) for scope in denying.denied.scopes)


def _is_affirmed(scope: Sequence[str], denying: Statement, other: Statement) -> bool:
    scope = [
        term
        for term in scope
        if term not in _AUXILIARY
        and not any(is_akin(term, own) for own in denying.denied.elsewhere)
    ]
    if not scope:
        return False
    reached = other.denied.terms
    if other.says_term(scope[0]):  # most often the verb
        return not any(is_akin(term, scope[0]) for term in reached)
    if other.denies and (not reached or not denying.says_term(reached[0])):
        return False  # both deny, in other words
    shared = [term for term in scope if other.says_term(term)]
    if not shared or len(shared) * 3 < len(scope) * 2:
        return False
    return sum(term not in reached for term in shared) * 2 > len(shared)


def _opposite(claim: Statement, said: Statement) -> str:
    pair = opposed(claim.text, said.text)
    if pair is None or _denies_word(claim, pair[0]) != _denies_word(said, pair[1]):
        return ""  # «no está permitido» is «está prohibido»
    return f"dice «{pair[0]}» y las citas dicen «{pair[1]}»"


def _denies_word(statement: Statement, word: str) -> bool:
    return not set(analyze(word)).isdisjoint(statement.denied.terms)


def _swap(claim: Statement, said: Statement) -> str:
    """Find «A compró B» where the evidence says «B compró A»."""
    pairs = [
        (one, other)
        for one, other in zip(claim.names, claim.names[1:], strict=False)
        if one.key != other.key
    ]
    for one, other in pairs:
        mine = _between(claim.text, one.written, other.written)
        for first, second, is_turned in ((one, other, False), (other, one, True)):
            theirs = _between(said.text, first.written, second.written)
            if mine is None or theirs is None:
                continue
            if not (set(_verbs(mine)) & set(_verbs(theirs))):
                continue
            if is_turned != (_is_passive(mine) != _is_passive(theirs)):
                return f"«{one.written}» y «{other.written}» están cambiados en las citas"
    return ""


def _between(text: str, one: str, other: str) -> str | None:
    first = text.find(one)
    second = text.find(other, first + len(one)) if first >= 0 else -1
    if second < 0:
        return None
    between = _INITIAL.sub("", text[first + len(one) : second])
    return None if len(between) > 80 or re.search(r"[.;:]", between) else between


def _verbs(between: str) -> tuple[str, ...]:
    return tuple(term for term in analyze(between) if len(term) > 3 and not term[0].isdigit())


def _is_passive(between: str) -> bool:
    return words(between)[-1:] == ("por",) or " por " in f" {' '.join(words(between)[-2:])} "
