"""Small texts that the database keeps and does not reveal: encrypted, and sealed against change.

The key comes from the ledger's SECRET_KEY (HKDF-SHA256) and stands in no database and no dump;
each purpose has a key of its own. AES-256-GCM notices an altered text, and one that was moved to
another place (``bound_to``). Padding hides how long a text is.
"""

from __future__ import annotations

import base64
import binascii
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import current_app

FORMAT = "1"
_NONCE = 12
_LENGTH = 4
"""Bytes before the text that say how long it is."""


class CannotOpen(Exception):  # noqa: N818 - what was sealed is of no use, whatever the reason
    """A sealed text cannot be read; the message says why and never quotes it."""


class WrongKey(CannotOpen):
    """It was sealed under another SECRET_KEY."""


class Altered(CannotOpen):
    """It was changed after sealing, or belongs elsewhere."""


class Vault:
    """Seals and opens texts under one secret."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def seal(self, purpose: str, text: str, *, bound_to: str = "", size: int = 0) -> str:
        """Encrypt ``text``; the same text sealed twice looks different.

        ``purpose`` names the use, such as ``ballot``; ``bound_to`` the one place it belongs to.
        Every text of at most ``size`` bytes in UTF-8 gives a sealed one of the same length.
        Raises ValueError for a text longer than a ``size`` above 0.
        """
        plain = text.encode()
        if size and len(plain) > size:
            raise ValueError(f"a text of {len(plain)} bytes shows among those of {size}")
        padded = len(plain).to_bytes(_LENGTH, "big") + plain.ljust(size, b"\0")
        nonce = os.urandom(_NONCE)
        key_id = self._key_id(purpose)
        hidden = self._cipher(purpose).encrypt(nonce, padded, _context(key_id, purpose, bound_to))
        return f"{FORMAT}.{key_id}.{base64.urlsafe_b64encode(nonce + hidden).decode()}"

    def open(self, purpose: str, sealed: str, *, bound_to: str = "") -> str:
        """The text that was sealed for this purpose and place.

        Raises WrongKey when it was sealed under another secret, Altered when it was changed,
        moved or made for another purpose or place.
        """
        format_, _, rest = sealed.partition(".")
        key_id, _, body = rest.partition(".")
        if format_ != FORMAT:
            raise Altered("not a sealed text")
        if key_id != self._key_id(purpose):
            raise WrongKey("sealed under another SECRET_KEY, or for another purpose")
        try:
            raw = base64.b64decode(body, altchars=b"-_", validate=True)
            padded = self._cipher(purpose).decrypt(
                raw[:_NONCE], raw[_NONCE:], _context(key_id, purpose, bound_to)
            )
        except (InvalidTag, ValueError, binascii.Error) as error:
            raise Altered("changed after it was sealed, or moved to another place") from error
        length = int.from_bytes(padded[:_LENGTH], "big")
        return padded[_LENGTH : _LENGTH + length].decode()

    def _cipher(self, purpose: str) -> AESGCM:
        return AESGCM(self._derive(f"key|{purpose}", 32))

    def _key_id(self, purpose: str) -> str:
        """Tells keys apart and says nothing about them."""
        return self._derive(f"name|{purpose}", 4).hex()

    def _derive(self, info: str, length: int) -> bytes:
        hkdf = HKDF(algorithm=SHA256(), length=length, salt=None, info=f"vault|{info}".encode())
        return hkdf.derive(self._secret)


def _context(key_id: str, purpose: str, bound_to: str) -> bytes:
    return "|".join((FORMAT, key_id, purpose, bound_to)).encode()


def vault() -> Vault:
    """The vault of this ledger."""
    return Vault(str(current_app.config["SECRET_KEY"]))
