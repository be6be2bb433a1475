"""The choices of an online ballot on their way to the close: sealed, and all of one length."""

from __future__ import annotations

import json
from collections.abc import Mapping

from tracker.kernel.vault import Altered, Vault

PURPOSE = "ballot"

PER_MOTION = 160
"""Bytes that no answer to one motion exceeds: its id, and a mark of at most 120 signs."""


def place(vote_id: int, roll_entry_id: int, ballot_id: int) -> str:
    """The one ballot that a sealed text belongs to."""
    return f"{vote_id}|{roll_entry_id}|{ballot_id}"


def seal_marks(vault: Vault, bound_to: str, marks: Mapping[int, str]) -> str:
    """Seal marks by motion; ballots of one vote come out equally long whatever they say."""
    text = json.dumps({str(motion): mark for motion, mark in sorted(marks.items())})
    return vault.seal(PURPOSE, text, bound_to=bound_to, size=PER_MOTION * len(marks))


def open_marks(vault: Vault, bound_to: str, sealed: str) -> dict[int, str]:
    """Marks by motion; raises WrongKey or Altered."""
    plain = json.loads(vault.open(PURPOSE, sealed, bound_to=bound_to))
    if not isinstance(plain, dict):
        raise Altered("not the marks of a ballot")
    return {int(motion): mark for motion, mark in plain.items()}
