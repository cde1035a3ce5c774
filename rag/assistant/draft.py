"""A draft: an answer from its evidence to its last check."""

from __future__ import annotations

import time
from collections.abc import Generator as Pieces
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Final

from rag.cite import (
    Checker,
    Judge,
    Similarity,
    Sources,
    Unsupported,
    citations_of,
)
from rag.errors import ModelError, PromptTooLongError
from rag.generate import Generator, spoken
from rag.hostile import orders
from rag.language import is_foreign
from rag.prompt import Prompt, build_prompt
from rag.retrieve import confidence_once_read
from rag.schema import Answer, Citation, Evidence, Message, Retrieved, Timings, Token

_DOUBTFUL: Final = 0.5  # below this confidence an answer is shown with what speaks against it
_MIN_OPENING_CHARS: Final = 60  # of an answer, for its language to be told

_WITHHELD: Final = (
    "No se usa para responder lo que dice {}: da órdenes al modelo, o no se ve en el documento."
)

# What the embedded model makes of the evidence, where it would rather not answer.
_UNSAID: Final = "El modelo incluido ha leído las primeras citas y cree que no lo dicen."
_TOO_DOUBTFUL: Final = "Ni la búsqueda ni el modelo incluido ven en las citas una respuesta clara."

ABSTAINED: Final = "No he encontrado la respuesta en los documentos."

# What a model that has begun in another language is told.
_IN_SPANISH: Final = Message(
    "user",
    "Escribe la respuesta entera en español, aunque los fragmentos o la pregunta estén en otro "
    "idioma. Ninguna palabra en otro idioma, salvo los nombres propios.",
)
_OTHER_LANGUAGE: Final = (
    "El modelo no ha contestado en español: de su respuesta solo se han podido comprobar los "
    "nombres y las cifras."
)


