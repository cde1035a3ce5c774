"""Attempts: who guesses must wait longer and longer."""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from ipaddress import ip_address, ip_network
from typing import Final

_FREE: Final = 5  # failures in a row that cost nothing
_MAX_WAIT_SECONDS: Final = 60.0
_MAX_ADDRESSES: Final = 10_000  # some 2 MB


class Attempts:
    """Failures of each address, the latest addresses only."""

    def __init__(self) -> None:
        self._failures: OrderedDict[str, tuple[int, float]] = OrderedDict()
        self._lock = threading.Lock()

    def seconds_to_wait(self, address: str) -> int:
        """Return the seconds, 0 or more, before an address may try again."""
        with self._lock:
            n_failures, last = self._failures.get(_group(address), (0, 0.0))
        if n_failures < _FREE:
            return 0
        wait = min(2.0 ** (n_failures - _FREE), _MAX_WAIT_SECONDS)
        return max(0, math.ceil(last + wait - time.monotonic()))

    def fail(self, address: str) -> None:
        """Take note of a failure."""
        group = _group(address)
        with self._lock:
            n_failures, _ = self._failures.pop(group, (0, 0.0))
            self._failures[group] = (min(n_failures + 1, 64), time.monotonic())
            if len(self._failures) > _MAX_ADDRESSES:
                self._failures.popitem(last=False)

    def succeed(self, address: str) -> None:
        """Forget the failures of an address."""
        with self._lock:
            self._failures.pop(_group(address), None)


def _group(address: str) -> str:
    """Return what counts as one address: one house has a whole IPv6 network."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    return str(ip_network(f"{parsed}/64", strict=False)) if parsed.version == 6 else address
