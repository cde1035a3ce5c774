from __future__ import annotations

import math
import pickle
import re
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import asdict, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.embed import BUNDLED_NAME, Embedder
from rag.index import Generation, Making, open_current, sync
from rag.lexical import AnswerType, denies, missing_numbers, opposed
from rag.load.registry import as_document
from rag.load.text.markdown import read_markdown
from rag.retrieve import Features, Retriever
from rag.retrieve.confidence import Calibration
from rag.retrieve.evidence import choose_evidence
from rag.retrieve.query import read_question
from rag.schema import Candidate, Chunk, Evidence, Signals
from rag.split import split
from tests.evidence import passage
from tests.hashing_embedder import HashingEmbedder


@pytest.fixture
def retriever(generation: Generation, hashing: HashingEmbedder) -> Retriever:
    return Retriever(generation, hashing)


@pytest.mark.parametrize(
    ("question", "text", "line"),
    [
        ("¿Quién vigila la huerta?", "Lo vigila Aurora Peña.", 4),
        ("¿Cuándo se recogen los tomates?", "Los tomates se recogen en agosto.", 8),
        ("¿Cuánto mide el faro?", "El faro del puerto mide 41 metros.", 1),
        ("presupuesto de 10000 euros", "El pleno aprobó un presupuesto", 1),
    ],
)
def test_the_best_evidence_is_the_sentence_and_its_line(
    retriever: Retriever, question: str, text: str, line: int
) -> None:
    best = retriever.retrieve(question, 3).evidence[0]
    assert text in best.text
    assert best.line_start <= line <= best.line_end


def test_evidence_is_numbered_scored_and_sorted(retriever: Retriever) -> None:
    found = retriever.retrieve("¿Qué se cosecha en octubre?", 4)
    assert [item.marker for item in found.evidence] == [1, 2, 3, 4]
    scores = [item.score for item in found.evidence]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)
    assert 0 <= found.confidence <= 1
    fused = [passage.score for passage in found.passages]
    assert fused == sorted(fused, reverse=True)
    assert {passage.dense_rank for passage in found.passages} >= {1}


def test_confidence_tells_what_is_there_from_what_is_not(retriever: Retriever) -> None:
    there = retriever.retrieve("¿Quién construyó el faro del puerto?", 3)
    elsewhere = retriever.retrieve("¿Cuántos planetas orbitan alrededor del Sol?", 3)
    assert there.confidence > elsewhere.confidence


# --- evidence ----------------------------------------------------------------------------------


Ask = Callable[..., "Retriever"]


@pytest.fixture
def over(tmp_path: Path, making: Making, hashing: HashingEmbedder) -> Ask:
    """Make a retriever over texts, each a file."""

    def index(*texts: str) -> Retriever:
        (tmp_path / "d").mkdir()
        for number, text in enumerate(texts):
            (tmp_path / "d" / f"{number}.md").write_text(text, encoding="utf-8")
        sync(tmp_path / "i", [tmp_path / "d"], making)
        return Retriever(open_current(tmp_path / "i"), hashing)

    return index


def test_a_chunk_of_nothing_but_marks_takes_no_answer_away(over: Ask, tmp_path: Path) -> None:
    retriever = over("El faro mide 41 metros.\n\n" + "- " * 2000)
    assert any(not chunk.sentences for chunk in open_current(tmp_path / "i").chunks())
    found = retriever.retrieve("¿Cuánto mide el faro?", 3)
    assert [item.text for item in found.evidence] == ["El faro mide 41 metros."]
    assert found.confidence > 0


def fates(candidates: Sequence[Candidate]) -> dict[str, tuple[str, int | None]]:
    return {each.sentence.text: (each.fate, each.marker) for each in candidates}


