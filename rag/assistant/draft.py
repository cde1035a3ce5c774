"""A draft: an answer from its evidence to its last check."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from rag.cite import Sources, cite
from rag.errors import PromptTooLongError
from rag.generate import Generator, spoken
from rag.prompt import NO_ANSWER, Prompt, build_prompt
from rag.schema import Answer, Citation, Evidence, Retrieved, Timings, Token

_DOUBTFUL: Final = 0.5  # below this confidence an answer is shown with what speaks against it

_WITHHELD: Final = (
    "No se usa para responder lo que dice {}: da órdenes al modelo, o no se ve en el documento."
)

ABSTAINED: Final = "No he encontrado la respuesta en los documentos."


class Draft:
    """What is known of an answer while it is being written.

    Attributes
    ----------
    text
        As written so far, markers unchecked.
    notices
        Spanish sentences that the reader should see beside the answer.
    """

    def __init__(
        self,
        retrieved: Retrieved,
        embedding_model: str,
        started: float,
        prompts_dir: Path | None = None,
    ) -> None:
        self.text = ""
        self.notices: list[str] = list(retrieved.notices)
        self._retrieved = retrieved
        self._explanation = retrieved.explanation
        self._embedding_model = embedding_model
        self._started = started
        withheld = [item.place for item in retrieved.evidence if not item.is_admissible]
        if withheld:
            self.notices.append(_WITHHELD.format(", ".join(withheld)))
        self._prompts_dir = prompts_dir
        self._prompt_sha256: str | None = None
        self._model = "retrieval"  # who speaks when nothing is found to write from
        self._shown: tuple[Evidence, ...] = ()

    def write(self, generator: Generator) -> Iterator[Token]:
        """Let a generator write from as much of the evidence as it can read."""
        admissible = [item for item in self._retrieved.evidence if item.is_admissible]
        found = admissible[: generator.max_evidence]
        offered: Sequence[Evidence] = found
        while True:
            prompt = self._prompt(generator, offered)
            notices: list[str] = []
            try:
                for piece in generator.stream(prompt.messages, prompt.evidence, notices.append):
                    self.text += piece
                    yield Token(piece)
            except PromptTooLongError:
                # The server counts otherwise than we do: let it read less.
                if len(prompt.evidence) == 1 or self.text.strip():
                    raise
                offered = prompt.evidence[: len(prompt.evidence) // 2]
            else:
                break
        if generator.prompt_style == "chat":  # the others write what the documents say
            self.text = spoken(self.text)
        unseen = [f"[{item.marker}]" for item in found if item not in prompt.evidence]
        if unseen:
            self.notices.append(
                f"El modelo no ha visto {', '.join(unseen)}: no caben en su ventana. "
                "Amplíala con RAG_CONTEXT_TOKENS."
            )
        self.notices.extend(notices)

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
        """Check what was written against the files."""
        if _says_no_answer(self.text):
            return self.abstain("El modelo ha leído las citas y dice que no lo contestan.")
        cited = cite(self.text, self._shown, sources)
        if self._explanation.confidence < _DOUBTFUL:
            self.notices.extend(self._explanation.doubts)
        if not cited.citations:
            self.notices.append("La respuesta no cita ninguna fuente: compruébala en los pasajes.")
        return self._answer(cited.text, cited.citations, abstained=False)

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
            prompt_sha256=self._prompt_sha256,
            embedding_model=self._embedding_model,
            timings=Timings(
                retrieve_seconds=retrieved.retrieve_seconds,
                generate_seconds=max(0.0, total - retrieved.retrieve_seconds),
                total_seconds=total,
            ),
            notices=tuple(dict.fromkeys(self.notices)),
            standalone_question=retrieved.standalone_question,
        )


def _says_no_answer(text: str) -> bool:
    """Say whether a model wrote the sentence it was told to write when nothing answers."""
    return text.strip().strip("«»\"'*").casefold().startswith(NO_ANSWER.casefold().rstrip("."))
