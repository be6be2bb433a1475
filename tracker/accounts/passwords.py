"""Passwords: hashed with Argon2id, checked against what is guessed first."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from tracker.accounts.rules import MINIMUM_PASSWORD
from tracker.kernel.errors import FieldRefusal
from tracker.kernel.words import M_

_hasher = PasswordHasher()
_COMMON = ("password", "qwertyuiop", "1234567890", "0123456789", "juweihui", "woaizhongguo")


def check_strength(password: str, login: str) -> None:
    """Refuse passwords that are guessed first; raises FieldRefusal for ``password``."""
    if len(password) < MINIMUM_PASSWORD:
        raise FieldRefusal("password", M_("密码至少 %(n)d 个字符。", n=MINIMUM_PASSWORD))
    lowered = password.lower()
    if (
        len(set(lowered)) < 4
        or login.lower() in lowered
        or any(lowered.startswith(c) for c in _COMMON)
    ):
        raise FieldRefusal("password", M_("这个密码太容易被猜到，请换一个。"))


def hashed(password: str) -> str:
    """Argon2id hash of ``password``."""
    return _hasher.hash(password)


_NOBODY = hashed("nobody has this password")


def matches(password_hash: str | None, password: str) -> bool:
    """Whether ``password`` is the one; takes the same time when there is no account."""
    try:
        return _hasher.verify(password_hash or _NOBODY, password) and password_hash is not None
    except (VerifyMismatchError, InvalidHashError):
        return False
