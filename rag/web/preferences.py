"""Preferences: who answers, how strictly and from how much; the choice lasts for the browser."""

from __future__ import annotations

import html
import math
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from rag.assistant import Assistant
from rag.config import Settings
from rag.errors import RagError
from rag.generate import answers_here, label_of
from rag.schema import ModelChoice, Speaker

if TYPE_CHECKING:
    import gradio

AUTOMATIC: Final = "auto"
BALANCED: Final = "equilibrada"
STRICT: Final = "estricta"
OPEN: Final = "abierta"
MAX_EVIDENCE: Final = 10

# Of questions whose matter is in no document: balanced lets one in seven through, the strict one in
# twenty-five and loses six in a hundred good ones; the open one nearly one in five.
# bench/README.md, table 4.
_STRICT_CONFIDENCE: Final = 0.5
_OPEN_CONFIDENCE: Final = 0.1

_STRICTNESS: Final = (
    (
        "Estricta: contesta solo si los documentos lo dicen con claridad, aunque calle más veces",
        STRICT,
    ),
    ("Equilibrada: contesta si es probable que lo digan; es lo recomendado", BALANCED),
    (
        "Abierta: contesta también con indicios, y señala las frases que ninguna fuente confirma",
        OPEN,
    ),
)
_MODEL: Final = re.compile(r"auto|embedded|extractive|ollama:[\w./:@-]{1,190}")
_STORAGE_KEY: Final = "rag-ajustes"
# It hides nothing: the browser keeps no secret here. Fixed, so that another start of the program
# reads what this one has written.
_STORAGE_SECRET: Final = "ajustes"  # noqa: S105

_HERE: Final = (
    "La búsqueda, el modelo incluido y las citas literales trabajan dentro de este programa. "
    "Ollama es otro programa de este mismo equipo, si lo tienes. "
    "Ni tus preguntas ni tus documentos salen de aquí."
)
_ELSEWHERE: Final = (
    "La búsqueda, el modelo incluido y las citas literales trabajan dentro de este programa, en "
    "este equipo. Ollama está en otro equipo, el que se indicó al configurarlo: si contesta él, "
    "la pregunta y los fragmentos citados viajan hasta allí."
)


class Preferences(NamedTuple):
    """The components whose values say how a question is to be answered."""

    model: gradio.Dropdown
    strictness: gradio.Radio
    max_evidence: gradio.Slider


def settings_of(
    model: object, strictness: object, max_evidence: object, own: Settings | None = None
) -> dict[str, Any]:
    """Return what ``Assistant.using`` takes for what a browser has sent, whatever that is.

    What makes no sense is left out, and the assistant's own setting holds.

    Parameters
    ----------
    own
        The assistant's settings: strict is never laxer than they are, nor open stricter.
    """
    settings: dict[str, Any] = {}
    if isinstance(model, str) and _MODEL.fullmatch(model):
        settings["model"] = model
    if strictness == STRICT:
        settings["min_confidence"] = max(_STRICT_CONFIDENCE, own.min_confidence if own else 0.0)
        settings["unsupported"] = "drop"
    elif strictness == OPEN:
        settings["min_confidence"] = min(_OPEN_CONFIDENCE, own.min_confidence if own else 1.0)
        settings["unsupported"] = "mark"
    n_wanted = _whole_number(max_evidence)
    if n_wanted is not None and 1 <= n_wanted <= MAX_EVIDENCE:
        settings["max_evidence"] = n_wanted
    return settings


