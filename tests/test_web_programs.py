"""The page's endpoints, as real clients of both protocols find them."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import httpx
import jsonschema
import pytest

from rag.assistant import Assistant
from rag.config import Settings
from rag.schema import Event, Turn
from tests.browsing import served, visiting
from tests.conftest import ROOT
from tests.ollama_server import OllamaServer

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SCHEMA = json.loads((ROOT / "rag" / "ask.schema.json").read_text("utf-8"))
QUESTION = "¿Qué organización definió en 2024 lo que es una IA de código abierto?"
TOKEN = "un-token-de-prueba-bastante-largo"
BEARER = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture(scope="module")
def page(quoting_assistant: Assistant) -> Iterator[str]:
    with served(quoting_assistant, auth="ana:clave de ana", token=TOKEN, mcp=True) as address:
        yield address


@pytest.fixture
def connect(page: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("GRADIO_ANALYTICS_ENABLED", "False")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    from gradio_client import Client

    def connected(address: str = page, **how: Any) -> Any:
        return Client(address, verbose=False, analytics_enabled=False, download_files=False, **how)

    return connected


@pytest.mark.parametrize("how", [{"headers": BEARER}, {"auth": ("ana", "clave de ana")}])
def test_gradio_client_asks_and_searches(connect: Any, how: dict[str, Any]) -> None:
    client = connect(**how)
    offered = client.view_api(return_format="dict")
    assert set(offered["named_endpoints"]) == {"/ask", "/search"}
    assert offered["unnamed_endpoints"] == {}
    record = client.predict(question=QUESTION, api_name="/ask")
    jsonschema.validate(record, SCHEMA)
    assert "Open Source Initiative" in record["answer"]
    found = client.predict(question=QUESTION, max_evidence=2, api_name="/search")
    assert len(found["evidence"]) == 2
    assert found["question"] == QUESTION
    client.close()


def test_a_program_goes_on_with_a_conversation(connect: Any) -> None:
    client = connect(headers=BEARER)
    history = [{"question": "¿Qué ocupación tiene Bill Gurley?", "answer": ""}]
    record = client.predict("¿y Chris Manning?", history, api_name="/ask")
    assert record["standalone_question"] == "¿Qué ocupación tiene Chris Manning?"
    client.close()


def test_what_goes_wrong_is_told_in_spanish_with_its_remedy(connect: Any) -> None:
    from gradio_client.exceptions import AppError

    client = connect(headers=BEARER)
    for arguments, says in (
        ((" ",), "La pregunta está vacía. Escribe qué quieres saber."),
        ((["no"],), "no es un texto"),
        ((QUESTION, "antes"), "no es una conversación"),
        ((QUESTION, [{"answer": "x"}]), "history.question"),
    ):
        with pytest.raises(AppError, match=says):
            client.predict(*arguments, api_name="/ask")
    for n in (0, 51, "cinco", 2.5):
        with pytest.raises(AppError, match="de 1 a 50"):
            client.predict(QUESTION, n, api_name="/search")
    client.close()


def test_the_page_itself_is_no_endpoint(page: str) -> None:
    config = httpx.get(f"{page}/config", headers=BEARER).json()
    public = {
        item["api_name"] for item in config["dependencies"] if item["api_visibility"] != "private"
    }
    assert public == {"ask", "search"}
    assert config["space_id"] is None
    assert config["analytics_enabled"] is False


def with_tools(page: str, use: Any, headers: dict[str, str]) -> Any:
    from mcp import ClientSession
    from mcp.client.streamable_http import streamablehttp_client

    async def run() -> Any:
        async with (
            streamablehttp_client(f"{page}/gradio_api/mcp", headers=headers) as (read, write, _),
            ClientSession(read, write) as session,
        ):
            await session.initialize()
            return await use(session)

    return anyio.run(run)


def test_another_assistant_finds_two_tools_and_uses_both(page: str) -> None:
    async def use(session: Any) -> Any:
        tools = (await session.list_tools()).tools
        asked = await session.call_tool("ask", {"question": QUESTION})
        found = await session.call_tool("search", {"question": QUESTION, "max_evidence": 1})
        empty = await session.call_tool("ask", {"question": ""})
        extra = await session.call_tool("search", {"question": QUESTION, "path": "/etc"})
        return tools, asked, found, empty, extra

    tools, asked, found, empty, extra = with_tools(page, use, BEARER)
    assert [tool.name for tool in tools] == ["ask", "search"]
    assert all("documentos" in tool.description for tool in tools)
    assert all(tool.annotations.readOnlyHint for tool in tools)
    jsonschema.validate(asked.structuredContent, SCHEMA)
    assert json.loads(asked.content[0].text) == asked.structuredContent
    assert "Open Source Initiative" in asked.structuredContent["answer"]
    assert len(found.structuredContent["evidence"]) == 1
    assert empty.isError
    assert empty.content[0].text == "La pregunta está vacía. Escribe qué quieres saber."
    assert extra.isError
    assert "argumentos" in extra.content[0].text


def test_the_tools_are_behind_the_door(page: str) -> None:
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    accept = {"Accept": "application/json"}
    url = f"{page}/gradio_api/mcp"
    assert httpx.post(url, json=call, headers=accept).status_code == 401
    foreign = accept | BEARER | {"Origin": "http://example.com"}
    assert httpx.post(url, json=call, headers=foreign).status_code == 403
    assert httpx.post(url, json=call, headers=accept | BEARER).status_code == 200


# --- taking turns ---------------------------------------------------------------------------------


class Held(Assistant):
    """One who writes nothing until it may, and remembers in what order."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.may_write = threading.Event()
        self.searched: list[str] = []
        self.written: list[str] = []

    def stream(self, question: str, history: Sequence[Turn] = ()) -> Iterator[Event]:
        events = super().stream(question, history)
        found = next(events)
        self.searched.append(question)
        yield found
        self.written.append(question)
        self.may_write.wait(30)
        yield from events