@pytest.mark.parametrize(
    ("text", "question", "shown"),
    [
        (
            "El pleno eligió a Marta Ruiz. Ella dirige ahora la biblioteca municipal.",
            "¿Quién dirige ahora la biblioteca municipal?",
            "El pleno eligió a Marta Ruiz. Ella dirige ahora la biblioteca municipal.",
        ),
        (
            "La presa se agrietó en mayo. Esto obligó a vaciar el embalse.",
            "¿Qué obligó a vaciar el embalse?",
            "La presa se agrietó en mayo. Esto obligó a vaciar el embalse.",
        ),
        (
            "Para el abono hacen falta:\n\n- el carné de residente\n- una foto reciente\n",
            "¿Qué hace falta para el abono?",
            "Para el abono hacen falta:\n\n- el carné de residente\n- una foto reciente",
        ),
        (
            "—¿Cuánto cuesta la entrada del museo?\n—Seis euros y medio.\n",
            "¿Cuánto cuesta la entrada del museo?",
            "—¿Cuánto cuesta la entrada del museo?\n—Seis euros y medio.",
        ),
        (
            "—¿Qué traía? —Ochenta y dos. —¿Y dónde atracó el barco? —En el muelle de levante.",
            "¿Dónde atracó el barco?",
            "—¿Y dónde atracó el barco? —En el muelle de levante.",
        ),
        (
            "## Gazpacho\n\nIngredientes:\n\n- un kilo de tomates\n- dos pepinos\n",
            "¿Qué ingredientes lleva el gazpacho?",
            "Ingredientes:\n\n- un kilo de tomates\n- dos pepinos",
        ),
        (
            "**Tasa de basuras**\n\nSe paga en dos plazos, en abril y en octubre.\n",
            "¿Qué es la tasa de basuras?",
            "**Tasa de basuras**\n\nSe paga en dos plazos, en abril y en octubre.",
        ),
        (
            "El faro mide 41 metros. El puerto tiene dos muelles y una grúa.",
            "¿Cuántos muelles tiene el puerto?",
            "El puerto tiene dos muelles y una grúa.",
        ),
    ],
)
def test_a_sentence_brings_what_it_needs_to_be_understood(
    over: Ask, text: str, question: str, shown: str
) -> None:
    found = over(text).retrieve(question, 3)
    best = found.evidence[0]
    assert best.text == shown
    assert text[best.start : best.start + len(best.text)] == shown
    assert best.line_start == text.count("\n", 0, best.start) + 1
    assert best.line_end == best.line_start + shown.count("\n")


def test_a_title_that_ends_like_a_sentence_is_no_answer(over: Ask) -> None:
    retriever = over(
        "# Ordenanza de obras menores\n\n"
        "## Artículo 14. Licencias\n\nLas obras menores no necesitan licencia.\n\n"
        "## Artículo 15. Plazos\n\n"
        "1. Las obras empezarán antes de seis meses.\n"
        "2. Las obras acabarán en un año, según el artículo 15.2 de la ley.\n"
    )
    found = retriever.retrieve("¿Qué dice el art. 15.2?", 3)
    assert "acabarán en un año" in found.evidence[0].text
    titles = {
        each.sentence.text for each in found.explanation.candidates if each.signals.title == 1.0
    }
    assert {"Artículo 14. Licencias", "Artículo 15. Plazos"} <= titles


def test_a_neighbour_is_not_shown_again(over: Ask) -> None:
    retriever = over("El pleno eligió a Marta Ruiz. Ella dirige la biblioteca. Otra cosa distinta.")
    found = retriever.retrieve("¿A quién eligió el pleno y qué dirige?", 5)
    assert len([item for item in found.evidence if "Marta" in item.text]) == 1
    became = fates(found.explanation.candidates)
    both = {became["El pleno eligió a Marta Ruiz."], became["Ella dirige la biblioteca."]}
    assert both == {("evidence", 1), ("neighbour", 1)}


REQUIREMENTS = """\
# Obra menor

Requisitos de la solicitud:

- plano firmado
- seguro de la obra {more}
- tasa pagada {more}
- foto de la fachada {more}

¿Quién ha de presentarla? El titular de la obra. Esto lo sabe todo el pueblo {more}.
¿Y en qué mes? En el de abril.

- plano firmado
- además, una fianza {more}
"""


def judged_in_order(
    order: Sequence[int], n_more: int, max_evidence: int
) -> tuple[list[Candidate], tuple[Evidence, ...]]:
    """Choose evidence among the sentences of a text, of which the first in the order is best."""
    text = REQUIREMENTS.format(more="muy bien explicado " * n_more)
    data = text.encode()
    (chunk,) = split(
        as_document("a.md", data, read_markdown(data)), lambda piece: len(piece.split()), 999
    )
    found = passage(chunk)
    signals = Signals(0.5, 0.5, 0.0, 0.5, 1.0, 0.0, 0.0)
    chosen, candidates = choose_evidence(
        [
            Candidate(found, at, signals, -float(rank), rank)
            for rank, at in enumerate(order, start=1)
        ],
        [found],
        max_evidence,
    )
    return list(candidates), chosen


