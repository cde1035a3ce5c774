"""Examples: questions whose answers are known to what the model is taught from.

A text is what the product will give: the pieces of evidence that its own search finds, one to three
of them, the right one not always first and sometimes not there. An answer is a run of words of one
of them, or that none says it.

    python -m training.examples
"""

from __future__ import annotations

import json
import random
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from bench.corpora import ROOT, Corpus, index, is_kept_out, open_embedder, squad
from rag.config import load_settings
from rag.embed import Embedder
from rag.evaluate.judge import says, stands_on
from rag.evaluate.questions import Question, Source
from rag.generate.spans import LEADING, Words
from rag.index import Making, open_current, sync
from rag.language import is_foreign
from rag.lexical import answer_type, says_amount
from rag.retrieve import Retriever
from rag.schema import Retrieved

BUILD: Final = Path(__file__).parent / "build"
PAIRS: Final = Path(__file__).parent / "pairs.jsonl"

_SETS: Final = ("xquad-es-dev", "squad-es-v1-dev", "squad-es-v2-dev")
_MAX_PIECES: Final = 3
_MAX_ANSWER_WORDS: Final = 25
_SEED: Final = 9

# How often each question is shown: texts differ. People wrote XQuAD's and ours, a machine the rest.
_VARIANTS: Final = {"xquad-es-dev": 4, "squad-es-v1-dev": 2, "squad-es-v2-dev": 2, "pairs": 5}
_ALONE: Final = 0.35  # share with the right sentence and no other
_WITHOUT: Final = 0.12  # with evidence that does not say it
_SHUFFLED: Final = 0.4  # of the rest, in another order than that of the search


@dataclass(frozen=True, slots=True)
class Example:
    """A question with its text.

    Attributes
    ----------
    texts
        Pieces of evidence, in the order in which they are read.
    answer
        A run of words of one of them; None where none says it.
    """

    corpus: str
    question: str
    texts: tuple[str, ...]
    answer: str | None


def right_answer(question: Question) -> str | None:
    """Return the answer that most people gave, if it is one to learn from.

    The sets in Spanish were translated by a machine, which cut some answers out of words and
    left others in English.
    """
    whole = [answer.strip(" .,;:¿?¡!\"'«»“”()") for answer in question.answers]
    answers = [answer for answer in whole if answer]
    if not answers or is_foreign(question.text):
        return None
    answer = Counter(answers).most_common(1)[0][0]
    words = Words(answer)
    asks_amount = answer_type(question.text) == "amount"
    says_number = any(word[0].isdigit() or says_amount(word) for word in words.folded)
    if (
        not words.words
        or len(words) > _MAX_ANSWER_WORDS
        or words.folded[-1] in LEADING
        or (asks_amount and not says_number)
    ):
        return None
    return answer


def stands_whole(answer: str, text: str) -> bool:
    """Say whether an answer is a run of whole words of a text."""
    return re.search(rf"(?<!\w){re.escape(answer)}(?!\w)", text) is not None


def examples_of(
    corpus: Corpus, embedder: Embedder, chance: random.Random, n_variants: int
) -> Iterator[Example]:
    """Ask every question of a corpus, and show what is found in several ways."""
    retriever = Retriever(index(corpus, embedder), embedder)
    for question in corpus.questions:
        found = retriever.retrieve(question.text, 5)
        if not question.answerable:
            yield from _unanswerable(corpus.name, question, found, chance)
            continue
        answer = right_answer(question)
        if answer is None:
            continue
        for example in _answerable(question, answer, found, chance, n_variants):
            yield Example(corpus.name, question.text, *example)


