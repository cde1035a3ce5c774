"""What a person thinks of an answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal, Self

from rag.schema.answer import Answer

Opinion = Literal["good", "bad"]

_MAX_CHARS: Final = 4000
_MAX_ANSWER_CHARS: Final = 20_000
_MAX_NAME_CHARS: Final = 1000
_MAX_PLACES: Final = 50


@dataclass(frozen=True, slots=True)
class Rating:
    """A thumb up or down, with what it was given to.

    Attributes
    ----------
    standalone
        The question as it was understood; empty where it says all by itself.
    places
        Of what was cited, as people read them.
    comment
        What the person adds; may be empty.
    """

    opinion: Opinion
    question: str
    answer: str
    standalone: str = ""
    places: tuple[str, ...] = ()
    model: str = ""
    comment: str = ""

    @classmethod
    def of(cls, answer: Answer, opinion: Opinion, comment: str = "") -> Self:
        """Rate an answer."""
        return cls(
            opinion=opinion,
            question=answer.question,
            answer=answer.text,
            standalone=answer.standalone_question or "",
            places=tuple(citation.place for citation in answer.citations),
            model=answer.model,
            comment=comment,
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form, nothing in it longer than an answer may well be."""
        return {
            "question": self.question[:_MAX_CHARS],
            "standalone": self.standalone[:_MAX_CHARS] or None,
            "answer": self.answer[:_MAX_ANSWER_CHARS],
            "places": [place[:_MAX_NAME_CHARS] for place in self.places[:_MAX_PLACES]],
            "model": self.model[:_MAX_NAME_CHARS],
            "rating": self.opinion,
            "comment": self.comment[:_MAX_CHARS] or None,
        }
