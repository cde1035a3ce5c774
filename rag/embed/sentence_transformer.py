"""Any embedding model, the bundled one too, through sentence-transformers."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rag.embed.batches import BatchEncoder
from rag.embed.bundled import BUNDLED_NAME, PREFIXES, bundled_fingerprint, unpack_bundled_model
from rag.embed.protocol import OnEmbedded
from rag.embed.spans import RecentVectors, cut_out, embed_twice
from rag.embed.torch_tokens import TorchTokenModel, gives_token_vectors, threads
from rag.errors import ModelError, ModelMissingError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

logger = logging.getLogger(__name__)

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

    Attributes
    ----------
    encoder
        What reads texts a batch at a time; None of a model that gives no vectors of tokens.

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
        self._recent = RecentVectors()
        self.encoder: BatchEncoder | None = None
        if gives_token_vectors(self._model):
            tokens = TorchTokenModel(self._model, self.max_tokens)
            self.encoder = BatchEncoder(tokens, self._prefixes["passage"])
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
        if self.encoder is not None:
            return self.encoder.count_tokens(text)
        text = self._prefixes["passage"] + text
        with self._lock:
            encoded = self._model.tokenizer(text, truncation=False, verbose=False)
        return len(encoded["input_ids"])

    def embed_question(self, question: str) -> NDArray[np.float32]:
        text = self._prefixes["query"] + question
        if self.encoder is not None:
            return self.encoder.embed_one(text)
        with self._lock, threads(1):
            vector: NDArray[np.float32] = self._encode([text])[0]
            return vector

    def embed_passages(
        self, texts: Sequence[str], on_embedded: OnEmbedded | None = None
    ) -> NDArray[np.float32]:
        import numpy as np

        if self.encoder is not None:
            return self.encoder.embed_passages(texts, on_embedded)
        prefixed = [self._prefixes["passage"] + text for text in texts]
        vectors = np.empty((len(texts), self._dimension), dtype=np.float32)
        for start in range(0, len(texts), _SLAB_TEXTS):
            slab = prefixed[start : start + _SLAB_TEXTS]
            with self._lock:
                vectors[start : start + len(slab)] = self._encode(slab)
            if on_embedded is not None:
                on_embedded(start + len(slab))
        return vectors

    def embed_in_context(
        self, texts: Sequence[str], spans: Sequence[Sequence[tuple[int, int]]]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Read all twice; a model that gives no vectors of tokens reads a span only alone."""
        if self.encoder is not None:
            return embed_twice(self.encoder, self._recent, texts, spans)
        alone = self._recent.embed(cut_out(texts, spans), self.embed_passages)
        return self.embed_passages(texts), alone

    def _encode(self, texts: list[str]) -> NDArray[np.float32]:
        """Embed a few texts as sentence-transformers does, whatever the model is made of."""
        import numpy as np

        vectors: NDArray[np.float32] = self._model.encode(
            texts,
            prompt="",  # the prefix is already in the text
            show_progress_bar=False,
            convert_to_numpy=True,
        ).astype(np.float32)
        # bfloat16 leaves vectors within 1 % of length one, and a cosine needs it.
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True) + 1e-12
        return vectors


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
