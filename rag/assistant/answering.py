"""Answering: from a question to its answer, by way of what the documents say."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from rag.assistant.conversation import courteous, understand
from rag.assistant.draft import Draft
from rag.assistant.engines import Engines
from rag.assistant.sources import IndexedSources, Shelf
from rag.cite import verify
from rag.config import Settings
from rag.errors import IndexDamagedError, ModelError, UsageError
from rag.generate import ExtractiveGenerator, Generator, OllamaGenerator, Opened
from rag.retrieve import ONLY_ORDERS
from rag.schema import Event, Explanation, Retrieved, Token, Turn

_OUT_OF_STEP: Final = (
    "Hay archivos que han cambiado desde que se indexaron: ponte al día con «rag index»."
)
_NOTHING_WRITTEN: Final = "El modelo no ha escrito nada; estas son las citas más cercanas."


@dataclass(frozen=True, slots=True)
class Answering:
    """Understands, searches, writes and checks, with the settings of the moment."""

    settings: Settings
    engines: Engines
    shelf: Shelf

    def understand(self, question: str, history: Sequence[Turn]) -> str:
        """Return a question as the rule understands it from the conversation."""
        question = self._valid(question)
        return understand(question, history, None) or question

    def search(
        self, question: str, history: Sequence[Turn], max_evidence: int | None = None
    ) -> Retrieved:
        """Find evidence for a question, understood by rule."""
        question = self._valid(question)
        return self._search(question, understand(question, history, None), max_evidence)[0]

    def stream(self, question: str, history: Sequence[Turn]) -> Iterator[Event]:
        """Yield the events of an answer."""
        started = time.perf_counter()
        settings = self.settings
        question = self._valid(question)
        reply = courteous(question, history, settings.embedding_model)
        if reply is not None:
            yield Retrieved(question, (), Explanation(), 0.0)
            yield Token(reply.text)
            yield reply
            return
        understood = understand(question, history, self.open_voice, settings.prompts_dir)
        retrieved, sources = self._search(question, understood)
        yield retrieved
        draft = Draft(
            retrieved,
            settings.embedding_model,
            started,
            prompts_dir=settings.prompts_dir,
            unsupported=settings.unsupported,
            similarity=self.engines.similarity,
        )
        if not retrieved.explanation.is_enough:
            yield draft.abstain()
            return
        if not any(item.is_admissible for item in retrieved.evidence):
            yield draft.abstain(ONLY_ORDERS)
            return
        yield from self._write(draft)
        yield draft.finish(sources)

    def open_voice(self) -> Opened:
        """Open whoever writes."""
        return self.engines.voices.open(self.settings.model)

    def _search(
        self, question: str, understood: str | None, max_evidence: int | None = None
    ) -> tuple[Retrieved, IndexedSources]:
        """Find evidence, and look each piece of it up in its file as it is now."""
        asked = understood or question
        retriever, generation = self.engines.retriever()
        settings = self.settings
        wanted = max_evidence or settings.max_evidence
        try:
            retrieved = retriever.retrieve(asked, wanted, settings.min_confidence)
        except IndexDamagedError as damage:  # of a row, which is looked at when it is read
            retriever, generation = self.engines.fall_back(damage)
            retrieved = retriever.retrieve(asked, wanted, settings.min_confidence)
        sources = IndexedSources(generation, self.shelf)
        evidence = verify(retrieved.evidence, sources)
        notices = [generation.notice] if generation.notice else []
        if any(item.status != "verified" for item in evidence):
            notices.append(_OUT_OF_STEP)
        found = replace(
            retrieved,
            question=question,
            standalone_question=understood,
            evidence=evidence,
            notices=tuple(notices),
        )
        return found, sources

    def _write(self, draft: Draft) -> Iterator[Token]:
        """Let the chosen generator write, and see to it that something is written."""
        opened = self.open_voice()
        try:
            yield from draft.write(_fit(opened.generator, draft))
        except ModelError as error:
            if self.settings.model != "auto" or not isinstance(opened.generator, OllamaGenerator):
                raise
            # It was there when it was chosen, and cannot do it now.
            opened = self.engines.voices.do_without_ollama(error)
            yield from draft.write(_fit(opened.generator, draft))
        draft.notices.extend(opened.notices)
        if draft.is_enough and not draft.text.strip():
            draft.notices.append(_NOTHING_WRITTEN)
            yield from draft.write(ExtractiveGenerator())

    def _valid(self, question: str) -> str:
        # A terminal in another encoding sends bytes that are no text.
        question = question.encode("utf-8", "replace").decode().strip()
        if not any(character.isalnum() for character in question):
            raise UsageError("La pregunta está vacía", "Escribe qué quieres saber")
        limit = self.settings.max_question_chars
        if len(question) > limit:
            raise UsageError(
                f"La pregunta tiene {len(question)} caracteres y el máximo es {limit}",
                "Acórtala y deja lo que quieres saber",
            )
        return question


def _fit(generator: Generator, draft: Draft) -> Generator:
    """Return who is to write: a model that was not taught to read always finds some words."""
    may_point = generator.prompt_style != "completion" or not draft.is_doubtful
    return generator if may_point else ExtractiveGenerator()