def build_preferences(assistant: Assistant, tab: gradio.Tab | None = None) -> Preferences:
    """Build the tab's components; within a ``Blocks``.

    Parameters
    ----------
    tab
        Looks for models again whenever it is opened.
    """
    import gradio
    from gradio.context import Context

    own = settings_in_force(assistant)
    gradio.HTML(f"<h2>Quién contesta</h2><p>{_where(assistant)}</p>", elem_id="donde-trabaja")
    with gradio.Row():
        model = gradio.Dropdown(
            _listed((), own["model"]),
            value=own["model"],
            label="Modelo",
            info="Redacta la respuesta con lo que la búsqueda ha encontrado",
            interactive=True,
            # What was listed is not known to a program that was started again, and would be
            # refused in English; ``settings_of`` checks what comes, and ``remember`` what is typed.
            allow_custom_value=True,
            scale=4,
            min_width=280,
            elem_id="modelo",
        )
        look = gradio.Button(
            "Buscar modelos", size="sm", scale=1, min_width=140, elem_id="buscar-modelos"
        )
    notice = gradio.HTML(_notice(""), elem_id="quien-contesta")
    strictness = gradio.Radio(
        list(_STRICTNESS),
        value=BALANCED,
        label="Exigencia",
        info="Cuánto tienen que decir los documentos para que haya respuesta",
        interactive=True,
        elem_id="exigencia",
    )
    max_evidence = gradio.Slider(
        1,
        MAX_EVIDENCE,
        value=own["max_evidence"],
        step=1,
        label="Fuentes por respuesta",
        info="Más fuentes dan más detalle y tardan más en leerse",
        interactive=True,
        buttons=[],
        elem_id="fuentes-por-respuesta",
    )
    gradio.HTML("<p>Estos ajustes se recuerdan en este navegador, y solo en él.</p>")
    page, here = Context.root_block, Context.block
    # What stands in a tab is not there before it is opened; this must be.
    Context.block = page
    stored = gradio.BrowserState(own, storage_key=_STORAGE_KEY, secret=_STORAGE_SECRET)
    Context.block = here
    chosen = Preferences(model, strictness, max_evidence)

    def restore(kept: object) -> tuple[Any, str, int]:
        """Show the choice of last time at once, before anyone is asked whether it can be had."""
        was = read_stored(kept, own)
        listed = gradio.Dropdown(_listed((), was["model"]), value=was["model"])
        return listed, was["strictness"], was["max_evidence"]

    def refresh(kept: object, shown: object) -> tuple[Any, Any]:
        """Ask who can be had, and fall back where the choice cannot."""
        wanted = read_stored(kept, own)["model"]
        value, listed, said = choose_model(wanted, own["model"], assistant.models())
        # It takes a while, and whoever chooses meanwhile must find their choice where it was.
        listing = (
            gradio.Dropdown(listed) if value == shown else gradio.Dropdown(listed, value=value)
        )
        return listing, _notice(said) if said else gradio.skip()

    def tell(kept: object, shown: object) -> Any:
        """Say who answers, if it is whom one wants: of another it is said why."""
        is_wanted = shown == read_stored(kept, own)["model"]
        return _notice(_who(assistant, str(shown))) if is_wanted else gradio.skip()

    def remember(name: object, how: object, n_wanted: object) -> tuple[dict[str, Any], str, str]:
        kept = read_stored({"model": name, "strictness": how, "max_evidence": n_wanted}, own)
        return kept, _notice(_who(assistant, kept["model"])), kept["model"]

    quietly: dict[str, Any] = {
        "queue": False, "show_progress": "hidden", "api_visibility": "private"
    }  # fmt: skip

    def look_again(once: Callable[..., Any]) -> None:
        asked = [stored, model]
        once(refresh, asked, [model, notice], **quietly).then(tell, asked, notice, **quietly)

    if page is not None:
        look_again(page.load(restore, stored, list(chosen), **quietly).then)
    look_again(look.click)
    if tab is not None:
        look_again(tab.select)
    for component in chosen:
        component.input(remember, list(chosen), [stored, notice, model], **quietly)
    return chosen


def settings_in_force(assistant: Assistant) -> dict[str, Any]:
    """Return the values that the components begin with: the assistant's own."""
    settings = assistant.settings
    return {
        "model": settings.model,
        "strictness": BALANCED,
        "max_evidence": min(settings.max_evidence, MAX_EVIDENCE),
    }


def read_stored(kept: object, own: dict[str, Any]) -> dict[str, Any]:
    """Return what a browser has kept as values of the components, whatever that is."""
    given = kept if isinstance(kept, dict) else {}
    name = given.get("model")
    how = given.get("strictness")
    n_wanted = _whole_number(given.get("max_evidence"))
    is_model = isinstance(name, str) and (_MODEL.fullmatch(name) or name == own["model"])
    is_known = how in (STRICT, BALANCED, OPEN)
    is_number = n_wanted is not None and 1 <= n_wanted <= MAX_EVIDENCE
    return {
        "model": name if is_model else own["model"],
        "strictness": how if is_known else own["strictness"],
        "max_evidence": n_wanted if is_number else own["max_evidence"],
    }


def choose_model(
    wanted: str, own: str, choices: tuple[ModelChoice, ...]
) -> tuple[str, list[tuple[str, str]], str]:
    """Return the model to select, those to list as pairs (label, name), and what to say of it.

    A model that is not there is not forgotten: it is taken again when it is back.
    """
    available = [choice for choice in choices if choice.is_available]
    listed = [(choice.label, choice.name) for choice in available]
    if wanted in {choice.name for choice in available}:
        return wanted, listed, ""
    if wanted == own:  # named in a way of its own when the program was started
        return wanted, _listed(available, own), ""
    why = next((choice.why_not for choice in choices if choice.name == wanted), "")
    said = f"«{label_of(wanted)}» no está disponible ahora: contesta «{label_of(AUTOMATIC)}». {why}"
    return AUTOMATIC, listed, said.strip()


def _listed(available: tuple[ModelChoice, ...] | list[ModelChoice], name: str) -> list[Any]:
    listed = [(choice.label, choice.name) for choice in available]
    if name not in {choice.name for choice in available}:
        listed.append((label_of(name), name))
    return listed


def _who(assistant: Assistant, model: str) -> str:
    """Say who would answer."""
    try:
        speaker = assistant.using(model=model).speaker()
    except RagError as error:
        return str(error)
    return said_of(speaker)


def said_of(speaker: Speaker) -> str:
    """Say in one line who would answer, and what there is to know of that."""
    return " ".join((f"Ahora contesta: {speaker.label}.", *speaker.notices))


def _notice(text: str) -> str:
    return f'<p role="status" aria-live="polite">{html.escape(text)}</p>'


def _where(assistant: Assistant) -> str:
    try:
        is_here = answers_here(assistant.settings.ollama_host)
    except ValueError:
        is_here = False
    return _HERE if is_here else _ELSEWHERE


def _whole_number(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if not math.isfinite(value) or value != int(value):
        return None
    return int(value)