def _answerable(
    question: Question,
    answer: str,
    found: Retrieved,
    chance: random.Random,
    n_variants: int,
) -> Iterator[tuple[tuple[str, ...], str | None]]:
    sources = question.sources
    right = [
        item.shown for item in found.evidence if any(stands_on(item, source) for source in sources)
    ]
    sentences = [
        " ".join(candidate.sentence.text.split())
        for candidate in found.explanation.candidates
        if any(says(candidate, source) for source in sources)
    ]
    alone = [text for text in sentences if stands_whole(answer, text)]
    if not alone:
        return
    gold = next((text for text in right if stands_whole(answer, text)), alone[0])
    first = [item.shown for item in found.evidence]
    # What holds the same words may say the same: it is no example of what does not.
    others = [text for text in first if not stands_whole(answer, text)]
    seen: set[tuple[str, ...]] = set()
    for _ in range(n_variants):
        drawn = chance.random()
        said: str | None = answer
        n_pieces = chance.choice((2, 3))
        if drawn < _ALONE:
            pieces = [chance.choice((alone[0], gold))]
        elif drawn > 1 - _WITHOUT and others:
            pieces, said = others[: chance.choice((1, n_pieces))], None
        else:
            pieces = first[:n_pieces]
            if gold not in pieces:
                pieces = [*pieces[: n_pieces - 1], gold]
            if chance.random() < _SHUFFLED:
                chance.shuffle(pieces)
        if tuple(pieces) not in seen:
            seen.add(tuple(pieces))
            yield tuple(pieces), said


def _unanswerable(
    corpus: str, question: Question, found: Retrieved, chance: random.Random
) -> Iterator[Example]:
    if is_foreign(question.text) or not found.evidence:
        return
    texts = tuple(item.shown for item in found.evidence)
    yield Example(corpus, question.text, texts[:1], None)
    yield Example(corpus, question.text, texts[: chance.choice((2, 3))], None)


def own_examples(embedder: Embedder, chance: random.Random) -> Iterator[Example]:
    """Ask what was written to learn from, of our own corpus in all its formats."""
    with TemporaryDirectory() as folder:
        making = Making(lambda: embedder, embedder.name, load_settings().max_chunk_tokens)
        sync(Path(folder), [ROOT / "seeds"], making)
        retriever = Retriever(open_current(Path(folder)), embedder)
        for line in PAIRS.read_text("utf-8").splitlines():
            record = json.loads(line)
            answers = tuple(record["answers"])
            found = retriever.retrieve(record["question"], 5)
            sources = tuple(_where(answers[0], record["path"], found)) if answers else ()
            question = Question(record["question"], answers, sources, answerable=bool(answers))
            if answers:
                ways = _answerable(question, answers[0], found, chance, _VARIANTS["pairs"])
                yield from (Example("pairs", question.text, *way) for way in ways)
            else:
                yield from _unanswerable("pairs", question, found, chance)


def _where(answer: str, path: str, found: Retrieved) -> Iterator[Source]:
    """Return the places of what was found of a file that say an answer."""
    for candidate in found.explanation.candidates:
        sentence, chunk = candidate.sentence, candidate.passage.chunk
        said = stands_whole(answer, " ".join(sentence.text.split()))
        if said and chunk.path.endswith(path):
            yield Source(
                path,
                candidate.passage.chunk.place(sentence.start, sentence.end).line_start,
                sentence.start,
                sentence.end,
            )


def main() -> None:
    """Write the examples, those of the articles kept out apart."""
    embedder = open_embedder()
    train: list[Example] = []
    kept_out: list[Example] = []
    for name in _SETS:
        corpus = squad(name)
        for is_out, part in _parted(corpus):
            chance = random.Random(f"{_SEED} {name} {is_out}")
            asked = corpus._replace(questions=part)
            made = list(examples_of(asked, embedder, chance, _VARIANTS[name]))
            (kept_out if is_out else train).extend(made)
            print(f"{name}: {len(part)} questions, {len(made)} examples", file=sys.stderr)
    own = list(own_examples(embedder, random.Random(_SEED)))
    print(f"our own: {len(own)} examples", file=sys.stderr)
    train.extend(own)
    BUILD.mkdir(exist_ok=True)
    for name, examples in (("train", train), ("kept_out", kept_out)):
        lines = (json.dumps(asdict(example), ensure_ascii=False) for example in examples)
        (BUILD / f"{name}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _parted(corpus: Corpus) -> Iterator[tuple[bool, list[Question]]]:
    """Part the questions by whether their article is kept out."""
    for is_out in (False, True):
        yield (
            is_out,
            [each for each in corpus.questions if is_kept_out(each.sources[0].path) == is_out],
        )


if __name__ == "__main__":
    main()
