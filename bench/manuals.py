"""Questions about Debian's manuals in Spanish, and an index over the files that they are about.

Those of table 25 that have an answer, and 124 more (``bench/manuals.jsonl``), each written over a
paragraph that was drawn at random from the manuals.
"""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, NamedTuple

from bench.registers import QUESTIONS, copy_documents
from rag.config import load_settings
from rag.embed import Embedder
from rag.index import Generation, Making, open_current, sync

DEBIAN: Final = "debian"
_MORE: Final = Path(__file__).parent / "manuals.jsonl"


class ManualQuestion(NamedTuple):
    """A question, the package and the file that answer it, and what they say."""

    text: str
    package: str
    file: str
    answers: tuple[str, ...]

    def says(self, path: str, text: str) -> bool:
        """Say whether what was found is of that file and has an answer."""
        said = normal(text)
        return Path(path).name == self.file and any(normal(each) in said for each in self.answers)


def is_installed() -> bool:
    """Say whether the manuals are on this machine."""
    return Path("/usr/share/doc/debian-reference-es").is_dir()


def read_questions() -> list[ManualQuestion]:
    """Return the questions whose answer is known."""
    return [
        ManualQuestion(
            record["question"], record["package"], record["file"], tuple(record["answers"])
        )
        for record in _records()
        if record["answers"]
    ]


def index_manuals(embedder: Embedder) -> Generation:
    """Index the files in a folder that goes away; what is open of it stays."""
    with TemporaryDirectory() as folder:
        copy_documents(_records(), Path(folder, "d"))
        making = Making(lambda: embedder, embedder.name, load_settings().max_chunk_tokens)
        sync(Path(folder, "index"), [Path(folder, "d")], making)
        return open_current(Path(folder, "index"))


def normal(text: str) -> str:
    """Return a text without case, its white space single."""
    return " ".join(text.split()).casefold()


def _records() -> list[dict[str, Any]]:
    lines = [line for path in (QUESTIONS, _MORE) for line in path.read_text("utf-8").splitlines()]
    return [json.loads(line) for line in lines]
