"""Programs: what the page offers to those that are not people; they take turns with who is."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

from rag.assistant import Assistant
from rag.errors import RagError, UsageError
from rag.schema import Turn
from rag.web.exchange import answer_in_turn
from rag.web.following import in_search
from rag.web.line import Lines

if TYPE_CHECKING:
    from starlette.requests import Request

T = TypeVar("T")

_LOOK_SECONDS: Final = 1.0  # between looks at whether a program still waits
_MAX_TURNS: Final = 50
_MAX_ANSWER_CHARS: Final = 20_000
MAX_EVIDENCE: Final = 50

ASK: Final = (
    "Responde en español una pregunta sobre los documentos de esta persona, con lo que ellos dicen "
    "y nada más. Devuelve la respuesta («answer»), con marcas [1], [2]… y, en «citations», el "
    "archivo, las líneas y las palabras que la apoyan. Si los documentos no lo dicen, «abstained» "
    "es true y «evidence» trae lo más cercano que hay."
)
SEARCH: Final = (
    "Busca las frases de los documentos de esta persona que hablan de algo, sin redactar nada. "
    "Devuelve en «evidence» cada frase con su archivo, su línea y sus puntos, y en «confidence» la "
    "probabilidad, de 0 a 1, de que ahí esté la respuesta."
)
UNEXPECTED: Final = (
    "Ha ocurrido un error inesperado. Vuelve a intentarlo; el detalle está donde se arrancó la "
    "página, con «rag --debug web»."
)


@dataclass(frozen=True, slots=True)
class Program:
    """The two requests of one program, with plain values in and JSON out.

    What it gives comes from outside: it is looked at before it is used.

    Attributes
    ----------
    lines
        Of those who wait for an answer to be written, programs and people.
    visitor
        Who this one is among them.
    """

    assistant: Assistant
    lines: Lines
    visitor: str

    async def ask(
        self,
        question: str,
        history: list[dict[str, str]] | None = None,
        model: str | None = None,
    ) -> dict[str, Any]:
        """Return the JSON of ``rag ask``, once this program's turn has come.

        Parameters
        ----------
        history
            ``{"question": …, "answer": …}`` of what was said before, oldest first.
        model
            Who writes, as in ``rag ask --model``; None: the page's own.

        Raises
        ------
        RagError
            As ``Assistant.ask`` does, where an argument is not what it should be, and where too
            many wait.
        """
        asked, turns = _text("question", question), _turns(history)
        chosen = self.assistant.using(model=None if model is None else _text("model", model))
        line = self.lines.of(chosen)
        return (await answer_in_turn(chosen, asked, turns, self.visitor, line)).as_dict()

    async def search(self, question: str, max_evidence: float | None = None) -> dict[str, Any]:
        """Return the JSON of ``rag search``; as many search at once as from the page.

        Parameters
        ----------
        max_evidence
            Sentences wanted, 1 to 50; None: as many as the page shows.

        Raises
        ------
        RagError
            As ``Assistant.search`` does, and where an argument is not what it should be.
        """
        asked = _text("question", question)
        wanted = None if max_evidence is None else _n_sentences(max_evidence)
        return (await in_search(lambda: self.assistant.search(asked, wanted))).as_dict()


async def unless_gone(request: Request, asked: Coroutine[Any, Any, T]) -> T:
    """Do what a program asks while it waits for it; once it has gone, stop.

    Raises
    ------
    RagError
        If it has gone: nobody reads it.
    """
    task = asyncio.ensure_future(asked)
    try:
        while not (await asyncio.wait([task], timeout=_LOOK_SECONDS))[0]:
            if await request.is_disconnected():
                raise RagError("Quien lo pidió se ha ido", "Vuelve a pedirlo")
        return task.result()
    finally:
        task.cancel()


def _turns(history: Any) -> list[Turn]:
    if history is None:
        return []
    if not isinstance(history, list) or not all(isinstance(item, dict) for item in history):
        raise UsageError(
            "«history» no es una conversación",
            'Escríbela así: [{"question": "…", "answer": "…"}]',
        )
    return [
        Turn(
            _text("history.question", item.get("question")),
            _text("history.answer", item.get("answer") or "")[:_MAX_ANSWER_CHARS],
        )
        for item in history[-_MAX_TURNS:]
    ]


def _n_sentences(value: Any) -> int:
    is_whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    if not is_whole or not 1 <= value <= MAX_EVIDENCE:
        raise UsageError(
            "«max_evidence» no es un número de frases", f"Escribe de 1 a {MAX_EVIDENCE}"
        )
    return int(value)


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise UsageError(f"«{name}» no es un texto", "Escríbelo entre comillas")
    return value.encode("utf-8", "replace").decode()  # half a character cannot be sent back
