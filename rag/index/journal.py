"""The journal: the vectors that have been computed, until a generation holds them.

An indexing that is interrupted, by whatever, finds them there and goes on from them. A record is
whole or is not used: it carries its length and its CRC-32, and what follows a broken one is cut.
"""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

JOURNAL: Final = "journal"
_HEAD: Final = struct.Struct("<32sII")  # key, number of rows, CRC-32


class Journal:
    """Vectors by key, appended to a file as they come.

    Parameters
    ----------
    path
        Made if need be.
    fingerprint
        Of what computes the vectors: what others computed is not read.
    """

    def __init__(self, path: Path, fingerprint: str, dimension: int) -> None:
        self._path = path
        self._first = f"{fingerprint} {dimension}\n".encode()
        self._dimension = dimension
        self._places: dict[bytes, tuple[int, int]] = {}  # where the rows begin, how many
        end = self._read()
        with path.open("r+b" if end else "wb") as file:
            if not end:
                file.write(self._first)
            file.truncate(end or None)

    def __len__(self) -> int:
        return len(self._places)

    def get(self, key: bytes) -> NDArray[np.float16] | None:
        """Return the rows kept under a key of 32 bytes, or None."""
        import numpy as np

        if key not in self._places:
            return None
        start, n_rows = self._places[key]
        with self._path.open("rb") as file:
            file.seek(start)
            data = file.read(2 * self._dimension * n_rows)
        rows: NDArray[np.float16] = np.frombuffer(data, dtype="<f2")
        return rows.reshape(n_rows, self._dimension)

    def append(self, vectors: dict[bytes, NDArray[np.float16]]) -> None:
        """Keep rows under their keys.

        Raises
        ------
        OSError
            If the disk refuses.
        """
        import numpy as np

        with self._path.open("ab") as file:
            for key, rows in vectors.items():
                data = np.ascontiguousarray(rows, dtype="<f2").tobytes()
                file.write(_HEAD.pack(key, len(rows), _crc(key, len(rows), data)))
                self._places[key] = (file.tell(), len(rows))
                file.write(data)

    def _read(self) -> int:
        """Find the whole records; return where they end, 0 where the file is not ours."""
        try:
            file = self._path.open("rb")
        except FileNotFoundError:
            return 0
        with file:
            size = self._path.stat().st_size
            if file.read(len(self._first)) != self._first:
                return 0
            end = file.tell()
            while len(head := file.read(_HEAD.size)) == _HEAD.size:
                key, n_rows, crc = _HEAD.unpack(head)
                n_bytes = 2 * self._dimension * n_rows
                if file.tell() + n_bytes > size:  # and a length that is broken asks for no memory
                    break
                if _crc(key, n_rows, file.read(n_bytes)) != crc:
                    break
                self._places[key] = (end + _HEAD.size, n_rows)
                end = file.tell()
            return end


def holds_vectors(path: Path) -> bool:
    """Say whether a journal has more than its first line."""
    try:
        with path.open("rb") as file:
            return bool(file.readline()) and bool(file.read(1))
    except OSError:
        return False


def _crc(key: bytes, n_rows: int, data: bytes) -> int:
    return zlib.crc32(data, zlib.crc32(n_rows.to_bytes(4, "little"), zlib.crc32(key)))
