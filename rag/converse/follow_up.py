"""Follow-up: what a question takes from the conversation, by rule."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from rag.converse.courtesy import reply_to, without_courtesy
from rag.converse.ellipsis import complete_elided, fill, is_ellipsis
from rag.converse.matter import bare, head, listed, matter, named_in_answer, names
from rag.converse.words import (
    ARTICLES,
    CLITICS,
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
_ORDINAL: Final = re.compile(
    r"\b(?P<before>de |a |con |en |sobre |por )?(?P<joined>d?el|al|la|lo)\s+"
    r"(?P<ordinal>primero|segundo|tercero|cuarto|quinto|último|ultimo"
    r"|primera|segunda|tercera|cuarta|quinta|última|ultima)"
    r"(?=\s*\Z|\s*[,;?]|\s+(?:se|no|lo|le|me|es|fue|era|y)\b)",
    re.IGNORECASE,
)
_PLACES: Final = {"primer": 0, "segund": 1, "tercer": 2, "cuart": 3, "quint": 4, "últim": -1,
                  "ultim": -1}  # fmt: skip
_PRONOUN: Final = re.compile(
    r"\b(él|ella|ellos|ellas|ello|eso|esto|aquello)\b"
    r"|\b(?:est|es)(?:e|a|os|as)(?=\s*\Z|\s+(?:se|no|es|fue|era)\b)"
)
_DEMONSTRATIVE: Final = re.compile(
    r"\b(?:(?:est|es)(?:e|a|os|as)|aquel(?:la|las|los)?|dich[oa]s?)\s+"
    r"(?!año|mes|semana|d[ií]a|vez|temporada|década|siglo|noche|tarde|momento|documento|texto"
    r"|corpus|es\b|se\b|no\b)([^\W\d_]{3,})"
)
_POSSESSIVE: Final = re.compile(r"\bsus?\b", re.IGNORECASE)
_JOINED_PRONOUN: Final = re.compile(
    r"\b(?!charlas?\b|chirlas?\b)[^\W\d_]{2,}(?:ar|er|ir)(?:lo|la|los|las|le|les)\b"
)
_RANKED: Final = re.compile(
    r"\b(?:primera?|segund[oa]|tercera?|cuart[oa]|quint[oa]|últim[oa]|ultim[oa])(?= [^\W\d_]{3,})",
    re.IGNORECASE,
)
_DEFINES: Final = re.compile(r"\A(?:que|quien|quienes)\s+(?:es|son|era|fue|significa)\b")


def standalone(question: str, history: Sequence[Turn]) -> str | None:
    """Write a question so that it stands alone; None where it does.

    Parameters
    ----------
    history
        Oldest first; each question as it was understood.
    """
    turns = [turn for turn in history if reply_to(turn.question) is None and bare(turn.question)]
    if not turns or reply_to(question) is not None:
        return None
    asked = _asked(without_courtesy(question))
    if not asked or len(words(asked)) > _MAX_WORDS:
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
    if not asked:
        return None
    if _AGAIN.fullmatch(plain(asked)):
        return as_question(last.question) if "," not in last.question else last.question
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
    clitic = _clitic(said)
    if clitic is not None and said[clitic].folded == "lo" and said[clitic + 1].folded in SAYING:
        return _told(asked, said[clitic], last.question)
    leans = (
        clitic is not None
        or _has_lost(_PRONOUN, asked)
        or _has_lost(_JOINED_PRONOUN, asked)
        or _has_lost_demonstrative(asked, last.question)
        or _has_lost_possessive(asked, said)
        or _has_no_subject(asked)
        or (continues and not _has_own_matter(asked))
    )
    if leans:
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
    if (
        clitic is not None
        and is_short
        and parts.interrogative
        and words(asked)[clitic].folded in {"lo", "la", "los", "las"}
    ):
        spoken = words(asked)
        if clitic + 2 == len(spoken):
            end = spoken[clitic].start
            return as_question(f"{asked[:end]}{spoken[clitic + 1].text} {about}")
    return f"Sobre {about}, {_lowered(asked)}"


def _lowered(asked: str) -> str:
    """Write what opens no sentence, with its interrogative if it has lost it."""
    first = words(asked)[0]
    opened = {"su": "cuál es ", "sus": "cuáles son ", "si": "qué pasa "}.get(first.folded, "")
    return f"¿{opened}{_uncapitalised(asked)}?"


def _uncapitalised(asked: str) -> str:
    first = words(asked)[0]
    is_common = first.is_function or first.is_verb or not first.is_name
    return asked[:1].lower() + asked[1:] if is_common else asked


def _is_lone_interrogative(asked: str) -> bool:
    said = [word.folded for word in words(asked)]
    if said in (["por", "que"], ["porque"], ["para", "que"]):
        return True
    return bool(said) and len(said) <= 2 and said[-1] in INTERROGATIVES - {"que"} and (
        len(said) == 1 or said[0] in PREPOSITIONS
    )  # fmt: skip


def _asked_otherwise(interrogative: str, last: str) -> str:
    """Ask the last question with another interrogative."""
    topic, _, within = last.rpartition(", ¿")
    parts = head(bare(within or last))
    rest = parts.rest or parts.noun
    if parts.noun and parts.rest and plain(parts.interrogative).startswith("cuan"):
        rest = f"{parts.rest} {parts.noun}"
    interrogative = re.sub(r"\Aporque\Z", "por qué", _accented(interrogative))
    asked = as_question(f"{interrogative} {_uncapitalised(rest) if rest else ''}")
    return f"{topic}, ¿{asked[1].lower()}{asked[2:]}" if topic and within else asked


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
    topic, _, within = last.rpartition(", ¿")
    question = bare(within or last)
    lowered = _uncapitalised(question)
    indirect = lowered if head(question).interrogative else f"si {lowered}"
    rest = asked[clitic.end :].strip()
    told = as_question(f"{asked[: clitic.start]}{rest} {indirect}")
    return f"{topic}, ¿{told[1].lower()}{told[2:]}" if topic and within else told


def _clitic(said: Sequence[Word]) -> int | None:
    """Return where a pronoun stands that nothing in the question explains."""
    for at, word in enumerate(said[:-1]):
        if word.folded not in CLITICS:
            continue
        before = said[at - 1].folded if at else ""
        if word.folded in {"le", "les"}:
            doubled = any(each.folded in {"a", "al"} for each in said)
            if not doubled and not _names_something(said[:at]):
                return at
            continue
        follows = said[at + 1]
        is_verb = follows.is_verb or (
            at + 2 == len(said) and before in INTERROGATIVES | {"no", "se"} and follows.is_content
        )
        explained = any(each.is_name for each in said[:at] if not each.is_function)
        if is_verb and (word.folded == "lo" or before in INTERROGATIVES | {"no", "se", ""}):
            return None if explained and word.folded != "lo" else at
    return None


def _names_something(said: Sequence[Word]) -> bool:
    """Say whether the words before a pronoun may be what it stands for."""
    return any(
        (word.is_name and not word.is_function)
        or word.folded == "alguien"
        or (word.folded in ARTICLES and at + 1 < len(said) and said[at + 1].is_content)
        for at, word in enumerate(said)
    )


def _has_lost(pronoun: re.Pattern[str], asked: str) -> bool:
    """Say whether a pronoun stands for nothing that the question has said."""
    found = pronoun.search(asked)
    return found is not None and not _names_something(words(asked[: found.start()]))


def _has_lost_demonstrative(asked: str, last: str) -> bool:
    found = _DEMONSTRATIVE.search(asked)
    if found is None:
        return False
    before = {word.folded for word in words(asked[: found.start()])}
    return plain(found[1]) not in before and bool(matter(last))


def _has_lost_possessive(asked: str, said: Sequence[Word]) -> bool:
    found = _POSSESSIVE.search(asked)
    if found is None:
        return False
    if any(word.is_name and not word.is_function for word in said[1:]):
        return False
    parts = head(asked)
    begins = plain(parts.interrogative).split()[:1]
    if begins in (["quien"], ["quienes"]) or (parts.noun and begins[:1] in (["que"], ["cuantos"])):
        return False
    return not _names_something(words(asked[: found.start()]))


def _has_no_subject(asked: str) -> bool:
    """Say whether nothing but a verb follows the interrogative: «¿en qué puerto escucha?»."""
    parts = head(asked)
    if not parts.interrogative or (not parts.rest and not parts.noun):
        return False
    rest = [word for word in words(parts.rest) if word.folded not in {"no", "se", "mas", "ya"}]
    if any(word.is_name or word.is_number for word in rest):
        return False
    if _DEFINES.match(plain(asked)) and (not rest or len(rest) > 1):
        return False
    if len(rest) == 1:
        return rest[0].is_verb or rest[0].is_content
    if len(rest) == 2 and rest[0].folded in {"es", "son", "era", "eran", "fue", "esta", "estan"}:
        return not _DEFINES.match(plain(asked))
    return False


def _has_own_matter(asked: str) -> bool:
    """Say whether a question after «y» names what it is about all the same."""
    parts = head(asked)
    said = words(parts.rest)
    if any(word.is_name and not word.is_function for word in said):
        return True
    if _DEFINES.match(plain(asked)):
        return any(word.is_content for word in said)
    return sum(word.is_content for word in said) > 5


def _with_fuller_noun(asked: str, last: str) -> str | None:
    """Say «el Plan ATOM» where a question says «el plan» of it."""
    about = matter(last)
    for found in re.finditer(r"\b(el|la|los|las|al|del) ([^\W\d_]{3,})(?= |\Z)", asked):
        following = asked[found.end() :].split()
        if following and (
            following[0] in {"de", "del", "que", "para", "en", "con"} or following[0][0].isupper()
            or not (words(following[0]) and (
                words(following[0])[0].is_verb or words(following[0])[0].is_function))
        ):  # fmt: skip
            continue
        noun = found[2].casefold()
        if words(noun)[0].is_function:
            continue
        fuller = re.search(
            rf"\b{noun} ((?:[A-ZÁÉÍÓÚÜÑ][\w+-]*|de |del |la )(?:[\w+-]*\s?)?"
            r"(?:[A-ZÁÉÍÓÚÜÑ][\w+-]*)?)",
            about, re.IGNORECASE,
        )  # fmt: skip
        if fuller is None or found[2][0].isupper():
            continue
        if any(word.is_name for word in words(asked)[1:]):
            continue
        whole = re.search(rf"\b{noun}\b(?: (?:de|del|la|el|[A-ZÁÉÍÓÚÜÑ\d][\w+-]*)+)*", about, re.I)
        end = whole.group().strip() if whole else fuller.group().strip()
        if plain(end) == plain(noun) or end.split()[-1].islower():
            continue
        return as_question(f"{asked[: found.start(2)]}{end}{asked[found.end(2) :]}")
    return None
