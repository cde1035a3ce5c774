"""Voices: the generators of an assistant, by the name that they are asked for by."""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from typing import Final

from rag.config import Settings
from rag.errors import ModelError
from rag.generate import (
    GeneratorOptions,
    OllamaGenerator,
    Opened,
    label_of,
    look_for_models,
    model_choices,
    open_generator,
    open_without_server,
    plain_name,
    who_is_automatic,
)
from rag.schema import ModelChoice, Speaker

# Where Ollama was not there it is looked for again, at the earliest after this long. A look that
# takes long, at a machine that is off, is followed by a longer wait, up to a minute.
_LOOK_AGAIN_SECONDS: Final = 10.0
_MAX_SHARE_OF_TIME: Final = 1 / 30
_LONGEST_WAIT_SECONDS: Final = 60.0

_MAX_VOICES: Final = 16
_GLANCE_SECONDS: Final = 0.5  # the longest that a reader waits to be told who would write
_GLANCE_LASTS_SECONDS: Final = 3.0


class Voices:
    """Opens who is asked for, and keeps the last ones; may be shared by threads.

    What is kept of a model of Ollama's is light, and the embedded one is the same for everybody, so
    that to change from one to another costs nothing.
    """

    def __init__(self, settings: Settings) -> None:
        self._options = GeneratorOptions(
            cache_dir=settings.cache_dir,
            ollama_model=settings.ollama_model,
            ollama_host=settings.ollama_host,
            context_tokens=settings.context_tokens,
            keep_alive=settings.keep_alive,
            timeout_seconds=settings.timeout_seconds,
            think=settings.think,
            use_adapter=settings.adapter,
        )
        self._lock = threading.Lock()
        self._voices: OrderedDict[str, _Voice] = OrderedDict()
        self._glanced: tuple[float, Sequence[str] | ModelError] | None = None

    def open(self, model: str) -> Opened:
        """Return the language model that ``--model`` names.

        ``auto`` goes on looking now and then for an Ollama that was not there.

        Raises
        ------
        ModelError
            If it cannot be opened; nothing of it is kept.
        """
        model = plain_name(model)
        with self._lock:
            voice = self._voices.get(model) or _Voice(model, self._options)
            self._voices[model] = voice
            self._voices.move_to_end(model)
            if len(self._voices) > _MAX_VOICES:
                self._voices.popitem(last=False)
        try:
            return voice.open()
        except ModelError:
            with self._lock:
                if voice.opened is None and self._voices.get(model) is voice:
                    del self._voices[model]
            raise

    def do_without_ollama(self, error: ModelError) -> Opened:
        """Return what ``auto`` is without a server, until Ollama is looked for again.

        Parameters
        ----------
        error
            Why.
        """
        with self._lock:
            voice = self._voices.setdefault("auto", _Voice("auto", self._options))
        return voice.do_without_ollama(error)

    def choices(self) -> tuple[ModelChoice, ...]:
        """Return the models that can be asked for now."""
        return model_choices(self._options.ollama_model, self._options.ollama_host)

    def is_served(self, model: str) -> bool:
        """Tell whether a server would write, as far as is known without asking it."""
        with self._lock:
            voice = self._voices.get(plain_name(model))
        opened = None if voice is None else voice.opened
        return opened is not None and isinstance(opened.generator, OllamaGenerator)

    def speaker(self, model: str) -> Speaker:
        """Tell who would write now; waits for no model to be opened."""
        model = plain_name(model)
        with self._lock:
            voice = self._voices.get(model)
        opened = None if voice is None else voice.opened
        if model == "auto":
            return self._automatic(voice, opened)
        name = opened.generator.name if opened else ""
        notices: Sequence[str] = ()
        if opened is not None and isinstance(opened.generator, OllamaGenerator):
            found = self._glance()
            notices = [str(found)] if isinstance(found, ModelError) else []
        label = label_of(name or model)
        return Speaker(model, name, label, opened is not None and not notices, tuple(notices))

    def _automatic(self, voice: _Voice | None, opened: Opened | None) -> Speaker:
        options = self._options
        found = self._glance()
        is_off = isinstance(found, ModelError)
        installed = () if isinstance(found, ModelError) else found
        name = who_is_automatic(options.ollama_model, installed)
        is_ready = opened is not None and opened.generator.name == name
        notices: Sequence[str] = ()
        if name.startswith("ollama:") and (voice is None or not voice.has_given_up):
            if voice is not None and opened is not None and not is_ready:
                voice.look_soon()
        elif opened is not None and not isinstance(opened.generator, OllamaGenerator):
            name, is_ready, notices = opened.generator.name, True, opened.notices
        elif is_off and (opened is not None or options.ollama_host):
            notices = [str(found)]
        return Speaker("auto", name, label_of(name), is_ready, tuple(notices))

    def _glance(self) -> Sequence[str] | ModelError:
        """Return the models that Ollama has, or why not: a moment ago is recent enough."""
        glanced = self._glanced
        if glanced is None or time.monotonic() - glanced[0] > _GLANCE_LASTS_SECONDS:
            found: Sequence[str] | ModelError
            try:
                found = look_for_models(self._options.ollama_host, _GLANCE_SECONDS)
            except ModelError as error:
                found = error
            glanced = self._glanced = time.monotonic(), found
        return glanced[1]


class _Voice:
    """A generator that was asked for by a name.

    Attributes
    ----------
    opened
        None until it has been opened.
    """

    def __init__(self, model: str, options: GeneratorOptions) -> None:
        self.opened: Opened | None = None
        self._model = model
        self._options = options
        self._lock = threading.Lock()
        self._look_again_at = math.inf  # monotonic seconds
        self._has_failed = False

    @property
    def has_given_up(self) -> bool:
        """Whether Ollama, which may be there, could not write, so lately that it is let be."""
        return self._has_failed and time.monotonic() < self._look_again_at

    def open(self) -> Opened:
        with self._lock:
            if self.opened is None:
                self.opened = open_generator(self._model, self._options)
                self._look_later(_LOOK_AGAIN_SECONDS)
            elif time.monotonic() >= self._look_again_at:
                self._look_again(self.opened)
            return self.opened

    def do_without_ollama(self, error: ModelError) -> Opened:
        with self._lock:
            self.opened = open_without_server(self._options, [str(error)])
            self._has_failed = True
            self._look_later(_LOOK_AGAIN_SECONDS)
            return self.opened

    def look_soon(self) -> None:
        """Look for Ollama when it is next opened: it has been seen."""
        self._look_again_at = min(self._look_again_at, time.monotonic())

    def _look_again(self, chosen: Opened) -> None:
        started = time.monotonic()
        found = open_generator(self._model, self._options)
        if found.generator.name == chosen.generator.name:
            found = Opened(chosen.generator, found.notices)
        self.opened, self._has_failed = found, False
        wait = (time.monotonic() - started) / _MAX_SHARE_OF_TIME
        self._look_later(min(max(wait, _LOOK_AGAIN_SECONDS), _LONGEST_WAIT_SECONDS))

    def _look_later(self, seconds: float) -> None:
        opened = self.opened
        is_settled = self._model != "auto" or (
            opened is not None and isinstance(opened.generator, OllamaGenerator)
        )
        self._look_again_at = math.inf if is_settled else time.monotonic() + seconds
