"""Hostile: what in a document tries to speak to the model, found and kept from it.

What a document says is data. ``find_signs`` names what is not (orders to the model, text that no
reader sees, turns that nobody took, forged markers), ``orders`` says it of one sentence, and
``defuse`` and ``shown_to_model`` write what a model may read.
"""

from __future__ import annotations

from rag.hostile.defuse import OMITTED, defuse, defuse_path, shown_to_model
from rag.hostile.guard import admissible_span, is_withheld, warnings_about
from rag.hostile.orders import orders
from rag.hostile.signs import Kind, Sign, find_signs

__all__ = [
    "OMITTED",
    "Kind",
    "Sign",
    "admissible_span",
    "defuse",
    "defuse_path",
    "find_signs",
    "is_withheld",
    "orders",
    "shown_to_model",
    "warnings_about",
]
