"""Web: the chat page, over an Assistant. Everything it shows of a document is escaped."""

from rag.web.exchange import render_answer, render_events
from rag.web.page import TITLE, build_page
from rag.web.serve import serve

__all__ = ["TITLE", "build_page", "render_answer", "render_events", "serve"]
