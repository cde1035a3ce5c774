from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.converse import accept, reply_to, standalone
from rag.schema import Turn
from tests.conftest import ROOT

CASES = [
    json.loads(line)
    for line in (ROOT / "seeds" / "conversaciones.jsonl").read_text("utf-8").splitlines()
]
LIGHTHOUSE = Turn("¿Quién construyó el faro del puerto?", "Ramón Ferrer [1]\n\n«Fue él.» [1]")
TREATY = Turn("¿Qué países firmaron el tratado?", "Lo firmaron Francia, Italia y Alemania. [1]")
FINE = Turn("¿Qué plazo hay para recurrir una multa?")
PLAN = Turn("¿Qué propone el Plan ATOM?")

texts = st.text(max_size=60) | st.lists(
    st.sampled_from(
        """
        ¿ ? y el la lo su él qué quién cuándo cuántas por segundo último de del en con 2023 16 GB
        Madrid Plan ATOM costó dijo tiene más detalles eso ese plan , . « » [1]
        """.split()
    ),
    max_size=12,
).map(" ".join)
turns = st.lists(st.builds(Turn, texts, texts), max_size=4)


# --- what a piece of a question means ------------------------------------------------------------


@pytest.mark.parametrize(
    ("last", "asked", "expected"),
    [
        ("¿Cuánto costó el plan en 2022?", "¿y en 2023?", "¿Cuánto costó el plan en 2023?"),
        ("¿Cuánto costó el plan en 2022?", "y en 2023", "¿Cuánto costó el plan en 2023?"),
        ("¿Cuánto costó el plan?", "¿y en 2023?", "¿Cuánto costó el plan en 2023?"),
        ("¿Cuál es la capital de España?", "¿y la de Francia?", "¿Cuál es la capital de Francia?"),
        ("¿Cuántos habitantes tiene Madrid?", "¿Y Lugo?", "¿Cuántos habitantes tiene Lugo?"),
        ("¿Qué ventas hubo en enero?", "¿y en mayo?", "¿Qué ventas hubo en mayo?"),
        ("¿Qué dice el artículo 5?", "¿y el 6?", "¿Qué dice el artículo 6?"),
        ("¿Qué pasa con 8 GB?", "¿y con 16?", "¿Qué pasa con 16 GB?"),
        ("¿A qué hora abre el bar?", "¿y los lunes?", "¿A qué hora abre el bar los lunes?"),
        (
            "¿Qué ventas hubo en el primer trimestre?",
            "¿y en el segundo?",
            "¿Qué ventas hubo en el segundo trimestre?",
        ),
        ("¿Cuándo nació Cervantes?", "¿dónde?", "¿Dónde nació Cervantes?"),
        ("¿Es legal alquilarlas?", "¿por qué?", "¿Por qué es legal alquilarlas?"),
        (
            "¿Cuántas tarjetas prevé el plan?",
            "¿y cuántas tiene Nvidia?",
            "¿Cuántas tarjetas tiene Nvidia?",
        ),
    ],
)
def test_a_piece_takes_the_place_of_its_kind(last: str, asked: str, expected: str) -> None:
    assert standalone(asked, [Turn(last)]) == expected


@pytest.mark.parametrize(
    ("last", "asked", "expected"),
    [
        (LIGHTHOUSE, "¿dónde nació?", "¿Dónde nació Ramón Ferrer?"),
        (LIGHTHOUSE, "¿quién es él?", "¿Quién es Ramón Ferrer?"),
        (LIGHTHOUSE, "¿cuánto mide?", "¿Cuánto mide el faro del puerto?"),
        (PLAN, "¿quién lo dirige?", "¿Quién dirige el Plan ATOM?"),
        (PLAN, "¿cuándo se presentó el plan?", "¿Cuándo se presentó el Plan ATOM?"),
        (PLAN, "¿y su presupuesto?", "Sobre el Plan ATOM, ¿cuál es su presupuesto?"),
        (PLAN, "¿cuánto dura ese plan?", "Sobre el Plan ATOM, ¿cuánto dura ese plan?"),
        (PLAN, "¿quién lo dice?", "¿Quién dice qué propone el Plan ATOM?"),
        (FINE, "¿quién puede hacerlo?", "Sobre recurrir una multa, ¿quién puede hacerlo?"),
        (FINE, "¿y si no la pago?", "Sobre recurrir una multa, ¿qué pasa si no la pago?"),
    ],
)
def test_a_pronoun_is_what_was_spoken_of(last: Turn, asked: str, expected: str) -> None:
    assert standalone(asked, [last]) == expected


@pytest.mark.parametrize(
    ("answer", "asked", "expected"),
    [
        (TREATY.answer, "¿y el segundo?", "¿Qué se dice de Italia?"),
        (TREATY.answer, "háblame del primero", "¿Qué se dice de Francia?"),
        (TREATY.answer, "¿cuándo lo ratificó el último?", "¿Cuándo lo ratificó Alemania?"),
        ("1. Malta, en marzo.\n2. Chipre.", "¿y el segundo?", "¿Qué se dice de Chipre?"),
        ("No hay lista.", "¿y el segundo?", "Sobre el tratado, ¿el segundo?"),
    ],
)
def test_an_ordinal_picks_from_what_was_answered(answer: str, asked: str, expected: str) -> None:
    assert standalone(asked, [Turn(TREATY.question, answer)]) == expected


