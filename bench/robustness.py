"""Table 5: what is still found when a question is typed badly, at length, or in English."""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path

from bench.corpora import SEEDS, available, index, open_embedder
from bench.ranks import TOP_RANKS, cells, first_right
from rag.evaluate import Question, read_test_set, stands_on
from rag.lexical import fold
from rag.retrieve import Retriever

_N_QUESTIONS = 1000  # of each set, drawn once
_MIN_LETTERS = 5  # of a word to be mistyped: nobody asks about «el»


def without_accents(question: str) -> str:
    """Type as on a foreign keyboard: ñ becomes n too."""
    plain = unicodedata.normalize("NFD", question)
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def without_punctuation(question: str) -> str:
    """Type as in a search box."""
    return " ".join(re.sub(r"[¿?¡!.,;:«»\"()]", " ", question).split()).lower()


def mistyped(question: str) -> str:
    """Swap two neighbouring letters inside one of the longer words, the same one every time."""
    draw = random.Random(question)
    words = [match.span() for match in re.finditer(r"[^\W\d_]+", question)]
    long_words = [(a, b) for a, b in words if b - a >= _MIN_LETTERS]
    if not long_words:
        return question
    start, end = draw.choice(long_words)
    at = draw.randrange(start + 1, end - 1)
    return question[:at] + question[at + 1] + question[at] + question[at + 2 :]


def at_length(question: str) -> str:
    """Ask as some people write."""
    return (
        "Hola, buenas tardes. Estoy preparando un trabajo y llevo un buen rato leyendo sin dar con "
        f"el dato que me hace falta, así que te lo pregunto directamente: {question} Si lo sabes, "
        "dímelo con la frase exacta en la que aparece, por favor. Muchas gracias por tu tiempo."
    )


VARIANTS: dict[str, Callable[[str], str]] = {
    "as asked": str,
    "no accents": without_accents,
    "CAPITALS": str.upper,
    "CAPITALS, no accents": lambda question: fold(question.upper()),
    "no punctuation, lower case": without_punctuation,
    "two letters swapped in a word": mistyped,
    "long": at_length,
}


def main() -> None:
    """Print the table in Markdown."""
    embedder = open_embedder()
    print("| set | question | evidence @1 | @3 | @5 |\n|---|---|---|---|---|")
    for corpus in available("xquad-es-dev", "squad-es-v1-dev"):
        questions = [question for question in corpus.questions if question.answerable]
        questions = random.Random(0).sample(questions, min(_N_QUESTIONS, len(questions)))
        retriever = Retriever(index(corpus, embedder), embedder)
        name = f"{corpus.name} ({len(questions)})"
        for variant, change in VARIANTS.items():
            _print_row(name, variant, retriever, questions, change)
        if corpus.name == SEEDS:
            english = read_test_set(Path(__file__).parent / "english.jsonl").questions
            asked = {question.sources: question for question in questions}
            same = [asked[question.sources] for question in english]
            _print_row(f"{SEEDS} ({len(same)})", "as asked", retriever, same, str)
            _print_row(f"{SEEDS} ({len(same)})", "the same in English", retriever, english, str)


def _print_row(
    name: str,
    variant: str,
    retriever: Retriever,
    questions: Sequence[Question],
    change: Callable[[str], str],
) -> None:
    found = []
    for question in questions:
        evidence = retriever.retrieve(change(question.text), max(TOP_RANKS)).evidence
        found.append(
            first_right(
                any(stands_on(item, source) for source in question.sources) for item in evidence
            )
        )
    print(f"| {name} | {variant} | {cells(found)} |", flush=True)


if __name__ == "__main__":
    main()
