"""A person at the page: a real browser, and what is done in it again and again."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rag.assistant import Assistant
from rag.web import serve

QUESTION = "¿Qué organización definió en 2024 lo que es una IA de código abierto?"
PATIENCE = 60_000  # milliseconds


def free_port() -> int:
    """Return a port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def served(assistant: Assistant, **options: Any) -> Iterator[str]:
    """Serve a page; give its address."""
    port = free_port()
    page = serve(assistant, port=port, block=False, **options)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        page.close(verbose=False)


class Visit:
    """Somebody who has opened the page, in a browser of their own."""

    def __init__(self, browser: Any, address: str, width: int = 1280, **options: Any) -> None:
        self.context = browser.new_context(
            viewport={"width": width, "height": 844}, **{"locale": "es-ES", **options}
        )
        self.page = self.context.new_page()
        self.urls: list[str] = []
        self.errors: list[str] = []
        self.dialogs: list[str] = []
        self.page.on("request", lambda request: self.urls.append(request.url))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("dialog", self._accept)
        self.page.goto(address)
        self.box = self.page.locator("#question")
        self.box.wait_for(timeout=PATIENCE)

    def _accept(self, dialog: Any) -> None:
        self.dialogs.append(dialog.message)
        dialog.accept()

    def ask(self, question: str) -> None:
        self.box.fill(question)
        self.box.press("Enter")

    def wait_for_answer(self, n_answers: int = 1) -> Any:
        """Return the exchange that was asked last, once nobody writes in it."""
        exchange = self.page.locator(".exchange").nth(n_answers - 1)
        exchange.wait_for(timeout=PATIENCE)
        self.page.locator(".exchange[aria-busy=true]").wait_for(state="detached", timeout=PATIENCE)
        return exchange

    @property
    def sources(self) -> Any:
        return self.page.locator(".source:visible")

    @property
    def scrolls_sideways(self) -> bool:
        return bool(self.page.evaluate("document.documentElement.scrollWidth > innerWidth"))

    @property
    def hosts(self) -> set[str]:
        return {url.split("/")[2] for url in self.urls if url.startswith("http")}

    def leave(self) -> None:
        self.context.close()


@contextmanager
def visiting(browser: Any, address: str, width: int = 1280, **options: Any) -> Iterator[Visit]:
    visit = Visit(browser, address, width, **options)
    try:
        yield visit
    finally:
        visit.leave()
    assert visit.errors == [], visit.errors
    assert visit.hosts <= {address.removeprefix("http://")}
