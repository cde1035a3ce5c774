"""Reference: what a sentence leaves to the one before it."""

from __future__ import annotations

import re
from typing import Final

from rag.lexical.analysis import fold

_MAX_OPENING_CHARS: Final = 60

# Words that point back when they open a sentence, and verbs whose subject is in the one before.
_POINTS_BACK: Final = re.compile(
    r"""\W*(?:
    est[eao]s? | es[eao]s? | aquel(?:la|lo|los|las)? | ell[ao]s? | ello | lo | les? | se | sus?
    | (?:el|l[ao]s?)\ (?:mism[ao]s?|cual(?:es)?|primer[ao]s?|segund[ao]s?|ultim[ao]s?)
    | dich[ao]s? | tal(?:es)? | amb[ao]s | otr[ao]s? | ademas | tambien | tampoco | asimismo
    | igualmente | sin\ embargo | no\ obstante | asi | entonces | despues | luego | posteriormente
    | mas\ tarde | finalmente | alli | ahi | aqui | mientras\ tanto | a\ su\ vez | a\ pesar
    | por\ (?:ello|eso|esto|tanto|consiguiente|lo\ tanto|otra\ parte|otro\ lado|el\ contrario)
    | en\ (?:cambio|consecuencia|est[aeo]s?|es[aeo]s?|dich[ao]s?|ell[ao]s?) | para\ ello
    | de\ (?:est[aeo]s?|es[aeo]s?|hecho|ahi) | con\ (?:ello|est[aeo]s?|es[aeo]s?) | todo\ ello
    | es | era | fue | son | eran | fueron | ha | han | habia | habian | tiene | tenia | tuvo
    | tienen | estaba | estuvo | estan | incluye | incluyen | consiste | contiene | significa
    | sirve | permite | pero | y | o | ni | pues | porque | aunque
    )\b""",
    re.VERBOSE,
)
_HE: Final = re.compile(r"\W*él\b")  # folded, it would be an article


def points_back(sentence: str) -> bool:
    """Say whether a sentence opens with what only the one before it explains."""
    opening = sentence[:_MAX_OPENING_CHARS].casefold()
    return bool(_HE.match(opening) or _POINTS_BACK.match(fold(opening)))
