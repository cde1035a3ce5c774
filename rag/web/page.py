"""Page: its tabs, and what happens in them. It asks the assistant and nobody else."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from rag.assistant import Assistant
from rag.schema import Answer, Turn
from rag.web.exchange import paragraph, render_events
from rag.web.programs import offer_to_programs

if TYPE_CHECKING:
    import gradio

TITLE: Final = "Pregunta a tus documentos"
_DESCRIPTION: Final = (
    "Cada respuesta cita el archivo y la línea que lo dicen. Nada sale de este equipo."
)
_ASK: Final = "¿Qué quieres saber?"
_WAIT: Final = "Espera a que termine la respuesta, o detenla"


def build_page(assistant: Assistant) -> gradio.Blocks:
    """Build the page; it asks the assistant and nobody else."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    os.environ["HF_HUB_OFFLINE"] = "1"
    import gradio

    def respond(
        question: str, shown: list[Any], turns: list[Turn]
    ) -> Iterator[tuple[Any, list[Any], list[Turn]]]:
        if not question.strip():
            yield ready, shown, turns
            return
        # The question is escaped as well: it may have been pasted from anywhere.
        shown = [*shown, {"role": "user", "content": paragraph(question)}]
        # What is typed meanwhile stays in the box, which is emptied once and cannot send.
        box = gradio.update(value="", submit_btn=False, placeholder=_WAIT)
        answered: list[Turn] = []

        def on_answer(answer: Answer) -> None:
            answered.append(answer.turn)

        for state in render_events(assistant, question, turns, on_answer):
            # Not before the answer is whole: one that is stopped is no turn.
            yield box, [*shown, {"role": "assistant", "content": state}], turns
            box = gradio.skip()
        yield ready, [*shown, {"role": "assistant", "content": state}], [*turns, *answered]

    def stop(shown: list[Any]) -> tuple[Any, list[Any]]:
        stopped = {"role": "assistant", "content": paragraph("Respuesta detenida.", "aviso")}
        return ready, [*shown[:-1], stopped] if shown else shown

    def forget() -> tuple[Any, list[Any], list[Turn]]:
        return ready, [], []

    ready = gradio.update(submit_btn=True, placeholder=_ASK)

    with gradio.Blocks(title=TITLE, analytics_enabled=False, fill_height=True) as blocks:
        gradio.Markdown(f"# {TITLE}\n\n{_DESCRIPTION}")
        chat = gradio.Chatbot(
            show_label=False,
            sanitize_html=True,
            latex_delimiters=[],
            buttons=[],
            feedback_options=None,
            height="60vh",
            scale=1,
        )
        question = gradio.Textbox(
            placeholder=_ASK,
            label="Pregunta",
            show_label=False,
            max_length=assistant.settings.max_question_chars,
            autofocus=True,
            submit_btn=True,
            stop_btn=True,
        )
        anew = gradio.Button("Nueva conversación", size="sm", variant="secondary")
        turns = gradio.State([])  # what was said, which the chat holds only as HTML
        conversation = [question, chat, turns]
        asked = question.submit(respond, conversation, conversation, api_visibility="private")
        question.stop(None, cancels=[asked]).then(
            stop, chat, [question, chat], queue=False, api_visibility="private"
        )
        anew.click(None, cancels=[asked]).then(
            forget, None, conversation, queue=False, api_visibility="private"
        )
        offer_to_programs(assistant)
    page: gradio.Blocks = blocks
    return page
