"""The bundled model's tokenizer: whole, for bulk work, and for one question without loading it.

Reading 250,000 pieces takes most of a second, and one question needs some hundreds: only what
stands in its words can be a piece of them. Those are looked up in a sorted table on disk, and the
``tokenizers`` library works with a vocabulary of just those, so that its result is the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Read as themselves wherever they are typed, and the first of the vocabulary, in this order.
_SPECIAL: Final = ("<s>", "<pad>", "</s>", "<unk>")
_BOS, _EOS, _UNK = (_SPECIAL.index(piece) for piece in ("<s>", "</s>", "<unk>"))

_MAX_CHARS: Final = 16  # of a piece: SentencePiece's default when it was trained
_NEVER: Final = " "  # a piece that no text has, since words are split at spaces


def whole_tokenizer(vocabulary: Sequence[tuple[str, float]]) -> Any:
    """Build XLM-RoBERTa's unigram tokenizer from its pieces and their scores."""
    from tokenizers import processors

    tokenizer = _tokenizer(vocabulary, _UNK)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> </s> $B </s>",
        special_tokens=[("<s>", _BOS), ("</s>", _EOS)],
    )
    return tokenizer


def _tokenizer(vocabulary: Sequence[tuple[str, float]], unk: int) -> Any:
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

    tokenizer = Tokenizer(models.Unigram(list(vocabulary), unk_id=unk))
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
    tokenizer.add_special_tokens(list(_SPECIAL))
    return tokenizer


def write_pieces(vocabulary: Sequence[tuple[str, float]], folder: Path) -> None:
    """Write the table that ``QuestionTokenizer`` reads: pieces in byte order, scores, ids."""
    import numpy as np

    pieces = np.array([piece.encode() for piece, _ in vocabulary])
    scores = np.array([score for _, score in vocabulary], dtype=np.float64)
    ids = np.argsort(pieces).astype(np.int32)
    for name, column in (("pieces", pieces[ids]), ("scores", scores[ids]), ("ids", ids)):
        np.save(folder / f"{name}.npy", column)


class QuestionTokenizer:
    """Token ids of one text at a time, those of ``whole_tokenizer``; any number of threads.

    Parameters
    ----------
    folder
        Where ``write_pieces`` wrote.
    max_tokens
        The tokens that are kept of a text, its two ends included.
    """

    def __init__(self, folder: Path, max_tokens: int) -> None:
        import numpy as np

        self._max_tokens = max_tokens
        self._pieces, self._scores, self._ids = (
            np.load(folder / f"{name}.npy", mmap_mode="r") for name in ("pieces", "scores", "ids")
        )
        self._worst_score = float(self._scores.min())
        self._words = _tokenizer([(_NEVER, 0.0)], 0)

    def token_ids(self, text: str) -> NDArray[np.int32]:
        """Return the ids of a text between ``<s>`` and ``</s>``, shape (n_tokens,)."""
        import numpy as np

        # Knowing no piece, the library gives back each word, normalised, as one unknown token.
        words = self._words.encode(text, add_special_tokens=False).tokens
        rows = self._rows({*words, *_SPECIAL})
        vocabulary = [
            (piece.decode(), score)
            for piece, score in zip(self._pieces[rows], self._scores[rows].tolist(), strict=True)
        ]
        # What no piece covers costs ten more than the worst piece: it has to be among the few.
        vocabulary.append((_NEVER, self._worst_score))
        few = _tokenizer(vocabulary, _UNK).encode(text, add_special_tokens=False)
        kept = self._ids[rows][few.ids[: self._max_tokens - 2]]
        return np.array([_BOS, *kept, _EOS], dtype=np.int32)

    def _rows(self, words: Iterable[str]) -> NDArray[np.intp]:
        """Return where the pieces that stand in some words are, in the order of their ids."""
        import numpy as np

        parts = {
            word[start:end].encode()
            for word in words
            for start in range(len(word))
            for end in range(start + 1, min(start + _MAX_CHARS, len(word)) + 1)
        }
        # Of the same type as the table, or the search would begin by copying it.
        width = self._pieces.dtype.itemsize
        keys = np.array([part for part in parts if len(part) <= width], dtype=self._pieces.dtype)
        rows = np.searchsorted(self._pieces, keys)
        rows = rows[self._pieces[np.minimum(rows, len(self._pieces) - 1)] == keys]
        in_order: NDArray[np.intp] = rows[np.argsort(self._ids[rows])]
        return in_order
