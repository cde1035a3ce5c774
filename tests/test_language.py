from __future__ import annotations

import pytest

from rag.language import is_foreign
from rag.load import load
from rag.split import sentence_spans
from tests.conftest import ROOT

OTHERS = """
O laboratório não distribuiria lucros e teria a sua sede nos Estados Unidos, segundo os documentos.
De acordo com os documentos, o plano foi lançado em 2025 e procura devolver a liderança ao país.
El laboratori no repartiria beneficis i tindria la seva seu als Estats Units.
Segons els documents, el pla es va presentar l'estiu de 2025 amb el suport de diverses persones.
Segundo os documentos, o plan presentouse no verán de 2025 e non repartiría beneficios á súa xente.
Secondo i documenti, il piano è stato presentato nell'estate del 2025 e non distribuirebbe utili.
According to the documents, the plan was presented in the summer of 2025 by Nathan Lambert.
Alibaba trains part of its newest models in Southeast Asia, where it can rent accelerators.
Selon les documents, le plan a été présenté à l'été 2025 et ne distribuerait pas de bénéfices.
该计划于2025年夏天提出，旨在恢复美国的领先地位。
""".strip().splitlines()


@pytest.mark.parametrize("text", OTHERS)
def test_another_language_is_told(text: str) -> None:
    assert is_foreign(text)


def test_no_sentence_of_the_spanish_corpus_is_taken_for_another_language() -> None:
    texts = [load(path, path.name).text for path in sorted((ROOT / "seeds").glob("*.[mt][dx]*"))]
    sentences = [text[start:end] for text in texts for start, end in sentence_spans(text)]
    assert len(sentences) > 400
    assert [sentence for sentence in sentences if is_foreign(sentence)] == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Ferrer",
        "Multi-Head Latent Attention [1]",
        "3,2 millones",
        "Se llama «The harbour lighthouse is tall and was built by hand» en el original.",
        "El comando `git push --force origin main` lo sube.",
        "Según el manual, la opción «turn off the engine» apaga el motor.",
    ],
)
def test_quotations_names_and_fragments_are_no_other_language(text: str) -> None:
    assert not is_foreign(text)
