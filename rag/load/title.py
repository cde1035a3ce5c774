"""Whether what a file calls itself is a title: many only say which program made them."""

from __future__ import annotations

import re
from typing import Final

_MIN_CHARS: Final = 3
_NO_TITLE: Final = re.compile(
    r"""
    microsoft\s+\w+\s+-.* | .*\.(?:docx?|odt|rtf|pptx?|odp|xlsx?|ods|pdf|tex|dvi|indd|qxd|html?|txt)
    | (?:untitled|sin\ t[íi]tulo|document|documento|presentaci[óo]n|presentation|libro)[\s\d.-]*
    | (?:word\ document|documento\ de\ word)
    | (?:powerpoint\ )?(?:presentation|presentaci[óo]n.*powerpoint) | [\W\d_]*
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)


def real_title(title: str) -> str:
    """Return a title as the file gives it; empty if a program has put it there."""
    clean = " ".join(title.split())
    return "" if len(clean) < _MIN_CHARS or _NO_TITLE.fullmatch(clean) else clean
