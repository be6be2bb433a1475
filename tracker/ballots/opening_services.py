"""Online ballots are opened by the machine, at the close and again in a recount."""

from __future__ import annotations

from datetime import datetime

from tracker.accounts.models import User
from tracker.ballots import choice_services, online_queries, standing_services
from tracker.ballots.models import Ballot
from tracker.ballots.rules import BallotState
from tracker.kernel.database import db
from tracker.kernel.errors import Refusal
from tracker.kernel.vault import CannotOpen, WrongKey
from tracker.kernel.words import M_
from tracker.votes.models import Vote
from tracker.votes.services import tell


def open_online(actor: User, now: datetime, vote: Vote) -> None:
    """Write down what the online ballots say that stand in a vote being counted.

    One that does not open is rejected with the reason, and the history names its serial. A recount
    tries those again. Raises Refusal when none opens because SECRET_KEY is another one: nothing
    is lost then, and everything is there again with the right key.
    """
    said: dict[int, dict[int, str]] = {}
    failed: dict[Ballot, CannotOpen] = {}
    standing = online_queries.sealed_ballots(vote.id)
    for ballot in standing:
        try:
            said[ballot.id] = choice_services.opened(vote, ballot)
        except CannotOpen as error:
            failed[ballot] = error
    if failed and not said and all(isinstance(error, WrongKey) for error in failed.values()):
        text = M_(
            "%(n)d 张线上票打不开：系统密钥（SECRET_KEY）和投票时不同。"
            "请先恢复原来的密钥，票都还在。",
            n=len(failed),
        )
        raise Refusal(text)
    stands = [ballot.id for ballot in standing if _stands(ballot)]
    choice_services.forget(stands)
    choice_services.write(vote, {id_: said[id_] for id_ in stands if id_ in said})
    for ballot in standing:
        if ballot in failed:
            _refuse(actor, now, vote, ballot)
        elif not _stands(ballot):
            _try_again(vote, ballot)
    if said:
        tell(actor, now, vote, "ballots.opened", M_("线上票由系统开封：%(n)d 张", n=len(said)))


def _stands(ballot: Ballot) -> bool:
    return ballot.state is BallotState.ACCEPTED


def _refuse(actor: User, now: datetime, vote: Vote, ballot: Ballot) -> None:
    if _stands(ballot):
        standing_services.reject_unreadable(ballot)
        standing_services.arrange(vote, ballot.roll_entry_id)
    text = M_("第 %(n)d 号线上票无法开封，不计票", n=ballot.entry.serial)
    tell(actor, now, vote, "ballot.unreadable", text)


def _try_again(vote: Vote, ballot: Ballot) -> None:
    ballot.state, ballot.reject_reason = BallotState.SUPERSEDED, None
    db.session.flush()
    standing_services.arrange(vote, ballot.roll_entry_id)
