"""Serving the page: how it begins, how it ends, and what language it speaks."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import pytest

from rag.assistant import Assistant
from rag.errors import PortInUseError, UsageError
from rag.web import TITLE, serve
from rag.web.language import in_spanish
from tests.browsing import QUESTION, free_port, served
from tests.conftest import ROOT
from tests.ollama_server import OllamaServer


def start(*arguments: str | Path, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "rag", "web", *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_the_page_speaks_spanish_to_any_browser(quoting_assistant: Assistant) -> None:
    with served(quoting_assistant) as page:
        text = httpx.get(page, headers={"Accept-Language": "en"}).text
        icon = httpx.get(f"{page}/favicon.ico")
    assert '\tlang="es"' in text
    assert 'lang="en"' not in text
    assert "navigator" in text.partition("<script src")[0]
    assert TITLE in text
    assert '"og:' not in text
    assert "githubusercontent" not in text
    assert icon.headers["content-type"].startswith("image/svg")


def test_what_a_document_says_is_no_head_of_ours() -> None:
    said = b'<html lang="en"><head></head><body><head> <html lang="en">'
    assert in_spanish(said).endswith(b'</head><body><head> <html lang="en">')


def test_ipv6_is_refused_with_its_remedy(seeds_assistant: Assistant) -> None:
    with pytest.raises(UsageError, match=r"127\.0\.0\.1"):
        serve(seeds_assistant, host="::1", port=free_port(), block=False)


def test_a_port_that_is_taken(seeds_assistant: Assistant) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(PortInUseError, match="--port"):
            serve(seeds_assistant, port=taken.getsockname()[1], block=False)


def test_an_answer_that_is_being_written_does_not_keep_the_page_from_ending(
    seeds_index: Path, ollama: OllamaServer, tmp_path: Path
) -> None:
    ollama.scripts["lento"] = ["La Open Source Initiative [1].\n\n", *["palabra "] * 3000]
    port = free_port()
    process = start(
        "--port", str(port), "--index-dir", seeds_index, "--model", "lento", "--token", "--mcp",
        OLLAMA_HOST=ollama.url, RAG_OLLAMA_HOST=ollama.url, TMPDIR=str(tmp_path),
    )  # fmt: skip
    line = first_line(process)
    assert line.startswith(f"Abre http://127.0.0.1:{port}/?token=")
    assert first_line(process).endswith("/gradio_api/mcp")
    bearer = {"Authorization": f"Bearer {line.partition('token=')[2]}"}
    assert [path.name[:8] for path in tmp_path.glob("rag-web-*")] == ["rag-web-"]

    def ask() -> None:
        url = f"http://127.0.0.1:{port}/gradio_api/run/ask"
        try:
            httpx.post(url, json={"data": [QUESTION, None, None]}, headers=bearer, timeout=60)
        except httpx.HTTPError:
            return

    asking = threading.Thread(target=ask)
    asking.start()
    while not any(body["model"] == "lento" for body in ollama.chats()):
        time.sleep(0.02)
        assert asking.is_alive()
    started = time.monotonic()
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0
    assert time.monotonic() - started < 4
    asking.join()
    assert list(tmp_path.glob("rag-web-*")) == []


def test_a_password_is_written_by_a_command_and_opens_the_page(tmp_path: Path) -> None:
    file = tmp_path / "claves"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    for password, code, says in (
        ("secreto largo", 0, "Guardada la clave de ana"),
        ("corta", 2, "Escribe una de 8 a 1024"),
        ("secreto nuevo", 0, "Cambiada la clave de ana"),
    ):
        done = subprocess.run(
            [sys.executable, "-m", "rag", "password", "ana", "--auth-file", str(file)],
            input=f"{password}\n",
            capture_output=True,
            text=True,
            check=False,
            env=environment,
        )
        assert done.returncode == code
        assert says in done.stdout + done.stderr
    form = {"username": "ana", "password": "secreto nuevo"}
    with served(Assistant.open(index_dir=tmp_path, model="extractive"), auth_file=file) as page:
        entered = httpx.post(f"{page}/login", data=form)
    assert entered.json() == {"success": True}


def test_other_machines_are_not_served_without_a_key(tmp_path: Path) -> None:
    done = start("--host", "0.0.0.0", "--index-dir", tmp_path)
    said, _ = done.communicate(timeout=30)
    assert done.returncode == 2
    assert "--auth-file" in said
    assert "--token" in said