@pytest.mark.parametrize(
    "asked",
    ["más detalles", "dame más detalles", "Explícalo mejor, por favor", "¿Seguro?", "¿en serio?",
     "no lo entiendo", "¿Puedes explicármelo mejor?"],
)  # fmt: skip
def test_asking_again_asks_the_same(asked: str) -> None:
    assert standalone(asked, [TREATY]) == TREATY.question


@pytest.mark.parametrize(
    "asked",
    [
        "¿Qué es la cuantización?",
        "¿Cuánto cuesta un coche eléctrico?",
        "¿Por qué abre una empresa sus modelos?",
        "¿Quién dice que a su país no le falta dinero?",
        "¿Qué escribió Lope de Vega sobre su vida?",
        "¿Cómo se llama el perro de Ana?",
        "¿Qué dice la ley?",
        "¿Qué pasa este año en Cuenca?",
        "plazos de recurso",
        "Cervantes",
        "Si dos números se multiplican, ¿qué nombre recibe ese conjunto?",
        "¿Qué " + "palabra " * 30 + "es esa?",
    ],
)
def test_a_question_that_says_it_all_is_left_alone(asked: str) -> None:
    assert standalone(asked, [PLAN]) is None


def test_changes_of_topic_are_left_alone() -> None:
    changes = [case for case in CASES if case["standalone"] is None]
    assert len(changes) == 5
    for case in changes:
        assert standalone(case["question"], [Turn(case["history"][-1])]) is None


def test_a_chain_goes_on_from_what_was_understood() -> None:
    first = Turn("¿Cuánto costó el Plan ATOM en 2022?")
    second = Turn(standalone("¿y en 2023?", [first]) or "")
    third = Turn(standalone("¿quién lo dice?", [first, second]) or "")
    assert third.question == "¿Quién dice cuánto costó el Plan ATOM en 2023?"
    assert standalone("¿y en 2024?", [first, second, Turn("gracias")]) == (
        "¿Cuánto costó el Plan ATOM en 2024?"
    )


# --- laws ------------------------------------------------------------------------------------


@settings(max_examples=1000, deadline=None)
@given(texts, turns)
def test_whatever_is_said_a_rewriting_is_a_question_of_bounded_length(
    question: str, history: list[Turn]
) -> None:
    written = standalone(question, history)
    if written is not None:
        assert "\n" not in written
        assert any(map(str.isalnum, written))
        assert len(written) <= 400


@given(texts)
def test_without_history_nothing_is_rewritten(question: str) -> None:
    assert standalone(question, []) is None


@given(texts, turns)
def test_what_is_taken_from_a_model_is_one_question(written: str, history: list[Turn]) -> None:
    taken = accept(written, "¿y en 2023?", history)
    if taken is not None:
        assert taken.endswith("?")
        assert "\n" not in taken
        assert len(taken) <= 310


# --- courtesy and a model's writing -----------------------------------------------------------


@pytest.mark.parametrize(
    "said", ["gracias", "Vale, muchas gracias.", "¡Hola!", "ok", "Adiós", "vale"]
)
def test_courtesy_is_answered_politely(said: str) -> None:
    assert reply_to(said)
    assert standalone(said, [PLAN]) is None


@pytest.mark.parametrize(
    "said", ["¿Hola?", "vale de descuento", "gracias a quién", "", "¿?", "claro de luna", "ya no"]
)
def test_what_is_more_than_courtesy_is_not(said: str) -> None:
    assert reply_to(said) is None


def test_courtesy_before_a_question_is_left_out() -> None:
    assert standalone("Vale, gracias. ¿Y quién lo dirige?", [PLAN]) == "¿Quién dirige el Plan ATOM?"


@pytest.mark.parametrize(
    ("written", "taken"),
    [
        ("¿Quién dirige el Plan ATOM?", "¿Quién dirige el Plan ATOM?"),
        ("Pregunta reescrita: «¿Quién dirige el Plan ATOM?»\n", "¿Quién dirige el Plan ATOM?"),
        ("quién dirige el Plan ATOM?", "¿Quién dirige el Plan ATOM?"),
        ("", None),
        ("El Plan ATOM lo dirige Nathan Lambert.", None),
        ("¿Quién dirige el Plan ATOM?\n¿Y por qué?", None),
        ("¿Qué tiempo hace mañana en Albacete según la agencia?", None),
        ("Who leads the ATOM plan?", None),
        ("¿Quién dirige el Plan ATOM " + "y dirige " * 60 + "?", None),
    ],
)
def test_a_rewriting_of_a_model_is_taken_if_it_can_be_one(written: str, taken: str | None) -> None:
    assert accept(written, "¿quién lo dirige?", [PLAN]) == taken
