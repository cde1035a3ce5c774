"""The desk of the page, by its own event and without a browser: what somebody asks and hears."""

from __future__ import annotations

import json
import secrets
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Self

import httpx

_FINAL: Final = frozenset({"answered", "abstained", "conversed", "failed"})
_COMPLETED: Final = "process_completed"
_GENERATING: Final = "process_generating"


@dataclass(frozen=True, slots=True)
class Heard:
    """What became of a question.

    Attributes
    ----------
    state
        The last that the page was told.
    sources_seconds, word_seconds, total_seconds
        From the question to its sources, to the first word and to the whole answer; None where
        there were none.
    """

    state: dict[str, Any]
    sources_seconds: float | None
    word_seconds: float | None
    total_seconds: float


class Visitor:
    """Somebody with the page open; to be used by one thread."""

    def __init__(self, address: str) -> None:
        self._client = httpx.Client(base_url=f"{address}/gradio_api", timeout=300)
        self._session = secrets.token_hex(8)
        config = httpx.get(f"{address}/config", timeout=60).json()
        components = {each["id"]: each["props"] for each in config["components"]}
        (desk,) = (number for number, props in components.items() if props.get("elem_id") == "desk")
        (event,) = (each for each in config["dependencies"] if [desk, "submit"] in each["targets"])
        self._event = {
            "data": [components[number].get("value") for number in event["inputs"]],
            "fn_index": event["id"],
            "trigger_id": desk,
            "session_hash": self._session,
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.close()

    def ask(self, question: str) -> Heard:
        """Ask, and hear every state of the answer.

        Raises
        ------
        httpx.HTTPError
            If the page does not answer as it should.
        """
        from gradio_client.utils import apply_diff  # only what changes of a state is sent

        asked = {"id": secrets.token_hex(8), "question": question, "turns": []}
        started = time.perf_counter()
        self._client.post(
            "/queue/join", json={**self._event, "event_data": asked}
        ).raise_for_status()
        state: Any = None
        sources = word = None
        address = f"/queue/data?session_hash={self._session}"
        with self._client.stream("GET", address) as stream:
            stream.raise_for_status()
            for line in stream.iter_lines():
                if not line.startswith("data:"):
                    continue
                message = json.loads(line.removeprefix("data:"))
                if message["msg"] == _GENERATING:
                    (new,) = message["output"]["data"]
                    state = new if state is None else apply_diff(state, new)
                    now = time.perf_counter() - started
                    sources = now if sources is None and state["sources"] else sources
                    word = now if word is None and state["text"] else word
                if message["msg"] == _COMPLETED:
                    break
        if state is None or state["state"] not in _FINAL or state["id"] != asked["id"]:
            raise httpx.RemoteProtocolError(f"the answer broke off: {state}")
        return Heard(state, sources, word, time.perf_counter() - started)