@given(st.permutations(range(13)), st.sampled_from([0, 5, 12, 33]), st.integers(1, 6))
def test_nothing_is_shown_twice_and_fates_are_true(
    order: list[int], n_more: int, max_evidence: int
) -> None:
    candidates, chosen = judged_in_order(order, n_more, max_evidence)
    assert [item.marker for item in chosen] == list(range(1, len(chosen) + 1))
    assert len(chosen) <= max_evidence
    spans = sorted((item.start, item.start + len(item.text)) for item in chosen)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    shown = {item.marker: item for item in chosen}
    best = [each.marker for each in candidates if each.fate == "evidence"]
    assert best == sorted(shown)
    for each in candidates:
        start, end = each.sentence.start, each.sentence.end
        inside = [
            item.marker
            for item in chosen
            if item.start <= start and end <= item.start + len(item.text)
        ]
        if each.fate in {"evidence", "neighbour"}:
            assert inside == [each.marker]
        else:
            assert inside == []
        if each.fate == "duplicate":
            assert each.marker is not None
            assert each.sentence.text.casefold().strip(".") in shown[each.marker].text.casefold()


def test_an_introduction_takes_in_the_items_shown_apart() -> None:
    # «seguro…», «El titular…», «foto…», «Requisitos…:», «tasa…».
    candidates, chosen = judged_in_order([3, 7, 5, 1, 4], 0, 5)
    assert [(item.text.split()[0], item.line_start, item.line_end) for item in chosen] == [
        ("Requisitos", 3, 8),
        ("El", 10, 10),
    ]
    assert [(each.fate, each.marker) for each in candidates] == [
        ("evidence", 1),
        ("evidence", 2),
        ("neighbour", 1),
        ("neighbour", 1),
        ("neighbour", 1),
    ]


def test_the_place_of_what_was_taken_in_goes_to_the_best_of_the_rest() -> None:
    candidates, chosen = judged_in_order([3, 5, 7, 1], 0, 2)
    assert [item.text.split()[0] for item in chosen] == ["Requisitos", "El"]
    assert candidates[2].fate == "evidence"


@pytest.mark.parametrize("order", [[6, 8], [8, 6]])
def test_neighbours_too_long_together_are_shown_apart(order: list[int]) -> None:
    _, chosen = judged_in_order(order, 33, 5)
    assert len(chosen) == 2
    assert len(chosen[0].text) <= 700 < sum(len(item.text) for item in chosen)
    assert sorted("El titular de la obra." in item.text for item in chosen) == [False, True]


@pytest.mark.parametrize(
    ("text", "question"),
    [
        (
            "El molino muele trigo de la comarca. Lo demás no importa. "
            "El molino muele trigo de la comarca.\n",
            "El molino muele trigo de la comarca.",
        ),
        (
            "Requisitos de la obra:\n\n- requisitos de la obra\n- plano del solar\n",
            "Requisitos de la obra:",
        ),
    ],
)
def test_what_is_said_twice_in_the_same_lines_has_one_place(
    over: Ask, text: str, question: str
) -> None:
    best = over(text, f"Una introducción.\n\n{question}\n").retrieve(question, 5).evidence[0]
    (other,) = best.also_at
    assert other.path != best.path


def test_what_is_said_twice_is_shown_once_with_both_places(over: Ask) -> None:
    said = "El molino viejo muele trigo de toda la comarca desde hace mucho tiempo."
    retriever = over(
        f"{said}\n\nUna frase que nada tiene que ver.\n",
        f"Una introducción.\n\n{said.replace('comarca', 'comarcá')}\n",
        said.replace("mucho", "poco") + "\n",
    )
    found = retriever.retrieve("¿Qué muele el molino viejo?", 5)
    (much,) = [item for item in found.evidence if "mucho" in item.text]
    (little,) = [item for item in found.evidence if "poco" in item.text]
    assert {much.line_start, *(place.line_start for place in much.also_at)} == {1, 3}
    assert little.also_at == ()
    assert any(fate == "duplicate" for fate, _ in fates(found.explanation.candidates).values())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("La tasa anual de recogida de basuras es de 120 euros por vivienda.", ("120", "130")),
        ("El perro puede entrar en la biblioteca municipal con correa.", ("puede", "no puede")),
    ],
)
def test_one_figure_or_one_no_makes_another_text(
    over: Ask, one: str, other: tuple[str, str]
) -> None:
    found = over(one, one.replace(*other)).retrieve(one, 5)
    assert {item.text for item in found.evidence} == {one, one.replace(*other)}
    assert all(item.also_at == () for item in found.evidence)


