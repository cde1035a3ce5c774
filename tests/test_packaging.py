"""What is promised in the project's own files is so."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

import rag
from rag.generate.adapter import ADAPTER
from tests.conftest import ROOT

READMES = [(ROOT / name).read_text("utf-8") for name in ("README.md", "README.es.md")]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def blocks(text: str) -> list[str]:
    return re.findall(r"^ *```\w+\n.*?^ *```$", text, flags=re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder],
        cwd=ROOT, check=True, capture_output=True,
    )  # fmt: skip
    (built,) = folder.glob("*.whl")
    return built


def test_importing_it_does_not_import_the_assistant() -> None:
    code = "import sys, rag; print('rag.assistant' in sys.modules)"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_the_wheel_has_what_the_program_reads(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path)
    for name in (
        "chat_system.md",
        "chat_user.md",
        "completion_name.md",
        "reading.md",
        "rewrite.md",
    ):
        assert (tmp_path / "rag" / "prompts" / name).is_file()
    for name in (
        "py.typed",
        "ask.schema.json",
        "embed/bundled/weights.py",
        "generate/span_weights.json",
    ):
        assert (tmp_path / "rag" / name).is_file()
    adapter = ADAPTER.relative_to(ROOT)
    assert (tmp_path / adapter).read_bytes() == ADAPTER.read_bytes()
    assert ADAPTER.stat().st_size < 10_000_000
    assert list(tmp_path.rglob("licenses/NOTICE"))
    assert not list(tmp_path.glob("tests"))
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import rag.prompt; "
        "said = rag.prompt.render('completion_name', evidence='e', question='q'); "
        "print(rag.prompt.__file__, said)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith(str(tmp_path))
    assert "Pregunta: q" in done.stdout


def test_one_version() -> None:
    assert PROJECT["project"]["version"] == rag.__version__
    newest = re.search(r"^## \[(.+?)\] - \d{4}-\d\d-\d\d$", CHANGELOG, flags=re.MULTILINE)
    assert newest is not None
    assert newest.group(1) == rag.__version__


CHANGELOG = (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_both_readmes_have_the_same_commands() -> None:
    english, spanish = map(blocks, READMES)
    assert english == spanish
    assert len(english) >= 5


def test_the_commands_of_the_readmes_exist() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    commands = subprocess.run(
        [sys.executable, "-m", "rag", "--help"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    ).stdout
    for text in READMES:
        for target in re.findall(r"(?:^|`)make (\w+)", text, flags=re.MULTILINE):
            assert f"\n{target}:" in makefile or f" {target} " in makefile
        for command in re.findall(r"(?:^|`)rag (\w+)", text, flags=re.MULTILINE):
            assert re.search(rf"^  {command} ", commands, flags=re.MULTILINE), command
        for linked in re.findall(r"\]\((?!http)([^)#]+)\)", text):
            assert (ROOT / linked).exists(), linked


def test_the_settings_of_the_readmes_are_the_defaults() -> None:
    fields = rag.Settings.model_fields
    for text in READMES:
        for names, defaults in re.findall(
            r"^\| (`\w+`(?:, `\w+`)*) \| (`.+?`) \|", text, re.MULTILINE
        ):
            for name, default in zip(
                re.findall(r"`(\w+)`", names), re.findall(r"`([^`]+)`", defaults), strict=False
            ):
                if default != "OLLAMA_HOST":
                    assert str(fields[name].default).lower() == default, name


def test_the_demo_of_the_readmes_is_what_the_corpus_says() -> None:
    quote = re.search(r"«(.+?)»", READMES[0], flags=re.DOTALL)
    assert quote is not None
    document = (ROOT / "seeds" / "licencias-y-pesos-abiertos.md").read_text("utf-8")
    assert " ".join(quote.group(1).split()) in " ".join(document.split())


def test_every_version_is_pinned() -> None:
    lines = (ROOT / "constraints.txt").read_text("utf-8").split()
    assert all(re.fullmatch(r"[\w.-]+==[\w.!]+", line) for line in lines)
    pinned = {line.split("==")[0].lower().replace("_", "-") for line in lines}
    extras = PROJECT["project"]["optional-dependencies"]
    wanted = [
        *PROJECT["project"]["dependencies"],
        *(need for extra in extras.values() for need in extra),
    ]
    names = {re.split(r"[<>=]", need)[0].lower().replace("_", "-") for need in wanted}
    assert names <= pinned
    assert "torch==2.13.0" in lines
