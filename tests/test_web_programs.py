"""The page's endpoints, as real clients of both protocols find them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import httpx
import jsonschema
import pytest

from rag.assistant import Assistant
from rag.web import serve
from tests.conftest import ROOT
from tests.ports import free_port

SCHEMA = json.loads((ROOT / "rag" / "ask.schema.json").read_text("utf-8"))
QUESTION = "¿Qué organización definió en 2024 lo que es una IA de código abierto?"
TOKEN = "un-token-de-prueba-bastante-largo"
BEARER = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture(scope="module")
def page(seeds_index: Path) -> Iterator[str]:
    assistant = Assistant.open(index_dir=seeds_index, model="extractive")
    port = free_port()
    served = serve(
        assistant, port=port, auth="ana:clave de ana", token=TOKEN, mcp=True, block=False
    )
    yield f"http://127.0.0.1:{port}"
    served.close(verbose=False)


@pytest.fixture
def connect(page: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("GRADIO_ANALYTICS_ENABLED", "False")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    from gradio_client import Client

    def connected(**how: Any) -> Any:
        return Client(page, verbose=False, analytics_enabled=False, download_files=False, **how)

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
