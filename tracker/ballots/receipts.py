"""What a voter keeps: a serial and a short hash that say "recorded", never the choice; pure."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime

from tracker.ballots.rules import BallotState
from tracker.kernel.words import N_, Term

SHORT = 8
"""Hexadecimal digits of a receipt that people compare."""


def paper_receipt(seal_key: str, vote_id: int, serial: int, recorded_at: datetime) -> str:
    """SHA-256 hex that binds a paper's record to its vote and says nothing of its content.

    A record that was taken back and made again has another one.
    """
    at = recorded_at.astimezone(UTC).isoformat(timespec="microseconds")
    return _sealed(seal_key, f"receipt|{vote_id}|{serial}|{at}")


def online_receipt(seal_key: str, vote_id: int, serial: int) -> str:
    """The same for a voter's online ballot, whichever of them stands.

    Who votes anew keeps the receipt: nobody who saw the first can tell from it, or from the
    bulletin, that there was a second.
    """
    return _sealed(seal_key, f"receipt|{vote_id}|online|{serial}")


def _sealed(seal_key: str, content: str) -> str:
    return hmac.new(seal_key.encode(), content.encode(), hashlib.sha256).hexdigest()


def short(receipt: str) -> str:
    """The first eight digits as they are printed: 3F2A-91BC; empty for none.

    Two receipts of a large vote may share them: the serial beside tells them apart.
    """
    return f"{receipt[:4]}-{receipt[4:SHORT]}".upper() if receipt else ""


def read_short(text: str) -> str | None:
    """The eight digits as receipts begin, from what was typed; None when they are none."""
    digits = re.sub(r"[\s\-－–—]", "", text).lower()
    return digits if re.fullmatch(r"[0-9a-f]{8}", digits) else None


class Fate(Term):
    """What became of a ballot, as far as its receipt tells; a reason in general terms only."""

    RECEIVED = "received", N_("已登记收到，还没有核对身份")
    RECORDED = "recorded", N_("已登记，核对通过")
    COUNTED = "counted", N_("已登记，计入本次表决")
    REJECTED = "rejected", N_("已登记收到，没有计入：身份或票面核对没有通过")
    LATE = "late", N_("已登记收到，没有计入：过了截止时间")
    WITHDRAWN = "withdrawn", N_("已登记收到，没有计入：本人撤回")
    SUPERSEDED = "superseded", N_("已登记收到，没有计入：同一表决权人以另一张票为准")
    VOIDED = "voided", N_("这次登记已更正，请以新的回执为准")


_FATES: Mapping[BallotState, Fate] = {
    BallotState.RETURNED: Fate.RECEIVED,
    BallotState.REJECTED: Fate.REJECTED,
    BallotState.LATE: Fate.LATE,
    BallotState.WITHDRAWN: Fate.WITHDRAWN,
    BallotState.SUPERSEDED: Fate.SUPERSEDED,
    BallotState.VOIDED: Fate.VOIDED,
}


def fate(state: BallotState, *, closed: bool) -> Fate:
    """What a receipt tells of a ballot in this state, before or after the close."""
    return _FATES.get(state, Fate.COUNTED if closed else Fate.RECORDED)
