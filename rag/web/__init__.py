"""Web: the chat page, over an Assistant. Everything it shows of a document is escaped."""

from rag.web.about import TITLE
from rag.web.serve import serve

__all__ = ["TITLE", "serve"]
