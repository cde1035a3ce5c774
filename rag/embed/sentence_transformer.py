"""Every embedding model, bundled or not, runs through sentence-transformers."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rag.embed.bundled import BUNDLED_NAME, PREFIXES, bundled_fingerprint, unpack_bundled_model
from rag.embed.protocol import OnEmbedded
from rag.errors import ModelError, ModelMissingError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

logger = logging.getLogger(__name__)

_BATCH_TEXTS: Final = 32
_SLAB_TEXTS: Final = 512  # texts between two progress reports


class SentenceTransformerEmbedder:
    """A sentence-transformers model, read from this machine only.

    Parameters
    ----------
    name
        ``bundled:multilingual-e5-small``, a folder, or the id of a model in the local hub cache.
    cache_dir
        Where the bundled weights are unpacked.
    precision
        ``auto`` is bfloat16 where the processor computes in it, float32 elsewhere.

    Raises
    ------
    ModelMissingError
        If the model is not on this machine. Nothing is ever downloaded.
    ModelError
        If the folder is not a model that can be read.
    """

    def __init__(self, name: str, cache_dir: Path, precision: str = "auto") -> None:
        if name == BUNDLED_NAME:
            source = str(unpack_bundled_model(cache_dir))
        elif name.startswith("bundled:"):
            raise ModelMissingError(
                f"No hay ningún modelo incluido que se llame «{name}»", f"Usa {BUNDLED_NAME}"
            )
        else:
            source = name
        self._name = name
        self._lock = threading.Lock()  # the tokenizer cannot be shared between threads
        self._model = _open(name, source, precision)
        self._dimension = int(self._model.get_embedding_dimension() or 0)
        self._prefixes = _prefixes(name, self._model.prompts)
        self._has_tokens = _has_tokens(self._model, self._dimension)
        self._fingerprint = _fingerprint(name, source, self._prefixes)

    @property
    def name(self) -> str:
        return self._name

    @property
    def fingerprint(self) -> str:
        return self._fingerprint

    @property
    def dimension(self) -> int:
        return self._dimension

    @property
    def max_tokens(self) -> int:
        return int(self._model.max_seq_length or 512)

    def count_tokens(self, text: str) -> int:
        with self._lock:
            encoded = self._model.tokenizer(
                self._prefixes["passage"] + text, truncation=False, verbose=False
            )
        return len(encoded["input_ids"])

    def embed_question(self, question: str) -> NDArray[np.float32]:
        # One thread: for a single short text the others only spin, and cost other processes.
        with self._lock, _threads(1):
            vector: NDArray[np.float32] = self._encode([self._prefixes["query"] + question])[0]
            return vector

    def embed_passages(
        self, texts: Sequence[str], on_embedded: OnEmbedded | None = None
    ) -> NDArray[np.float32]:
        import numpy as np

        vectors = np.empty((len(texts), self._dimension), dtype=np.float32)
        for slab in self._slabs(texts, _SLAB_TEXTS, on_embedded):
            vectors[slab] = self._encode([self._prefixes["passage"] + texts[at] for at in slab])
        return vectors

    def embed_in_context(
        self,
        texts: Sequence[str],
        spans: Sequence[Sequence[tuple[int, int]]],
        on_embedded: OnEmbedded | None = None,
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        import numpy as np

        if not self._has_tokens:
            alone = [text[a:b] for text, own in zip(texts, spans, strict=True) for a, b in own]
            return self.embed_passages(texts, on_embedded), self.embed_passages(alone)
        first_row = np.cumsum([0, *map(len, spans)])
        text_vectors = np.empty((len(texts), self._dimension), dtype=np.float32)
        span_vectors = np.empty((first_row[-1], self._dimension), dtype=np.float32)
        for batch in self._slabs(texts, _BATCH_TEXTS, on_embedded):
            prefixed = [self._prefixes["passage"] + texts[at] for at in batch]
            vectors, tokens, offsets = self._encode_tokens(prefixed)
            text_vectors[batch] = vectors
            for row, at in enumerate(batch):
                start_of_text = len(self._prefixes["passage"])
                for n, (start, end) in enumerate(spans[at]):
                    inside = (offsets[row, :, 0] < start_of_text + end) & (
                        offsets[row, :, 1] > start_of_text + start
                    )
                    # What the model's window left out has the vector of all that it saw.
                    mean = tokens[row][inside].mean(axis=0) if inside.any() else vectors[row]
                    span_vectors[first_row[at] + n] = mean
        return text_vectors, _unit(span_vectors)

    def _slabs(
        self, texts: Sequence[str], size: int, on_embedded: OnEmbedded | None
    ) -> Iterator[list[int]]:
        """Yield the rows of a few texts at a time, with the model held, and report each."""
        # Long texts first and like with like: little padding, and the time left is never short.
        order = sorted(range(len(texts)), key=lambda at: len(texts[at]), reverse=True)
        for start in range(0, len(order), size):
            with self._lock, _threads(os.cpu_count() or 1):
                yield order[start : start + size]
            if on_embedded is not None:
                on_embedded(min(start + size, len(order)))

    def _encode(self, texts: list[str]) -> NDArray[np.float32]:
        vectors: NDArray[np.float32] = self._model.encode(
            texts,
            prompt="",  # the prefix is already in the text
            batch_size=_BATCH_TEXTS,
            show_progress_bar=False,
            convert_to_numpy=True,
        )
        return _unit(vectors)

    def _encode_tokens(
        self, texts: list[str]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.int64]]:
        """Return the vectors of texts, those of their tokens, and where each token stands.

        Returns
        -------
        tuple
            Shapes (n_texts, dimension), (n_texts, n_tokens, dimension) and (n_texts, n_tokens, 2);
            a token that is not of the text stands at (0, 0).
        """
        import torch

        encoded = self._model.tokenizer(
            texts,
            padding=True,
            truncation=True,
            max_length=self.max_tokens,
            return_offsets_mapping=True,
            return_tensors="pt",
        )
        offsets: NDArray[np.int64] = encoded.pop("offset_mapping").numpy()
        with torch.inference_mode():
            found = self._model(dict(encoded))
        tokens: NDArray[np.float32] = found["token_embeddings"].float().numpy()
        return _unit(found["sentence_embedding"].float().numpy()), tokens, offsets


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Give vectors length one: bfloat16 leaves them within 1 % of it, and a cosine needs it."""
    import numpy as np

    exact = vectors.astype(np.float32)
    exact /= np.linalg.norm(exact, axis=1, keepdims=True) + 1e-12
    return exact


