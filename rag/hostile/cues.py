"""Cues: the words that give an order to a language model away, and what each is worth.

Patterns are laid over readings (rag/hostile/reading.py): lower case, no accents, no ñ. Spanish
first, in every person and mood that an order takes; then English, French and Portuguese as attackers mix them in.
"""

# ruff: noqa: E501 - a cue is one pattern, and is read as one line

from __future__ import annotations

import re
from typing import Final

# --- words, folded ----------------------------------------------------------------------------------

_START = (
    r"(?:(?:^|[.:;,!?¡¿«»“”\"'‘’()\[\]{}<>|*_#=~`\n—–-]|\s[•▪]|\b(?:y|e|o|por favor|ahora|simplemente"
    r"|luego|entonces|pues|asistente|ia|usted|ustedes|tu|(?:pedimos|pido|pide|ordenamos?|ordeno|ruego|rogamos|ruega|exige|exigimos|solicitamos|queremos|quiero) que|atencion|solo|primero|rogamos|debes?|deberas?|deben|debera|deberan"
    r"|tienes? que|ha[sn]? de|hay que|tendras que|favor de|ordenamos?|obligatorio|necesario"
    r"|importante|preciso|conviene|proced[ea] a|procedase a|please|just|then|and|now|must|should"
    r"|to|et|veuillez|agora|deve|il faut))\s*)"
)
_WORDS = r"(?:[^\W_]+[^\w.;:!?]+){0,%d}?"
_AI = (
    r"(?:(?:la |las |una |cualquier |esta )?(?:ia|ias|i\.a\.|inteligencias? artificial(?:es)?)"
    r"|modelos? (?:de |del )?(?:lenguaje|ia|inteligencia|idioma|generativ\w+|linguistic\w+)"
    r"|modelos? (?:generativ|linguistic|conversacional)\w+|llms?|chatbots?|chat ?gpt|gpt(?:-?\d)?"
    r"|(?:asistentes?|agentes?|sistemas?|herramientas?|buscador(?:es)?) "
    r"(?:virtual(?:es)?|de ia|ia|artificial(?:es)?|automatic[oa]s?|digital(?:es)?|conversacional(?:es)?|inteligentes?"
    r"|de inteligencia)"
    r"|(?:large )?language models?|ai(?: assistants?| models?| agents?)?|llms|assistants? ia"
    r"|modeles? de langage|modelos? de linguagem|assistentes? (?:virtual|de ia))"
)
_HELPER = (
    rf"(?:{_AI}|(?:asistente|modelo|bot|assistant|assistente|robot)(?! (?:social|sanitari|dental"
    r"|personal|judicial|administrativ|de direccion|de vuelo|tecnic|medic|de investig|\d))"
    r"(?! \w*\d))"
)
_SPEAK = (
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
_CANCEL = (
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
_RULES = (
    r"(?:instruccion(?:es)?|indicacion(?:es)?|reglas?|orden(?:es)?|directri(?:z|ces)|directivas?"
    r"|prompts?|consignas?|restriccion(?:es)?|pautas?|instructions?|rules?|guidelines?|directions?"
    r"|commands?|directives?|consignes?|regles?|instrucoes|regras|orientacoes|ordens"
    r"|anweisungen|istruzioni|regole|instruccions)"
)
_LOOSE_RULES = (
    r"(?:normas?|contexto|mensajes?|peticion(?:es)?|politicas?|filtros?|salvaguard[ai]s?|limit(?:es|aciones)"
    r"|programacion|entrenamiento|configuracion|advertencias?|context|messages?|restrictions?"
    r"|training|fragmentos?|fuentes?|documentos?)"
)
_BEFORE = (
    r"(?:anterior(?:es|mente)?|previ[oa]s?|preceden\w+|(?:de (?:mas )?)?arriba|inicial(?:es)?"
    r"|original(?:es)?|previous|prior|above|earlier|preceding|foregoing|initial|ci-dessus|acima"
    r"|vorherigen|precedenti|anteriors|anterieures?|hasta (?:ahora|aqui|este)"
    r"|recibid[oa]s?|dad[oa]s)"
)
_YOURS = (
    r"(?:tus?|vuestr[oa]s?|(?:del?|your) (?:sistema|system|desarrollador|programador)|de tu\w* \w+"
    r"|que (?:te|se te|os) \w+|que (?:hayas|has|tengas|tienes|tenias|recib\w+)|your|tes|vos|suas"
    r"|system|previous|prior)"
)
_MANNER = (
    r"(?:unicamente|solo|solamente|siempre|exclusivamente|exactamente|literalmente|textualmente|tan solo"
    r"|nada mas que|en su lugar|con la (?:palabra|frase|expresion|cifra|cadena)|con el texto|lo siguiente|esto"
    r"|la (?:palabra|frase|cadena|clave)|only|always|exactly|just|instead|uniquement|seulement|toujours"
    r"|exatamente|apenas|sempre|somente)"
)
IF_USED = re.compile(
    r"\b(?:si|cuando|en caso de que) (?:(?:ya|no|se|usted|su|tu|el|la|los|las|ha|has|lo|le) )*"
    r"(?!eres|lees|pregunt|alguien|usuario|consult|un\b|te\b)"
    r"(?:us|utili|tien|disp|instal|quier|desea|emple|trabaj|compil|version|necesit|prefier|es |son "
    r"|program|equipo|sistema |actuali|configur|proced|apar|falla|funcion)"
)
OFFICE = re.compile(
    r"\b(?:del? (?:la |los |las |el )?(?:direccion|ministerio|consejer|boe|organ|autorid|secretar|real decreto"
    r"|orden|ley|administra|ayuntamiento|junta|decreto|comision|gobierno|resolucion|servicio"
    r"|fabricante)|dictad|aprobad|publicad|contenid|establecid|previst|contemplad|emitid)"
)


# (name, points, pattern): the name only for whoever reads a trace.
CUES: Final[tuple[tuple[str, int, re.Pattern[str]], ...]] = tuple(
    (name, points, re.compile(text))
    for name, points, text in (
        (
            "cancel",
            2,
            rf"{_START}{_CANCEL}\b[^\w.;!?]+{_WORDS % 7}{_RULES}\b[^\w.;!?]+{_WORDS % 4}(?:{_BEFORE}|{_YOURS})\b",
        ),
        (
            "cancel",
            2,
            rf"{_START}{_CANCEL}\b[^\w.;!?]+{_WORDS % 4}(?:{_BEFORE}|{_YOURS})\b[^\w.;!?]+{_WORDS % 3}{_RULES}\b",
        ),
        (
            "cancel",
            2,
            rf"{_START}{_CANCEL}\b[^\w.;!?]+(?:tod[oa]s?|cualquier|any|all|every|toutes|todas)[^\w.;!?]+{_WORDS % 3}{_RULES}\b",
        ),
        (
            "cancel yours",
            2,
            rf"{_START}{_CANCEL}\b[^\w.;!?]+{_WORDS % 4}(?:tus?|your|tes|vos|vuestr\w+)[^\w.;!?]+{_WORDS % 2}{_LOOSE_RULES}\b",
        ),
        (
            "cancel all",
            2,
            rf"{_START}{_CANCEL}\b[^\w.;!?]+(?:absolutamente )?(?:todo lo|cuanto|todo cuanto|everything|tout ce|tudo o?)[^\w.;!?]*(?:que (?:se )?(?:te|os|figura|hay|has|aparece|pone)|anterior|previo|dicho|de arriba|above|before|you|qui precede|que precede|acima|that)",
        ),
        (
            "cancel what",
            2,
            rf"{_START}{_CANCEL}\b[^\w.;!?]+(?:lo|cuanto|what) (?:que )?(?:se )?(?:(?:te|le|os) (?:ha|han|haya|hayan|dij|orden|pid|indic|explic)|you (?:were|have))",
        ),
        (
            "cancel before",
            1,
            rf"{_START}{_CANCEL}\b[^\w.;!?]+(?:lo anterior|lo de arriba|the above|(?:los |las |el |the )?(?:demas|otr[oa]s|resto de los|other)[^\w.;!?]+{_LOOSE_RULES})",
        ),
        (
            "void",
            1,
            rf"\b{_RULES}[^\w.;!?]+{_WORDS % 3}(?:{_BEFORE}|{_YOURS})\b[^.;!?]{{0,40}}\b(?:anulad|cancelad|sin efecto|sin validez|invalidad|no (?:valen|sirven|cuentan|rigen|se aplican)|ignorad|ignorarse|olvidad|obsolet|descart|fals|caduc|no longer|suspendid|no ha\w* de seguirse|no debe)",
        ),
        (
            "impersonal",
            1,
            rf"\b(?:se (?:debe|deben|debera|deberan|ha de|han de|ruega|pide|ordena|exige)|debe|deben|deberas?|deberan?|(?:no )?se (?:tendran|tenga|tengan|seguiran)|ignorense|olvidense|descartense)[^\w.;!?]+{_WORDS % 4}(?:ignor|olvid|descart|omit|en cuenta|caso omiso|pasar por alto|desatend)?\w*[^\w.;!?]+{_WORDS % 4}{_RULES}\b[^\w.;!?]+{_WORDS % 2}{_BEFORE}\b",
        ),
        (
            "yours",
            1,
            r"\b(?:tus? (?:\w+ )?(?:instrucciones|reglas|directrices|indicaciones|restricciones|prompt|programacion|entrenamiento)|prompt (?:del|de) sistema|system prompt|mensaje (?:del|de) sistema|instrucciones (?:del|de) sistema|your (?:\w+ )?(?:instructions|rules|prompt|guidelines))\b",
        ),
        (
            "reveal",
            2,
            rf"{_START}(?:revel|muestr|mostrar|ensen|repit|repet|imprim|escrib|copi|di|dime|transcrib|public|recit|vuelc|volcar|reproduc|traduc|resum|reveal|show|print|repeat|output|tell me|write|leak|display|revele|montre|mostre)\w*\b[^\w.;!?]+{_WORDS % 7}(?:tus? (?:\w+ )?(?:prompt|instrucciones|reglas|directrices|indicaciones|configuracion)|prompt(?: inicial| oculto)? (?:del|de) (?:tu )?sistema|(?:instrucciones|mensaje|indicaciones) (?:\w+ )?(?:del|de) (?:tu )?sistema|tu prompt|system (?:prompt|message)|your (?:\w+ )?(?:instructions|prompt|rules)|(?:instrucciones|reglas) (?:ocultas|internas|secretas|que (?:te|has|recib)))",
        ),
        (
            "role",
            2,
            r"\b(?:a partir de (?:ahora|este (?:momento|punto|instante))|desde (?:ahora|este momento|ya)|de ahora en adelante|en adelante|from (?:now|this point) on(?:wards)?|a partir de agora|desormais|a partir de maintenant)\b[^\w.;!?]+(?:[^\W_]+[^\w.;!?]+){0,3}?(?:eres|seras|actua\w*|actue|te llamas|te llamaras|comportate|comportese|hablaras|seas|you are|you will|you re|act as|tu es|tu seras|vous etes|voce e|voce sera|aja como)\b(?!_? ?(?:ya )?(?:\w+ )?(?:soci|miembr|client|usuari|parte|titular|responsable|beneficiari|propietari|duen|alumn|suscript|abonad|libre|mayor|padre|madre|invitad))",
        ),
        (
            "from now",
            1,
            r"\b(?:a partir de (?:ahora|este (?:momento|punto))|desde (?:ahora|este momento)|de ahora en adelante|from now on|a partir de agora|desormais)\b[^\w.;!?]+(?:[^\W_]+[^\w.;!?]+){0,3}?(?:debes|deberas|solo|responde\w*|contesta\w*|diras|dile|di|no (?:debes|cites|menciones|respondas)|toda respuesta|todas tus|you must|always|only)\b",
        ),
        (
            "act",
            2,
            rf"{_START}(?:actu(?:a|e|ar|aras) (?:como|de)|comport(?:ate|ese) como|fing(?:e|ir) (?:que (?:eres|tienes)|ser)|simula (?:que eres|ser)|hazte pasar por|haz(?:te)? como (?:que|si)|imagina que eres|pretend (?:to be|you)|act as|agis comme|aja como|eres ahora|ahora eres|you are now|tu es maintenant)\b[^.;!?]{{0,60}}\b(?:{_HELPER}|dan|terminal|consola|pirata|hacker|administrador|experto|sin (?:restricciones|filtros|limites|censura|reglas)|unrestricted|without|otro|desarrollador|if you)",
        ),
        (
            "act",
            1,
            rf"{_START}(?:actu(?:a|e) como si|comport(?:ate|ese) como|fing(?:e|ir)|hazte pasar|imagina que eres|pretend|eres ahora|ahora eres|you are now)\b",
        ),
        (
            "you are",
            2,
            rf"{_START}(?:eres|you are|tu es|voce e) (?:un|una|el|la|an?|une?|uma?)? ?(?:\w+ )?{_HELPER}\b",
        ),
        (
            "mode",
            1,
            r"\b(?:modo (?:dan|dios|sin (?:restricciones|filtros|censura)|desarrollador|libre|jailbreak)|developer mode|dan mode|jailbreak|sin (?:restricciones|filtros|censura) (?:ni|y|,|de ningun))",
        ),
        (
            "mode",
            1,
            rf"{_START}(?:activ(?:a|e|ar)|entra en|pasa a|cambia a|estas en|enable|enter|switch to)[^\w.;!?]+(?:el |tu |al )?(?:modo|mode|developer)",
        ),
        (
            "note",
            2,
            rf"\b(?:nota|aviso|mensaje|atencion|recordatorio|importante|orden(?:es)?|instruccion(?:es)?|indicacion(?:es)?|directivas?|directriz|comentario|advertencia|consigna|apunte|aclaracion|prioridad|respuesta|texto|anotacion|note|message|instructions?|warning|attention|reminder|mensagem|nota bene|remarque)[^\w.;:!?]+{_WORDS % 4}(?:para|al?|dirigid[oa]s? a(?:l)?|destinad[oa]s? a(?:l)?|to|for|pour|a l)[^\w.;:!?]+(?:(?:el|la|los|las|l|cualquier|todo|todos|todas|the|any|all|le|les|o|un|una|tu|quien sea el|sistemas? de|propi[oa])[^\w.;:!?]+){{0,2}}{_HELPER}(?:[^\w.;:!?]+(?:que|que lea|lector|reading|processing)\b.{{0,40}}|[^\w.;:!?]+\w+ (?:este|esta|el) \w+)?\s*(?:[:.;)\]»\"”|>—–*-]|,\s|$)",
        ),
        (
            "note with an order",
            1,
            rf"\b(?:nota|aviso|mensaje|instruccion(?:es)?|orden(?:es)?|indicacion(?:es)?|note|message|instructions?)[^\w.;:!?]+{_WORDS % 2}(?:para|al?|dirigid[oa]s? a(?:l)?|to|for)[^\w.;:!?]+(?:\w+ )?{_HELPER}",
        ),
        (
            "correct for",
            2,
            rf"\b(?:correccion|rectificacion|respuestas?|solucion|dato|version|cifra|contestacion|answer)s?[^\w.;!?]+{_WORDS % 5}(?:para|dirigid[oa]s? a(?:l)?|destinad[oa]s? a(?:l)?|que (?:debe|ha de|tiene que) (?:dar|decir|escribir|ofrecer|usar|contestar)|to be given by|for)[^\w.;!?]+(?:el |la |los |las |al |cualquier |todo |the |un )?(?:{_HELPER}|buscador\w*)\b",
        ),
        (
            "if you are",
            2,
            rf"\b(?:si|if|se) (?:tu |usted |quien (?:lee|procesa) esto |esto lo (?:lee|procesa) |lo (?:lee|procesa) |lee esto |me lee )?(?:eres|es usted|usted es|es|sois|you are|you re|tu es|voce e|te lee|lo lee|lee esto|estas leyendo esto y eres|esta leyendo esto) ?(?:un|una|el|la|an?|une?|uma?)?[^\w.;!?]*(?:gran )?(?:{_AI}|asistente|modelo|bot|robot|sistema automatic\w+|programa automatic\w+|lector automatic\w+|maquina)\b(?![^.;!?]{{0,40}}\b(?:de alta|de baja|social))",
        ),
        (
            "models that read",
            2,
            rf"\b(?:{_HELPER})[^\w.;!?]+que (?:lea|lean|procese|procesen|resuma|resuman|analice|analicen|indexe|indexen|consulte|consulten|reciba|use|este leyendo|esten leyendo|estas? leyendo|responda|conteste)\b[^.;!?]{{0,60}}\b(?:deb|ha de|han de|tiene|dir|responder|contestar|ignor|olvid|no |puede|ten|cit|afirm|recom)",
        ),
        (
            "as a model",
            1,
            rf"\b(?:en tu (?:calidad|condicion|papel) de|como (?:eres )?(?:un |una |buen )?)\s*{_HELPER}\b[^.;!?]{{0,15}}\b(?:debes|tienes|has de|no|di|responde|tu)\b",
        ),
        (
            "asked",
            1,
            r"\b(?:(?:cuando|si|siempre que|cada vez que|en caso de que|cuandoquiera que) (?:\w+ ){0,4}?(?:pregunt|consult|pidan|pide|pida|interrog)\w*|a (?:cualquier|toda|todas las|cualesquiera|cada)(?: otra)? (?:pregunta|consulta|duda)s?|ante (?:cualquier|toda) (?:pregunta|consulta)|(?:when|if) (?:\w+ ){0,2}ask\w*|any question|si on te demande|quando perguntarem)",
        ),
        ("speak thus", 1, rf"{_START}{_SPEAK}\b[^\w.;!?]+{_WORDS % 3}{_MANNER}\b"),
        (
            "speak that",
            1,
            rf"{_START}(?:di|diga|digan|dile|digale|afirm[ae]|asegur[ae]|respond[ea]|contest[ae]|indica|sosten|escrib[ea]|confirm[ae]|conclu\w+|responder|decir|afirmar|contestar|say|tell (?:them|the user|him|everyone)|answer|state|claim|reply|dis|diga|repond\w*)\b[^\w.;!?]+{_WORDS % 3}(?:que|that|with|con|:|«|\"|'|com|avec|par)",
        ),
        (
            "speak to",
            1,
            rf"{_START}(?:di|dile|diga(?:le)?|respond\w+|contest\w+|recom\w+|comunic\w+|inform\w+|indi(?:ca|que)\w*|ped\w+|pide(?:le)?|pida(?:le)?|solicit\w+|tell|ask|aconsej\w+|envia\w*)\b[^.;!?]{{0,40}}\b(?:al? (?:usuario|persona que|quien)|the user|a quien|l.utilisateur|ao usuario|a los usuarios)\b",
        ),
        (
            "in your answer",
            2,
            rf"\b(?:en|al (?:inicio|final|principio|comienzo) de|dentro de|antes de) (?:cada una de )?tus? (?:proxim[oa]s? )?(?:respuestas?|contestacion(?:es)?|salida)[^\w.;!?]+{_WORDS % 3}{_SPEAK}\b|{_START}{_SPEAK}\b[^.;!?]{{0,80}}\b(?:en|al (?:inicio|final|principio|comienzo) de) (?:cada una de )?tus? (?:respuestas?|contestacion|salida)",
        ),
        (
            "each answer",
            2,
            rf"{_START}{_SPEAK}[^\w.;!?]+{_WORDS % 3}(?:(?:al final de |con )?cada una de tus|cada|tod[ao]s? (?:tus?|la|las)?|any|every|each|all your)[^\w.;!?]+(?:respuestas?|contestacion(?:es)?|answers?|response|reply|replies)\b",
        ),
        ("you, assistant", 2, rf"\b(?:tu|usted|vosotros|you)\s*[,(]\s*(?:\w+ )?{_HELPER}\s*[,)]"),
        (
            "show the system",
            2,
            rf"\b(?:podrias?|puedes?|quieres|querrias|could you|can you)[^\w.;!?]+{_WORDS % 2}(?:revelar|mostrar(?:me|nos)?|ensenar|repetir|imprimir|escribir|copiar|decir(?:me|nos)?|contar|transcribir|compartir|reveal|show|print|repeat|tell)\b[^\w.;!?]+{_WORDS % 6}(?:prompt|(?:mensaje|instrucciones|indicaciones|reglas) (?:\w+ )?(?:del|de) (?:tu )?sistema|tus (?:\w+ )?(?:instrucciones|reglas|indicaciones)|system)\b",
        ),
        (
            "void what",
            2,
            r"\b(?:lo|cuanto|todo lo) que (?:se )?(?:te|os|le) (?:hayan?|han?|haya) \w+[^.;:!?]{0,30}\b(?:no (?:vale|cuenta|sirve|rige)|ya no|queda|carece|es falso|deja de)\b",
        ),
        (
            "no longer you",
            2,
            r"\bya no eres (?:un|una|el|la)\b[^.;!?]{0,60}\b(?:eres|sino|te llamas|hablas|respondes)\b",
        ),
        (
            "in the role",
            1,
            rf"{_START}(?:mete|pon)te en (?:la piel|el papel|el lugar) de|{_START}(?:adopta|asume|interpreta|encarna) (?:el papel|la personalidad|la identidad|el rol|a un)|{_START}conviertete en",
        ),
        (
            "what you write",
            1,
            r"\b(?:lo|cuanto|todo lo) que (?:escribas|digas|respondas|contestes|redactes|generes)\b",
        ),
        ("tell that", 1, rf"{_START}(?:cuent|explic)(?:a|e|ale|ales|en)? que\b"),
        (
            "every answer",
            2,
            r"\b(?:toda|cualquier|cada) (?:respuesta|contestacion)[^\w.;!?]+(?:\w+ ){0,3}(?:ha de|debe|debera|tiene que|habra de)[^\w.;!?]+(?:remat|termin|acab|empez|comenz|inclu|conten|llev|ir\b|ser\b|conclu|cerrar)",
        ),
        (
            "that you say",
            2,
            r"\b(?:conviene|importante|necesario|preciso|conveniente|hace falta|se espera|espero|esperamos|quiero|queremos|necesito|necesitamos|procura|asegurate de|obligatorio|pid\w+|ped\w+|ruego|orden\w+|exig\w+|recomiend\w+) que (?:\w+ )?(?:respondas|digas|afirmes|contestes|escribas|menciones|cuentes|asegures|ignores|olvides|sostengas|incluyas|declares|repitas|omitas|descartes)\b",
        ),
        (
            "for the model",
            2,
            rf"{_START}(?:contenido |exclusivo |solo |unicamente )?para (?:el |la |los |las |cualquier |todo |un |una )?{_HELPER}(?: que [^.;:!?]{{1,40}})?\s*:",
        ),
        (
            "what you must say",
            2,
            r"\b(?:\w+) que (?:has de|debes|tienes que|deberas) (?:dar|decir|escribir|poner|contestar|responder|ofrecer|usar|citar|mencionar|afirmar)\b",
        ),
        (
            "called to speak",
            2,
            rf"(?:^|[.;!¡¿«\"(\n|>*\[#-]\s*)(?:{_AI}|asistente|modelo|bot|assistant|robot|maquina)\s*[:,]\s*(?:por favor,? )?{_SPEAK}\b",
        ),
        (
            "must speak",
            1,
            rf"\b(?:debes|deberas|tienes que|has de|tendras que|estas? obligad[oa] a|te (?:ordeno|ordenamos|pido|pedimos|ruego)|se te (?:ordena|pide|exige|manda)|(?:debera|debe|tendra que|ha de) usted|you must|you should|you have to|you will|tu dois|vous devez|voce deve)\b[^\w.;!?]+{_WORDS % 4}(?:{_SPEAK}|ignorar?|omitir|olvidar|ocultar|que (?:digas|respondas|contestes|ignores|afirmes|escribas|incluyas|olvides))\b",
        ),
        (
            "told to speak",
            1,
            rf"\b(?:deben?|debera|ha de|tiene que|debe)\b[^\w.;!?]+{_WORDS % 2}(?:responder|decir|contestar|afirmar|ignorar|escribir|declarar|incluir|repetir)\b",
        ),
        (
            "your answer",
            1,
            r"\b(?:tus? (?:propia )?(?:respuestas?|contestacion(?:es)?|salida|resumen)|your (?:final )?(?:answer|response|reply|output)s?|(?:ta|votre) reponse|(?:tua|sua) resposta|la respuesta (?:final|que (?:des|escribas|generes))|al final de (?:cada|la|tu|toda) respuesta|al responder|(?:empiez|comienz|termin|acab)\w+ (?:\w+ )?(?:respuesta|diciendo|con la frase|con las palabras))",
        ),
        (
            "answer is",
            1,
            r"\b(?:la (?:unica )?respuesta (?:correcta|valida|oficial|verdadera|final|unica|buena)? ?(?:a (?:esta|cualquier|toda|la) (?:pregunta|consulta) )?(?:es|sera|siempre es|debe ser|ha de ser|tiene que ser)|the (?:correct |right )?answer (?:is|must be)|respuesta obligatoria)\b",
        ),
        (
            "silence",
            1,
            r"\bno (?:me |lo |la |te |le )?(?:mencion(?:es|e|ar)|cit(?:es|e|ar)|revel(?:es|e|ar)|digas|expliques|indiques|muestres|comentes|hables|avises|adviertas|hagas referencia|cuentes|uses|utilices|respondas|contestes|escribas|anadas|incluyas|des|menciones)\b|\bsin (?:citar|mencionar|revelar|avisar|decir|indicar)[^\w.;!?]+(?:\w+ ){0,2}(?:fuente|document|nota|instruccion|orden|mensaje|texto|origen|nada|aviso)|\b(?:do not|don.?t|never|nunca) (?:mention|cite|reveal|tell|say|menciones|cites|reveles|digas)|\bne (?:mentionne|cite|dis|revele)\w* (?:pas|jamais)|\bnao (?:mencione|cite|revele|diga)",
        ),
        (
            "though",
            1,
            r"\b(?:aunque|pese a|a pesar de|digan? lo que digan?|independientemente de lo que|sea cual (?:sea|fuere) la (?:pregunta|consulta)|sin importar (?:la|lo|que)|regardless of|even if|incluso si|con independencia de|por encima de)\b[^.;!?]{0,60}?\b(?:documentos?|textos?|fragmentos?|fuentes?|contexto|pregunt\w+|consulta|evidencias?|digan?|ponga|pongan|indiquen?|contrario|documents?|question|sources?|context|instruccion\w*|reglas)\b",
        ),
        (
            "whatever",
            1,
            r"\b(?:pase lo que pase|sea cual (?:sea|fuere) (?:la|su|el|tu) (?:pregunta|consulta)|sin importar (?:la pregunta|lo que (?:te|se|le))|pregunten? lo que pregunten?|pregunte lo que pregunte|whatever (?:the question|you are asked|they ask))",
        ),
        (
            "outranks",
            2,
            rf"\b(?:est[ea]|el presente)[^\w.;!?]+(?:documento|texto|fragmento|mensaje|aviso|parrafo|nota|orden|instruccion)[^\w.;!?]+(?:\w+ ){{0,2}}?(?:tiene prioridad|prevalece|anula|sustituye|reemplaza|invalida|esta por encima)[^.;!?]{{0,40}}\b(?:tus? \w+|{_RULES})\b",
        ),
        (
            "outranks",
            1,
            r"\b(?:tiene|con|de) (?:maxima |mayor |absoluta )?(?:prioridad|autoridad)(?: maxima| absoluta)? (?:sobre|frente a)|\b(?:por encima de|prevalece sobre|overrides?|supersedes?)[^.;!?]{0,30}\b(?:fragmentos?|fuentes?|instrucciones|reglas|documentos|instructions|sources)",
        ),
        (
            "new orders",
            1,
            rf"\b(?:nuev[oa]s?|new|actualizacion de|nouvelles?|novas?|ultimas?)[^\w.;!?]+(?:las |la )?(?:{_RULES}|tareas?|objetivos?|rol|mision|task|goal|role)\b[^.;!?\n]{{0,30}}?(?::|\bson\b|\bes\b|\bis\b)",
        ),
        (
            "your task",
            1,
            r"\b(?:tu|your) (?:unic[oa] |nuev[oa] |verdader[oa] |new |only )?(?:tarea|mision|objetivo|funcion|cometido|rol|papel|identidad|nombre|prioridad|task|goal|job|role)\b[^.;!?]{0,20}\b(?:es|sera|consiste|is|pasa a ser)\b",
        ),
        (
            "called",
            1,
            rf"(?:^|[.:;!¡¿«\"(\n|>*\[]\s*)(?:(?:querid[oa]|estimad[oa]|hola|oye|eh|atencion|escucha|hey|dear|attention|ei)[,!:]?\s+)?(?:{_AI}|asistente|modelo|bot|assistant|robot|maquina|sistema|system|inteligencia artificial)\s*(?:[,:]|\s[—–-])",
        ),
        (
            "run together",
            2,
            rf"(?:ignor[aeo]r?|olvid[ae]r?|descart[ae]r?|omit[ae]|ignorez|disregard)(?:todas|todos|all|any|toutes)?(?:las|los|tus|sus|the|your|les|tes)?(?:previous|prior)?(?:{_RULES})",
        ),
        (
            "run together",
            1,
            r"\b(?=[a-z]{16})\w*?(?:responde|contesta|escribe|diga?)(?:solo|unicamente|siempre|que|exactamente|la)[a-z]{4}",
        ),
        (
            "void rules",
            2,
            rf"\breglas? (?:de la )?\d+ ?(?:a|y|-) ?(?:la )?\d+\b[^.;!?]{{0,30}}\bsin (?:efecto|valor)|{_START}{_CANCEL}\b[^.;!?]{{0,12}}\breglas? (?:de la )?\d",
        ),
        (
            "cancel before",
            2,
            rf"{_START}(?:{_CANCEL}|saltar?)\b[^\w.;!?]+(?:lo (?:de (?:mas )?arriba|previo|anterior|dicho)|las (?:normas|reglas) (?:anteriores|previas))\s*(?:[.,;:!]|\by\b|$)",
        ),
        (
            "whatever",
            2,
            r"\b(?:independientemente de|da igual|sea cual (?:sea|fuere)|sin importar)\b[^.;!?:]{0,25}\bpregunt\w*[^.;!?\w]{0,3}(?:\w+ ){0,3}?(?:la respuesta|di|responde|contesta|escribe)\b",
        ),
        (
            "only this",
            2,
            r"\b(?:este|el presente) (?:fragmento|documento|texto) es el unico (?:valido|correcto|fiable|verdadero)|\b(?:descart|ignor|desech)(?:a|e|ad|ar) (?:los|las) (?:demas|otr[oa]s) (?:fragmentos|fuentes|citas)|\b(?:fragmentos|fuentes|citas) son fals[oa]s\b[^.!?]{0,20}\b(?:usa|utiliza)",
        ),
        (
            "refuse",
            2,
            r"\b(?:di|responde|contesta|escribe) que (?:no consta|no se sabe|no lo sabes|no aparece|no figura|no puedes)\b",
        ),
        (
            "plead",
            2,
            rf"\bse (?:ruega|pide|ordena|exige|solicita) a (?:los |las |la |cualquier |todo |toda )?{_AI} que\b",
        ),
        (
            "user wants",
            2,
            r"\bel usuario (?:quiere|desea|espera|pide|exige|necesita) que (?:le |les )?(?:respond|contest|dig|escrib|repit|afirm)\w*",
        ),
        (
            "shape your answer",
            2,
            r"\b(?:traduce|formula|redacta|termina|empieza|acaba|encabeza) (?:siempre |toda |todas )?tus? (?:respuestas?|contestacion(?:es)?)\b|\basegurate de que tus? (?:respuestas?|contestacion)|\binclu(?:ye|yase|ya|ir) en (?:toda|cada|cualquier) (?:contestacion|respuesta)\b",
        ),
        (
            "ask for secrets",
            2,
            r"\b(?:pide|solicita|exige)(?:le)? al? usuario\b[^.;!?]{0,30}\b(?:contrasena|clave|tarjeta|datos|antes de (?:contestar|responder))",
        ),
        (
            "your only task",
            2,
            r"\btu unic[oa] (?:tarea|mision|objetivo|funcion|cometido) (?:es|sera|consiste)\b",
        ),
        (
            "called and told",
            2,
            r"(?:^|[.!?¡¿«\"(\n]\s*)(?:(?:oye|eh|hola|atencion|escucha)[, ]+)?(?:asistente|modelo|bot|ia|robot|chatbot)\s*[,:]\s*(?:di|responde|contesta|escribe|repite|afirma|ignora|olvida|traduce|debes)\b",
        ),
        ("model", 1, rf"\b{_AI}\b"),
    )
)

# Cues that only tell who is meant or when: not an order by themselves, beside another either.
ABOUT: Final = frozenset(
    {"model", "asked", "though", "called", "your answer", "note with an order"}
)

# What no cue can do without: most sentences of most texts have none of it, and are done with.
ANY: Final = re.compile(
    r"fragment|fuentes|usuario|tarea|saltar|regla|"
    r"ignor|olvid|descart|omit|deso[iy]|desat|desobe|anul|cancel|invalid|suspend|sobresc|reempl|sustit"
    r"|por alto|salta|prescind|desactiv|dej[aeo]|caso|atencion|sig[au]|obede|respet|cumpl|apliq|cuenta"
    r"|disreg|forget|overr|bypass|discard|neglect|follow|oubli|compte|abstrac|esque|desconsid|vergiss"
    r"|dimentic|instruc|reglas|prompt|eres|seras|actua|act |actue|comport|fing|hazte|imagina|pretend"
    r"|\bia\b|i\.a\.|inteligencia|modelo|llm|chatbot|gpt|asistente|assistant|asisstant|\bai\b|langage"
    r"|pregunt|consult|ask|respond|respues|contest|\bdi\b|dig[ao]|decir|dile|escrib|afirm|asegur|answer"
    r"|\bsay\b|tell|you |tu es|voce|debes|tienes que|has de|te orden|se te |no (?:menc|cit|rev)|sin (?:cit"
    r"|menc|rev)|\btus?\b|your|prioridad|jailb|modo|bot\b|robot|reponse|resposta|diras|maquina|mensaje|sistema|lo que|piel de|papel de|lugar de|personalidad|conviert|escribas|cuent|conviene|digas|afirmes|que has|que debes|automatic|system|mostrar|revel|[a-z]{18}"
)

_CANCEL_STEMS: Final = tuple(
    """ignor olvid descart omit deso desat desobe anul cancel invalid suspend sobres reempl sustit alto
    salt prescind desactiv dej caso prest sig segu obed resp cumpl apli atien consid us util cuenta aten
    disr forg overr bypass disc negl follow oubli compte abstrac esque descon vergiss dimentic""".split()
)
_RULE_STEMS: Final = tuple(
    "instru indica regla rule orden direct prompt consign restric pauta guidel comman regle orientac ordens anweis istruz regole regras".split()
)
# Letters that a cue cannot do without: looking for them is quicker than trying the pattern.
NEEDED: Final[dict[str, tuple[str, ...]]] = {
    "cancel": _RULE_STEMS,
    "cancel yours": _CANCEL_STEMS,
    "cancel all": ("lo ", "cuanto", "everything", "tout", "tudo"),
    "cancel what": ("lo ", "cuanto", "what"),
    "cancel before": ("lo ", "above", "demas", "otr", "resto", "other"),
    "act": (
        "actu",
        "comport",
        "fing",
        "simula",
        "haz",
        "imagin",
        "pretend",
        "act ",
        "agis",
        "aja",
        "eres",
        "you are",
        "tu es",
    ),
    "mode": ("modo", "mode", "jailbreak", "developer", "sin "),
    "in your answer": ("respuesta", "contestac", "salida"),
    "each answer": ("respuesta", "contestac", "answer", "respons", "repl"),
    "reveal": (
        "prompt",
        "instruc",
        "regla",
        "directri",
        "indicac",
        "configur",
        "sistema",
        "system",
        "rules",
    ),
    "speak to": ("usuario", "user", "utilisateur", "quien", "persona que"),
    "you are": ("eres", "you are", "tu es", "voce e"),
    "models that read": (" que ",),
    "void": _RULE_STEMS,
}