def until(condition: Callable[[], object]) -> None:
    for _ in range(600):
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError("it does not happen")


def call_of(question: str) -> dict[str, Any]:
    asked = {"name": "ask", "arguments": {"question": question}}
    return {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": asked}


@pytest.mark.browser
def test_two_programs_and_a_person_take_turns_and_each_gets_its_own(
    browser: Browser, seeds_index: Path, quoting_assistant: Assistant, connect: Any
) -> None:
    assistant = Held.open(index_dir=seeds_index, model="extractive")
    assistant._engines = quoting_assistant._engines
    first, second, third, gurley, atom = (
        QUESTION, "¿Qué es la cuantización?", "¿Qué es MLA?",
        "¿Qué ocupación tiene Bill Gurley?", "¿Quién promueve el Plan ATOM?",
    )  # fmt: skip
    accept = {"Accept": "application/json"}
    with (
        served(assistant, mcp=True) as address,
        visiting(browser, address) as visit,
        ThreadPoolExecutor(1) as pool,
    ):
        client = connect(address)
        jobs = []
        for question in (first, second, third):
            jobs.append(client.submit(question, api_name="/ask"))
            until(lambda: len(assistant.searched) == len(jobs))
        tool = pool.submit(
            httpx.post, f"{address}/gradio_api/mcp",
            json=call_of(gurley), headers=accept, timeout=60,
        )  # fmt: skip
        until(lambda: gurley in assistant.searched)
        visit.ask(atom)
        visit.page.get_by_text("Esperando").first.wait_for()
        assert assistant.written == [first]
        assistant.may_write.set()
        answers = [job.result(60) for job in jobs]
        answers.append(tool.result().json()["result"]["structuredContent"])
        shown = visit.wait_for_answer().inner_text()
        client.close()
    assert assistant.written[:2] == [first, second]
    assert set(assistant.written[2:4]) == {gurley, atom}
    assert assistant.written[4] == third
    for question, record in zip((first, second, third, gurley), answers, strict=True):
        assert record["question"] == question
        assert record["answer"] == quoting_assistant.ask(question).text
    assert "ATOM" in shown


def test_a_program_that_leaves_stops_the_model(
    ollama_assistant: Assistant, ollama: OllamaServer, connect: Any
) -> None:
    ollama.scripts["lento"] = ["La Open Source Initiative [1].\n\n", *["palabra "] * 3000]
    accept = {"Accept": "application/json"}
    with served(ollama_assistant.using(model="lento"), mcp=True) as address:
        before, n_asked = ollama.n_cut_short, len(ollama.chats())
        for path, sent in (
            ("run/ask", {"data": [QUESTION, None, None]}), ("mcp", call_of(QUESTION))
        ):  # fmt: skip
            with pytest.raises(httpx.ReadTimeout):
                httpx.post(f"{address}/gradio_api/{path}", json=sent, headers=accept, timeout=2)
        until(lambda: ollama.n_cut_short == before + 2)
        client = connect(address)
        job = client.submit(QUESTION, api_name="/ask")
        until(lambda: len(ollama.chats()) == n_asked + 3)
        job.cancel()
        until(lambda: ollama.n_cut_short == before + 3)
        client.close()


def test_a_program_chooses_who_writes_over_the_same_index(page: str, ollama: OllamaServer) -> None:
    url = f"{page}/gradio_api/run/ask"
    for model, writer in (("extractive", "extractive"), (None, "extractive")):
        sent = httpx.post(url, json={"data": [QUESTION, None, model]}, headers=BEARER, timeout=60)
        (record,) = sent.json()["data"]
        assert record["model"] == writer
    refused = httpx.post(url, json={"data": [QUESTION, None, "x" * 300]}, headers=BEARER)
    assert "model" in refused.json()["error"]
