"""Vocabulary: the words that orders to a language model are made of, in every form that they take.

Folded, as readings are (rag/hostile/reading.py). Spanish first; then English, French and Portuguese
as attackers mix them in.
"""

# ruff: noqa: E501 - the forms of one word are read as one line

from __future__ import annotations

from typing import Final

START: Final = (
    r"(?:(?:^|[.:;,!?¡¿«»“”\"'‘’()\[\]{}<>|*_#=~`\n—–-]|\s[•▪]|\b(?:y|e|o|por favor|ahora|simplemente"
    r"|luego|entonces|pues|asistente|ia|usted|ustedes|tu|(?:pedimos|pido|pide|ordenamos?|ordeno|ruego|rogamos|ruega|exige|exigimos|solicitamos|queremos|quiero) que|atencion|solo|primero|rogamos|debes?|deberas?|deben|debera|deberan"
    r"|tienes? que|ha[sn]? de|hay que|tendras que|favor de|ordenamos?|obligatorio|necesario"
    r"|importante|preciso|conviene|proced[ea] a|procedase a|please|just|then|and|now|must|should"
    r"|to|et|veuillez|agora|deve|il faut))\s*)"
)
WORDS: Final = r"(?:[^\W_]+[^\w.;:!?]+){0,%d}?"
AI: Final = (
    r"(?:(?:la |las |una |cualquier |esta )?(?:ia|ias|i\.a\.|inteligencias? artificial(?:es)?)"
    r"|modelos? (?:de |del )?(?:lenguaje|ia|inteligencia|idioma|generativ\w+|linguistic\w+)"
    r"|modelos? (?:generativ|linguistic|conversacional)\w+|llms?|chatbots?|chat ?gpt|gpt(?:-?\d)?"
    r"|(?:asistentes?|agentes?|sistemas?|herramientas?|buscador(?:es)?) "
    r"(?:virtual(?:es)?|de ia|ia|artificial(?:es)?|automatic[oa]s?|digital(?:es)?|conversacional(?:es)?|inteligentes?"
    r"|de inteligencia)"
    r"|(?:large )?language models?|ai(?: assistants?| models?| agents?)?|llms|assistants? ia"
    r"|modeles? de langage|modelos? de linguagem|assistentes? (?:virtual|de ia))"
)
HELPER: Final = (
    rf"(?:{AI}|(?:asistente|modelo|bot|assistant|assistente|robot)(?! (?:social|sanitari|dental"
    r"|personal|judicial|administrativ|de direccion|de vuelo|tecnic|medic|de investig|\d))"
    r"(?! \w*\d))"
)
SPEAK: Final = (
    r"(?:respond(?:e|a|an|ais|ed|er|eras|as|es|ele)|contest(?:a|e|en|es|eis|ad|ar|aras|ale)|di|digas|digais|diga|digan|decid"
    r"|decir|diras|dile|digale|escrib(?:e|a|an|id|ir|iras)|afirm(?:a|e|en|ad|ar|aras)"
    r"|asegur(?:a|e|en|ad|ar)|indi(?:ca|que|quen|cad|car|cale)|declar(?:a|e|ar)|repet(?:id|ir)"
    r"|repit(?:e|a|an)|mencion(?:a|e|ar)|inclu(?:ye|ya|yan|id|ir)|anad(?:e|a|an|id|ir)"
    r"|termin(?:a|e|ar)|empiez(?:a|e)|comienz(?:a|e)|recomiend(?:a|e)|recomend(?:ad|ar)"
    r"|devuelv(?:e|a)|devolver|imprim(?:e|a|ir)|limit(?:ate|ese|arte) a|sost(?:en|enga)|concluy(?:e|a)"
    r"|insert(?:a|e|ar)|sustitu(?:ye|ya|ir)|reemplaz(?:a|ar)|reemplace|traduc(?:e|ir)|traduzca"
    r"|inform(?:a|e|ar)|confirm(?:a|e|ar)|asum(?:e|a)|habl(?:a|e)|cit(?:a|e|ar)|da|dar"
    r"|answer|respond|reply|say|write|output|print|tell|state|include"
    r"|repond(?:s|ez|re)|dis|dites|dire|ecri(?:s|vez|re)|responda|escreva|conteste|inclua)"
)
CANCEL: Final = (
    r"(?:ignor(?:a|e|en|eis|ad|ar|es|emos|ese|arse|alas?)|olvid(?:a|e|en|eis|ad|ar|es|ate|ese|aos|arte|arse)(?: usted| ustedes)?(?: de)?"
    r"|descart(?:a|e|en|eis|ad|ar|es|ense)|omit(?:e|a|an|id|ir|as)|desoi(?:ga|gan|r)|desoye"
    r"|desatiend(?:e|a)|desobede(?:ce|zca|cer)|anul(?:a|e|ar)|cancel(?:a|e|ar)|invalid(?:a|e)"
    r"|suspend(?:e|a)|sobrescrib(?:e|a)|reemplaz(?:a|ar)|reemplace|sustitu(?:ye|ya|ir)"
    r"|pas(?:a|e|ar|ad) por alto|salt(?:ate|ese|arte)|prescind(?:e|a|ir) de|desactiv(?:a|e)"
    r"|dej(?:a|e|ad|ar) (?:de (?:lado|seguir|obedecer|cumplir|aplicar|respetar|atender)|sin efecto|a un lado)"
    r"|no (?:le |les |las )?(?:hagas|haga|hagan|hagais|hacer)(?: ningun)? caso (?:de|a|al|del)"
    r"|no prest(?:es|e|ar) atencion a|ha(?:z|ga|ced|cer|gase) caso omiso (?:de|a|del|al)"
    r"|no (?:sigas|siga|sigan|seguir|obedezcas?|obedecer|respetes?|cumplas?|apliques?|atiendas?|consideres?"
    r"|uses?|utilices?|tengas en cuenta|tenga en cuenta|tener en cuenta|te atengas a|se atenga a)"
    r"|ignore|disregard|forget|override|bypass|discard|neglect|do not (?:follow|obey)|stop following"
    r"|ignorez|ignorer|oubli(?:e|ez|er)|ne (?:tiens|tenez) (?:pas|aucun) compte (?:de|des)|ne (?:suis|suivez) pas"
    r"|fais(?:ons)? abstraction (?:de|des)|faites abstraction (?:de|des)|esquec(?:a|am|er)"
    r"|desconsider(?:e|a|em|ar)|nao (?:siga|sigam|sigas)|ignoriere|vergiss|dimentica)"
)
RULES: Final = (
    r"(?:instruccion(?:es)?|indicacion(?:es)?|reglas?|orden(?:es)?|directri(?:z|ces)|directivas?"
    r"|prompts?|consignas?|restriccion(?:es)?|pautas?|instructions?|rules?|guidelines?|directions?"
    r"|commands?|directives?|consignes?|regles?|instrucoes|regras|orientacoes|ordens"
    r"|anweisungen|istruzioni|regole|instruccions)"
)
LOOSE_RULES: Final = (
    r"(?:normas?|contexto|mensajes?|peticion(?:es)?|politicas?|filtros?|salvaguard[ai]s?|limit(?:es|aciones)"
    r"|programacion|entrenamiento|configuracion|advertencias?|context|messages?|restrictions?"
    r"|training|fragmentos?|fuentes?|documentos?)"
)
BEFORE: Final = (
    r"(?:anterior(?:es|mente)?|previ[oa]s?|preceden\w+|(?:de (?:mas )?)?arriba|inicial(?:es)?"
    r"|original(?:es)?|previous|prior|above|earlier|preceding|foregoing|initial|ci-dessus|acima"
    r"|vorherigen|precedenti|anteriors|anterieures?|hasta (?:ahora|aqui|este)"
    r"|recibid[oa]s?|dad[oa]s)"
)
YOURS: Final = (
    r"(?:tus?|vuestr[oa]s?|(?:del?|your) (?:sistema|system|desarrollador|programador)|de tu\w* \w+"
    r"|que (?:te|se te|os) \w+|que (?:hayas|has|tengas|tienes|tenias|recib\w+)|your|tes|vos|suas"
    r"|system|previous|prior)"
)
MANNER: Final = (
    r"(?:unicamente|solo|solamente|siempre|exclusivamente|exactamente|literalmente|textualmente|tan solo"
    r"|nada mas que|en su lugar|con la (?:palabra|frase|expresion|cifra|cadena)|con el texto|lo siguiente|esto"
    r"|la (?:palabra|frase|cadena|clave)|only|always|exactly|just|instead|uniquement|seulement|toujours"
    r"|exatamente|apenas|sempre|somente)"
)

