"""Web: the chat page, over an Assistant. Everything it shows of a document is escaped."""

from rag.web.exchange import Asked, ExchangeState, answer_in_turn, converse
from rag.web.page import TITLE, build_page
from rag.web.serve import serve

__all__ = ["TITLE", "Asked", "ExchangeState", "answer_in_turn", "build_page", "converse", "serve"]
