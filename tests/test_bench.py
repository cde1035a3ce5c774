"""The rule by which ours and its peers are judged."""

from __future__ import annotations

import pytest

from bench.peers.documents import Asked, Documents, Place
from bench.peers.judge import Judge

TEXT = "El faro mide 34 metros.\n\nSe encendió en 1863.  Lo pagó la villa."
ANSWER = TEXT.index("1863"), TEXT.index("1863") + len("1863")
ASKED = Asked("¿Cuándo se encendió?", (Place("faro.txt", *ANSWER),))
JUDGE = Judge(Documents("one", {"faro.txt": TEXT, "otro.txt": TEXT}, [ASKED]))


@pytest.mark.parametrize(
    ("text", "source", "is_right"),
    [
        ("Se encendió en 1863. Lo pagó la villa.", "faro.txt", True),  # white space is nothing
        ("metros. Se encendió en 1863.", "faro.txt", True),
        ("Se encendió en 1863. Lo pagó la villa.", "otro.txt", False),
        ("El faro mide 34 metros.", "faro.txt", False),
        ("Se encendió en 18", "faro.txt", False),  # the whole of the answer
        ("## Faro\n\nSe encendió en *1863*.", "faro.txt", True),  # written anew, with its sentence
        ("## Faro\n\n1863", "faro.txt", False),
        ("", "faro.txt", False),
    ],
)
def test_a_piece_is_right_where_it_has_the_answer(text: str, source: str, is_right: bool) -> None:
    assert JUDGE.is_right({"text": text, "source": source}, ASKED) is is_right


def test_the_rank_is_that_of_the_first_that_is_right() -> None:
    wrong = {"text": "El faro mide 34 metros.", "source": "faro.txt"}
    right = {"text": TEXT, "source": "faro.txt"}
    assert JUDGE.rank([wrong, right, right], ASKED) == 2
    assert JUDGE.rank([wrong], ASKED) is None


def test_where_no_place_is_known_the_file_has_to_say_it() -> None:
    asked = Asked("¿Quién lo pagó?", files=("faro.txt",), answers=("la  VILLA",))
    assert JUDGE.is_right({"text": TEXT, "source": "faro.txt"}, asked)
    assert not JUDGE.is_right({"text": TEXT, "source": "otro.txt"}, asked)
    assert not JUDGE.is_right({"text": "El faro.", "source": "faro.txt"}, asked)
