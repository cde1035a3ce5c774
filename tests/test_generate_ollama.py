from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import ModelError, ModelMissingError, ModelOfflineError, PromptTooLongError
from rag.generate import OllamaGenerator, spoken
from rag.generate.ollama_api import connectable
from rag.generate.thoughts import without_thinking
from rag.prompt import build_prompt
from rag.schema import Message
from tests.evidence import evidence
from tests.ollama_server import REAL_MODEL, OllamaServer

FARO = evidence(1, "El faro del puerto mide 41 metros y lo construyó Ramón Ferrer en 1887.")
HELLO = [Message("user", "Hola")]
PAGE = "La comisión de aguas revisó el contador número 4.817 y levantó acta de la lectura. " * 25


@pytest.fixture
def server(cache_dir: Path) -> Iterator[OllamaServer]:
    """A server of the test's own, so that what it is taught is forgotten."""
    with OllamaServer(cache_dir) as server:
        yield server


def through(server: OllamaServer, model: str, **settings: object) -> OllamaGenerator:
    return OllamaGenerator(model, host=server.url, **settings)  # type: ignore[arg-type]


def said(generator: OllamaGenerator) -> str:
    return "".join(generator.stream(HELLO, []))


def notices(generator: OllamaGenerator, messages: list[Message]) -> list[str]:
    heard: list[str] = []
    list(generator.stream(messages, [], heard.append))
    return heard


# --- what is asked -----------------------------------------------------------------------------


def test_a_real_model_streams(ollama: OllamaServer) -> None:
    generator = through(ollama, REAL_MODEL)
    messages = [Message("user", "El faro mide 41 metros. ¿Cuánto mide el faro?")]
    pieces = list(generator.stream(messages, [FARO]))
    assert len(pieces) > 1
    assert "".join(pieces).strip()
    assert generator.name == f"ollama:{REAL_MODEL}"


def test_every_request_says_how_long_the_window_is_and_that_nothing_may_be_cut(
    server: OllamaServer,
) -> None:
    server.scripts["breve"] = ["Sí."]
    said(through(server, "breve"))
    body = server.chats()[-1]
    assert body["options"]["num_ctx"] == 8192
    assert body["options"]["temperature"] == 0
    assert (body["truncate"], body["shift"]) == (False, False)
    assert (body["think"], body["keep_alive"], body["stream"]) == (False, "5m", True)


@pytest.mark.parametrize(("setting", "sent"), [("-1", -1), ("300", 300), ("1h30m", "1h30m")])
def test_how_long_a_model_stays_is_sent_as_ollama_reads_it(
    server: OllamaServer, setting: str, sent: object
) -> None:
    server.scripts["breve"] = ["Sí."]
    said(through(server, "breve", keep_alive=setting))
    assert server.chats()[-1]["keep_alive"] == sent


def test_the_window_is_never_longer_than_the_models(server: OllamaServer) -> None:
    server.scripts["breve"] = ["Sí."]
    server.context_length = 2048
    generator = through(server, "breve")
    said(generator)
    assert server.chats()[-1]["options"]["num_ctx"] == 2048
    assert generator.max_prompt_tokens + server.chats()[-1]["options"]["num_predict"] < 2048


# --- the window --------------------------------------------------------------------------------


def test_two_hundred_pages_leave_rules_and_question_where_they_are(server: OllamaServer) -> None:
    server.scripts["lector"] = ["El faro mide 41 metros [1]."]
    generator = through(server, "lector")
    pages = [evidence(n, PAGE, path=f"acta-{n}.txt") for n in range(2, 202)]
    prompt = build_prompt(
        "chat", "¿Cuánto mide el faro?", [FARO, *pages], generator.max_prompt_tokens,
        generator.count_tokens,
    )  # fmt: skip
    assert notices(generator, list(prompt.messages)) == []
    assert 0 < len(prompt.left_out) < 200
    read = server.read[-1]
    assert read == "\n\n".join(message.content for message in prompt.messages)
    assert "Responde siempre en español" in read
    assert "[1] (a.txt) El faro del puerto mide 41 metros" in read
    assert read.rstrip().endswith("Pregunta: ¿Cuánto mide el faro?")
    n_read = server.count(read)
    assert generator.max_prompt_tokens * 0.6 < n_read < generator.max_prompt_tokens


