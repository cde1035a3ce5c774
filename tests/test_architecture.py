"""The structure holds: imports go downhill, and light doors stay light."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import rag
from tests.conftest import ROOT

ENGINES = {
    "torch", "transformers", "sentence_transformers", "faiss", "gradio", "tantivy", "xllamacpp",
    "ollama", "httpx", "numpy", "langchain_text_splitters",
}  # fmt: skip


def test_imports_go_downhill() -> None:
    lint_imports = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [lint_imports, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    "statement", ["import rag", "import rag.cli", "import rag.doctor", "import rag.web"]
)
def test_light_doors_wake_no_engine(statement: str) -> None:
    code = f"{statement}; import sys; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert not ENGINES & set(done.stdout.split())


def test_each_room_has_its_tests() -> None:
    rooms = {path.stem for path in (ROOT / "rag").iterdir() if not path.name.startswith("_")}
    rooms -= {"py", "ask.schema"}
    tested = {path.stem.removeprefix("test_") for path in (ROOT / "tests").glob("test_*.py")}
    assert rooms <= tested


def test_the_public_names_are_the_ones_promised() -> None:
    assert rag.__all__ == sorted(rag.__all__)
    assert all(hasattr(rag, name) for name in rag.__all__)
