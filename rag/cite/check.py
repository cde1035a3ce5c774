"""Check: an answer, sentence by sentence as it is written, against its evidence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from rag.cite.claims import Sentence, Sentences
from rag.cite.judge import Judge, Support, Verdict
from rag.cite.markers import put_back
from rag.cite.refusal import is_plain_refusal, refusal
from rag.cite.statement import words
from rag.schema import Claim, ClaimStatus

Unsupported = Literal["drop", "mark"]

WITHOUT_SUPPORT: Final = "(sin respaldo)"

_MAX_BREAKS: Final = 2  # a blank line
_LABEL: Final = re.compile(r"(?:\*\*|__)[^:*_\d]{1,40}(?::(?:\*\*|__)|(?:\*\*|__):)\s+(?=\S)")
_OF_A_NAME: Final = frozenset({"de", "del", "la", "las", "los", "el", "y"})
_YES_OR_NO: Final = frozenset({("si",), ("no",)})


@dataclass(frozen=True, slots=True)
class _Unit:
    """A sentence, and what came of it."""

    sentence: Sentence
    shown: str
    supports: tuple[Support, ...] = ()
    claim: Claim | None = None
    kind: Literal["said", "intro", "title", "rule", "refusal", "marked"] = "said"
    item: str | None = None  # of what it introduces: the sort that came first


class Checker:
    """Takes an answer in pieces, and gives of it what may be shown.

    Parameters
    ----------
    unsupported
        What becomes of a sentence that nothing supports: it is left out, or shown and marked.

    Attributes
    ----------
    unsupported
        As given.
    text
        All that has been given.
    claims
        Every sentence that says something, shown or not, in order.
    supports
        What the shown ones rest on, in order.
    has_refused
        Whether some sentence says that the documents do not say.
    """

    def __init__(
        self, judge: Judge, question: str = "", *, unsupported: Unsupported = "drop"
    ) -> None:
        self.text = ""
        self.claims: list[Claim] = []
        self.supports: list[Support] = []
        self.has_refused = False
        self._judge = judge
        self._question = question.strip(" ¿?¡!.")
        self.unsupported = unsupported
        self._sentences = Sentences()
        self._waiting: list[_Unit] = []
        self._line = -1  # of what was shown last
        self._n_breaks = 0  # since then, at most together
        self._seen_line = -1
        self._last_was_row = False

    def take(self, piece: str) -> str:
        """Take some more of the answer; return what may be shown now."""
        return "".join(self._check(sentence) for sentence in self._sentences.take(piece))

    def close(self) -> str:
        """Check what is left; return what may be shown of it."""
        return "".join(self._check(sentence) for sentence in self._sentences.close())

    def _check(self, sentence: Sentence) -> str:
        self._expire(sentence)
        unit = self._unit(sentence)
        if sentence.line != self._seen_line:
            self._n_breaks = max(self._n_breaks, sentence.n_breaks)
            self._seen_line = sentence.line
            self._last_was_row = sentence.text.startswith("|") or (
                not sentence.text and sentence.lead.lstrip().startswith("|")
            )
        if unit is None:
            return ""
        if unit.claim is not None:
            self.claims.append(unit.claim)
        if unit.kind == "said" or (unit.kind == "marked" and self.supports):
            return self._show(unit)
        if unit.kind == "refusal" and self.supports:
            return self._show(unit) if self._may_refuse(unit) else ""
        self._waiting.append(unit)
        return ""

    def _unit(self, sentence: Sentence) -> _Unit | None:
        """Judge a sentence; None if it is left out and no claim."""
        text = sentence.text
        if not text:
            return _Unit(sentence, "", kind="rule")
        if sentence.is_title:
            return self._introduction(sentence, "title")
        is_head = text.startswith("|") and not (
            self._last_was_row and sentence.line == self._seen_line + 1
        )
        if is_head and not sentence.marks:
            return self._introduction(sentence, "intro")
        if is_plain_refusal(text):  # whatever the documents say in the same words
            self.has_refused = True
            return _Unit(sentence, text, kind="refusal")
        cited = sentence.cited or self._cited_above(sentence)
        verdict = self._verdict(text, cited)
        if refusal(text) is not None and not any(
            refusal(self._judge.text_of(support)) is not None for support in verdict.supports
        ):  # of the model's, and not of the documents
            self.has_refused = True
            return _Unit(sentence, text, kind="refusal")
        if not verdict.supports:
            if text.rstrip(" *_»").endswith("?"):
                return None
            if sentence.introduces:
                return self._introduction(sentence, "intro")
            claim = Claim(put_back(text, sentence.marks, ()), "unsupported", (), verdict.reason)
            if self.unsupported == "mark":
                return _Unit(sentence, f"{text} {WITHOUT_SUPPORT}", claim=claim, kind="marked")
            self.claims.append(claim)
            return None
        return self._supported(sentence, verdict)

    def _supported(self, sentence: Sentence, verdict: Verdict) -> _Unit:
        markers = tuple(dict.fromkeys(support.marker for support in verdict.supports))
        is_moved = bool(sentence.cited) and not set(markers) <= set(sentence.cited)
        status: ClaimStatus = "moved" if is_moved else "supported"
        shown = put_back(sentence.text, sentence.marks, markers)
        claim = Claim(sentence.text, status, markers)
        kind: Literal["intro", "said"] = "intro" if sentence.introduces else "said"
        return _Unit(sentence, shown, verdict.supports, claim, kind)

    def _verdict(self, text: str, cited: Sequence[int]) -> Verdict:
        said = words(text)
        if said in _YES_OR_NO and self._question:
            # Its capital is the question's, not a name's.
            asked = self._question[:1].lower() + self._question[1:]
            return self._judge.judge(asked if said == ("si",) else f"no {asked}", cited)
        verdict = self._judge.judge(text, cited)
        label = _LABEL.match(text)
        if label and not verdict.supports and _is_name(text[label.end() :]):
            of_value = self._judge.judge(text[label.end() :], cited)
            return of_value if of_value.supports else verdict
        return verdict

    def _introduction(self, sentence: Sentence, kind: Literal["intro", "title"]) -> _Unit | None:
        """Keep for what follows it what introduces, unless it says more than it may."""
        if not self._judge.knows(sentence.text):
            reason = "dice nombres o cifras que no están en las citas"
            self.claims.append(Claim(sentence.text, "unsupported", (), reason))
            return None
        return _Unit(sentence, sentence.text, kind=kind)

    def _cited_above(self, sentence: Sentence) -> tuple[int, ...]:
        above = [unit for unit in self._waiting if unit.kind == "intro"]
        return above[-1].sentence.cited if above and sentence.item else ()

    def _expire(self, sentence: Sentence) -> None:
        """Forget what has nothing left to introduce."""
        kept: list[_Unit] = []
        for unit in self._waiting:
            is_over = unit.kind == "title" and sentence.is_title
            if unit.kind in {"intro", "rule"} and sentence.line > unit.sentence.line:
                if unit.item is None and sentence.text:
                    unit = replace(unit, item=sentence.item or str(sentence.line))
                is_over = bool(sentence.text) and unit.item != (sentence.item or str(sentence.line))
            if is_over:
                self._n_breaks = max(self._n_breaks, unit.sentence.n_breaks)
            else:
                kept.append(unit)
        self._waiting = kept

    def _may_refuse(self, unit: _Unit) -> bool:
        """Say whether a refusal goes with what is said: it names what the evidence does not say."""
        about = refusal(unit.shown)
        return about is not None and self._judge.is_silent_on(about)

    def _show(self, unit: _Unit) -> str:
        waiting, self._waiting = self._waiting, []
        if not unit.supports and unit.kind not in {"refusal", "marked"}:
            return ""
        self.supports.extend(unit.supports)
        shown = ""
        for each in waiting:
            if each.kind == "refusal" and not self._may_refuse(each):
                continue
            self.supports.extend(each.supports)
            shown += self._placed(each)
        shown += self._placed(unit)
        return shown

    def _placed(self, unit: _Unit) -> str:
        """Put a sentence behind what has been shown: on the same line, or on one of its own."""
        sentence = unit.sentence
        n_breaks = self._n_breaks if sentence.line == self._seen_line else sentence.n_breaks
        if not self.text:
            shown = sentence.lead.lstrip("\n") + unit.shown
        elif sentence.line == self._line:
            shown = " " + unit.shown
        else:
            breaks = "\n" * min(_MAX_BREAKS, max(1, n_breaks))
            shown = breaks + sentence.lead + unit.shown
        if sentence.line != self._line and sentence.line == self._seen_line:
            self._n_breaks = 0
        self._line = sentence.line
        self.text += shown
        return shown


def _is_name(value: str) -> bool:
    """Say whether a value is a name alone: a number or a quality needs its label to be told."""
    written = [word for word in re.findall(r"[^\W_]+", value) if word not in _OF_A_NAME]
    return bool(written) and all(word[0].isupper() and word.isalpha() for word in written)
