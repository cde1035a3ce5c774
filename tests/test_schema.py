from __future__ import annotations

from dataclasses import FrozenInstanceError, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.schema import Document, Place, Progress
from tests.evidence import evidence


@given(st.text(alphabet="a\n", min_size=1), st.data())
def test_lines_are_counted_as_a_person_counts(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    first, last = Document("a", text, "text/plain", "").lines(start, end)
    assert first == text.count("\n", 0, start)
    assert last == text.count("\n", 0, end - 1)


def test_records_are_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        Progress("read", 1, 2).n_done = 2  # type: ignore[misc]


def test_of_many_places_the_first_are_named_and_the_rest_counted() -> None:
    places = tuple(Place(f"{n}.txt", n, n) for n in range(1, 9))
    one = replace(evidence(1, "Igual."), also_at=places[:5])
    many = replace(one, also_at=places)
    assert one.all_places == "a.txt:1 (también en 1.txt:1, 2.txt:2, 3.txt:3, 4.txt:4, 5.txt:5)"
    assert many.all_places == one.all_places.replace(")", " y 3 más)")
    assert len(many.as_dict()["also_at"]) == 8
