"""Ratings: a line each, whole, whoever writes at the same time."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from rag.assistant import Assistant
from rag.assistant.feedback import FEEDBACK, keep_rating
from rag.errors import FeedbackError, UsageError
from rag.index import Making, examine_index, read_status, sync
from rag.schema import Rating

GOOD = Rating("good", "¿Cuánto mide el faro?", "Mide 41 metros [1].", places=("puerto.txt:1",))


def ratings(index_dir: Path) -> list[dict[str, Any]]:
    lines = (index_dir / FEEDBACK).read_bytes().splitlines()
    return [json.loads(line) for line in lines]


def test_a_rating_says_what_was_answered(seeds_assistant: Assistant, tmp_path: Path) -> None:
    answer = seeds_assistant.using(model="extractive").ask("¿Quién promueve el Plan ATOM?")
    Assistant.open(index_dir=tmp_path / "index").rate(Rating.of(answer, "bad", "No es eso"))
    kept = ratings(tmp_path / "index")[-1]
    assert datetime.fromisoformat(kept["time"]).tzinfo == UTC
    assert (kept["rating"], kept["comment"]) == ("bad", "No es eso")
    assert kept["question"] == answer.question
    assert kept["answer"] == answer.text
    assert kept["model"] == "extractive"
    assert kept["places"] == [citation.place for citation in answer.citations] != []
    assert kept["standalone"] is None


def test_threads_and_processes_do_not_write_into_each_other(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from rag.assistant.feedback import keep_rating;"
        "from rag.schema import Rating\n"
        "for n in range(20): keep_rating(Path(sys.argv[1]), Rating('bad', f'{n}', 'no' * 500))"
    )
    others = [subprocess.Popen([sys.executable, "-c", script, tmp_path]) for _ in range(2)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: keep_rating(tmp_path, GOOD), range(60)))
    assert [other.wait(30) for other in others] == [0, 0]
    kept = ratings(tmp_path)
    assert sum(each["rating"] == "good" for each in kept) == 60
    assert sum(each["rating"] == "bad" for each in kept) == 40


def test_a_torn_line_spoils_no_other(tmp_path: Path) -> None:
    keep_rating(tmp_path, GOOD)
    path = tmp_path / FEEDBACK
    path.write_bytes(path.read_bytes() + '{"question": "¿Cuánto'.encode()[:-1])
    keep_rating(tmp_path, GOOD)
    first, torn, last = path.read_bytes().splitlines()
    assert json.loads(first)["answer"] == json.loads(last)["answer"] == GOOD.answer
    with pytest.raises(ValueError, match=r"."):
        json.loads(torn)


def test_a_browser_may_send_anything(tmp_path: Path) -> None:
    wild = Rating("good", "\ud800?\n\u2028" * 9000, "x" * 10**6, places=("p" * 9000,) * 900)
    keep_rating(tmp_path, replace(wild, comment="c\n" * 10**5, model="m" * 10**5))
    assert len(ratings(tmp_path)) == 1
    assert (tmp_path / FEEDBACK).stat().st_size < 150_000
    with pytest.raises(UsageError):
        keep_rating(tmp_path, replace(GOOD, opinion="<script>"))  # type: ignore[arg-type]


def test_a_full_file_is_not_written_to(tmp_path: Path) -> None:
    with (tmp_path / FEEDBACK).open("wb") as file:
        file.truncate(50_000_000)
    with pytest.raises(FeedbackError, match=r"50 MB.*bórralo"):
        keep_rating(tmp_path, GOOD)
    assert (tmp_path / FEEDBACK).stat().st_size == 50_000_000


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "index").write_text("no es una carpeta")
    with pytest.raises(FeedbackError, match="No se puede guardar"):
        keep_rating(tmp_path / "index", GOOD)


def test_the_index_does_not_mind(tmp_path: Path, folder: Path, making: Making) -> None:
    index_dir = tmp_path / "index"
    sync(index_dir, [folder], making)
    before = read_status(index_dir)
    keep_rating(index_dir, GOOD)
    assert read_status(index_dir) == before
    assert examine_index(index_dir).n_removed == 0
    (folder / "otro.txt").write_text("El molino muele trigo.\n", encoding="utf-8")
    sync(index_dir, [folder], making)
    sync(index_dir, [folder], making, rebuild=True)
    examine_index(index_dir)
    assert len(ratings(index_dir)) == 1
