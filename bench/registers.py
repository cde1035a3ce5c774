"""Table 25: questions as people put them, in a chat, in an office and at a terminal.

Ninety questions of our own (``bench/registers.jsonl``), thirty of each register and six of those
without an answer, about manuals of Debian's packages in Spanish: ``debian-reference-es``,
``debian-edu-doc-es``, ``libreoffice-help-es``, ``maint-guide-es``, ``manpages-es`` and
``ubuntu-packaging-guide-html-es``. The files that they are about are indexed together and each is
asked of the whole, of the embedded model with its adapter and without.

    python -m bench.registers [--show]
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from bench.reading import files_of
from rag.assistant import Assistant
from rag.evaluate import Judged, Question, Source, judge

QUESTIONS: Final = Path(__file__).parent / "registers.jsonl"


def copy_documents(records: Sequence[dict[str, Any]], folder: Path) -> None:
    """Copy the files that the questions are about, a folder a package."""
    for package in dict.fromkeys(record["package"] for record in records):
        names = {record["file"] for record in records if record["package"] == package}
        (folder / package).mkdir(parents=True)
        for file in files_of(package)[0]:
            if file.path.name in names:
                shutil.copy(file.path, folder / package / file.path.name)


def ask(assistant: Assistant, records: Sequence[dict[str, Any]]) -> list[Judged]:
    """Ask every question and judge what comes."""
    found = []
    for record in records:
        answers = tuple(record["answers"])
        source = Source(record["file"], 0)
        question = Question(record["question"], answers, (source,), answerable=bool(answers))
        found.append(judge(assistant, question))
    return found


def row(register: str, what: str, judged: Sequence[Judged]) -> str:
    """Write a row of the table."""
    there = [each for each in judged if each.question.answerable]
    missing = [each for each in judged if not each.question.answerable]
    n_right = sum(each.answer_right for each in there)
    n_answered = sum(not each.answer.abstained for each in there)
    n_refused = sum(each.answer.abstained for each in missing)
    seconds = np.median([each.answer.timings.total_seconds for each in judged])
    return (
        f"| {register} | {what} | {np.mean([each.f1 for each in there]):.3f} "
        f"| {np.mean([each.exact_match for each in there]):.3f} | {n_right} of {len(there)} "
        f"| {n_answered} of {len(there)} | {n_refused} of {len(missing)} | {seconds:.2f} |"
    )


def main() -> None:
    """Print the table."""
    records = [json.loads(line) for line in QUESTIONS.read_text("utf-8").splitlines()]
    registers = list(dict.fromkeys(record["register"] for record in records))
    print(
        "| register | embedded model | F1 | identical | said in the answer or its first quote ",
        end="",
    )
    print("| answered | refused rightly | s, p50 |\n|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        documents = Path(folder, "documentos")
        copy_documents(records, documents)
        Assistant.open(index_dir=Path(folder, "index")).index([documents])
        for adapter in (True, False):
            assistant = Assistant.open(
                index_dir=Path(folder, "index"), model="embedded", adapter=adapter
            )
            judged = ask(assistant, records)
            what = "as taught" if adapter else "as it comes"
            for register in registers:
                mine = [
                    each
                    for each, record in zip(judged, records, strict=True)
                    if record["register"] == register
                ]
                print(row(register, what, mine), flush=True)
            print(row("all", what, judged), flush=True)
            if "--show" in sys.argv:
                for each in judged:
                    print(json.dumps(each.as_dict(), ensure_ascii=False), file=sys.stderr)


if __name__ == "__main__":
    main()
