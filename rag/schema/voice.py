"""Who may write an answer, and who would write it now."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """A model that can be asked for.

    Attributes
    ----------
    name
        As ``--model`` takes it.
    label
        As a person is told, in Spanish.
    is_available
        Whether it could write now, as far as can be told without opening it.
    why_not
        Spanish sentences with the remedy; empty where it is available.
    """

    name: str
    label: str
    is_available: bool = True
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who would write the next answer.

    Attributes
    ----------
    model
        As it was asked for, such as ``auto``.
    name
        Of who writes, ``engine:model``; empty until it has been opened.
    label
        As a person is told, in Spanish.
    is_ready
        Whether it is open, so that an answer does not wait for that.
    notices
        Spanish sentences that the reader should know of the choice.
    """

    model: str
    name: str
    label: str
    is_ready: bool
    notices: tuple[str, ...] = ()