def test_a_prompt_that_does_not_fit_is_an_error_and_not_half_a_prompt(server: OllamaServer) -> None:
    server.scripts["lector"] = ["Sí."]
    with pytest.raises(PromptTooLongError, match="RAG_MAX_EVIDENCE"):
        list(through(server, "lector").stream([Message("user", PAGE * 40)], []))
    assert server.read == []


@pytest.mark.parametrize("year", [2024, 2025])
def test_a_prompt_that_an_old_server_cuts_is_told(server: OllamaServer, year: int) -> None:
    server.scripts["lector"] = ["Sí."]
    server.year = year  # type: ignore[assignment]
    generator = through(server, "lector")
    rules = Message("system", "Responde en español, y estas son las reglas.")
    (notice,) = notices(generator, [rules, Message("user", PAGE * 40)])
    assert "ha recortado" in notice
    assert "las reglas" not in server.read[-1]


def test_a_server_with_a_smaller_window_than_it_was_asked_for_is_told(server: OllamaServer) -> None:
    server.scripts["lector"] = ["Sí."]
    server.year = 2025
    server.max_window = 1000
    (notice,) = notices(through(server, "lector"), [Message("user", PAGE * 4)])
    assert "ha leído 1000 tokens" in notice


@pytest.mark.parametrize("year", [2024, 2025, 2026])
def test_what_is_in_the_cache_is_not_taken_for_cut(server: OllamaServer, year: int) -> None:
    server.scripts["lector"] = ["Sí."]
    server.year = year  # type: ignore[assignment]
    generator = through(server, "lector")
    for question in ("¿Cuánto mide?", "¿Cuánto mide?", "¿Quién lo hizo?"):
        assert notices(generator, [Message("user", f"{PAGE}\n{question}")]) == []


def test_an_answer_that_reaches_its_limit_is_told(server: OllamaServer) -> None:
    server.scripts["hablador"] = ["palabra "] * 300
    server.context_length = 1024
    (notice,) = notices(through(server, "hablador"), HELLO)
    assert "máximo de 256 tokens" in notice


@given(st.lists(st.from_regex(r"[^\W_]{1,12}|\d{1,9}|[.,;:|/-]", fullmatch=True), max_size=30))
def test_parts_have_no_fewer_tokens_than_the_whole(words: list[str]) -> None:
    count = OllamaGenerator.count_tokens
    whole = count(NOBODY, "\n".join(words))
    assert whole <= sum(count(NOBODY, f"\n{word}") for word in words)
    assert whole >= len(words)


NOBODY = OllamaGenerator.__new__(OllamaGenerator)  # counting needs no server


# --- thoughts ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "pieces",
    [
        ["<th", "ink>A ver… [1]</th", "ink>\nMide ", "41 m [1]."],
        ["<THINKING>uf</THINKING>Mide 41 m [1]."],
        ["[THINK]uf[/TH", "INK]Mide 41 m [1]."],
        ["Mide 41 m [1].<think>¿o no? Sin cerrar"],
    ],
)
def test_thoughts_are_not_the_answer(server: OllamaServer, pieces: list[str]) -> None:
    server.scripts["ruidoso:1b"] = pieces
    assert said(through(server, "ruidoso:1b")).strip() == "Mide 41 m [1]."


def test_thoughts_with_a_field_of_their_own_are_not_the_answer(server: OllamaServer) -> None:
    server.scripts["qwen3:4b"] = ["Mide 41 m [1]."]
    server.thoughts["qwen3:4b"] = ["Pienso ", "mucho."]
    server.shown["qwen3:4b"] = {"capabilities": ["completion", "thinking"]}
    assert said(through(server, "qwen3:4b")) == "Mide 41 m [1]."
    assert server.chats()[-1]["think"] is False
    thinker = through(server, "qwen3:4b", think=True)
    pieces = list(thinker.stream(HELLO, []))
    assert server.chats()[-1]["think"] is True
    assert "".join(pieces) == "Mide 41 m [1]."
    assert len(pieces) > 2  # the reader was asked, while it thought, whether to go on


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("DeepSeek-R1:7b", {}),
        ("hf.co/bartowski/Qwen_QwQ-32B-GGUF:Q4_K_M", {}),
        ("mío:1b", {"template": "{{ .Prompt }}<|assistant|><think>\n"}),
    ],
)
def test_a_thought_whose_beginning_is_in_the_prompt_is_not_the_answer(
    server: OllamaServer, name: str, shown: dict[str, object]
) -> None:
    server.scripts[name] = ["Okay, the user ", "asks… [1]\n</thi", "nk>\n\nMide ", "41 m [1]."]
    server.shown[name] = shown
    pieces = list(through(server, name).stream(HELLO, []))
    assert "".join(pieces).strip() == "Mide 41 m [1]."
    assert pieces[:2] == ["", ""]  # held back, and the reader could have stopped it