def _has_tokens(model: Any, dimension: int) -> bool:
    """Say whether a model tells where its tokens stand and gives them vectors like the texts'."""
    transformer = model[0]
    config = getattr(getattr(transformer, "auto_model", None), "config", None)
    is_fast = bool(getattr(model.tokenizer, "is_fast", False))
    return is_fast and getattr(config, "hidden_size", None) == dimension


def _open(name: str, source: str, precision: str) -> Any:
    """Return a SentenceTransformer that stays on this machine and is silent."""
    # Read by the libraries when they are first imported.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    import torch
    import transformers
    from sentence_transformers import SentenceTransformer

    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    dtype = torch.bfloat16 if _bfloat16(precision) else torch.float32
    logger.info("opening %s from %s in %s", name, source, dtype)
    try:
        return SentenceTransformer(
            source, device="cpu", local_files_only=True, model_kwargs={"dtype": dtype}
        )
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        logger.info("cannot open %s", source, exc_info=True)
        if Path(source).is_dir():
            raise ModelError(
                f"La carpeta «{source}» no contiene un modelo que se pueda leer",
                "Indica una carpeta de sentence-transformers con RAG_EMBEDDING_MODEL",
            ) from error
        raise ModelMissingError(
            f"El modelo «{name}» no está en este equipo",
            f"Descárgalo una vez con «hf download {name}», o usa {BUNDLED_NAME}",
        ) from error


def _bfloat16(precision: str) -> bool:
    """Say whether to compute in bfloat16: half the time, the same ranking (bench/README.md)."""
    if precision != "auto":
        return precision == "bfloat16"
    import torch

    capabilities = torch.cpu.get_capabilities()
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))


@contextmanager
def _threads(n_threads: int) -> Iterator[None]:
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(n_threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _prefixes(name: str, prompts: dict[str, str]) -> dict[str, str]:
    """Return what goes before a question and before a passage, as the model's folder says."""
    query = prompts.get("query") or ""
    passage = prompts.get("passage") or prompts.get("document") or ""
    # The family's folders do not carry its prefixes; without them the ranking is much worse.
    if not query and not passage and "e5" in Path(name).name.lower().split("-"):
        return PREFIXES
    return {"query": query, "passage": passage}


def _fingerprint(name: str, source: str, prefixes: dict[str, str]) -> str:
    """Hash what makes the vectors: weights and prefixes."""
    if name == BUNDLED_NAME:
        return bundled_fingerprint()
    digest = hashlib.sha256(json.dumps(prefixes, sort_keys=True).encode())
    folder = Path(source)
    if not folder.is_dir():
        from huggingface_hub import snapshot_download

        folder = Path(snapshot_download(source, local_files_only=True))
    for path in sorted(folder.rglob("*")):
        if path.suffix in {".safetensors", ".bin", ".json"} and path.is_file():
            digest.update(path.relative_to(folder).as_posix().encode())
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()
