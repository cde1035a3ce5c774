"""The texts of the prompts: Markdown files of ours, or of the person's own."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from string import Template
from types import MappingProxyType
from typing import Final

from rag.errors import RagError, SettingsError, reason
from rag.lexical import ANSWER_TYPES

# What a chat model is told to write when the evidence does not answer, and how that is recognised.
NO_ANSWER: Final = "No consta en los documentos."

_VARIABLES: Final = {
    "chat_system": {"no_answer"},
    "chat_user": {"evidence", "no_answer", "question"},
    # Worked examples for a base model, chosen by what is asked for.
    **{f"completion_{kind}": {"evidence", "question"} for kind in (*ANSWER_TYPES, "other")},
    # For the embedded model with its adapter, which needs no examples.
    "reading": {"evidence", "question"},
    "rewrite": {"history", "question"},
}
_DIGEST_DIGITS: Final = 12


@dataclass(frozen=True, slots=True)
class Templates:
    """The templates in force, by name; each has exactly the variables that the program fills in.

    Attributes
    ----------
    texts
        As they were read, by the names of their files without the ``.md``.
    n_own
        How many of them are the person's.
    """

    texts: Mapping[str, str]
    n_own: int = 0

    def render(self, name: str, **values: str) -> str:
        """Fill in a template."""
        return Template(self.texts[name]).substitute(values)

    def sha256(self, names: Sequence[str]) -> str:
        """Return the first hexadecimal digits of a hash of some templates, names and texts."""
        digest = hashlib.sha256()
        for name in sorted(names):
            for part in (name, self.texts[name]):
                digest.update(part.encode())
                digest.update(b"\0")
        return digest.hexdigest()[:_DIGEST_DIGITS]


def read_templates(prompts_dir: Path | None = None) -> Templates:
    """Read the templates; those that a folder of the person's has take the place of ours.

    The folder is read anew every time, so that a change in it counts from the next question.

    Raises
    ------
    SettingsError
        If the folder, or a file in it, is not what it must be.
    """
    paths = [] if prompts_dir is None else _own_files(prompts_dir)
    own = {path.stem: _read_own(path) for path in paths}
    return Templates(MappingProxyType(_packaged() | own), len(own))


def render(name: str, **values: str) -> str:
    """Fill in a template of ours."""
    return read_templates().render(name, **values)


def _own_files(folder: Path) -> list[Path]:
    known = ", ".join(f"{name}.md" for name in sorted(_VARIABLES))
    try:
        paths = [path for path in sorted(folder.iterdir()) if not path.name.startswith(".")]
    except OSError as error:
        raise SettingsError(
            f"No se puede leer la carpeta de plantillas «{folder}» ({reason(error)})",
            "Corrige RAG_PROMPTS_DIR, o quítalo para usar las plantillas incluidas",
        ) from error
    for path in paths:
        if path.suffix != ".md" or path.stem not in _VARIABLES:
            raise SettingsError(
                f"En la carpeta de plantillas sobra «{path}»: no es ninguna de las que se usan",
                f"Llámalo como la que quieres sustituir ({known}) o sácalo de ahí",
            )
    return paths


def _read_own(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise SettingsError(
            f"No se puede leer la plantilla «{path}» ({reason(error)})",
            "Comprueba sus permisos, o sácala de ahí para usar la incluida",
        ) from error
    except UnicodeDecodeError as error:
        raise SettingsError(
            f"La plantilla «{path}» no es texto en UTF-8",
            "Guárdala como UTF-8, o sácala de ahí para usar la incluida",
        ) from error
    problem = _problem(path.stem, text)
    if problem is not None:
        raise SettingsError(
            f"La plantilla «{path}» {problem}",
            f"Usa exactamente estas variables: {_listed(_VARIABLES[path.stem])}; "
            "y escribe $$ donde quieras un $",
        )
    return text


def _problem(name: str, text: str) -> str | None:
    """Say in Spanish what is wrong with a template's variables, as the rest of a sentence."""
    template = Template(text)
    if not template.is_valid():
        return "tiene un $ que no es de ninguna variable"
    given = set(template.get_identifiers())
    if missing := _VARIABLES[name] - given:
        return f"no usa {_listed(missing)}"
    if unknown := given - _VARIABLES[name]:
        return f"usa {_listed(unknown)}, que no existe"
    return None


def _listed(names: set[str]) -> str:
    return ", ".join(f"${name}" for name in sorted(names))


@lru_cache
def _packaged() -> dict[str, str]:
    """Read our own templates: of the installed package, or of the checkout beside it."""
    packaged = files("rag") / "prompts"
    folder = packaged if packaged.is_dir() else Path(__file__).parents[2] / "prompts"
    texts = {}
    for name in _VARIABLES:
        texts[name] = (folder / f"{name}.md").read_text(encoding="utf-8")
        problem = _problem(name, texts[name])
        if problem is not None:
            raise RagError(
                f"La plantilla incluida «{name}.md» {problem}", "Vuelve a instalar el programa"
            )
    return texts
