"""The opaque number on a ballot paper's QR code, with a check digit; pure.

Ten characters of an alphabet without look-alikes, and an eleventh over them: a slip of the pen or
of the scanner is noticed before it means another paper. It holds no name, room or choice.
"""

from __future__ import annotations

import secrets

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"[:31]
"""31 signs, a prime: every single wrong sign and every swap of neighbours is found."""

LENGTH = 10


def check_digit(body: str) -> str:
    """The sign that follows ``body``. Raises ValueError for a sign outside the alphabet."""
    total = sum((place + 2) * ALPHABET.index(sign) for place, sign in enumerate(reversed(body)))
    return ALPHABET[-total % len(ALPHABET)]


def new_code() -> str:
    """A code nobody can guess, as it is printed."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return body + check_digit(body)


def grouped(code: str) -> str:
    """The code as people read it aloud: K7QD-29XM-4HT."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def read_code(text: str) -> str | None:
    """The code as it is kept, from what was scanned or typed; None when it is none."""
    code = "".join(text.split()).replace("-", "").upper()
    if len(code) != LENGTH + 1 or any(sign not in ALPHABET for sign in code):
        return None
    return code if check_digit(code[:-1]) == code[-1] else None
