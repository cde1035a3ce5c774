"""What is said out of politeness and asks nothing."""

from __future__ import annotations

import re
from typing import Final

from rag.converse.words import plain

_GREETING: Final = r"hola|buenas|buenos dias|buenas (?:tardes|noches)|saludos|hey"
_THANKS: Final = (
    r"(?:muchas |mil |ok |vale )?gracias(?: por todo| por la ayuda)?|te lo agradezco|muy amable"
)
_ASSENT: Final = (
    r"vale|ok|okay|okey|de acuerdo|entendido|perfecto|genial|estupendo|muy bien|bien|claro"
    r"|ya veo|ya|ah|aja|bueno"
)
_FAREWELL: Final = r"adios|hasta (?:luego|manana|pronto)|chao|nos vemos"
_COURTESY: Final = re.compile(
    rf"(?:(?P<greeting>{_GREETING})|(?P<thanks>{_THANKS})|(?P<farewell>{_FAREWELL})|{_ASSENT})"
    r"(?: (?=\S)|\Z)"
)
_REPLIES: Final = {
    "farewell": "Hasta luego.",
    "thanks": "De nada. ¿Qué más quieres saber?",
    "greeting": "Hola. ¿Qué quieres saber de tus documentos?",
    "assent": "¿Qué más quieres saber?",
}


def reply_to(text: str, *, in_conversation: bool = True) -> str | None:
    """Return a polite reply to what asks nothing; None to all else, and to what has a «?».

    Parameters
    ----------
    in_conversation
        Where nothing has been said yet, «claro» or «vale» agrees with nothing: it is searched.
    """
    if "?" in text:
        return None
    said = plain(text)
    at, kinds = 0, set()
    while at < len(said):
        found = _COURTESY.match(said, at)
        if found is None:
            return None
        kinds.add(found.lastgroup or "assent")
        at = found.end()
    if kinds == {"assent"} and not in_conversation:
        return None
    return next((reply for kind, reply in _REPLIES.items() if kind in kinds), None)


def without_courtesy(text: str) -> str:
    """Take «gracias», «vale» and the like from before a question: «Vale, gracias. ¿Y en 2023?»."""
    head, mark, tail = text.partition("¿")
    if mark and tail.strip(" ?") and reply_to(head) is not None:
        return mark + tail
    return text