def test_a_model_that_may_think_aloud_and_does_not_is_heard_to_the_end(
    server: OllamaServer,
) -> None:
    server.scripts["deepseek-r1"] = ["Mide ", "41 m [1]."]
    assert said(through(server, "deepseek-r1")) == "Mide 41 m [1]."


def test_a_model_that_always_thinks_does_so_where_ollama_parts_its_thoughts(
    server: OllamaServer,
) -> None:
    server.scripts["qwen3:4b"] = ["Mide 41 m [1]."]
    template = "{{ .Prompt }}<|im_start|>assistant\n<think>\n"
    server.shown["qwen3:4b"] = {"capabilities": ["completion", "thinking"], "template": template}
    said(through(server, "qwen3:4b"))
    body = server.chats()[-1]
    assert body["think"] is True
    assert "temperature" not in body["options"]  # greedily, it would go round in circles
    for switch in ("{{ if not $.Think }}</think>{{ end }}", "{%- if enable_thinking is false %}"):
        server.shown["qwen3:4b"]["template"] = template + switch
        said(through(server, "qwen3:4b"))
        assert server.chats()[-1]["think"] is False


def test_a_model_deaf_to_not_thinking_has_room_for_it(server: OllamaServer) -> None:
    server.scripts["gpt-oss:20b"] = ["Mide 41 m [1]."]
    info = {"general.architecture": "gptoss", "gptoss.context_length": 131072}
    server.shown["gpt-oss:20b"] = {"capabilities": ["completion", "thinking"], "model_info": info}
    assert said(through(server, "gpt-oss:20b")) == "Mide 41 m [1]."
    body = server.chats()[-1]
    assert body["think"] is True
    assert body["options"]["num_predict"] == 4096


def test_a_model_that_knows_nothing_of_thinking_is_asked_without_the_word(
    server: OllamaServer,
) -> None:
    server.scripts["mistral:7b"] = ["Mide 41 m [1]."]
    server.refuses_think.add("mistral:7b")
    assert said(through(server, "mistral:7b", think=True)) == "Mide 41 m [1]."
    assert "think" not in server.chats()[-1]


PIECES = st.lists(st.sampled_from(["a", "<", "/", "think", ">", "<think>", "</think>", " ", "["]))


@given(PIECES)
def test_thoughts_go_however_they_are_cut(pieces: list[str]) -> None:
    expected = re.sub(r"<think>.*?(</think>|\Z)", "", "".join(pieces), flags=re.DOTALL)
    assert "".join(without_thinking(iter(pieces))) == expected


@given(PIECES)
def test_what_begins_in_a_thought_begins_to_answer_after_it(pieces: list[str]) -> None:
    whole = "".join(pieces)
    answer = whole.partition("</think>")[2] if "</think>" in whole else whole
    expected = re.sub(r"<think>.*?(</think>|\Z)", "", answer, flags=re.DOTALL)
    assert "".join(without_thinking(iter(pieces), begins_thinking=True)) == expected


@given(PIECES)
def test_what_is_spoken_has_no_end_of_a_thought(pieces: list[str]) -> None:
    whole = "".join(pieces)
    assert spoken(whole) == whole.split("</think>")[-1]


@pytest.mark.parametrize("sign", ["\u0085", "\u2028", "\x0b", "\n", "\r\n", "😀", "ñ"])
def test_whatever_sign_a_model_writes_comes_through(server: OllamaServer, sign: str) -> None:
    server.scripts["raro"] = [f"uno{sign}", f"{sign}dos"]
    assert said(through(server, "raro")) == f"uno{sign}{sign}dos"