class Draft:
    """What is known of an answer while it is being written.

    Parameters
    ----------
    unsupported
        What becomes of a sentence that no evidence says.
    similarity
        Cosine of two texts: a second opinion on what is said in other words.
    prompts_dir
        A folder with templates of the person's own.

    Attributes
    ----------
    text
        As written so far, unchecked.
    notices
        Spanish sentences that the reader should see beside the answer.
    """

    def __init__(
        self,
        retrieved: Retrieved,
        embedding_model: str,
        started: float,
        *,
        unsupported: Unsupported = "drop",
        similarity: Similarity | None = None,
        prompts_dir: Path | None = None,
    ) -> None:
        self.text = ""
        self.notices: list[str] = list(retrieved.notices)
        self._retrieved = retrieved
        self._explanation = retrieved.explanation
        self._embedding_model = embedding_model
        self._started = started
        self._unsupported = unsupported
        self._similarity = similarity
        self._prompts_dir = prompts_dir
        self._prompt_sha256: str | None = None
        withheld = [item.place for item in retrieved.evidence if not item.is_admissible]
        if withheld:
            self.notices.append(_WITHHELD.format(", ".join(withheld)))
        self._model = "retrieval"  # who speaks when nothing is found to write from
        self._shown: tuple[Evidence, ...] = ()
        self._checker: Checker | None = None
        self._is_guarded = True

    @property
    def is_doubtful(self) -> bool:
        """Whether the evidence may well not answer."""
        return self._explanation.confidence < _DOUBTFUL

    @property
    def is_enough(self) -> bool:
        """Whether there is something to answer from, as far as is known by now."""
        return self._explanation.is_enough

    def write(self, generator: Generator) -> Iterator[Token]:
        """Let a generator write from as much of the evidence as it can read.

        A sentence is given when it is whole and checked. An answer that does not begin in Spanish
        is asked for once more.
        """
        admissible = [item for item in self._retrieved.evidence if item.is_admissible]
        found = admissible[: generator.max_evidence]
        offered: Sequence[Evidence] = found
        while True:
            prompt = self._prompt(generator, offered)
            try:
                yield from self._ask(generator, prompt)
            except PromptTooLongError:
                # The server counts otherwise than we do: let it read less.
                if len(prompt.evidence) == 1 or self.text.strip():
                    raise
                offered = prompt.evidence[: len(prompt.evidence) // 2]
            else:
                break
        unseen = [f"[{item.marker}]" for item in found if item not in prompt.evidence]
        if unseen:
            remedy = " Amplíala con RAG_CONTEXT_TOKENS." if generator.prompt_style == "chat" else ""
            self.notices.append(
                f"El modelo no ha visto {', '.join(unseen)}: no caben en su ventana.{remedy}"
            )

    def _prompt(self, generator: Generator, evidence: Sequence[Evidence]) -> Prompt:
        prompt = build_prompt(
            generator.prompt_style,
            self._retrieved.asked,
            evidence,
            generator.max_prompt_tokens,
            generator.count_tokens,
            self._prompts_dir,
        )
        self._model = generator.name
        self._shown = prompt.evidence
        self._prompt_sha256 = prompt.sha256
        return prompt

    def _ask(self, generator: Generator, prompt: Prompt) -> Iterator[Token]:
        # A model that only points copies the language of the evidence, and may.
        self._is_guarded = generator.prompt_style == "chat"
        yield from self._attempt(generator, prompt.messages, is_last=not self._is_guarded)
        if self._checker is None and self.text.strip():
            yield from self._attempt(generator, (*prompt.messages, _IN_SPANISH), is_last=True)

    def _attempt(
        self, generator: Generator, messages: Sequence[Message], *, is_last: bool
    ) -> Iterator[Token]:
        """Write an answer; leave ``_checker`` empty if it must be asked for in Spanish."""
        self.text = ""
        self._checker = None
        checker: Checker | None = None
        notices: list[str] = []
        with closing(self._written(generator, messages, notices)) as pieces:
            for piece in pieces:
                new = piece
                if checker is None:
                    if len(self.text) < _MIN_OPENING_CHARS:
                        is_thought = self._is_guarded and not self.text.strip()
                        yield Token("", is_thought=is_thought)
                        continue
                    checker = self._open_checker(is_last=is_last)
                    if checker is None:
                        return
                    new = self.text
                yield Token(checker.take(new))  # often empty: whoever listens may stop the model
        said = spoken(self.text) if generator.prompt_style == "chat" else self.text
        if checker is None or said != self.text:  # what was taken for an answer was a thought
            self.text = said
            checker = self._open_checker(is_last=is_last) if said.strip() else None
            if checker is not None:
                yield from _tokens(checker.take(said))
        if checker is not None:
            yield from _tokens(checker.close())
        if checker is not None or not said.strip():
            self.notices.extend(notices)

    def _written(
        self, generator: Generator, messages: Sequence[Message], notices: list[str]
    ) -> Pieces[str]:
        """Follow what a generator writes, and keep it if it breaks off; closing stops it."""
        pieces = generator.stream(
            messages,
            self._shown,
            notices.append,
            question=self._retrieved.asked,
            on_unsaid=self._weigh,
        )
        try:
            for piece in pieces:
                self.text += piece
                yield piece
        except ModelError as error:
            if not self.text.strip():
                raise
            notices.append(f"{error.message}: la respuesta está incompleta.")
        finally:
            close = getattr(pieces, "close", None)
            if close is not None:
                close()

    def _weigh(self, log_odds: float) -> bool:
        """Take in what whoever reads the evidence makes of it; say whether to answer."""
        sure = confidence_once_read(self._retrieved.confidence, log_odds)
        found = self._retrieved.explanation
        self._explanation = replace(found, confidence=sure)
        if log_odds > 0 or not self.is_enough:
            doubt = _UNSAID if log_odds > 0 else _TOO_DOUBTFUL
            self._explanation = replace(self._explanation, doubts=(*found.doubts, doubt))
        return self.is_enough

    def _open_checker(self, *, is_last: bool) -> Checker | None:
        """Begin to check what is written, unless it can be asked for again, in Spanish."""
        is_other = self._is_guarded and is_foreign(self.text)
        if is_other and not is_last:
            return None
        unsupported = self._unsupported
        if is_other:
            # Its words cannot be compared with the evidence's: the reader is told, and decides.
            self.notices.append(_OTHER_LANGUAGE)
            unsupported = "mark"
        question = self._retrieved.asked
        judge = Judge(
            self._shown,
            question,
            similarity=self._similarity,
            may_support=lambda sentence: not orders(sentence),
            is_foreign=lambda text: is_other or is_foreign(text),
        )
        self._checker = Checker(judge, question, unsupported=unsupported)
        return self._checker

    def abstain(self, doubt: str | None = None) -> Answer:
        """Say that the documents do not say.

        Parameters
        ----------
        doubt
            Why, beside what the evidence's own explanation says.
        """
        if doubt is not None:
            explanation = self._explanation
            self._explanation = replace(explanation, doubts=(*explanation.doubts, doubt))
        self.notices.extend(self._explanation.doubts)
        return self._answer(ABSTAINED, (), abstained=True)

    def finish(self, sources: Sources) -> Answer:
        """Look what was written from up in the files."""
        checker = self._checker
        if not self.is_enough:
            return self.abstain()
        if checker is None or not checker.supports:
            if checker is not None and checker.has_refused:
                return self.abstain("El modelo ha leído las citas y dice que no lo contestan.")
            return self.abstain(
                "El modelo ha escrito una respuesta, pero ninguna de sus frases está en las citas."
            )
        citations = citations_of(checker.supports, self._shown, sources)
        if self.is_doubtful:
            self.notices.extend(self._explanation.doubts)
        n_unsupported = sum(claim.status == "unsupported" for claim in checker.claims)
        if n_unsupported:
            self.notices.append(_withheld(n_unsupported, checker.unsupported))
        return self._answer(checker.text, citations, abstained=False)

    def _answer(self, text: str, citations: tuple[Citation, ...], *, abstained: bool) -> Answer:
        retrieved = self._retrieved
        total = time.perf_counter() - self._started
        return Answer(
            question=retrieved.question,
            text=text,
            abstained=abstained,
            citations=citations,
            evidence=retrieved.evidence,
            explanation=self._explanation,
            model=self._model,
            embedding_model=self._embedding_model,
            timings=Timings(
                retrieve_seconds=retrieved.retrieve_seconds,
                generate_seconds=max(0.0, total - retrieved.retrieve_seconds),
                total_seconds=total,
            ),
            notices=tuple(dict.fromkeys(self.notices)),
            prompt_sha256=self._prompt_sha256,
            standalone_question=retrieved.standalone_question,
            claims=tuple(self._checker.claims) if self._checker else (),
        )


def _tokens(text: str) -> Iterator[Token]:
    if text:
        yield Token(text)


def _withheld(n: int, unsupported: Unsupported) -> str:
    """Tell how many sentences are not supported, and what that means."""
    what = "1 frase" if n == 1 else f"{n} frases"
    if unsupported == "mark":
        begins = f"{what} de la respuesta no {'está' if n == 1 else 'están'} en las citas: "
        begins += "va marcada." if n == 1 else "van marcadas."
    else:
        begins = f"Se {'ha' if n == 1 else 'han'} retirado {what} que las citas no dicen."
    return f"{begins} Se comprueba que las citas lo dicen, no que sea verdad."
