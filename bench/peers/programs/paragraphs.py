"""Pieces of documents, for the peers that do not cut them: paragraphs, packed."""

from __future__ import annotations

from pathlib import Path

_MOST_CHARS = 1000


def pieces_of(documents: str) -> list[dict[str, str]]:
    """Return the pieces of every file of a folder, with its name."""
    return [
        {"text": piece, "source": path.name}
        for path in sorted(Path(documents).iterdir())
        for piece in _pack(path.read_text(encoding="utf-8"))
    ]


def _pack(text: str) -> list[str]:
    """Put paragraphs together up to the limit; one that is longer is cut where it ends."""
    pieces: list[str] = []
    for paragraph in filter(None, map(str.strip, text.split("\n\n"))):
        if pieces and len(pieces[-1]) + 2 + len(paragraph) <= _MOST_CHARS:
            pieces[-1] += "\n\n" + paragraph
        else:
            starts = range(0, len(paragraph), _MOST_CHARS)
            pieces.extend(paragraph[start : start + _MOST_CHARS] for start in starts)
    return pieces
