"""Small real parts, shared: an embedder of hashes, the bundled models, an index of the seeds."""

from __future__ import annotations

import ipaddress
import shutil
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from rag.assistant import Assistant
from rag.config import load_settings
from rag.embed import BUNDLED_NAME, Embedder, open_embedder
from rag.index import Generation, Making, open_current, sync
from tests.hashing_embedder import HashingEmbedder
from tests.ollama_server import OllamaServer

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Playwright

ROOT = Path(__file__).parent.parent
_BROWSING: Final = ThreadPoolExecutor(1, thread_name_prefix="browsing")


def _refuse_the_network(event: str, arguments: tuple[Any, ...]) -> None:
    """Fail whatever reaches for another machine, from any thread of the test process."""
    if event != "socket.connect" or not isinstance(arguments[1], tuple):
        return
    host = str(arguments[1][0])
    try:
        is_local = ipaddress.ip_address(host.split("%")[0]).is_loopback
    except ValueError:
        is_local = host == "localhost"
    if not is_local:
        raise AssertionError(f"a connection to {host} was tried")


sys.addaudithook(_refuse_the_network)


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the settings of whoever runs the tests out of them."""
    import os

    for name in list(os.environ):
        if name.startswith("RAG_") and name != "RAG_CACHE_DIR":
            monkeypatch.delenv(name)
    monkeypatch.setenv("OLLAMA_HOST", "http://127.0.0.1:9")  # nobody answers there


@pytest.fixture
def hashing() -> HashingEmbedder:
    return HashingEmbedder()


@pytest.fixture
def making(hashing: HashingEmbedder) -> Making:
    return Making(lambda: hashing, hashing.name, max_chunk_tokens=64)


@pytest.fixture(scope="session")
def cache_dir() -> Path:
    return load_settings().cache_dir


@pytest.fixture(scope="session")
def bundled(cache_dir: Path) -> Embedder:
    return open_embedder(BUNDLED_NAME, cache_dir)


@pytest.fixture(scope="session")
def seeds_index(tmp_path_factory: pytest.TempPathFactory, bundled: Embedder) -> Path:
    """The index of the project's own corpus, made once with the bundled model."""
    index_dir = tmp_path_factory.mktemp("seeds-index")
    sync(
        index_dir,
        [ROOT / "seeds"],
        Making(lambda: bundled, bundled.name, load_settings().max_chunk_tokens),
    )
    return index_dir


@pytest.fixture(scope="session")
def seeds_assistant(seeds_index: Path) -> Assistant:
    """An assistant over the seeds, with the embedded model."""
    return Assistant.open(index_dir=seeds_index, model="embedded")


@pytest.fixture(scope="session")
def quoting_assistant(seeds_assistant: Assistant) -> Assistant:
    """The same, where nobody writes: it quotes."""
    return seeds_assistant.using(model="extractive")


@pytest.fixture(scope="session")
def ollama_assistant(seeds_index: Path, bundled: Embedder, ollama: OllamaServer) -> Assistant:
    """An assistant over the seeds that finds the server below."""
    assistant = Assistant.open(index_dir=seeds_index, ollama_host=ollama.url)
    assistant._engines._embedder = bundled
    return assistant


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of three short documents."""
    documents = tmp_path / "documentos"
    (documents / "actas").mkdir(parents=True)
    (documents / "huerta.md").write_text(
        "# La huerta\n\nEl riego de la huerta empieza a las siete.\nLo vigila Aurora Peña.\n\n"
        "## Cosecha\n\nLos tomates se recogen en agosto. Las calabazas, en octubre.\n",
        encoding="utf-8",
    )
    (documents / "puerto.txt").write_text(
        "El faro del puerto mide 41 metros.\n\nLo construyó Ramón Ferrer en 1887.\n",
        encoding="utf-8",
    )
    (documents / "actas" / "enero.txt").write_text(
        "El pleno aprobó un presupuesto de 10.000 euros para la biblioteca.\n", encoding="utf-8"
    )
    return documents


@pytest.fixture
def generation(tmp_path: Path, folder: Path, making: Making) -> Generation:
    """An index of that folder."""
    sync(tmp_path / "index", [folder], making)
    return open_current(tmp_path / "index")


@pytest.fixture(scope="session")
def ollama(cache_dir: Path) -> Iterator[OllamaServer]:
    """A server that speaks Ollama's API, with a real model behind it."""
    with OllamaServer(cache_dir) as server:
        yield server


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, in a thread of its own, with nothing of its own to ask anybody."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("Debian's chromium is not installed")

    def launch() -> tuple[Playwright, Browser]:
        from playwright.sync_api import sync_playwright

        playwright = sync_playwright().start()
        return playwright, playwright.chromium.launch(
            executable_path=chromium,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )

    playwright, opened = _BROWSING.submit(launch).result()
    yield opened
    _BROWSING.submit(opened.close).result()
    _BROWSING.submit(playwright.stop).result()


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run what drives the browser in the browser's thread.

    Playwright's event loop goes on there between its calls, and beside it no other can be run.
    """
    if "browser" not in pyfuncitem.fixturenames:
        return None
    arguments = {name: pyfuncitem.funcargs[name] for name in pyfuncitem._fixtureinfo.argnames}
    _BROWSING.submit(pyfuncitem.obj, **arguments).result()
    return True
