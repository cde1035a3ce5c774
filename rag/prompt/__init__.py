"""Prompt: evidence to the messages a model reads, within its window; texts from ``prompts/``."""

from __future__ import annotations

from rag.prompt.build import Prompt, PromptStyle, build_prompt, reading_prompt
from rag.prompt.templates import NO_ANSWER, Templates, read_templates, render

__all__ = [
    "NO_ANSWER",
    "Prompt",
    "PromptStyle",
    "Templates",
    "build_prompt",
    "read_templates",
    "reading_prompt",
    "render",
]
