"""Cues: what gives an order to a language model away, and what each is worth.

Patterns are laid over readings (rag/hostile/reading.py): lower case, no accents, no ñ.
"""

# ruff: noqa: E501 - a cue is one pattern, and is read as one line

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from rag.hostile.vocabulary import (
    AI,
    AI_NEEDS,
    BEFORE,
    BEFORE_NEEDS,
    CANCEL,
    CANCEL_NEEDS,
    HELPER,
    HELPER_NEEDS,
    LOOSE_RULES,
    MANNER,
    MANNER_NEEDS,
    RULES,
    SPEAK,
    START,
    WORDS,
    YOURS,
)


@dataclass(frozen=True)
class Cue:
    """A pattern of an order.

    Attributes
    ----------
    name
        Only for whoever reads a trace; several may share it.
    points
        What it is worth; two points are an order.
    needs
        Letters of which one occurs wherever the pattern does, in words parted by one space each: a
        space is the edge of a word.
    text
        A regular expression.
    """

    name: str
    points: int
    needs: tuple[str, ...]
    text: str

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The expression, compiled when it is first tried: most never are."""
        return re.compile(self.text)


def cues_in(reading: str) -> Iterator[Cue]:
    """Yield the cues whose pattern occurs in a reading, in their order."""
    spaced = f" {' '.join(_WORD.findall(reading))} "
    near = {
        at
        for three in _NEAR.keys() & _threes(spaced)
        for letters, at in _NEAR[three]
        if letters in spaced
    }
    return (CUES[at] for at in sorted(near) if CUES[at].pattern.search(reading))


def _threes(text: str) -> set[str]:
    return {text[at : at + 3] for at in range(len(text) - 2)}


_WORD: Final = re.compile(r"\w+")

# What tells an order from a manual or an official notice, which speak to their reader.
IF_USED: Final = re.compile(
    r"\b(?:si|cuando|en caso de que) (?:(?:ya|no|se|usted|su|tu|el|la|los|las|ha|has|lo|le) )*"
    r"(?!eres|lees|pregunt|alguien|usuario|consult|un\b|te\b)"
    r"(?:us|utili|tien|disp|instal|quier|desea|emple|trabaj|compil|version|necesit|prefier|es |son "
    r"|program|equipo|sistema |actuali|configur|proced|apar|falla|funcion)"
)
OFFICE: Final = re.compile(
    r"\b(?:del? (?:la |los |las |el )?(?:direccion|ministerio|consejer|boe|organ|autorid|secretar|real decreto"
    r"|orden|ley|administra|ayuntamiento|junta|decreto|comision|gobierno|resolucion|servicio"
    r"|fabricante)|dictad|aprobad|publicad|contenid|establecid|previst|contemplad|emitid)"
)

_NOW: Final = (
    "partir de",
    "desde ahora",
    "desde este",
    "desde ya",
    "adelante",
    "from now",
    "from this",
    "desormais",
)
_ACT: Final = (
    "actua como", "actua de", "actue como", "actue de", "actuar como", "actuar de", "actuaras como",
    "actuaras de", "comport", "fing", "simula", "hazte pasar", "haz como", "hazte como", "imagina que",
    "pretend", "act as", "agis comme", "aja como", "eres ahora", "ahora eres", "you are now",
    "tu es maintenant",
)  # fmt: skip
_TOLD_AT_ONCE: Final = tuple(
    told + manner
    for told in ("dig", "diga")
    for manner in ("solo", "unic", "siem", "que", "exac", "la")
)

CUES: Final = tuple(
    Cue(name, points, needs, text)
    for name, points, needs, text in (
        (
            "cancel",
            2,
            CANCEL_NEEDS,
            rf"{START}{CANCEL}\b[^\w.;!?]+{WORDS % 7}{RULES}\b[^\w.;!?]+{WORDS % 4}(?:{BEFORE}|{YOURS})\b",
        ),
        (
            "cancel",
            2,
            CANCEL_NEEDS,
            rf"{START}{CANCEL}\b[^\w.;!?]+{WORDS % 4}(?:{BEFORE}|{YOURS})\b[^\w.;!?]+{WORDS % 3}{RULES}\b",
        ),
        (
            "cancel",
            2,
            CANCEL_NEEDS,
            rf"{START}{CANCEL}\b[^\w.;!?]+(?:tod[oa]s?|cualquier|any|all|every|toutes|todas)[^\w.;!?]+{WORDS % 3}{RULES}\b",
        ),
        (
            "cancel yours",
            2,
            CANCEL_NEEDS,
            rf"{START}{CANCEL}\b[^\w.;!?]+{WORDS % 4}(?:tus?|your|tes|vos|vuestr\w+)[^\w.;!?]+{WORDS % 2}{LOOSE_RULES}\b",
        ),
        (
            "cancel all",
            2,
            CANCEL_NEEDS,
            rf"{START}{CANCEL}\b[^\w.;!?]+(?:absolutamente )?(?:todo lo|cuanto|todo cuanto|everything|tout ce|tudo o?)[^\w.;!?]*(?:que (?:se )?(?:te|os|figura|hay|has|aparece|pone)|anterior|previo|dicho|de arriba|above|before|you|qui precede|que precede|acima|that)",
        ),
        (
            "cancel what",
            2,
            CANCEL_NEEDS,
            rf"{START}{CANCEL}\b[^\w.;!?]+(?:lo|cuanto|what) (?:que )?(?:se )?(?:(?:te|le|os) (?:ha|han|haya|hayan|dij|orden|pid|indic|explic)|you (?:were|have))",
        ),
        (
            "cancel before",
            1,
            CANCEL_NEEDS,
            rf"{START}{CANCEL}\b[^\w.;!?]+(?:lo anterior|lo de arriba|the above|(?:los |las |el |the )?(?:demas|otr[oa]s|resto de los|other)[^\w.;!?]+{LOOSE_RULES})",
        ),
        (
            "void",
            1,
            (
                "anulad",
                "cancelad",
                "sin efecto",
                "sin validez",
                "invalidad",
                "no val",
                "no sirven",
                "no cuentan",
                "no rigen",
                "no se aplican",
                "ignora",
                "olvidad",
                "obsolet",
                "descart",
                "fals",
                "caduc",
                "no longer",
                "suspendid",
                "no ha",
                "no debe",
            ),
            rf"\b{RULES}[^\w.;!?]+{WORDS % 3}(?:{BEFORE}|{YOURS})\b[^.;!?]{{0,40}}\b(?:anulad|cancelad|sin efecto|sin validez|invalidad|no (?:valen|sirven|cuentan|rigen|se aplican)|ignorad|ignorarse|olvidad|obsolet|descart|fals|caduc|no longer|suspendid|no ha\w* de seguirse|no debe)",
        ),
        (
            "impersonal",
            1,
            BEFORE_NEEDS,
            rf"\b(?:se (?:debe|deben|debera|deberan|ha de|han de|ruega|pide|ordena|exige)|debe|deben|deberas?|deberan?|(?:no )?se (?:tendran|tenga|tengan|seguiran)|ignorense|olvidense|descartense)[^\w.;!?]+{WORDS % 4}(?:ignor|olvid|descart|omit|en cuenta|caso omiso|pasar por alto|desatend)?\w*[^\w.;!?]+{WORDS % 4}{RULES}\b[^\w.;!?]+{WORDS % 2}{BEFORE}\b",
        ),
        (
            "yours",
            1,
            (" tu ", " tus ", " your ", "prompt", "mensaje de", "instrucciones de"),
            r"\b(?:tus? (?:\w+ )?(?:instrucciones|reglas|directrices|indicaciones|restricciones|prompt|programacion|entrenamiento)|prompt (?:del|de) sistema|system prompt|mensaje (?:del|de) sistema|instrucciones (?:del|de) sistema|your (?:\w+ )?(?:instructions|rules|prompt|guidelines))\b",
        ),
        (
            "reveal",
            2,
            (
                " tu ",
                " tus ",
                " your ",
                "prompt",
                "de sistema",
                "del sistema",
                "system message",
                "instrucciones ",
                "reglas ",
            ),
            rf"{START}(?:revel|muestr|mostrar|ensen|repit|repet|imprim|escrib|copi|di|dime|transcrib|public|recit|vuelc|volcar|reproduc|traduc|resum|reveal|show|print|repeat|output|tell me|write|leak|display|revele|montre|mostre)\w*\b[^\w.;!?]+{WORDS % 7}(?:tus? (?:\w+ )?(?:prompt|instrucciones|reglas|directrices|indicaciones|configuracion)|prompt(?: inicial| oculto)? (?:del|de) (?:tu )?sistema|(?:instrucciones|mensaje|indicaciones) (?:\w+ )?(?:del|de) (?:tu )?sistema|tu prompt|system (?:prompt|message)|your (?:\w+ )?(?:instructions|prompt|rules)|(?:instrucciones|reglas) (?:ocultas|internas|secretas|que (?:te|has|recib)))",
        ),
        (
            "role",
            2,
            _NOW,
            r"\b(?:a partir de (?:ahora|este (?:momento|punto|instante))|desde (?:ahora|este momento|ya)|de ahora en adelante|en adelante|from (?:now|this point) on(?:wards)?|a partir de agora|desormais|a partir de maintenant)\b[^\w.;!?]+(?:[^\W_]+[^\w.;!?]+){0,3}?(?:eres|seras|actua\w*|actue|te llamas|te llamaras|comportate|comportese|hablaras|seas|you are|you will|you re|act as|tu es|tu seras|vous etes|voce e|voce sera|aja como)\b(?!_? ?(?:ya )?(?:\w+ )?(?:soci|miembr|client|usuari|parte|titular|responsable|beneficiari|propietari|duen|alumn|suscript|abonad|libre|mayor|padre|madre|invitad))",
        ),
        (
            "from now",
            1,
            _NOW,
            r"\b(?:a partir de (?:ahora|este (?:momento|punto))|desde (?:ahora|este momento)|de ahora en adelante|from now on|a partir de agora|desormais)\b[^\w.;!?]+(?:[^\W_]+[^\w.;!?]+){0,3}?(?:debes|deberas|solo|responde\w*|contesta\w*|diras|dile|di|no (?:debes|cites|menciones|respondas)|toda respuesta|todas tus|you must|always|only)\b",
        ),
        (
            "act",
            2,
            _ACT,
            rf"{START}(?:actu(?:a|e|ar|aras) (?:como|de)|comport(?:ate|ese) como|fing(?:e|ir) (?:que (?:eres|tienes)|ser)|simula (?:que eres|ser)|hazte pasar por|haz(?:te)? como (?:que|si)|imagina que eres|pretend (?:to be|you)|act as|agis comme|aja como|eres ahora|ahora eres|you are now|tu es maintenant)\b[^.;!?]{{0,60}}\b(?:{HELPER}|dan|terminal|consola|pirata|hacker|administrador|experto|sin (?:restricciones|filtros|limites|censura|reglas)|unrestricted|without|otro|desarrollador|if you)",
        ),
        (
            "act",
            1,
            _ACT,
            rf"{START}(?:actu(?:a|e) como si|comport(?:ate|ese) como|fing(?:e|ir)|hazte pasar|imagina que eres|pretend|eres ahora|ahora eres|you are now)\b",
        ),
        (
            "you are",
            2,
            ("eres ", "you are ", "tu es ", "voce e "),
            rf"{START}(?:eres|you are|tu es|voce e) (?:un|una|el|la|an?|une?|uma?)? ?(?:\w+ )?{HELPER}\b",
        ),
        (
            "mode",
            1,
            (
                "modo dan",
                "modo dios",
                "modo sin",
                "modo desarr",
                "modo libre",
                "modo jail",
                "developer mode",
                "dan mode",
                "jailbreak",
                "sin restricciones",
                "sin filtros",
                "sin censura",
            ),
            r"\b(?:modo (?:dan|dios|sin (?:restricciones|filtros|censura)|desarrollador|libre|jailbreak)|developer mode|dan mode|jailbreak|sin (?:restricciones|filtros|censura) (?:ni|y|,|de ningun))",
        ),
        (
            "mode",
            1,
            ("modo", "mode", "developer"),
            rf"{START}(?:activ(?:a|e|ar)|entra en|pasa a|cambia a|estas en|enable|enter|switch to)[^\w.;!?]+(?:el |tu |al )?(?:modo|mode|developer)",
        ),
        (
            "note",
            2,
            HELPER_NEEDS,
            rf"\b(?:nota|aviso|mensaje|atencion|recordatorio|importante|orden(?:es)?|instruccion(?:es)?|indicacion(?:es)?|directivas?|directriz|comentario|advertencia|consigna|apunte|aclaracion|prioridad|respuesta|texto|anotacion|note|message|instructions?|warning|attention|reminder|mensagem|nota bene|remarque)[^\w.;:!?]+{WORDS % 4}(?:para|al?|dirigid[oa]s? a(?:l)?|destinad[oa]s? a(?:l)?|to|for|pour|a l)[^\w.;:!?]+(?:(?:el|la|los|las|l|cualquier|todo|todos|todas|the|any|all|le|les|o|un|una|tu|quien sea el|sistemas? de|propi[oa])[^\w.;:!?]+){{0,2}}{HELPER}(?:[^\w.;:!?]+(?:que|que lea|lector|reading|processing)\b.{{0,40}}|[^\w.;:!?]+\w+ (?:este|esta|el) \w+)?\s*(?:[:.;)\]»\"”|>—–*-]|,\s|$)",
        ),
        (
            "note with an order",
            1,
            HELPER_NEEDS,
            rf"\b(?:nota|aviso|mensaje|instruccion(?:es)?|orden(?:es)?|indicacion(?:es)?|note|message|instructions?)[^\w.;:!?]+{WORDS % 2}(?:para|al?|dirigid[oa]s? a(?:l)?|to|for)[^\w.;:!?]+(?:\w+ )?{HELPER}\b",
        ),
        (
            "correct for",
            2,
            (*HELPER_NEEDS, "buscador"),
            rf"\b(?:correccion|rectificacion|respuestas?|solucion|dato|version|cifra|contestacion|answer)s?[^\w.;!?]+{WORDS % 5}(?:para|dirigid[oa]s? a(?:l)?|destinad[oa]s? a(?:l)?|que (?:debe|ha de|tiene que) (?:dar|decir|escribir|ofrecer|usar|contestar)|to be given by|for)[^\w.;!?]+(?:el |la |los |las |al |cualquier |todo |the |un )?(?:{HELPER}|buscador\w*)\b",
        ),
        (
            "if you are",
            2,
            (*HELPER_NEEDS, "maquina"),
            rf"\b(?:si|if|se) (?:tu |usted |quien (?:lee|procesa) esto |esto lo (?:lee|procesa) |lo (?:lee|procesa) |lee esto |me lee )?(?:eres|es usted|usted es|es|sois|you are|you re|tu es|voce e|te lee|lo lee|lee esto|estas leyendo esto y eres|esta leyendo esto) ?(?:un|una|el|la|an?|une?|uma?)?[^\w.;!?]*\b(?:gran )?(?:{AI}|asistente|modelo|bot|robot|sistema automatic\w+|programa automatic\w+|lector automatic\w+|maquina)\b(?![^.;!?]{{0,40}}\b(?:de alta|de baja|social))",
        ),
        (
            "models that read",
            2,
            (
                "que lea",
                "que proces",
                "que resum",
                "que analic",
                "que index",
                "que consult",
                "que reciba",
                "que use",
                "leyendo",
                "que respond",
                "que contest",
            ),
            rf"\b(?:{HELPER})[^\w.;!?]+que (?:lea|lean|procese|procesen|resuma|resuman|analice|analicen|indexe|indexen|consulte|consulten|reciba|use|este leyendo|esten leyendo|estas? leyendo|responda|conteste)\b[^.;!?]{{0,60}}\b(?:deb|ha de|han de|tiene|dir|responder|contestar|ignor|olvid|no |puede|ten|cit|afirm|recom)",
        ),
        (
            "as a model",
            1,
            HELPER_NEEDS,
            rf"\b(?:en tu (?:calidad|condicion|papel) de|como (?:eres )?(?:un |una |buen )?)\s*\b{HELPER}\b[^.;!?]{{0,15}}\b(?:debes|tienes|has de|no|di|responde|tu)\b",
        ),
        (
            "asked",
            1,
            (
                "pregunt",
                "consult",
                "pidan",
                "pide",
                "pida",
                "interrog",
                "duda",
                "ask",
                "question",
                "demande",
                "pergunt",
            ),
            r"\b(?:(?:cuando|si|siempre que|cada vez que|en caso de que|cuandoquiera que) (?:\w+ ){0,4}?(?:pregunt|consult|pidan|pide|pida|interrog)\w*|a (?:cualquier|toda|todas las|cualesquiera|cada)(?: otra)? (?:pregunta|consulta|duda)s?|ante (?:cualquier|toda) (?:pregunta|consulta)|(?:when|if) (?:\w+ ){0,2}ask\w*|any question|si on te demande|quando perguntarem)",
        ),
        (
            "speak thus",
            1,
            MANNER_NEEDS,
            rf"{START}{SPEAK}\b[^\w.;!?]+{WORDS % 3}{MANNER}\b",
        ),
        (
            "speak that",
            1,
            (
                "di ",
                "diga",
                "dile",
                "afirm",
                "asegur",
                "respond",
                "contest",
                "indica ",
                "sosten ",
                "escriba ",
                "escribe ",
                "confirma ",
                "confirme ",
                "conclu",
                "decir ",
                "say ",
                "tell ",
                "answer ",
                "state ",
                "claim ",
                "reply ",
                "dis ",
                "repond",
            ),
            rf"{START}(?:di|diga|digan|dile|digale|afirm[ae]|asegur[ae]|respond[ea]|contest[ae]|indica|sosten|escrib[ea]|confirm[ae]|conclu\w+|responder|decir|afirmar|contestar|say|tell (?:them|the user|him|everyone)|answer|state|claim|reply|dis|diga|repond\w*)\b[^\w.;!?]+{WORDS % 3}(?:que|that|with|con|:|«|\"|'|com|avec|par)",
        ),
        (
            "speak to",
            1,
            (
                "a usuario",
                "al usuario",
                "persona que",
                "a quien",
                "al quien",
                "the user",
                "utilisateur",
                "ao usuario",
                "a los usuarios",
            ),
            rf"{START}(?:di|dile|diga(?:le)?|respond\w+|contest\w+|recom\w+|comunic\w+|inform\w+|indi(?:ca|que)\w*|ped\w+|pide(?:le)?|pida(?:le)?|solicit\w+|tell|ask|aconsej\w+|envia\w*)\b[^.;!?]{{0,40}}\b(?:al? (?:usuario|persona que|quien)|the user|a quien|l.utilisateur|ao usuario|a los usuarios)\b",
        ),
        (
            "in your answer",
            2,
            (" tu ", " tus "),
            rf"\b(?:en|al (?:inicio|final|principio|comienzo) de|dentro de|antes de) (?:cada una de )?tus? (?:proxim[oa]s? )?(?:respuestas?|contestacion(?:es)?|salida)[^\w.;!?]+{WORDS % 3}{SPEAK}\b|{START}{SPEAK}\b[^.;!?]{{0,80}}\b(?:en|al (?:inicio|final|principio|comienzo) de) (?:cada una de )?tus? (?:respuestas?|contestacion|salida)",
        ),
        (
            "each answer",
            2,
            ("respuesta", "contestacion", "answer", "response", "reply", "replies"),
            rf"{START}{SPEAK}[^\w.;!?]+{WORDS % 3}(?:(?:al final de |con )?cada una de tus|cada|tod[ao]s? (?:tus?|la|las)?|any|every|each|all your)[^\w.;!?]+(?:respuestas?|contestacion(?:es)?|answers?|response|reply|replies)\b",
        ),
        (
            "you, assistant",
            2,
            HELPER_NEEDS,
            rf"\b(?:tu|usted|vosotros|you)\s*[,(]\s*(?:\w+ )?{HELPER}\s*[,)]",
        ),
        (
            "show the system",
            2,
            ("prompt", "de sistema", "del sistema", "tu sistema", " tus ", "system "),
            rf"\b(?:podrias?|puedes?|quieres|querrias|could you|can you)[^\w.;!?]+{WORDS % 2}(?:revelar|mostrar(?:me|nos)?|ensenar|repetir|imprimir|escribir|copiar|decir(?:me|nos)?|contar|transcribir|compartir|reveal|show|print|repeat|tell)\b[^\w.;!?]+{WORDS % 6}(?:prompt|(?:mensaje|instrucciones|indicaciones|reglas) (?:\w+ )?(?:del|de) (?:tu )?sistema|tus (?:\w+ )?(?:instrucciones|reglas|indicaciones)|system)\b",
        ),
        (
            "void what",
            2,
            (" te ha", " os ha", " le ha"),
            r"\b(?:lo|cuanto|todo lo) que (?:se )?(?:te|os|le) (?:hayan?|han?|haya) \w+[^.;:!?]{0,30}\b(?:no (?:vale|cuenta|sirve|rige)|ya no|queda|carece|es falso|deja de)\b",
        ),
        (
            "no longer you",
            2,
            ("ya no eres ",),
            r"\bya no eres (?:un|una|el|la)\b[^.;!?]{0,60}\b(?:eres|sino|te llamas|hablas|respondes)\b",
        ),
        (
            "in the role",
            1,
            (
                "te en la piel",
                "te en el papel",
                "te en el lugar",
                "adopta ",
                "asume ",
                "interpreta ",
                "encarna ",
                "conviertete",
            ),
            rf"{START}(?:mete|pon)te en (?:la piel|el papel|el lugar) de|{START}(?:adopta|asume|interpreta|encarna) (?:el papel|la personalidad|la identidad|el rol|a un)|{START}conviertete en",
        ),
        (
            "what you write",
            1,
            ("escribas", "digas", "respondas", "contestes", "redactes", "generes"),
            r"\b(?:lo|cuanto|todo lo) que (?:escribas|digas|respondas|contestes|redactes|generes)\b",
        ),
        (
            "tell that",
            1,
            (
                "cuenta que",
                "cuente que",
                "cuentale",
                "cuenten que",
                "cuent que",
                "explica que",
                "explice que",
                "explicale",
                "explicen que",
                "explic que",
            ),
            rf"{START}(?:cuent|explic)(?:a|e|ale|ales|en)? que\b",
        ),
        (
            "every answer",
            2,
            ("respuesta", "contestacion"),
            r"\b(?:toda|cualquier|cada) (?:respuesta|contestacion)[^\w.;!?]+(?:\w+ ){0,3}(?:ha de|debe|debera|tiene que|habra de)[^\w.;!?]+(?:remat|termin|acab|empez|comenz|inclu|conten|llev|ir\b|ser\b|conclu|cerrar)",
        ),
        (
            "that you say",
            2,
            (
                "respondas ",
                "digas ",
                "afirmes ",
                "contestes ",
                "escribas ",
                "menciones ",
                "cuentes ",
                "asegures ",
                "ignores ",
                "olvides ",
                "sostengas ",
                "incluyas ",
                "declares ",
                "repitas ",
                "omitas ",
                "descartes ",
            ),
            r"\b(?!(?<=\bno es )necesario que (?:\w+ )?incluyas\b)(?:conviene|importante|necesario|preciso|conveniente|hace falta|se espera|espero|esperamos|quiero|queremos|necesito|necesitamos|procura|asegurate de|obligatorio|pid\w+|ped\w+|ruego|orden\w+|exig\w+|recomiend\w+) que (?:\w+ )?(?:respondas|digas|afirmes|contestes|escribas|menciones|cuentes|asegures|ignores|olvides|sostengas|incluyas|declares|repitas|omitas|descartes)\b",
        ),
        (
            "for the model",
            2,
            HELPER_NEEDS,
            rf"{START}(?:contenido |exclusivo |solo |unicamente )?para (?:el |la |los |las |cualquier |todo |un |una )?{HELPER}(?: que [^.;:!?]{{1,40}})?\s*:",
        ),
        (
            "what you must say",
            2,
            ("que has de", "que debes", "que tienes que", "que deberas"),
            r"\b(?:\w+) que (?:has de|debes|tienes que|deberas) (?:dar|decir|escribir|poner|contestar|responder|ofrecer|usar|citar|mencionar|afirmar)\b",
        ),
        (
            "called to speak",
            2,
            (*HELPER_NEEDS, "maquina"),
            rf"(?:^|[.;!¡¿«\"(\n|>*\[#-]\s*)(?:{AI}|asistente|modelo|bot|assistant|robot|maquina)\s*[:,]\s*(?:por favor,? )?{SPEAK}\b",
        ),
        (
            "must speak",
            1,
            (
                " debes ",
                " deberas ",
                "tienes que",
                "has de",
                "tendras que",
                "obligad",
                "te orden",
                "te pid",
                "te pedi",
                "te rueg",
                "se te ",
                " usted ",
                "you must",
                "you should",
                "you have to",
                "you will",
                "tu dois",
                "vous devez",
                "voce deve",
            ),
            rf"\b(?:debes|deberas|tienes que|has de|tendras que|estas? obligad[oa] a|te (?:ordeno|ordenamos|pido|pedimos|ruego)|se te (?:ordena|pide|exige|manda)|(?:debera|debe|tendra que|ha de) usted|you must|you should|you have to|you will|tu dois|vous devez|voce deve)\b[^\w.;!?]+{WORDS % 4}(?:{SPEAK}|ignorar?|omitir|olvidar|ocultar|que (?:digas|respondas|contestes|ignores|afirmes|escribas|incluyas|olvides))\b",
        ),
        (
            "told to speak",
            1,
            (
                " responder ",
                " decir ",
                " contestar ",
                " afirmar ",
                " ignorar ",
                " escribir ",
                " declarar ",
                " incluir ",
                " repetir ",
            ),
            rf"\b(?:deben?|debera|ha de|tiene que|debe)\b[^\w.;!?]+{WORDS % 2}(?:responder|decir|contestar|afirmar|ignorar|escribir|declarar|incluir|repetir)\b",
        ),
        (
            "your answer",
            1,
            (
                "respuesta",
                "contestac",
                "tu salida",
                "tus salida",
                "tu propia",
                "tus propia",
                "tu resumen",
                "tus resumen",
                "your ",
                "reponse",
                "resposta",
                "al responder",
                "diciendo",
                "con la frase",
                "con las palabras",
            ),
            r"\b(?:tus? (?:propia )?(?:respuestas?|contestacion(?:es)?|salida|resumen)|your (?:final )?(?:answer|response|reply|output)s?|(?:ta|votre) reponse|(?:tua|sua) resposta|la respuesta (?:final|que (?:des|escribas|generes))|al final de (?:cada|la|tu|toda) respuesta|al responder|(?:empiez|comienz|termin|acab)\w+ (?:\w+ )?(?:respuesta|diciendo|con la frase|con las palabras))",
        ),
        (
            "answer is",
            1,
            ("respuesta", "answer "),
            r"\b(?:la (?:unica )?respuesta (?:correcta|valida|oficial|verdadera|final|unica|buena)? ?(?:a (?:esta|cualquier|toda|la) (?:pregunta|consulta) )?(?:es|sera|siempre es|debe ser|ha de ser|tiene que ser)|the (?:correct |right )?answer (?:is|must be)|respuesta obligatoria)\b",
        ),
        (
            "silence",
            1,
            (
                "mencion",
                " cite",
                " citar ",
                "revel",
                "digas",
                "expliques ",
                "indiques ",
                "muestres ",
                "comentes ",
                "hables ",
                "avises ",
                "adviertas ",
                "hagas referencia",
                "cuentes ",
                "uses ",
                "utilices ",
                "respondas ",
                "contestes ",
                "escribas ",
                "anadas ",
                "incluyas ",
                " des ",
                "sin avisar",
                "sin decir",
                "sin indicar",
                "mention",
                "reveal",
                "tell",
                "say",
                "ne dis",
                "nao diga",
            ),
            r"\bno (?:me |lo |la |te |le )?(?:mencion(?:es|e|ar)|cit(?:es|e|ar)|revel(?:es|e|ar)|digas|expliques|indiques|muestres|comentes|hables|avises|adviertas|hagas referencia|cuentes|uses|utilices|respondas|contestes|escribas|anadas|incluyas|des|menciones)\b|\bsin (?:citar|mencionar|revelar|avisar|decir|indicar)[^\w.;!?]+(?:\w+ ){0,2}(?:fuente|document|nota|instruccion|orden|mensaje|texto|origen|nada|aviso)|\b(?:do not|don.?t|never|nunca) (?:mention|cite|reveal|tell|say|menciones|cites|reveles|digas)|\bne (?:mentionne|cite|dis|revele)\w* (?:pas|jamais)|\bnao (?:mencione|cite|revele|diga)",
        ),
        (
            "though",
            1,
            (
                "aunque",
                "pese a",
                "a pesar de",
                "diga lo que",
                "digan lo que",
                "independientemente",
                "sea cual",
                "sin importar",
                "regardless",
                "even if",
                "incluso si",
                "con independencia",
                "por encima de",
            ),
            r"\b(?:aunque|pese a|a pesar de|digan? lo que digan?|independientemente de lo que|sea cual (?:sea|fuere) la (?:pregunta|consulta)|sin importar (?:la|lo|que)|regardless of|even if|incluso si|con independencia de|por encima de)\b[^.;!?]{0,60}?\b(?:documentos?|textos?|fragmentos?|fuentes?|contexto|pregunt\w+|consulta|evidencias?|digan?|ponga|pongan|indiquen?|contrario|documents?|question|sources?|context|instruccion\w*|reglas)\b",
        ),
        (
            "whatever",
            1,
            ("pase lo que", "sea cual", "sin importar", "pregunte", "whatever"),
            r"\b(?:pase lo que pase|sea cual (?:sea|fuere) (?:la|su|el|tu) (?:pregunta|consulta)|sin importar (?:la pregunta|lo que (?:te|se|le))|pregunten? lo que pregunten?|pregunte lo que pregunte|whatever (?:the question|you are asked|they ask))",
        ),
        (
            "outranks",
            2,
            ("prioridad", "prevalece", "anula", "sustituye", "reemplaza", "invalida", "por encima"),
            rf"\b(?:est[ea]|el presente)[^\w.;!?]+(?:documento|texto|fragmento|mensaje|aviso|parrafo|nota|orden|instruccion)[^\w.;!?]+(?:\w+ ){{0,2}}?(?:tiene prioridad|prevalece|anula|sustituye|reemplaza|invalida|esta por encima)[^.;!?]{{0,40}}\b(?:tus? \w+|{RULES})\b",
        ),
        (
            "outranks",
            1,
            ("prioridad", "autoridad", "por encima de", "prevalece", "override", "supersede"),
            r"\b(?:tiene|con|de) (?:maxima |mayor |absoluta )?(?:prioridad|autoridad)(?: maxima| absoluta)? (?:sobre|frente a)|\b(?:por encima de|prevalece sobre|overrides?|supersedes?)[^.;!?]{0,30}\b(?:fragmentos?|fuentes?|instrucciones|reglas|documentos|instructions|sources)",
        ),
        (
            "new orders",
            1,
            (" nuev", " new ", " actualizacion de", " nouvelle", " nova", " ultima"),
            rf"\b(?:nuev[oa]s?|new|actualizacion de|nouvelles?|novas?|ultimas?)[^\w.;!?]+(?:las |la )?(?:{RULES}|tareas?|objetivos?|rol|mision|task|goal|role)\b[^.;!?\n]{{0,30}}?(?::|\bson\b|\bes\b|\bis\b)",
        ),
        (
            "your task",
            1,
            (" tu ", " your "),
            r"\b(?:tu|your) (?:unic[oa] |nuev[oa] |verdader[oa] |new |only )?(?:tarea|mision|objetivo|funcion|cometido|rol|papel|identidad|nombre|prioridad|task|goal|job|role)\b[^.;!?]{0,20}\b(?:es|sera|consiste|is|pasa a ser)\b",
        ),
        (
            "called",
            1,
            (*HELPER_NEEDS, "maquina", "sistema", "system"),
            rf"(?:^|[.:;!¡¿«\"(\n|>*\[]\s*)(?:(?:querid[oa]|estimad[oa]|hola|oye|eh|atencion|escucha|hey|dear|attention|ei)[,!:]?\s+)?(?:{AI}|asistente|modelo|bot|assistant|robot|maquina|sistema|system|inteligencia artificial)\s*(?:[,:]|\s[—–-])",
        ),
        (
            "run together",
            2,
            ("ignor", "olvid", "descart", "omit", "disregard"),
            rf"(?:ignor[aeo]r?|olvid[ae]r?|descart[ae]r?|omit[ae]|ignorez|disregard)(?:todas|todos|all|any|toutes)?(?:las|los|tus|sus|the|your|les|tes)?(?:previous|prior)?(?:{RULES})",
        ),
        (
            "run together",
            1,
            ("responde", "contesta", "escribe", *_TOLD_AT_ONCE),
            r"\b(?=[a-z]{16})\w*?(?:responde|contesta|escribe|diga?)(?:solo|unicamente|siempre|que|exactamente|la)[a-z]{4}",
        ),
        (
            "void rules",
            2,
            ("regla",),
            rf"\breglas? (?:de la )?\d+ ?(?:a|y|-) ?(?:la )?\d+\b[^.;!?]{{0,30}}\bsin (?:efecto|valor)|{START}{CANCEL}\b[^.;!?]{{0,12}}\breglas? (?:de la )?\d",
        ),
        (
            "cancel before",
            2,
            (*CANCEL_NEEDS, "salta"),
            rf"{START}(?:{CANCEL}|saltar?)\b[^\w.;!?]+(?:lo (?:de (?:mas )?arriba|previo|anterior|dicho)|las (?:normas|reglas) (?:anteriores|previas))\s*(?:[.,;:!]|\by\b|$)",
        ),
        (
            "whatever",
            2,
            ("independientemente", "da igual", "sea cual", "sin importar"),
            r"\b(?:independientemente de|da igual|sea cual (?:sea|fuere)|sin importar)\b[^.;!?:]{0,25}\bpregunt\w*[^.;!?\w]{0,3}(?:\w+ ){0,3}?(?:la respuesta|di|responde|contesta|escribe)\b",
        ),
        (
            "only this",
            2,
            ("es el unico", "los demas", "las demas", "los otr", "las otr", "son fals"),
            r"\b(?:este|el presente) (?:fragmento|documento|texto) es el unico (?:valido|correcto|fiable|verdadero)|\b(?:descart|ignor|desech)(?:a|e|ad|ar) (?:los|las) (?:demas|otr[oa]s) (?:fragmentos|fuentes|citas)|\b(?:fragmentos|fuentes|citas) son fals[oa]s\b[^.!?]{0,20}\b(?:usa|utiliza)",
        ),
        (
            "refuse",
            2,
            (
                "que no consta",
                "que no se sabe",
                "que no lo sabes",
                "que no aparece",
                "que no figura",
                "que no puedes",
            ),
            r"\b(?:di|responde|contesta|escribe) que (?:no consta|no se sabe|no lo sabes|no aparece|no figura|no puedes)\b",
        ),
        (
            "plead",
            2,
            ("se ruega a", "se pide a", "se ordena a", "se exige a", "se solicita a"),
            rf"\bse (?:ruega|pide|ordena|exige|solicita) a (?:los |las |la |cualquier |todo |toda )?{AI} que\b",
        ),
        (
            "user wants",
            2,
            ("el usuario ",),
            r"\bel usuario (?:quiere|desea|espera|pide|exige|necesita) que (?:le |les )?(?:respond|contest|dig|escrib|repit|afirm)\w*",
        ),
        (
            "shape your answer",
            2,
            ("respuesta", "contestacion"),
            r"\b(?:traduce|formula|redacta|termina|empieza|acaba|encabeza) (?:siempre |toda |todas )?tus? (?:respuestas?|contestacion(?:es)?)\b|\basegurate de que tus? (?:respuestas?|contestacion)|\binclu(?:ye|yase|ya|ir) en (?:toda|cada|cualquier) (?:contestacion|respuesta)\b",
        ),
        (
            "ask for secrets",
            2,
            ("a usuario", "al usuario"),
            r"\b(?:pide|solicita|exige)(?:le)? al? usuario\b[^.;!?]{0,30}\b(?:contrasena|clave|tarjeta|datos|antes de (?:contestar|responder))",
        ),
        (
            "your only task",
            2,
            ("tu unic",),
            r"\btu unic[oa] (?:tarea|mision|objetivo|funcion|cometido) (?:es|sera|consiste)\b",
        ),
        (
            "called and told",
            2,
            HELPER_NEEDS,
            r"(?:^|[.!?¡¿«\"(\n]\s*)(?:(?:oye|eh|hola|atencion|escucha)[, ]+)?(?:asistente|modelo|bot|ia|robot|chatbot)\s*[,:]\s*(?:di|responde|contesta|escribe|repite|afirma|ignora|olvida|traduce|debes)\b",
        ),
        (
            "model",
            1,
            AI_NEEDS,
            rf"\b{AI}\b",
        ),
    )
)

# Cues that only tell who is meant or when: not an order by themselves, beside another either.
ABOUT: Final = frozenset(
    {"model", "asked", "though", "called", "your answer", "note with an order"}
)


def _by_threes() -> dict[str, list[tuple[str, int]]]:
    """Map three letters to the needs that hold them, each with the place of its cue.

    Of each need the three that fewest others have: a text has few of them.
    """
    shared = Counter(three for cue in CUES for letters in cue.needs for three in _threes(letters))
    found: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for at, cue in enumerate(CUES):
        for letters in cue.needs:
            found[min(sorted(_threes(letters)), key=shared.__getitem__)].append((letters, at))
    return found


_NEAR: Final = _by_threes()
