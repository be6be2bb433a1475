"""The secret of a pass to vote online, as it stands on a slip of paper and in a link; pure."""

from __future__ import annotations

import hashlib
import secrets

from tracker.ballots.codes import ALPHABET, check_digit

LENGTH = 19
"""Signs before the check digit: 94 bits, which nobody guesses however fast."""

GROUP = 5


def new_secret() -> str:
    """A secret as it is given out: 7K3QX-4MN8R-… in four groups that can be typed."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    whole = body + check_digit(body)
    return "-".join(whole[at : at + GROUP] for at in range(0, len(whole), GROUP))


def read_secret(text: str) -> str | None:
    """The secret without its hyphens, from what was followed or typed; None for a slip."""
    plain = "".join(text.split()).replace("-", "").upper()
    if len(plain) != LENGTH + 1 or any(sign not in ALPHABET for sign in plain):
        return None
    return plain if check_digit(plain[:-1]) == plain[-1] else None


def hashed(secret: str) -> str:
    """SHA-256 hex of a secret without hyphens: all of it that is kept."""
    return hashlib.sha256(secret.encode()).hexdigest()
