"""
Texts that come back as we gave them away: sealed with a key that only we have.

A seal is for one purpose, so that a token of one kind cannot be shown in place of another.
"""

import base64
import binascii
import hashlib
import hmac
import secrets

KEY_BYTES = 32


def key() -> bytes:
    """Return a new key."""
    return secrets.token_bytes(KEY_BYTES)


class Seals:
    """Seal texts with one key, and open them again."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    @property
    def name(self) -> str:
        """A short name of the key, for what must not be mixed up: it gives nothing away."""
        return self._sign("name", "")[:8].hex()

    def seal(self, purpose: str, text: str) -> str:
        """Return the text with its seal, fit for an address, a header and a cookie."""
        return f"{_written(text.encode())}.{_written(self._sign(purpose, text))}"

    def opened(self, purpose: str, sealed: str) -> str | None:
        """Return the text, None when this key has not sealed it for this purpose."""
        body, _, signature = sealed.partition(".")
        try:
            text, shown = _read(body).decode(), _read(signature)
        except (binascii.Error, ValueError):
            return None
        return text if hmac.compare_digest(self._sign(purpose, text), shown) else None

    def _sign(self, purpose: str, text: str) -> bytes:
        return hmac.digest(self._secret, f"{purpose}\n{text}".encode(), hashlib.sha256)


def _written(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _read(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
