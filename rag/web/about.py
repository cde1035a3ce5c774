"""About: what the page tells of the program behind it, and what it takes down for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypedDict, cast

from rag.assistant import Assistant
from rag.errors import NoIndexError, RagError
from rag.schema import Opinion, Rating
from rag.web.excerpt import visible
from rag.web.preferences import settings_of

TITLE: Final = "Pregunta a tus documentos"
_N_EXAMPLES: Final = 4


class SpeakerState(TypedDict):
    """Who would answer, and what there is to know of that."""

    name: str
    notices: list[str]


class AboutState(TypedDict):
    """What the page shows before anything is asked.

    Attributes
    ----------
    examples
        Questions that the documents answer.
    problem
        Why nothing can be asked, as an exchange tells its errors.
    """

    n_documents: int
    n_chunks: int
    examples: list[str]
    speaker: SpeakerState
    max_question_chars: int
    problem: dict[str, str] | None


def describe(assistant: Assistant, request: object = None) -> AboutState:
    """Tell what is indexed, who would answer, and what could be asked.

    Parameters
    ----------
    request
        With the ``model`` that a browser has chosen; it may be anything.
    """
    model = request.get("model") if isinstance(request, Mapping) else None
    speaker = assistant.using(**settings_of(model, None, None)).speaker()
    about: AboutState = {
        "n_documents": 0,
        "n_chunks": 0,
        "examples": [],
        "speaker": {"name": speaker.label, "notices": [visible(each) for each in speaker.notices]},
        "max_question_chars": assistant.settings.max_question_chars,
        "problem": None,
    }
    try:
        status = assistant.status()
        about["n_documents"], about["n_chunks"] = status.n_documents, status.n_chunks
        about["examples"] = [visible(each) for each in assistant.suggest(_N_EXAMPLES)]
    except RagError as error:
        kind = "no_index" if isinstance(error, NoIndexError) else "other"
        about["problem"] = {
            "message": visible(error.message),
            "remedy": visible(error.remedy),
            "kind": kind,
        }
    return about


def take_rating(assistant: Assistant, data: object) -> dict[str, str]:
    """Keep what a person thinks of an answer; what a browser sends may be anything.

    Returns
    -------
    dict
        Empty, or with the ``error`` in a Spanish sentence.
    """
    sent = data if isinstance(data, Mapping) else {}
    exchange = sent.get("exchange")
    opinion = sent.get("rating")
    if opinion not in ("good", "bad") or not isinstance(exchange, Mapping):
        return {"error": "No se ha entendido la valoración: vuelve a cargar la página."}
    sources = exchange.get("sources")
    rating = Rating(
        cast("Opinion", opinion),
        _text(exchange, "question"),
        _text(exchange, "text"),
        _text(exchange, "understood"),
        tuple(
            _text(source, "place")
            for source in (sources if isinstance(sources, list) else ())
            if isinstance(source, Mapping) and source.get("cited")
        ),
        _text(exchange, "writer"),
        _text(sent, "comment"),
    )
    try:
        assistant.rate(rating)
    except RagError as error:
        return {"error": visible(str(error))}
    return {}


def _text(record: Mapping[Any, Any], name: str) -> str:
    value = record.get(name)
    return value if isinstance(value, str) else ""
