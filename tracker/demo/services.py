"""Making the demonstration, once, in an empty ledger of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from tracker.accounts import queries as accounts
from tracker.accounts.rules import Role
from tracker.demo import canteen, fudan, rende, running, under_way, wuyi
from tracker.demo.cast import SIGN_INS, at, garden, people
from tracker.kernel import clock


@dataclass(frozen=True)
class SignIn:
    """One way into the demonstration."""

    role: Role
    login: str


def make(now: datetime, password: str) -> bool:
    """Fill an empty ledger; returns False when there is something in it already."""
    if accounts.anybody():
        return False
    cast = people(at(date(2021, 8, 30), 9), password)
    compound = garden(cast, at(date(2021, 8, 31), 10))
    rende.replay(cast, compound)
    running.make(cast, compound, clock.local_date(now))
    under_way.make(cast, clock.local_date(now))
    for story in (canteen, wuyi, fudan):
        story.replay(cast.officer)
    return True


def sign_ins() -> list[SignIn]:
    """One sign-in per role."""
    found = {Role.OFFICER: SignIn(Role.OFFICER, "officer")}
    for role, login, _name in SIGN_INS:
        found.setdefault(role, SignIn(role, login))
    return list(found.values())
