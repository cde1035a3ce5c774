"""Language: which one a text is in, and whether it is another than Spanish."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Final

_MIN_WORDS: Final = 4  # fewer tell nothing
_MIN_SHARE: Final = 0.12  # of a text's words that are Spanish ones: the rest need not be asked
_SURELY_OTHER: Final = 0.05  # probability of Spanish. bench/README.md, table 16
_SURELY_OTHER_SHORT: Final = 0.01  # of a text with fewer letters than these
_SHORT_CHARS: Final = 60
_SURELY: Final = 0.8  # probability of the language that is told
_QUOTED: Final = re.compile(r"«[^»]*»|“[^”]*”|\"[^\"]*\"|`[^`]*`|https?://\S+|\[\d[\d,; y]*\]")
_WORD: Final = re.compile(r"[^\W\d_]+")

# Words that Spanish has and the languages beside it have not, or write otherwise.
_SPANISH: Final = frozenset(
    """
    el los las y del una con por según más también está están fue fueron pero sin hay muy cuando
    donde desde hasta puede pueden lo es son al su sus se no ha han era
    """.split()
)
_OTHERS: Final = frozenset(
    """
    o os as do da dos das em um uma não com ao são foi mais pelo pela segundo unha non co pola polo
    els dels amb és i per seva seu va aquest aquesta les il gli di è che della nel nella sono
    the of and is are was in to by with from for le des et est du dans une pour sur avec der die das
    und ist von mit
    """.split()
)
_LANGUAGES: Final = ("es", "pt", "ca", "gl", "it", "en", "fr", "de", "eu", "nl", "ro")


@lru_cache(maxsize=4096)
def is_foreign(text: str) -> bool:
    """Say whether a text is surely not in Spanish, quotations apart.

    Names, numbers and a few words alone are taken for Spanish.
    """
    prose = _QUOTED.sub(" ", text)
    letters = [character for character in prose if character.isalpha()]
    n_other = sum(ord(letter) > 0x2FF for letter in letters)
    if n_other * 2 > len(letters):
        return True
    words = [word for word in _WORD.findall(prose) if not word[0].isupper()]
    if len(words) < _MIN_WORDS:
        return False
    n_spanish = sum(word in _SPANISH for word in words)
    if n_spanish >= max(1, _MIN_SHARE * len(words)) and n_spanish > 2 * sum(
        word in _OTHERS for word in words
    ):
        return False
    limit = _SURELY_OTHER if len(prose) >= _SHORT_CHARS else _SURELY_OTHER_SHORT
    return probability_of_spanish(prose) < limit


def language_of(text: str) -> str | None:
    """Return the language of a text as its ISO 639-1 code, or None where it cannot be told.

    Only the languages that documents here are likely to be in are told from one another.
    """
    letters = [character for character in text if character.isalpha()]
    n_other = sum(ord(letter) > 0x2FF for letter in letters)
    if n_other * 2 > len(letters) or len(_WORD.findall(text)) < _MIN_WORDS:
        return None
    language, probability = _identifier().classify(text)
    return str(language) if probability >= _SURELY else None


def probability_of_spanish(text: str) -> float:
    """Return how likely a text is in Spanish and not in one of its neighbours, in [0, 1]."""
    return float(dict(_identifier().rank(text))["es"])


@lru_cache(maxsize=1)
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(list(_LANGUAGES))
    return identifier
