"""Sessions: what a cookie says, so that a password or a token is given once."""

from __future__ import annotations

import base64
import hmac
import secrets
import time
from typing import Final, Literal

from rag.web.access.entry import Entry

SECONDS: Final = 30 * 24 * 3600
Holder = Literal["browser", "program"]


class Sessions:
    """Makes and knows the cookies of those who have entered.

    A cookie is ``user.holder.expiry.seal``. Nothing is kept: the seal is made of what let its
    bearer in, so it ends as soon as the password or the token is another. No cookie tells either.
    """

    def __init__(self, entry: Entry) -> None:
        self._entry = entry
        self._key = secrets.token_bytes(32)  # of this process: passwords are asked again after it

    def cookie(self, user: str, holder: Holder) -> str:
        """Return the cookie of a user, or of the token where there is none.

        Parameters
        ----------
        holder
            A browser is asked where its requests come from; a program does not say.
        """
        name = base64.urlsafe_b64encode(user.encode()).decode().rstrip("=")
        told = f"{name}.{holder}.{int(time.time()) + SECONDS}"
        return f"{told}.{self._seal(user, told)}"

    def holder_of(self, cookie: str) -> str | None:
        """Return who holds a cookie, or None where it is not one of ours or is over."""
        told, _, seal = cookie.rpartition(".")
        try:
            name, holder, expiry = told.split(".")
            user = base64.urlsafe_b64decode(name + "=" * (-len(name) % 4)).decode()
            is_over = int(expiry) < time.time()
        except ValueError:  # of any of the three
            return None
        expected = self._seal(user, told)
        if expected is None or not hmac.compare_digest(seal.encode(), expected.encode()):
            return None
        return None if is_over else holder

    def _seal(self, user: str, told: str) -> str | None:
        if user:
            passwords = self._entry.passwords
            known = passwords.hash_of(user) if passwords else None
            key = self._key + known.encode() if known else None
        else:
            key = self._entry.token.encode() if self._entry.token else None
        if key is None:
            return None
        return hmac.new(key, f"cookie {told}".encode(), "sha256").hexdigest()

    def is_token(self, token: str) -> bool:
        """Tell whether this is the token."""
        known = self._entry.token
        return known is not None and hmac.compare_digest(token.encode(), known.encode())