def test_a_long_neighbour_stays_away(over: Ask) -> None:
    # Of few words: both sentences must fit in a chunk of this index.
    long = "El informe dice " + "extraordinariamente " * 40 + "y nada más."
    found = over(f"{long} Esto alarmó al alcalde.").retrieve("¿Qué alarmó al alcalde?", 3)
    assert found.evidence[0].text == "Esto alarmó al alcalde."


def test_a_fate_is_what_became_of_it(over: Ask) -> None:
    retriever = over(
        "# Herramientas\n\n## Del carpintero\n\n- Sierra japonesa de costilla\n"
        "- Formón de 12 milímetros\n- Cepillo del número 4\n- Escuadra de acero\n"
    )
    found = retriever.retrieve("¿Qué medida tiene el formón y de qué es la sierra?", 5)
    shown = {item.marker: item.text for item in found.evidence}
    for candidate in found.explanation.candidates:
        if candidate.fate in {"evidence", "neighbour"}:
            assert candidate.marker is not None
            assert candidate.sentence.text in shown[candidate.marker]
    assert any("Sierra" in text for text in shown.values())
    assert any("Formón" in text for text in shown.values())


def test_a_copy_of_part_of_what_is_shown_is_not_shown(over: Ask) -> None:
    said = "El presidente de la junta es Anselmo Quiroga."
    found = over(f"{said} Fue elegido en 2021 por todos.", f"{said}\n").retrieve(
        "¿Quién es el presidente de la junta?", 5
    )
    assert sum(said in item.text for item in found.evidence) == 1
    best = next(item for item in found.evidence if said in item.text)
    assert len(best.also_at) == 1


def test_every_candidate_has_its_fate(retriever: Retriever) -> None:
    found = retriever.retrieve("¿Cuándo se recogen los tomates?", 2)
    candidates = found.explanation.candidates
    assert [each.rank for each in candidates] == list(range(1, len(candidates) + 1))
    assert {each.marker for each in candidates if each.fate == "evidence"} == {1, 2}
    assert all((each.marker is None) == (each.fate == "cut") for each in candidates)
    assert any(each.fate == "cut" for each in candidates)


# --- the question ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("¿Cuándo se fundó?", "time"),
        ("en que año se fundo", "time"),
        ("¿CUÁNTO MIDE?", "amount"),
        ("¿Quién lo hizo?", "name"),
        ("¿De dónde viene?", "place"),
        ("¿Por qué cerró?", "reason"),
        ("¿Qué hace el perro cuando llueve?", None),
        ("Háblame del faro", None),
        ("Who built the lighthouse?", "name"),
    ],
)
def test_what_is_asked_for(
    generation: Generation, hashing: HashingEmbedder, question: str, expected: AnswerType | None
) -> None:
    assert read_question(question, hashing, generation.lexical).answer_type == expected


@pytest.mark.parametrize(
    ("question", "sentence", "expected"),
    [
        ("¿Cuándo se fundó?", "Se fundó en 1887.", True),
        ("¿Cuándo se fundó?", "Se fundó en marzo.", True),
        ("¿Qué pasó en 1887? ¿Cuándo?", "En 1887 hubo fiesta.", False),
        ("¿Cuándo se fundó?", "Se fundó con pompa.", False),
        ("¿Cuántos barcos hay?", "Hay veintitrés barcos.", True),
        ("¿Quién lo hizo?", "Lo hizo Ramón.", True),
        ("¿Quién era Ramón?", "Era Ramón.", False),
        ("¿Por qué cerró?", "Cerró porque llovía.", True),
        ("Háblame del faro", "El faro mide 41 metros.", False),
    ],
)
def test_what_may_answer(
    generation: Generation,
    hashing: HashingEmbedder,
    question: str,
    sentence: str,
    expected: bool,
) -> None:
    query = read_question(question, hashing, generation.lexical)
    assert query.may_answer(sentence) is expected


