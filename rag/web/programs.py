"""Programs: what the page offers to those that are not people, by name."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from rag.assistant import Assistant
from rag.errors import RagError, UsageError
from rag.schema import Turn

_LOG = logging.getLogger(__name__)
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


class Programs:
    """The two requests, with plain values in and JSON out.

    What they are given comes from outside: it is looked at before it is used.
    """

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant

    def ask(
        self,
        question: str,
        history: list[dict[str, str]] | None = None,
        model: str | None = None,
    ) -> dict[str, Any]:
        """Return the JSON of ``rag ask``.

        Parameters
        ----------
        history
            ``{"question": …, "answer": …}`` of what was said before, oldest first.
        model
            Who writes, as in ``rag ask --model``; None: the page's own.

        Raises
        ------
        RagError
            As ``Assistant.ask`` does, and where an argument is not what it should be.
        """
        turns = _turns(history)
        return _using(self._assistant, model).ask(_text("question", question), turns).as_dict()

    def search(self, question: str, max_evidence: float | None = None) -> dict[str, Any]:
        """Return the JSON of ``rag search``.

        Parameters
        ----------
        max_evidence
            Sentences wanted, 1 to 50; None: as many as the page shows.

        Raises
        ------
        RagError
            As ``Assistant.search`` does, and where an argument is not what it should be.
        """
        wanted = None if max_evidence is None else _n_sentences(max_evidence)
        return self._assistant.search(_text("question", question), wanted).as_dict()


def offer_to_programs(assistant: Assistant) -> None:
    """Add the named endpoints ``ask`` and ``search`` to the page that is being built."""
    from gradio.events import api

    programs = Programs(assistant)
    # Outside Gradio's queue, that is one for all: whoever writes answers says whose turn it is.
    for function, description in ((programs.ask, ASK), (programs.search, SEARCH)):
        api(
            _told_in_spanish(function),
            api_name=function.__name__,
            api_description=description,
            queue=False,
            concurrency_limit=None,
        )


def _told_in_spanish(function: Callable[..., Any]) -> Callable[..., Any]:
    """Have a program told what went wrong, as a person is."""
    import gradio

    @wraps(function)
    def told(*arguments: Any) -> Any:
        try:
            return function(*arguments)
        except RagError as error:
            raise gradio.Error(str(error), print_exception=False) from error
        except Exception as error:
            _LOG.exception("an endpoint failed")
            raise gradio.Error(UNEXPECTED, print_exception=False) from error

    return told


def _using(assistant: Assistant, model: str | None) -> Assistant:
    if model is None or model == assistant.settings.model:
        return assistant
    settings = assistant.settings.model_copy(update={"model": _text("model", model)})
    return Assistant(settings)


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
    return value
