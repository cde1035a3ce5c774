"""JSON and JSON Lines: a line of text for each value, with its line in the file and its pointer."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any, Final, NamedTuple

from rag.errors import LoadError
from rag.load.extract import Extract, Transcript
from rag.load.text.encoding import decode
from rag.schema import Layout

_JSON: Final = "application/json"
_JSON_LINES: Final = "application/jsonl"

# What says that a line is a question of a test set: a list of frequent questions has no sources.
_OF_A_TEST_SET: Final = frozenset(("question", "answers", "sources"))

_SPACE: Final = re.compile(r"[ \t\n]*")
_STRING: Final = re.compile(r'"([^"\\\n]*(?:\\.[^"\\\n]*)*)"')
_LITERAL: Final = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null")
_ESCAPE: Final = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))")
_ESCAPES: Final = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
_MAX_GROUP_CHARS: Final = 300  # said of one thing, and shown as one
_MAX_DEPTH_SHOWN: Final = 12  # of a pointer, of which more would say nothing


class Leaf(NamedTuple):
    """A value with nothing inside.

    Attributes
    ----------
    path
        The keys and places that lead to it, the outermost first.
    text
        Of a string, what it says; of anything else, as written; empty for null.
    at
        Where it begins.
    """

    path: tuple[str, ...]
    text: str
    at: int


class NotJsonError(ValueError):
    """A text that is not JSON; the argument is where it is not."""


def read_json(data: bytes) -> Extract:
    """Read a JSON file; one that is broken, line by line as it is written."""
    text, notes = decode(data)
    transcript = Transcript("line", "wraps")
    try:
        for group in _groups(text):
            _write(transcript, group)
    except NotJsonError as error:
        at = text.count("\n", 0, error.args[0]) + 1
        told = f"no es JSON válido (línea {at}); se lee como texto"
        return Extract(text, _JSON, layout=Layout(line_ends="final"), notes=(*notes, told))
    return transcript.extract(_JSON, notes=notes)


def read_json_lines(data: bytes) -> Extract:
    """Read a file with a JSON value a line; a line that is broken, as it is written."""
    text, notes = decode(data)
    if _is_test_set(text):
        raise LoadError("son preguntas para «rag eval»", "Puedes dejarlo donde está")
    transcript = Transcript("line")
    broken: list[int] = []
    for number, line in enumerate(text.split("\n"), 1):
        try:
            named = [_named(leaf) for leaf in leaves(line) if leaf.text]
            record = " ".join("; ".join(named).split())
        except NotJsonError:
            record = line
            if line.strip():
                broken.append(number)
        transcript.write(record, number)
    if broken:
        which = f"la línea {broken[0]} no es JSON válido y se lee" if len(broken) == 1 else (
            f"{len(broken)} líneas no son JSON válido y se leen"
        )  # fmt: skip
        notes = (*notes, f"{which} como texto")
    return transcript.extract(_JSON_LINES, notes=notes)


def _is_test_set(text: str) -> bool:
    """Say whether the first record is a question with its answer, as ``rag eval`` reads them."""
    try:
        record = json.loads(text.lstrip().split("\n", 1)[0])
    except (ValueError, RecursionError):
        return False
    return isinstance(record, dict) and record.keys() >= _OF_A_TEST_SET


def pointer(path: tuple[str, ...]) -> str:
    """Return a path as RFC 6901 writes it, cut where it is deep."""
    shown = [key.replace("~", "~0").replace("/", "~1") for key in path[:_MAX_DEPTH_SHOWN]]
    return "".join(f"/{key}" for key in shown) + ("/…" if len(path) > _MAX_DEPTH_SHOWN else "")


def leaves(text: str) -> Iterator[Leaf]:  # noqa: C901 - the grammar in one place
    """Yield the values of a JSON text that have none inside, in order.

    It keeps a list of what is open instead of calling itself, so that no depth is too deep.

    Raises
    ------
    NotJsonError
        Where the text is not JSON.
    """
    open_keys: list[str | int] = []  # of each object the key, of each list the place
    at = _skip(text, 0)
    while True:
        sign = text[at : at + 1]
        if sign == "{" and (at := _skip(text, at + 1)) is not None:
            if text[at : at + 1] != "}":
                key, at = _key(text, at)
                open_keys.append(key)
                continue
            at += 1
        elif sign == "[":
            at = _skip(text, at + 1)
            if text[at : at + 1] != "]":
                open_keys.append(0)
                continue
            at += 1
        else:
            leaf, at = _leaf(text, at, open_keys)
            yield leaf
        while True:  # what follows a value: the next one, or the end of what holds it
            at = _skip(text, at)
            if not open_keys:
                if at != len(text):
                    raise NotJsonError(at)
                return
            inside = open_keys[-1]
            sign = text[at : at + 1]
            if sign == ",":
                at = _skip(text, at + 1)
                if isinstance(inside, int):
                    open_keys[-1] = inside + 1
                else:
                    open_keys[-1], at = _key(text, at)
                break
            if sign != ("]" if isinstance(inside, int) else "}"):
                raise NotJsonError(at)
            open_keys.pop()
            at += 1


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _key(text: str, at: int) -> tuple[str, int]:
    """Read a key and the colon after it; return where its value begins."""
    found = _STRING.match(text, at)
    if found is None:
        raise NotJsonError(at)
    after = _skip(text, found.end())
    if text[after : after + 1] != ":":
        raise NotJsonError(after)
    return _unescaped(found[1]), _skip(text, after + 1)


def _leaf(text: str, at: int, keys: list[Any]) -> tuple[Leaf, int]:
    # Of what is very deep only the outermost keys are kept: copying all for each is quadratic.
    path = tuple(map(str, keys[: _MAX_DEPTH_SHOWN + 1]))
    if keys and len(keys) > len(path):
        path = (*path[:-1], str(keys[-1]))
    if found := _STRING.match(text, at):
        return Leaf(path, _unescaped(found[1]), at), found.end()
    if found := _LITERAL.match(text, at):
        return Leaf(path, "" if found[0] == "null" else found[0], at), found.end()
    raise NotJsonError(at)


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text
    units = _ESCAPE.sub(
        lambda match: chr(int(match[1], 16)) if match[1] else _ESCAPES.get(match[2], match[2]),
        text,
    )
    # Two halves of one sign are joined; a half alone is not text.
    return units.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _name(path: tuple[str, ...]) -> str:
    """Return what a value is called: the last key, after the one that holds a list of it."""
    return next((key for key in reversed(path) if not key.isdecimal()), "")


def _groups(text: str) -> Iterator[list[tuple[int, Leaf]]]:
    """Yield what is said of one thing, which reads as one, each value with its line."""
    group: list[tuple[int, Leaf]] = []
    n_chars = 0
    number, counted = 1, 0
    for leaf in leaves(text):
        number += text.count("\n", counted, leaf.at)
        counted = leaf.at
        n_chars += len(leaf.text) + len(_name(leaf.path))
        is_apart = n_chars > _MAX_GROUP_CHARS or "\n" in leaf.text
        if group and (is_apart or leaf.path[:-1] != group[0][1].path[:-1]):
            yield group
            group, n_chars = [], len(leaf.text)
        group.append((number, leaf))
        if "\n" in leaf.text:  # several lines stand alone
            n_chars = _MAX_GROUP_CHARS
    if group:
        yield group


def _write(transcript: Transcript, group: list[tuple[int, Leaf]]) -> None:
    """Write what is said of one thing, each value on its line; several, of one that has several."""
    said = [(number, leaf) for number, leaf in group if leaf.text]
    if not said:
        return
    path = said[0][1].path if len(said) == 1 else said[0][1].path[:-1]
    transcript.mark(None, pointer(path))
    for number, same in groupby(said, key=itemgetter(0)):
        line = "; ".join(_named(leaf) for _, leaf in same)
        is_last = number == said[-1][0]
        for part in filter(str.strip, line.split("\n")):
            transcript.write(part if is_last else f"{part};", number)
            if is_last:  # what has several lines stands alone: each is a whole
                transcript.write("", number)


def _named(leaf: Leaf) -> str:
    name = _name(leaf.path)
    return f"{name}: {leaf.text}" if name else leaf.text