def test_what_surrounds_a_question_counts_less(
    generation: Generation, hashing: HashingEmbedder
) -> None:
    query = read_question(
        "Hola, buenas tardes. Llevo un rato leyendo y no doy con ello, así que pregunto: "
        "¿Cuánto mide el faro? Muchas gracias de antemano por la ayuda prestada.",
        hashing,
        generation.lexical,
    )
    assert query.weights["far"] == 1.0
    assert query.weights["graci"] < 0.5
    assert query.answer_type == "amount"
    assert abs(float(query.vector @ query.vector) - 1) < 1e-3
    whole = read_question("Según el acta, ¿cuánto mide el faro?", hashing, generation.lexical)
    assert set(whole.weights.values()) == {1.0}


@pytest.mark.parametrize(
    "question",
    [
        "¿CUANTO MIDE EL FARO DEL PUERTO?",
        "cuanto mide el faro del puerto",
        "¿Cuánto mide el faor del puerto?",
        "Buenas tardes, vivo cerca y siempre me lo he preguntado. ¿Cuánto mide el faro? Gracias.",
        "How tall is the lighthouse of the harbour?",
    ],
)
def test_typed_badly_at_length_or_in_english(
    folder: Path, tmp_path: Path, bundled: Embedder, question: str
) -> None:
    sync(tmp_path / "i", [folder], Making(lambda: bundled, bundled.name, 400))
    retriever = Retriever(open_current(tmp_path / "i"), bundled)
    assert "41 metros" in retriever.retrieve(question, 2).evidence[0].text


# --- confidence --------------------------------------------------------------------------------


def test_what_speaks_against_the_evidence_is_said(over: Ask) -> None:
    retriever = over("El paro aumentó en la comarca durante 2021 según el instituto de empleo.")
    question = "¿Cuánto {} el paro en la comarca durante {} según el instituto de empleo?"
    plain = retriever.retrieve(question.format("aumentó", "2021"), 1).explanation
    opposite = retriever.retrieve(question.format("disminuyó", "2021"), 1).explanation
    other_year = retriever.retrieve(question.format("aumentó", "2023"), 1).explanation
    denied = retriever.retrieve(question.format("no aumentó", "2021"), 1).explanation
    assert "La pregunta dice «disminuyó» y la cita, «aumentó»." in opposite.doubts
    assert "El pasaje no menciona «2023»." in other_year.doubts
    assert "La pregunta niega algo que la cita no niega." in denied.doubts
    for explanation in (opposite, other_year, denied):
        assert explanation.confidence < plain.confidence


@pytest.mark.parametrize(
    ("question", "evidence", "expected"),
    [
        ("¿Qué redujo el gasto?", "El plan aumentó el gasto.", True),
        ("¿Qué aumentó?", "El plan aumentó el gasto y redujo el paro.", False),
        ("¿De qué dependen los límites?", "Los límites son independientes.", True),
        ("¿Qué es lo menos controvertido?", "Lo más incontrovertido.", True),
        ("¿Quién ganó?", "Ganó el equipo rojo.", False),
        ("¿Quién hizo este puente?", "El puente del sur lo hizo Ruiz.", False),
        ("¿Cuál es la más antigua?", "La ermita tiene nueve siglos.", False),
        ("¿Qué torre es alta?", "La torre está bajo el cerro.", False),
        ("¿Cuándo cerró?", "En abril cambió de dueño.", False),
    ],
)
def test_opposites(question: str, evidence: str, expected: bool) -> None:
    assert (opposed(question, evidence) is not None) is expected


def test_negations_and_numbers() -> None:
    assert denies("Nunca se dijo")
    assert denies("CARECE DE AGUA")
    assert not denies("Se dijo en noviembre")
    text = "El H20 costaba 2.024 euros"
    assert missing_numbers("¿Cuánto cuesta el H200 en 2024?", text) == ["H200"]
    assert missing_numbers("¿Qué pasa con 1.500 euros?", text) == ["1.500"]
    assert missing_numbers("¿Y el 1.º de abril de 2019?", "El 1 de abril de 2019 llovió.") == []


