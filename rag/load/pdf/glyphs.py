"""The glyphs of a page, with the place of each: the file that calls PDFium's own functions."""

from __future__ import annotations

import ctypes
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import pairwise, repeat
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from pypdfium2 import PdfPage

_MIN_SIZE: Final = 0.5  # points; what is smaller is not there to be read
_MAX_PAGE_CHARS: Final = 1_000_000  # a page of a newspaper has some 50,000

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Glyphs:
    """The glyphs of a page that are not white space, in the order in which the file draws them.

    Attributes
    ----------
    texts
        Mostly one character each.
    left, right
        Shape (n,), points: from where the pen is set down to where it goes on.
    base
        Shape (n,), points, upwards: the line on which the glyph stands.
    size
        Shape (n,), points: of the font, as drawn.
    spaced
        Shape (n,): whether white space stands before it.
    turn
        Shape (n,), whole degrees from 0 to 359: how far its line is turned to the left.
    """

    texts: list[str]
    left: FloatArray
    right: FloatArray
    base: FloatArray
    size: FloatArray
    spaced: NDArray[np.bool_]
    turn: NDArray[np.int64]

    def only(self, wanted: NDArray[np.bool_]) -> Glyphs:
        """Return some of the glyphs."""
        texts = [text for text, is_wanted in zip(self.texts, wanted, strict=True) if is_wanted]
        parts = (self.left, self.right, self.base, self.size, self.spaced, self.turn)
        return Glyphs(texts, *(part[wanted] for part in parts))  # type: ignore[arg-type]


def page_glyphs(page: PdfPage) -> Glyphs:
    """Read the glyphs of a page that stand on it; PDFium's own guesses at lines are left out."""
    import pypdfium2.raw as pdfium

    call = _functions()
    text_page = page.get_textpage()
    try:
        handle = ctypes.cast(text_page.raw, ctypes.c_void_p).value
        n = min(text_page.count_chars(), _MAX_PAGE_CHARS)
        codes = np.fromiter(map(call["unicode"], repeat(handle), range(n)), np.int64, n)
        boxes = np.zeros((n, 4), np.float32)  # left, top, right, bottom
        origins = np.zeros((n, 2))
        at = boxes.ctypes.data
        deque(map(call["box"], repeat(handle), range(n), range(at, at + 16 * n, 16)), maxlen=0)
        at = origins.ctypes.data
        across, up = range(at, at + 16 * n, 16), range(at + 8, at + 8 + 16 * n, 16)
        deque(map(call["origin"], repeat(handle), range(n), across, up), maxlen=0)
        drawn = list(map(call["object"], repeat(handle), range(n)))
        size, turn = _sizes(text_page.raw, drawn, pdfium)
    finally:
        text_page.close()
    return _visible(codes, boxes.astype(np.float64), origins, size, turn, page.get_bbox())


def _visible(
    codes: NDArray[np.int64],
    boxes: FloatArray,
    origins: FloatArray,
    size: FloatArray,
    turn: NDArray[np.int64],
    crop: tuple[float, float, float, float],
) -> Glyphs:
    """Leave out white space and what stands outside the page; set turned lines upright."""
    middle_x, middle_y = (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2
    is_inside = (middle_x > crop[0]) & (middle_x < crop[2])
    is_inside &= (middle_y > crop[1]) & (middle_y < crop[3])
    is_blank = np.isin(codes, _BLANKS)
    kept = np.flatnonzero(~is_blank & is_inside & (size >= _MIN_SIZE))
    n_blank = np.cumsum(is_blank)
    spaced = np.diff(n_blank[kept], prepend=0) > 0
    left, right, base = boxes[kept, 0], boxes[kept, 2], origins[kept, 1]
    size, turn = size[kept], turn[kept]
    turned = np.flatnonzero(turn)
    if len(turned):
        angle = np.radians(turn[turned])
        x, y = origins[kept[turned], 0], origins[kept[turned], 1]
        wide, high = (
            np.abs(boxes[kept[turned], 2] - left[turned]),
            np.abs(boxes[kept[turned], 1] - boxes[kept[turned], 3]),
        )
        advance = np.where(turn[turned] % 180 == 90, high, wide)
        is_slanted = turn[turned] % 90 != 0
        advance = np.where(is_slanted, size[turned] / 2, advance)
        left[turned] = x * np.cos(angle) + y * np.sin(angle)
        right[turned] = left[turned] + advance
        base[turned] = y * np.cos(angle) - x * np.sin(angle)
    texts = [chr(code) if code < 0x110000 else "\ufffd" for code in codes[kept].tolist()]
    return Glyphs(texts, left, right, base, size, spaced, turn)


_BLANKS: Final = np.array(
    [0, 9, 10, 11, 12, 13, 32, 0xA0, 0x1680, *range(0x2000, 0x200C), 0x202F, 0x205F, 0x3000, 0xFEFF]
)


def _sizes(
    text_page: Any, drawn: list[int | None], pdfium: Any
) -> tuple[FloatArray, NDArray[np.int64]]:
    """Return the size and the turn of each character; those drawn in one go share them."""
    n = len(drawn)
    size, turn = np.zeros(n), np.zeros(n, np.int64)
    objects = np.array([each or 0 for each in drawn], np.uint64)
    changes = (np.flatnonzero(objects[1:] != objects[:-1]) + 1).tolist()
    matrix = pdfium.FS_MATRIX()
    for first, end in pairwise([0, *changes, n]):
        if first == n or not objects[first]:  # a space or a line end that PDFium has put in
            continue
        scale, angle = 1.0, 0.0
        if pdfium.FPDFText_GetMatrix(text_page, first, matrix):
            scale = float(np.hypot(matrix.c, matrix.d))
            angle = float(np.nan_to_num(np.degrees(np.arctan2(matrix.b, matrix.a))))
        size[first:end] = abs(pdfium.FPDFText_GetFontSize(text_page, first)) * scale
        turn[first:end] = round(angle) % 360
    return size, turn


@cache
def _functions() -> dict[str, Callable[..., Any]]:
    """Return the functions that are called for each character, with plain addresses for pointers.

    That takes a third of a microsecond a call; with objects for pointers, four times as long.
    """
    import pypdfium2.raw as pdfium

    pointer, integer = ctypes.c_void_p, ctypes.c_int
    signatures: dict[str, tuple[Any, ...]] = {
        "unicode": (pdfium.FPDFText_GetUnicode, ctypes.c_uint, pointer, integer),
        "box": (pdfium.FPDFText_GetLooseCharBox, integer, pointer, integer, pointer),
        "origin": (pdfium.FPDFText_GetCharOrigin, integer, pointer, integer, pointer, pointer),
        "object": (pdfium.FPDFText_GetTextObject, pointer, pointer, integer),
    }
    return {
        name: ctypes.PYFUNCTYPE(*types)(ctypes.cast(function, pointer).value or 0)
        for name, (function, *types) in signatures.items()
    }