# --- stopping and breaking ---------------------------------------------------------------------


def test_stopping_reaches_the_server(server: OllamaServer) -> None:
    server.scripts["largo"] = ["palabra "] * 900
    pieces = through(server, "largo").stream(HELLO, [])
    next(pieces)
    pieces.close()  # type: ignore[attr-defined]
    deadline = time.monotonic() + 10
    while not server.n_cut_short and time.monotonic() < deadline:
        time.sleep(0.02)
    assert server.n_cut_short == 1


def test_threads_may_share_a_generator(server: OllamaServer) -> None:
    server.scripts["breve"] = ["uno ", "dos ", "tres"]
    generator = through(server, "breve")
    answers: list[str] = []
    threads = [threading.Thread(target=lambda: answers.append(said(generator))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == ["uno dos tres"] * 6


def test_a_connection_dropped_before_a_word_is_tried_once_more(server: OllamaServer) -> None:
    server.scripts["breve"] = ["Sí."]
    server.drops["breve"] = (1, 0)
    generator = through(server, "breve")
    assert said(generator) == "Sí."
    assert len(server.chats()) == 2
    server.drops["breve"] = (2, 0)
    with pytest.raises(ModelOfflineError, match="cortado la conexión"):
        said(generator)
    assert len(server.chats()) == 4


def test_a_connection_dropped_after_a_word_loses_none(server: OllamaServer) -> None:
    server.scripts["breve"] = ["uno ", "dos ", "tres"]
    server.drops["breve"] = (1, 2)
    heard: list[str] = []
    with pytest.raises(ModelOfflineError, match="cortado la conexión"):
        heard.extend(through(server, "breve").stream(HELLO, []))
    assert len(server.chats()) == 1


def test_a_silent_server_is_waited_for_only_so_long(server: OllamaServer) -> None:
    server.scripts["lento"] = ["Sí."]
    server.seconds_before_answering = 1.0
    with pytest.raises(ModelOfflineError, match="RAG_TIMEOUT_SECONDS"):
        said(through(server, "lento", timeout_seconds=0.2))
    assert said(through(server, "lento", timeout_seconds=30)) == "Sí."


def test_a_model_removed_since(server: OllamaServer) -> None:
    server.scripts["efímero"] = ["hola"]
    generator = through(server, "efímero")
    del server.scripts["efímero"]
    with pytest.raises(ModelMissingError, match="ollama pull"):
        said(generator)


def test_an_error_of_ollamas(server: OllamaServer) -> None:
    server.failures["pesado"] = (500, "model requires more system memory (9.9 GiB)")
    with pytest.raises(ModelError, match="un modelo más pequeño"):
        said(through(server, "pesado"))


# --- which model -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "installed"),
    [
        ("qwen3:4b", "qwen3:4b"),
        ("qwen3", "qwen3:4b"),
        ("QWEN3:4B", "qwen3:4b"),
        ("library/qwen3", "qwen3:4b"),
        ("registry.ollama.ai/library/qwen3:4b", "qwen3:4b"),
        ("DeepSeek-R1", "deepseek-r1:7b"),
        ("mistral", "mistral:latest"),
        ("gemma3", "gemma3:latest"),  # of two, the one that Ollama would take
        ("gemma3:1b", "gemma3:1b"),
        ("granite3.3", "granite3.3:8b"),
        ("hf.co/unsloth/Qwen3-4B-GGUF", "hf.co/unsloth/Qwen3-4B-GGUF:Q4_K_M"),
        ("HF.co/unsloth/qwen3-4b-gguf:q4_k_m", "hf.co/unsloth/Qwen3-4B-GGUF:Q4_K_M"),
        ("alguien/mistral", "alguien/mistral:7b"),
    ],
)
def test_a_model_is_known_by_as_much_of_its_name_as_is_enough(
    ollama_of_many: OllamaServer, asked: str, installed: str
) -> None:
    assert through(ollama_of_many, asked).name == f"ollama:{installed}"


@pytest.fixture(scope="module")
def ollama_of_many(cache_dir: Path) -> Iterator[OllamaServer]:
    with OllamaServer(cache_dir) as server:
        for name in (
            "nomic-embed-text:latest", "qwen3:4b", "deepseek-r1:7b", "alguien/mistral:7b",
            "mistral:latest", "gemma3:1b", "gemma3:latest", "granite3.3:8b", "phi4:14b",
            "phi4:3b", "gpt-oss:120b-cloud", "hf.co/unsloth/Qwen3-4B-GGUF:Q4_K_M",
        ):  # fmt: skip
            server.scripts[name] = ["Sí."]
        server.shown["nomic-embed-text:latest"] = {"capabilities": ["embedding"]}
        yield server


@pytest.mark.parametrize("asked", ["llama3.2:3b", "qwen3:8b", "phi4", "qwen3-4b", "mistral:7b"])
def test_a_model_that_is_not_there_and_those_that_are(
    ollama_of_many: OllamaServer, asked: str
) -> None:
    with pytest.raises(ModelMissingError, match=f"ollama pull {asked}, o usa") as raised:
        through(ollama_of_many, asked)
    assert "--model ollama:" in str(raised.value)
    assert "nomic" not in str(raised.value)
    assert "cloud" not in str(raised.value)


def test_of_a_family_with_several_each_is_named(ollama_of_many: OllamaServer) -> None:
    with pytest.raises(ModelMissingError, match="ollama:phi4:14b, --model ollama:phi4:3b"):
        through(ollama_of_many, "phi4")


def test_a_model_that_only_embeds_does_not_answer(ollama_of_many: OllamaServer) -> None:
    with pytest.raises(ModelError, match="solo calcula vectores"):
        through(ollama_of_many, "nomic-embed-text")


def test_a_model_on_the_servers_of_others_does_not_answer(ollama_of_many: OllamaServer) -> None:
    with pytest.raises(ModelError, match="no está en tu equipo"):
        through(ollama_of_many, "gpt-oss:120b-cloud")
    assert ollama_of_many.chats() == []


# --- where it is -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "called"),
    [
        ("0.0.0.0", "127.0.0.1"),
        ("0.0.0.0:11434", "127.0.0.1:11434"),
        ("http://0.0.0.0:8080/", "http://127.0.0.1:8080/"),
        ("[::]:11434", "[::1]:11434"),
        ("::", "[::1]"),
        ("::1", "[::1]"),
        (' "http://equipo.local:11434/" ', "http://equipo.local:11434/"),
        ("10.0.0.0.0:1", "10.0.0.0.0:1"),
        ("", ""),
    ],
)
def test_where_ollama_listens_is_turned_into_where_to_call_it(given: str, called: str) -> None:
    assert connectable(given) == called


