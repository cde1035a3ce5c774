"""Follow-up: what a question takes from the conversation, by rule."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from rag.converse.courtesy import reply_to, without_courtesy
from rag.converse.ellipsis import complete_elided, fill, is_ellipsis
from rag.converse.leaning import leans, lost_clitic
from rag.converse.matter import (
    bare,
    head,
    listed,
    matter,
    named_in_answer,
    names,
    topic_of,
    under,
)
from rag.converse.words import (
    ARTICLES,
    INTERROGATIVES,
    OF_PERSONS,
    PREPOSITIONS,
    SAYING,
    Word,
    as_question,
    plain,
    words,
)
from rag.schema import Turn

_MAX_WORDS: Final = 24  # a question longer than this says what it is about
_MAX_CHARS: Final = 400
_SHORT_MATTER: Final = 5  # words that may follow a verb; more go before the question
_OPENING: Final = re.compile(
    r"\A(?:y|e|pero|entonces|ademas|además|o)\b,?\s*(?:¿\s*)?", re.IGNORECASE
)
_AGAIN: Final = re.compile(
    r"""(?:(?:me\ )?(?:puedes|podrias|quiero|dame|darme|dar|da|cuenta|cuentame|contarme|dime|decirme
        |explica|y)\ )*
    (?: (?:un\ poco\ )?mas\ (?:detalles?|informacion|datos|cosas)? | algo\ mas | mas
      | (?:explica|aclara|amplia|detalla|desarrolla|repite|resume|explicar|aclarar|ampliar|repetir
         |resumir)(?:lo|la|melo|me|te)?
      | detalles | seguro | estas\ seguro | de\ verdad | de\ veras | en\ serio | otra\ vez
      | como\ dices | no\ (?:lo\ |te\ )?entiendo(?:\ bien)? | sigue | continua )
    (?:\ (?:eso|esto|mejor|mas|otra\ vez|por\ favor|de\ otra\ (?:forma|manera)|bien|un\ poco
       |con\ (?:mas\ detalles?|otras\ palabras)|(?:de|sobre)\ (?:eso|esto|ello|el\ tema)))*""",
    re.VERBOSE,
)
_NOUN: Final = re.compile(r"\b(?:el|la|los|las|al|del) ([a-zñáéíóúü]{3,})(?= |\Z)")
_COMPLEMENT: Final = r"(?: (?:de|del|el|la|los|las))* [A-ZÁÉÍÓÚÜÑ\d][\w+-]*"
_COMPLETES: Final = frozenset("de del que para en con".split())
_ORDINAL: Final = re.compile(
    r"\b(?P<before>de |a |con |en |sobre |por )?(?P<joined>d?el|al|la|lo)\s+"
    r"(?P<ordinal>primero|segundo|tercero|cuarto|quinto|último|ultimo"
    r"|primera|segunda|tercera|cuarta|quinta|última|ultima)"
    r"(?=\s*\Z|\s*[,;?]|\s+(?:se|no|lo|le|me|es|fue|era|y)\b)",
    re.IGNORECASE,
)
_PLACES: Final = {"primer": 0, "segund": 1, "tercer": 2, "cuart": 3, "quint": 4, "últim": -1,
                  "ultim": -1}  # fmt: skip
_RANKED: Final = re.compile(
    r"\b(?:primera?|segund[oa]|tercera?|cuart[oa]|quint[oa]|últim[oa]|ultim[oa])(?= [^\W\d_]{3,})",
    re.IGNORECASE,
)


def standalone(question: str, history: Sequence[Turn]) -> str | None:
    """Write a question so that it stands alone; None where it does.

    Parameters
    ----------
    history
        Oldest first; each question as it was understood.
    """
    turns = [
        turn for turn in history if reply_to(turn.question) is None and words(bare(turn.question))
    ]
    if not turns or reply_to(question) is not None:
        return None
    asked = _asked(without_courtesy(question))
    if not 0 < len(words(asked)) <= _MAX_WORDS:
        return None
    opening = _OPENING.match(asked)
    core = asked[opening.end() :] if opening else asked
    written = _rewrite(core, turns[-1], continues=opening is not None)
    if written is None or len(written) > _MAX_CHARS:
        return None
    return None if plain(written) == plain(question) else written


def _asked(question: str) -> str:
    """Return what is asked, without its marks; nothing where its sentence begins before «¿».

    «Si dos números se multiplican, ¿qué nombre recibe ese conjunto?» says what it is about.
    """
    begun = question.rpartition("¿")[0].strip()
    return "" if len(words(begun)) > 1 and begun[-1] not in ".!?…" else bare(question)


def _rewrite(asked: str, last: Turn, *, continues: bool) -> str | None:
    if not words(asked):
        return None
    if _AGAIN.fullmatch(plain(asked)):
        topic, question = topic_of(last.question)
        return under(topic, as_question(question))
    item = _with_item(asked, last)
    if item is not None:
        return item
    if is_ellipsis(asked, continues=continues):
        return fill(asked, last.question)
    if _is_lone_interrogative(asked):
        return _asked_otherwise(asked, last.question)
    fuller = complete_elided(asked, last.question)
    if fuller != asked:
        return as_question(fuller)
    return _leaning(asked, last, continues=continues)


def _leaning(asked: str, last: Turn, *, continues: bool) -> str | None:
    """Give a whole question what its pronouns, its possessives or its verb stand for."""
    said = words(asked)
    amount = _with_amount(asked, last.question)
    if amount is not None:
        return amount
    clitic = lost_clitic(said)
    if clitic is not None and said[clitic].folded == "lo" and said[clitic + 1].folded in SAYING:
        return _told(asked, said[clitic], last.question)
    if leans(asked, last.question, continues=continues):
        return _about(_whom(asked, last), asked, clitic)
    return _with_fuller_noun(asked, last.question)


def _whom(asked: str, last: Turn) -> str:
    """Return what a question leans on: the last one's matter, or who answered it."""
    about = matter(last.question)
    is_of_person = any(word.folded in OF_PERSONS for word in words(asked)) or re.search(
        r"\b(él|ella|ellos|ellas)\b|\Aqui[eé]n(?:es)? (?:es|son|era|fue)\Z", asked, re.IGNORECASE
    )
    interrogative = plain(head(bare(last.question)).interrogative)
    if is_of_person and re.search(r"\bquien", interrogative):
        person = named_in_answer(last.answer, last.question)
        if person is not None:
            return f"{person} y {about}" if about and len(words(asked)) > 3 else person
    if is_of_person:
        named = names(bare(last.question))
        is_long = len(words(about)) > _SHORT_MATTER
        return named[0] if named and is_long and len(words(asked)) <= 3 else about
    return about


