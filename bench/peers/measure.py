"""What is measured of a peer: how often it is right, how fast, how big, and how it keeps step."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

from bench.growth import bytes_of
from bench.peers.documents import Asked, Documents
from bench.peers.environment import UnavailableError
from bench.peers.judge import Found, Judge
from bench.peers.machine import watch_others
from bench.peers.program import (
    Installed,
    Program,
    index,
    index_and_kill,
    search_once,
)

_N_STARTS: Final = 3
_KILLED_AT: Final = (0.2, 0.5, 0.8)  # of the time that the indexing takes
_N_FEW: Final = 3  # documents beside the one that is deleted, or is in another encoding
_UNIQUE: Final = (
    "El ñandú Ágata Ibáñez cruzó el río Bidasoa en un carricoche añil: ¿qué más queréis, pingüinos?"
)


@dataclass(slots=True)
class Measured:
    """The figures of one peer over one set of documents; what is None was not measured.

    Attributes
    ----------
    ranks
        Of the first right piece, for each question; None where none of the ten is.
    evidence_ranks
        Of the first right evidence, for who gives sentences with their lines.
    found_chars
        Mean length of a piece found.
    query_seconds
        Of the search alone, for each question but the first, which is asked twice.
    start_seconds
        From the start of a new process to its first result, for each try but the first.
    others_indexing, others_searching
        How many cores other programs kept busy meanwhile; for the indexing, one for each turn.
    error
        Why the rest was not measured.
    """

    index_seconds: list[float] = field(default_factory=list)
    n_chunks: int | None = None
    disk_bytes: int | None = None
    ranks: list[int | None] = field(default_factory=list)
    evidence_ranks: list[int | None] | None = None
    found_chars: float | None = None
    query_seconds: list[float] = field(default_factory=list)
    peak_bytes: int | None = None
    start_seconds: list[float] = field(default_factory=list)
    others_indexing: list[float] = field(default_factory=list)
    others_searching: float | None = None
    error: str | None = None

    def share(self, top: int) -> float | None:
        """Return the share of questions that a piece among the first answers."""
        return _share(self.ranks, top)

    def evidence_share(self, top: int) -> float | None:
        """Return the share of questions that evidence among the first answers."""
        return _share(self.evidence_ranks or [], top)

    def mean_reciprocal_rank(self) -> float | None:
        """Return the mean of 1 / rank, 0 where none of the pieces is right."""
        return (
            float(np.mean([1 / rank if rank else 0 for rank in self.ranks])) if self.ranks else None
        )


@dataclass(slots=True)
class Habits:
    """What becomes of a peer's index when files change, or its process dies.

    Attributes
    ----------
    again_seconds
        To index the same folder again, in a new process.
    deleted_is_gone
        A file that was deleted is not found after indexing again.
    latin_1_is_read
        A file in that encoding is found, and says what it says.
    n_survived
        Of the tries in which its process was killed while it indexed one more document, how many
        could be searched afterwards for what was there before.
    errors
        By the name of the figure, what the program died of.
    """

    again_seconds: float | None = None
    deleted_is_gone: bool | None = None
    latin_1_is_read: bool | None = None
    n_survived: int | None = None
    n_killed: int = len(_KILLED_AT)
    errors: dict[str, str] = field(default_factory=dict)


class Bench:
    """One set of documents, written in a folder, and the stores that peers make of it."""

    def __init__(self, documents: Documents, folder: Path) -> None:
        self.documents = documents
        self._folder = folder
        self._source = folder / "documentos"
        documents.write(self._source)
        self._judge = Judge(documents)

    def index(self, peer: Installed, measured: Measured) -> None:
        """Index everything once more, from nothing."""
        store = self._store(peer)
        shutil.rmtree(store, ignore_errors=True)
        others = watch_others()
        with _noting(measured):
            done = index(peer, self._source, store)
            measured.index_seconds.append(done.seconds)
            measured.others_indexing.append(others())
            measured.n_chunks = done.n_chunks
            measured.disk_bytes = bytes_of(store)

    def search(self, peer: Installed, measured: Measured) -> None:
        """Ask all the questions in one process, then one in each of several."""
        questions = self.documents.questions
        others = watch_others()
        with _noting(measured):
            answers = self._ask(peer, measured, questions)
            self._judge_all(measured, questions, answers)
            for _ in range(_N_STARTS + 1):
                one = search_once(peer, self._source, self._store(peer), questions[0].text)
                measured.start_seconds.append(one["start_seconds"])
            del measured.start_seconds[0]  # it read the files from the disk
            measured.others_searching = others()

    def _ask(
        self, peer: Installed, measured: Measured, questions: Sequence[Asked]
    ) -> list[dict[str, Any]]:
        with Program(peer, "search", self._source, self._store(peer)) as program:
            program.search(questions[0].text)  # what is opened late is open now
            answers = [program.search(asked.text) for asked in questions]
            measured.peak_bytes = program.finish()["peak_bytes"]
        measured.query_seconds = [answer["seconds"] for answer in answers]
        return answers

    def _judge_all(
        self, measured: Measured, questions: Sequence[Asked], answers: Sequence[dict[str, Any]]
    ) -> None:
        pairs = list(zip(questions, answers, strict=True))
        measured.ranks = [self._judge.rank(answer["found"], asked) for asked, answer in pairs]
        if "evidence" in answers[0]:
            measured.evidence_ranks = [
                self._judge.rank(answer["evidence"], asked) for asked, answer in pairs
            ]
        lengths = [len(piece["text"]) for answer in answers for piece in answer["found"]]
        measured.found_chars = float(np.mean(lengths)) if lengths else None

    def habits(self, peer: Installed) -> Habits:
        """Change files, and kill the process that indexes them."""
        habits = Habits()
        trials: dict[str, Callable[[Installed], Any]] = {
            "again_seconds": self._again,
            "deleted_is_gone": self._deleted_is_gone,
            "latin_1_is_read": self._latin_1_is_read,
            "n_survived": self._survived,
        }
        for name, trial in trials.items():
            try:
                setattr(habits, name, trial(peer))
            except UnavailableError as error:
                habits.errors[name] = str(error)
                if name == "latin_1_is_read":
                    habits.latin_1_is_read = False
        return habits

    def _again(self, peer: Installed) -> float:
        return index(peer, self._source, self._store(peer)).seconds

    def _deleted_is_gone(self, peer: Installed) -> bool:
        source, store = self._few(peer, "deleted")
        file = source / "unico.txt"
        file.write_text(f"{_UNIQUE}\n", "utf-8")
        index(peer, source, store)
        file.unlink()
        index(peer, source, store)
        found = search_once(peer, source, store, _UNIQUE)["found"]
        return all(piece["source"] != file.name for piece in found)

    def _latin_1_is_read(self, peer: Installed) -> bool:
        source, store = self._few(peer, "latin-1")
        (source / "unico.txt").write_text(f"{_UNIQUE}\n", "latin-1")
        index(peer, source, store)
        found = search_once(peer, source, store, _UNIQUE)["found"]
        return any(_UNIQUE in " ".join(piece["text"].split()) for piece in found)

    def _few(self, peer: Installed, name: str) -> tuple[Path, Path]:
        """Return a folder of a few of the documents, and a place for an index of it."""
        base = self._folder / f"{name}-{peer.name}"
        shutil.rmtree(base, ignore_errors=True)
        source = base / "documentos"
        source.mkdir(parents=True)
        for file in list(self.documents.texts)[:_N_FEW]:
            shutil.copy(self._source / file, source / file)
        return source, base / "store"

    def _survived(self, peer: Installed) -> int:
        """Kill an indexing of one more document at several moments; count what can be searched."""
        base = self._folder / f"killed-{peer.name}"
        shutil.rmtree(base, ignore_errors=True)
        more = base / "documentos"
        whole, store = base / "whole", base / "store"
        shutil.copytree(self._source, more)
        # The same folder from the first: an index may know its documents by their paths.
        index(peer, more, whole)
        asked = self._known(peer, more, whole)
        (more / "nuevo.txt").write_text(self._one_more(), "utf-8")
        shutil.copytree(whole, store)
        whole_seconds = index(peer, more, store).seconds
        n_survived = 0
        for share in _KILLED_AT:
            shutil.rmtree(store)
            shutil.copytree(whole, store)
            index_and_kill(peer, more, store, share * whole_seconds)
            n_survived += self._answers(peer, more, store, asked)
        shutil.rmtree(base)
        return n_survived

    def _known(self, peer: Installed, source: Path, store: Path) -> Asked:
        """Return a question that the whole index answers."""
        for asked in self.documents.questions:
            if self._answers(peer, source, store, asked):
                return asked
        raise UnavailableError("no question is answered")

    def _answers(self, peer: Installed, source: Path, store: Path, asked: Asked) -> bool:
        try:
            found: list[Found] = search_once(peer, source, store, asked.text)["found"]
        except UnavailableError:
            return False
        return self._judge.rank(found, asked) is not None

    def _one_more(self) -> str:
        """Return a document as long as the longest, that says nothing that the others do."""
        longest = max(self.documents.texts.values(), key=len)
        paragraphs = filter(None, map(str.strip, longest.split("\n\n")))
        return "\n\n".join(
            f"Nota {n}. {' '.join(reversed(paragraph.split()))}"
            for n, paragraph in enumerate(paragraphs, 1)
        )

    def _store(self, peer: Installed) -> Path:
        return self._folder / f"store-{peer.name}"


@contextmanager
def _noting(measured: Measured) -> Iterator[None]:
    """Note in the figures what a program died of, and go on."""
    try:
        yield
    except UnavailableError as error:
        measured.error = str(error)


def _share(ranks: Sequence[int | None], top: int) -> float | None:
    return float(np.mean([rank is not None and rank <= top for rank in ranks])) if ranks else None
