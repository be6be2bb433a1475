"""The course of a vote above its ballots: opened, certified, announced.

Whoever certifies has read no ballot, and whoever announces has not certified.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from tracker.accounts.models import User
from tracker.ballots import entry_queries
from tracker.counts import balance_queries, evidence_services, figure_queries, poll_queries, queries
from tracker.counts.balance import Balance
from tracker.counts.models import MotionResult, TallySheet
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.errors import FieldRefusal, Reason, Refusal, require
from tracker.kernel.words import M_
from tracker.votes import course_services
from tracker.votes.models import Vote
from tracker.votes.rules import Outcome
from tracker.votes.sealing import digest
from tracker.votes.services import tell, writable
from tracker.votes.words import CERTIFIED_STATES, OBJECTION_DAYS, PUBLIC_STATES, VoteState


def open_vote(actor: User, now: datetime, vote_id: int) -> Vote:
    """Begin taking ballots; a second tier not before the first has carried.

    Raises Refusal for a runoff among others than the finalists of the poll before.
    """
    vote = writable(actor, vote_id)
    obstacles = poll_queries.runoff_obstacles(vote)
    if obstacles:
        raise Refusal(*obstacles)
    carried = queries.first_tier_carried(vote)
    return course_services.open_vote(actor, now, vote_id, carried_first=carried)


@dataclass(frozen=True)
class Signers:
    """The three who read aloud, counted and watched; named on the tally sheet."""

    reader: str
    counter: str
    scrutineer: str


def certify(
    actor: User, now: datetime, vote_id: int, *, signers: Signers, reason: str = ""
) -> Vote:
    """Lock the count: work out every motion and write the tally sheet.

    ``reason``: why a recount replaces the version before. Raises Refusal with everything that
    is open (papers unchecked, unread, read differently, equations that do not balance, areas
    missing), for whoever read a ballot, and when the roll no longer matches its hash;
    FieldRefusal unless three different people sign, or a recount gives no reason.
    """
    vote = writable(actor, vote_id)
    require(vote.state not in CERTIFIED_STATES, M_("结果已经由另一个人确认了，请查看结果。"))
    require(vote.state is VoteState.COUNTING, M_("只有计票中的表决可以确认结果。"))
    require(
        not entry_queries.has_entered(vote.id, actor.id),
        M_("您录入过这次表决的票，不能由您确认结果，请换一位。"),
    )
    _check_signers(signers)
    if vote.count_number > 1 and not reason.strip():
        raise FieldRefusal("reason", M_("请写明为什么重新计票。"))
    require(
        course_services.roll_is_whole(vote), M_("名册、事项或规则与冻结时的指纹不符，不能确认。")
    )
    sheet = balance_queries.balance(vote)
    obstacles = certify_obstacles(vote, sheet)
    if obstacles:
        raise Refusal(*obstacles)
    number = vote.count_number
    worked = figure_queries.worked_out(vote)
    for of in worked:
        db.session.add(
            MotionResult(
                committee_id=vote.committee_id,
                vote_id=vote.id,
                vote_motion_id=of.motion.id,
                number=number,
                outcome=of.outcome,
                figures=of.figures,
                counted_at=now,
            )
        )
    _write_sheet(actor, now, vote, sheet, signers, reason.strip())
    vote.state, vote.certified_at, vote.certified_by = VoteState.CERTIFIED, now, actor.id
    vote.announced_by = None
    db.session.flush()
    outcomes = [of.outcome for of in worked]
    text = M_(
        "确认计票结果：共 %(total)d 项，通过 %(carried)d 项",
        total=len(outcomes),
        carried=outcomes.count(Outcome.CARRIED),
    )
    tell(actor, now, vote, "vote.certified", text)
    return vote


def certify_obstacles(vote: Vote, sheet: Balance) -> list[Reason]:
    """Everything that keeps a count from being certified, each with where it is mended."""
    at = (("vote_id", vote.id),)
    found = []
    progress = entry_queries.progress(vote.id, vote.count_number)
    if progress.unchecked:
        text = M_("还有 %(n)d 张收回的票没有核对身份。", n=progress.unchecked)
        found.append(Reason(text, "ballots.check", at))
    unread = progress.countable - progress.twice
    if unread:
        text = M_("还有 %(n)d 张票没有录满两遍。", n=unread)
        found.append(Reason(text, "ballots.enter", at))
    if progress.mismatched:
        text = M_("还有 %(n)d 张票两遍录入不一致，没有裁定。", n=progress.mismatched)
        found.append(Reason(text, "ballots.mismatches", at))
    if found:
        return found
    found = figure_queries.silence_obstacles(vote)
    found += [Reason(fault, "counts.sheet", at) for fault in sheet.faults]
    if not found:
        worked = figure_queries.worked_out(vote)
        found = [Reason(of.obstacle, "votes.areas", at) for of in worked if of.obstacle]
    return found


def announce(actor: User, now: datetime, vote_id: int) -> Vote:
    """Publish the certified result; from now on residents see it.

    Raises Refusal for whoever certified it.
    """
    vote = writable(actor, vote_id)
    require(vote.state not in PUBLIC_STATES, M_("结果已经公告过了。"))
    require(vote.state is VoteState.CERTIFIED, M_("只有已确认、未公告的结果可以公告。"))
    require(vote.certified_by != actor.id, M_("结果由您确认，公告要由另一个人发布。"))
    vote.state, vote.announced_at, vote.announced_by = VoteState.ANNOUNCED, now, actor.id
    sheet = queries.sheet(vote.id, vote.count_number)
    sheet.announced_at, sheet.announced_by = now, actor.id
    db.session.flush()
    until = clock.local_date(now) + timedelta(days=OBJECTION_DAYS)
    tell(actor, now, vote, "vote.announced", M_("公告表决结果，异议期至 %(day)s", day=until))
    return vote


def _check_signers(signers: Signers) -> None:
    names: Mapping[str, str] = {name: "".join(of.split()) for name, of in vars(signers).items()}
    for name, text in names.items():
        if not text:
            raise FieldRefusal(name, M_("请填写姓名。"))
    if len(set(names.values())) < 3:
        raise FieldRefusal("scrutineer", M_("唱票人、计票人、监票人要是三个不同的人。"))


def _write_sheet(
    actor: User, now: datetime, vote: Vote, sheet: Balance, signers: Signers, reason: str
) -> None:
    plain = sheet.to_dict()
    made = TallySheet(
        committee_id=vote.committee_id,
        vote_id=vote.id,
        number=vote.count_number,
        figures=plain,
        digest=digest(plain),
        reader=signers.reader.strip(),
        counter=signers.counter.strip(),
        scrutineer=signers.scrutineer.strip(),
        reason=reason,
        certified_by=actor.id,
        certified_at=now,
    )
    db.session.add(made)
    db.session.flush()
    evidence_services.keep(vote, made)