def _about(about: str, asked: str, clitic: int | None) -> str | None:
    """Join a question and what it is about."""
    if not about or plain(about) in plain(asked):
        return None
    parts = head(asked)
    said = words(parts.rest)
    opens = words(about)[0]
    is_short = len(words(about)) <= _SHORT_MATTER and (opens.is_name or opens.folded in ARTICLES)
    pronoun = re.search(r"\b(él|ella|ellos|ellas|ello|eso|esto)\b", asked, re.IGNORECASE)
    if pronoun and is_short:
        return as_question(f"{asked[: pronoun.start()]}{about}{asked[pronoun.end() :]}")
    if clitic is None and is_short and parts.interrogative and len(said) <= 2:
        follows = [word for word in said if word.folded not in {"no", "se"}]
        if len(follows) == 1:
            return as_question(f"{asked} {about}")
    spoken = words(asked)
    is_object = clitic is not None and spoken[clitic].folded not in {"le", "les"}
    if clitic is not None and is_object and is_short and spoken[clitic + 2 :] == []:
        before, verb = asked[: spoken[clitic].start], spoken[clitic + 1].text
        if parts.interrogative:  # «si no la pago» has none to go on from
            return as_question(f"{before}{verb} {about}")
    opening = {"su": "cuál es ", "sus": "cuáles son ", "si": "qué pasa "}
    lacking = opening.get(words(asked)[0].folded, "")
    return under(about, as_question(f"{lacking}{_uncapitalised(asked)}"))


def _uncapitalised(asked: str) -> str:
    is_name = any(
        first.is_name and not (first.is_function or first.is_verb) for first in words(asked)[:1]
    )
    return asked if is_name else asked[:1].lower() + asked[1:]