# --- letters ------------------------------------------------------------------------------------------
#
# One of these occurs wherever the words above do, once what parts words is one space: a space is
# the edge of a word. To look for letters is much quicker than to try a pattern.

CANCEL_NEEDS: Final = (
    *"""
    ignor olvid descart omit desoi desoy desat desobe anul cancel invalid suspend sobrescrib reempl
    sustitu saltate saltese saltarte prescind desactiv dej haga disregard forget overrid bypass
    discard neglect obey follow oubli abstraction esque desconsid vergiss dimentic
    """.split(),
    "por alto", "caso omiso", "hacer caso", "hacer ningun", "no prest", "no sig", "no seguir",
    "no obed", "no resp", "no cumpl", "no apli", "no atien", "no consid", "no us", "no util",
    "en cuenta", "no te atengas", "no se atenga", "tiens ", "tenez ", "ne suis", "ne suivez", "nao sig",
)  # fmt: skip
BEFORE_NEEDS: Final = (
    *"""
    anteri previ preced arriba inicial original prior above earlier foregoing initial dessus acima
    vorher recibid dados dadas
    """.split(),
    "hasta ahora", "hasta aqui", "hasta este",
)  # fmt: skip
AI_NEEDS: Final = (
    " ia ", " ias ", " i a ", " ai ", "inteligen", "modelo", "modele", "llm", "chat", "gpt", "virtual",
    "artificial", "automatic", "digital", "conversacional", "language model", "assistant",
)  # fmt: skip
HELPER_NEEDS: Final = (*AI_NEEDS, "asistente", "assistente", " bot ", "robot")
MANNER_NEEDS: Final = (
    *"""
    unicamente solamente exclusivamente exactamente literalmente textualmente uniquement seulement
    toujours exatamente somente
    """.split(),
    " solo ", " siempre ", "nada mas que", "en su lugar", "con la palabra", "con la frase",
    "con la expresion", "con la cifra", "con la cadena", "con el texto", "lo siguiente", " esto ",
    "la palabra", "la frase", "la cadena", "la clave", " only ", " always ", " exactly ", " just ",
    " instead ", " apenas ", " sempre ",
)  # fmt: skip
