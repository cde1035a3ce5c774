from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.schema import Document, Progress


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