def _is_lone_interrogative(asked: str) -> bool:
    said = [word.folded for word in words(asked)]
    if said in (["por", "que"], ["porque"], ["para", "que"]):
        return True
    return bool(said) and len(said) <= 2 and said[-1] in INTERROGATIVES - {"que"} and (
        len(said) == 1 or said[0] in PREPOSITIONS
    )  # fmt: skip


def _asked_otherwise(interrogative: str, last: str) -> str:
    """Ask the last question with another interrogative."""
    topic, within = topic_of(last)
    parts = head(bare(within))
    rest = parts.rest or parts.noun
    if parts.noun and parts.rest and plain(parts.interrogative).startswith("cuan"):
        rest = f"{parts.rest} {parts.noun}"
    interrogative = re.sub(r"\Aporque\Z", "por qué", _accented(interrogative))
    asked = as_question(f"{interrogative} {_uncapitalised(rest) if rest else ''}")
    return under(topic, asked)


def _accented(interrogative: str) -> str:
    accented = {"que": "qué", "quien": "quién", "cual": "cuál", "cuando": "cuándo",
                "cuanto": "cuánto", "donde": "dónde", "como": "cómo"}  # fmt: skip
    return " ".join(accented.get(word, word) for word in interrogative.casefold().split())


def _with_item(asked: str, last: Turn) -> str | None:
    """Name what «el segundo» is in the list that was answered."""
    found = _ORDINAL.search(asked)
    if found is None:
        return None
    ranked = _RANKED.search(last.question)
    if ranked is not None and not head(asked).interrogative:  # «¿y en el segundo (trimestre)?»
        other = re.sub(r"(primer|tercer)o\Z", r"\1", found["ordinal"].casefold())
        return as_question(
            f"{last.question[: ranked.start()].lstrip('¿')}{other}{last.question[ranked.end() :]}"
        )
    place = next(at for stem, at in _PLACES.items() if found["ordinal"].casefold().startswith(stem))
    items = listed(last.answer, last.question)
    if not items or place >= len(items):
        return _about(matter(last.question), asked, None)
    joined = found["joined"].casefold()
    before = "de " if joined == "del" else "a " if joined == "al" else found["before"] or ""
    around = asked[: found.start()], asked[found.end() :]
    alone = not any(word.is_content or word.is_verb for part in around for word in words(part))
    if alone or (not around[1].strip() and not head(asked).interrogative):
        return as_question(f"Qué se dice de {items[place]}")
    return as_question(f"{around[0]}{before}{items[place]}{around[1]}")


def _with_amount(asked: str, last: str) -> str | None:
    """Say of what, in «¿cuántas tiene DeepSeek?»."""
    parts = head(asked)
    counted = head(bare(last))
    same = plain(parts.interrogative) == plain(counted.interrogative)
    if not plain(parts.interrogative).startswith("cuan") or parts.noun or not same:
        return None
    rest = words(parts.rest)
    if not counted.noun or not any(word.is_content for word in rest) or not rest[0].is_verb:
        return None
    return as_question(f"{parts.interrogative} {counted.noun} {parts.rest}")


def _told(asked: str, clitic: Word, last: str) -> str:
    """Put the last question in the place of the «lo» of «¿quién lo dijo?»."""
    topic, within = topic_of(last)
    question = bare(within)
    lowered = _uncapitalised(question)
    indirect = lowered if head(question).interrogative else f"si {lowered}"
    rest = asked[clitic.end :].strip()
    told = as_question(f"{asked[: clitic.start]}{rest} {indirect}")
    return under(topic, told)


def _with_fuller_noun(asked: str, last: str) -> str | None:
    """Say «el Plan ATOM» where a question says «el plan» of it."""
    about = matter(last)
    if any(word.is_name for word in words(asked)[1:]):
        return None
    for found in _NOUN.finditer(asked):
        noun = words(found[1])[0]
        follows = words(asked[found.end() :])[:1]
        is_whole = not follows or (
            (follows[0].is_verb or follows[0].is_function) and follows[0].folded not in _COMPLETES
        )
        fuller = re.search(rf"\b(?i:{found[1]})(?:{_COMPLEMENT})+", about)
        if is_whole and not noun.is_function and fuller is not None:
            return as_question(f"{asked[: found.start(1)]}{fuller[0]}{asked[found.end() :]}")
    return None
