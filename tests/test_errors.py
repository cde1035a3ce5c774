from __future__ import annotations

import errno

import pytest

from rag import errors
from rag.errors import RagError, reason

KINDS = [
    kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, RagError)
]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_each_error_says_what_and_what_next(kind: type[RagError]) -> None:
    error = kind("Ha pasado algo", "Haz esto")
    assert str(error) == "Ha pasado algo. Haz esto."
    assert error.exit_code in {1, 2, 4, 5}


def test_the_tree_in_the_docstring_is_the_tree() -> None:
    assert errors.__doc__ is not None
    for kind in KINDS:
        assert f"{kind.__name__} " in errors.__doc__


def test_the_system_speaks_spanish() -> None:
    assert reason(OSError(errno.ENOSPC, "No space left on device")) == "el disco está lleno"
    assert reason(OSError("raro")) == "raro"
