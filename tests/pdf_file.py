"""Small PDFs, written by hand: words where a test wants them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

A4: Final = (595, 842)
_PADDING: Final = bytes.fromhex("28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a")
_FILE_ID: Final = b"0123456789abcdef"
# A grey point, drawn as large as the page.
IMAGE: Final = "q 500 0 0 700 40 40 cm BI /W 1 /H 1 /BPC 8 /CS /G ID @ EI Q"


@dataclass(frozen=True)
class Text:
    """Words set at a place: points from the left and from the bottom of the page.

    Attributes
    ----------
    turn
        The matrix that turns the line: cosine and sine.
    """

    words: str
    x: float
    y: float
    size: float = 10
    mode: int = 0
    turn: tuple[int, int] = (1, 0)

    def __str__(self) -> str:
        cosine, sine = self.turn
        shown = self.words.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
        place = f"{cosine} {sine} {-sine} {cosine} {self.x} {self.y} Tm"
        return f"BT /F {self.size} Tf {self.mode} Tr {place} ({shown}) Tj ET"


def lines(
    texts: Sequence[str], x: float = 60, top: float = 780, size: float = 10, leading: float = 12
) -> list[Text]:
    """Set lines below one another; an empty one leaves its place blank."""
    return [Text(text, x, top - at * leading, size) for at, text in enumerate(texts) if text]


def pdf(
    *pages: Sequence[Text | str],
    title: str = "",
    outline: Sequence[tuple[str, int, int]] = (),
    password: str | None = None,
    page_entries: str = "",
) -> bytes:
    """Write a PDF.

    Parameters
    ----------
    pages
        What is drawn on each, in that order: texts, or operators of a content stream.
    outline
        Titles, each with its level from 1 and its page from 0; levels are written flat.
    password
        Asked for to open it; an empty one encrypts it and opens without being asked.
    """
    objects: list[bytes] = [b"", b"", b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica "]
    objects[2] += b"/Encoding /WinAnsiEncoding >>"
    page_numbers = []
    for page in pages:
        stream = "\n".join(map(str, page)).encode("cp1252")
        stream_number = len(objects) + 1
        page_numbers.append(stream_number + 1)
        objects.append(b"stream:" + stream)
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /Contents {stream_number} 0 R {page_entries} "
            f"/Resources << /Font << /F 3 0 R >> >> >>".encode()
        )
    kids = " ".join(f"{number} 0 R" for number in page_numbers)
    box = f"/MediaBox [0 0 {A4[0]} {A4[1]}]"
    objects[1] = f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} {box} >>".encode()
    root = len(objects) + 1
    entries = []
    for at, (name, _, page_at) in enumerate(outline, root + 1):
        chain = f"/Next {at + 1} 0 R " if at < root + len(outline) else ""
        target = f"/Dest [{page_numbers[page_at]} 0 R /Fit] /Parent {root} 0 R"
        entries.append(f"<< /Title <{_hexadecimal(name)}> {target} {chain}>>".encode())
    objects.append(
        f"<< /Type /Outlines /First {root + 1} 0 R /Last {root + len(outline)} 0 R >>".encode()
    )
    objects += entries
    mode = f"/Outlines {root} 0 R" if outline else ""
    objects[0] = f"<< /Type /Catalog /Pages 2 0 R {mode} >>".encode()
    objects.append(f"<< /Title <{_hexadecimal(title)}> >>".encode())
    return _assemble(objects, password)


def _hexadecimal(text: str) -> str:
    return (b"\xfe\xff" + text.encode("utf-16-be")).hex()


def _assemble(objects: Sequence[bytes], password: str | None) -> bytes:
    key, encryption = _encryption(password) if password is not None else (b"", b"")
    written = bytearray(b"%PDF-1.4\n")
    starts = []
    for number, content in enumerate([*objects, *filter(None, [encryption])], 1):
        starts.append(len(written))
        if content.startswith(b"stream:"):
            stream = content.removeprefix(b"stream:")
            if key:
                own = hashlib.md5(key + number.to_bytes(3, "little") + b"\0\0").digest()[:10]
                stream = _rc4(own, stream)
            content = b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream)
        written += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = len(written)
    written += b"xref\n0 %d\n0000000000 65535 f \n" % (len(starts) + 1)
    written += b"".join(b"%010d 00000 n \n" % start for start in starts)
    extra = b"/Info %d 0 R " % len(objects)
    if key:
        extra = b"/Encrypt %d 0 R /ID [<%s> <%s>] " % (
            len(starts), _FILE_ID.hex().encode(), _FILE_ID.hex().encode()
        )  # fmt: skip
    written += b"trailer\n<< /Size %d /Root 1 0 R %s>>\n" % (len(starts) + 1, extra)
    return bytes(written + b"startxref\n%d\n%%%%EOF\n" % table)


def _encryption(password: str) -> tuple[bytes, bytes]:
    """Return the key and the entry of the standard handler with 40 bits."""
    padded = (password.encode("latin-1") + _PADDING)[:32]
    owner = _rc4(hashlib.md5(padded).digest()[:5], padded)
    rights = (-4).to_bytes(4, "little", signed=True)
    key = hashlib.md5(padded + owner + rights + _FILE_ID).digest()[:5]
    user = _rc4(key, _PADDING)
    sides = f"/O <{owner.hex()}> /U <{user.hex()}>"
    entry = f"<< /Filter /Standard /V 1 /R 2 /P -4 {sides} >>"
    return key, entry.encode()


def _rc4(key: bytes, data: bytes) -> bytes:
    state = list(range(256))
    at = 0
    for each in range(256):
        at = (at + state[each] + key[each % len(key)]) % 256
        state[each], state[at] = state[at], state[each]
    out = bytearray()
    one = other = 0
    for byte in data:
        one = (one + 1) % 256
        other = (other + state[one]) % 256
        state[one], state[other] = state[other], state[one]
        out.append(byte ^ state[(state[one] + state[other]) % 256])
    return bytes(out)