@pytest.mark.parametrize("model", [BUNDLED_NAME, "otro"])
def test_confidence_is_a_probability_that_rises_with_what_is_found(model: str) -> None:
    calibration = Calibration(model, np.ones((1, 2), dtype=np.float32))
    nothing = Features(0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0)
    everything = Features(1.0, 9.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    assert 0.0 <= math.prod(calibration.probabilities(nothing)) < 0.01
    assert 0.9 < math.prod(calibration.probabilities(everything)) <= 1.0


def test_a_form_filled_in_a_hundred_times_does_not_crowd_the_rest_out(over: Ask) -> None:
    form = "El plazo para presentar la solicitud de obra es de diez días.\n"
    forms = [form.replace(" ", " " * (1 + at % 7)) + "\n" * at for at in range(100)]
    retriever = over(*forms, "La solicitud de obra se presenta en el registro del puerto.\n")
    found = retriever.retrieve("¿Cuál es el plazo de la solicitud de obra?", 5)
    best, *others = found.evidence
    assert "diez" in re.sub(r"\s+", " ", best.text)
    assert len({best.path, *(at.path for at in best.also_at)}) == 100
    assert [item for item in others if "registro" in item.text]
    assert not [item for item in others if "diez" in item.text]


def test_only_the_passages_that_are_looked_at_are_read(
    over: Ask, hashing: HashingEmbedder, tmp_path: Path
) -> None:
    said = "El huerto de la estación se riega los martes."
    over(*(f"{said} Parcela {at}: {at * 37} tomates.\n" for at in range(60)))
    generation = open_current(tmp_path / "i")
    read: list[int] = []
    chunk_of = generation.chunk

    def remembered(row: int) -> Chunk:
        read.append(row)
        return chunk_of(row)

    vars(generation)["chunk"] = remembered
    found = Retriever(generation, hashing).retrieve("¿Cuántos tomates da la parcela 12?", 3)
    assert len(found.passages) > 30
    assert read == [passage.row for passage in found.passages[:10]]
    assert len(found.explanation.as_dict()["passages"]) == len(found.passages)
    assert len(read) == len(set(read)) == len(found.passages)


def test_what_was_found_can_be_copied_kept_and_sent(over: Ask) -> None:
    said = "El huerto de la estación se riega los martes."
    found = over(f"{said}\n", f"«{said}»\n", "El faro mide 41 metros.\n").retrieve(said, 3)
    assert asdict(found)["evidence"][0]["text"] == found.evidence[0].text
    for other in (deepcopy(found), pickle.loads(pickle.dumps(found))):
        assert other == found
        assert other.as_dict() == found.as_dict()
        assert other.explanation.as_dict() == found.explanation.as_dict()
        assert [p.copies for p in other.passages] == [p.copies for p in found.passages]
        assert replace(other.passages[0], score=0.0).chunk == found.passages[0].chunk
    assert any(passage.copies for passage in found.passages)


def test_what_is_said_again_far_below_is_found_there(over: Ask) -> None:
    said = "El huerto de la estación se riega los martes"
    others = (f"{said}, y la parcela {at} da {at * 37} tomates.\n" for at in range(40))
    far = "\n".join(f"Acta {at} del ayuntamiento sobre asuntos varios." for at in range(9))
    found = over(f"{said}.\n", *others, f"{far}\n\n{said.upper()}.\n").retrieve(f"¿{said}?", 1)
    (best,) = found.evidence
    (place,) = best.also_at
    paths = {best.path, place.path}
    assert len(paths) == 2
    ranks = [passage.fused_rank for passage in found.passages if passage.chunk.path in paths]
    assert max(ranks) > 10


def test_a_row_of_a_table_is_told_by_what_it_says_itself(over: Ask) -> None:
    rows = "\n\n".join(
        f"Mes: {month}; Visitantes del museo: {visitors}; Nota media: 9"
        for month, visitors in (("Febrero", 287), ("Marzo", 641), ("Abril", 598))
    )
    found = over(rows + "\n").retrieve("¿Cuántos visitantes tuvo el museo en marzo?", 3)
    assert "641" in found.evidence[0].text