@pytest.mark.parametrize("form", ["{}", "http://{}", "http://{}/", " {}/ ", '"{}"'])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0.0.0.0"])
def test_the_address_may_be_written_in_many_ways(
    server: OllamaServer, monkeypatch: pytest.MonkeyPatch, form: str, host: str
) -> None:
    server.scripts["breve"] = ["Sí."]
    port = server.url.rpartition(":")[2]
    monkeypatch.setenv("OLLAMA_HOST", form.format(f"{host}:{port}"))
    assert said(OllamaGenerator("breve")) == "Sí."


def test_what_stays_on_the_machine_does_not_go_through_a_proxy(
    server: OllamaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    server.scripts["breve"] = ["Sí."]
    assert said(through(server, "breve")) == "Sí."


def test_nobody_there() -> None:
    with pytest.raises(ModelOfflineError, match="ollama serve"):
        OllamaGenerator("qwen3:4b", host="http://127.0.0.1:9")


def test_a_port_that_was_left_out_is_pointed_at() -> None:
    with pytest.raises(ModelOfflineError, match=r"http://127\.0\.0\.2:11434"):
        OllamaGenerator("qwen3:4b", host="http://127.0.0.2")


@pytest.mark.parametrize("host", ["http://:::", "http://127.0.0.1:puerto"])
def test_an_address_that_is_none(host: str) -> None:
    with pytest.raises(ModelError, match="OLLAMA_HOST"):
        OllamaGenerator("qwen3:4b", host=host)


def test_someone_else_there() -> None:
    class Stranger(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"<html>hola</html>")

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Stranger) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with pytest.raises(ModelError, match="no es la de Ollama"):
            OllamaGenerator("qwen3:4b", host=f"http://127.0.0.1:{server.server_address[1]}")
        server.shutdown()
