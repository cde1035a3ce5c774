"""Access: who may open the page, what may be asked of it, and how much it takes in."""

from rag.web.access.entry import RANDOM, Entry, may_enter
from rag.web.access.passwords import write_password
from rag.web.access.rules import MCP_PATH, guards
from rag.web.access.uploads import UploadFolder

__all__ = [
    "MCP_PATH",
    "RANDOM",
    "Entry",
    "UploadFolder",
    "guards",
    "may_enter",
    "write_password",
]
