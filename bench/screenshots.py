"""The screenshots of the READMEs: the page as a person sees it, over the project's own documents.

python -m bench.screenshots            # writes bench/screenshots/*.png
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from rag.assistant import Assistant
from rag.web import serve

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT: Final = Path(__file__).parents[1]
FOLDER: Final = Path(__file__).with_name("screenshots")
QUESTIONS: Final = (
    "¿Quién dirige el club de lectura?",
    "¿Cuánto paga al mes cada mesa de terraza en la Calle Real?",
)
_PORT: Final = 7899
_PATIENCE: Final = 60_000  # milliseconds
_DESKTOP: Final = (1366, 860)
_PHONE: Final = (390, 844)


def main() -> None:
    """Take them all."""
    from playwright.sync_api import sync_playwright

    FOLDER.mkdir(exist_ok=True)
    with TemporaryDirectory(prefix="rag-screenshots-") as name, sync_playwright() as playwright:
        assistant = Assistant.open(index_dir=Path(name), model="embedded")
        assistant.index([Path("seeds")])
        page = serve(assistant, port=_PORT, block=False)
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        take_all(browser)
        browser.close()
        page.close(verbose=False)


def take_all(browser: Browser) -> None:
    """Take the welcome, an answer by day and by night, the tabs and a phone."""
    with opened(browser, _DESKTOP) as page:
        page.locator(".examples").wait_for(timeout=_PATIENCE)
        take(page, "welcome")
        converse(page)
        page.locator(".marker").last.click()
        take(page, "answer")
        page.get_by_role("button", name="¿Por qué esta respuesta?").last.click()
        take(page, "why")
        page.get_by_role("button", name="Abrir el documento").first.click()
        page.locator("dialog .cited").first.wait_for(timeout=_PATIENCE)
        take(page, "document")
        page.keyboard.press("Escape")
        page.get_by_role("tab", name="Documentos").click()
        page.locator("#documents tbody tr").first.wait_for(timeout=_PATIENCE)
        take(page, "documents")
        page.get_by_role("tab", name="Ajustes").click()
        page.get_by_text("Exigencia").wait_for(timeout=_PATIENCE)
        take(page, "settings")
    with opened(browser, _DESKTOP, "dark") as page:
        converse(page)
        take(page, "dark")
    with opened(browser, _PHONE) as page:
        converse(page)
        page.locator(".marker").last.click()
        take(page, "phone")


def converse(page: Page) -> None:
    """Ask, and wait for the answers."""
    for question in QUESTIONS:
        page.locator("#question").fill(question)
        page.keyboard.press("Enter")
        page.locator(".exchange[aria-busy=true]").wait_for(timeout=_PATIENCE)
        page.locator(".exchange[aria-busy=true]").wait_for(state="detached", timeout=_PATIENCE)


def take(page: Page, name: str) -> None:
    """Take a screenshot, once nothing moves."""
    page.mouse.move(0, 0)
    page.wait_for_timeout(600)
    path = FOLDER / f"{name}.png"
    page.screenshot(path=path, animations="disabled")
    print(path.relative_to(ROOT))


@contextmanager
def opened(browser: Browser, size: tuple[int, int], light: str = "light") -> Iterator[Page]:
    """Open the page in a browser of its own."""
    width, height = size
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if light == "dark" else "light",
        locale="es-ES",
    )
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{_PORT}")
    page.locator("#question").wait_for(timeout=_PATIENCE)
    yield page
    context.close()


if __name__ == "__main__":
    main()
