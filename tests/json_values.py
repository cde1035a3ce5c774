"""Any value that JSON can hold, drawn by hypothesis."""

from __future__ import annotations

from hypothesis import strategies as st

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()


# Not a lambda: to describe one, hypothesis parses its source, which now and then fails in a
# process of many threads («AST constructor recursion depth mismatch»).
def lists_and_objects(inner: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=3)


def json_values(leaves: st.SearchStrategy[object] = SCALARS) -> st.SearchStrategy[object]:
    return st.recursive(leaves, lists_and_objects, max_leaves=8)
