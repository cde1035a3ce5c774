"""Turns: what only whoever runs a model may write, where a document writes it.

Control tokens, the names of those who speak, the fence around the evidence, markers of citations.
"""

from __future__ import annotations

import re
from typing import Final

_ROLES: Final = (
    r"(?:system|sistema|usuario|user|asistente|assistant|human|humano|ia|ai|developer"
    r"|desarrollador|tool)"
)
MODEL_ROLES: Final = frozenset({"asistente", "assistant", "ia", "ai"})
PERSON_ROLES: Final = frozenset({"usuario", "user", "humano", "human"})
CONTROL: Final = re.compile(
    r"""
      <\s*[|｜]\s*/?[\w▁\s.:-]{1,40}[|｜]\s*>
    | </?\s*(?:start_of_turn|end_of_turn|bos|eos|pad|unk|think|thinking|system|assistant|im_start
        |im_end|tool_call|tool_response|function_calls?|instructions?|instrucciones|end_of_text
        |start_of_image|begin_of_text)\s*>(?:\s*(?:user|model|system|assistant)\b)?
    | \[\s*/?\s*(?:INST|SYS|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS|system
        |assistant)\s*\]
    | <<\s*/?\s*SYS\s*>>
    | \{\{\#\s*(?:system|user|assistant)\b[^}]*\}\}
    """,
    re.VERBOSE | re.IGNORECASE,
)
# HTML strikes text out with these; a model's text begins and ends with them.
END_OF_TEXT: Final = re.compile(r"</?s>", re.IGNORECASE)
STRUCK: Final = re.compile(r"<s>[^<]*</s>", re.IGNORECASE)
HEADING: Final = re.compile(
    r"(?:^|(?<=\n)|(?<=\s))[ \t]*\#{2,4}[ \t]*(?:instruction|instrucci[oó]n(?:es)?|response"
    rf"|respuesta|input|entrada|{_ROLES})[ \t]*:",
    re.IGNORECASE,
)
# Who speaks, at the start of a line. «Sistema: Debian» in a list of parts is as much of a turn.
LABEL: Final = re.compile(
    rf"^[ \t>*_|-]{{0,6}}({_ROLES})[ \t]*[*_]{{0,2}}:", re.IGNORECASE | re.MULTILINE
)
FENCE: Final = re.compile(
    r"[<＜﹤‹](?=\s*[/／]?\s*(?:fragmentos?|documentos?|evidencias?|contexto|fuentes?)\b)",
    re.IGNORECASE,
)
CLOSED_FENCE: Final = re.compile(
    r"[<＜﹤]\s*[/／]\s*(?:fragmentos?|evidencias?|contexto)\s*[>＞﹥]", re.IGNORECASE
)
MARKER: Final = re.compile(r"[\[［【]\s*(\d[\d,; ]*)\s*[\]］】]")
# «Fuente verificada [1]»: a marker that vouches for itself.
VOUCHED: Final = re.compile(
    r"\b(?:fuentes?|citas?|datos?|respuestas?|informaci[oó]n|referencias?|afirmaci[oó]n|source)\s+"
    r"(?:\w+\s+){0,2}?(?:verificad|comprobad|confirmad|validad|contrastad|certificad|verified)\w*\s*"
    r"(?:por\s+(?:\w+\s+){1,3})?[:(]?\s*[\[［【(]\s*\d[\d,; ]*\s*[\]］】)]"
    r"|[\[［【]\s*\d[\d,; ]*\s*[\]］】]\s*[(:–—-]?\s*(?:fuente|cita)\s+"
    r"(?:verificad|comprobad|confirmad)",
    re.IGNORECASE,
)
