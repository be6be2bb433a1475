"""How far a vote is: what its page offers next, and the steps done so far."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from tracker.accounts import queries as accounts
from tracker.accounts.models import User
from tracker.ballots import entry_queries, paper_queries
from tracker.ballots import queries as ballots
from tracker.ballots.entry_queries import EntryProgress
from tracker.ballots.models import Ballot, BallotEntry
from tracker.ballots.paper_models import PrintRun
from tracker.ballots.rules import COUNTABLE_STATES
from tracker.counts import queries
from tracker.counts.course import Facts
from tracker.counts.models import Archive, TallySheet
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.words import M_, Message
from tracker.votes import lint, lint_queries
from tracker.votes import queries as votes
from tracker.votes.figures import Turnout
from tracker.votes.models import Approval, RollEntry, Vote
from tracker.votes.rules import Channel
from tracker.votes.words import CERTIFIED_STATES, PUBLIC_STATES, TwoPersonStep, VoteState


def facts(actor: User, vote: Vote, now: datetime, turnout: Turnout | None) -> Facts:
    """What decides the next step of a vote; ``turnout`` where whoever looks may see it."""
    common = {
        "vote_id": vote.id,
        "state": vote.state,
        "now": now,
        "me": actor.id,
        "opens_at": vote.opens_at,
        "ends_at": vote.ends_at,
        "rule_chosen_by": vote.rule_chosen_by,
        "rule_confirmed": vote.rule_confirmed_by is not None,
        "certified_by": vote.certified_by,
        "today": clock.local_date(now),
    }
    gather = _GATHERERS.get(vote.state)
    more = gather(actor, vote, now) if gather else {}
    if turnout is not None:
        more["all_in"] = turnout.all_in
    return Facts(**common, **more)  # type: ignore[arg-type]


def _proposer(vote: Vote, step: TwoPersonStep) -> int | None:
    waiting = votes.open_proposal(vote.id, step)
    return waiting.proposed_by if waiting else None


def _draft(_actor: User, vote: Vote, now: datetime) -> dict[str, object]:
    found = lint.findings(lint_queries.facts(vote, now))
    musts = [f for f in found if f.severity is lint.Severity.MUST]
    return {
        "musts": sum(finding.code != "unconfirmed_rule" for finding in musts),
        "freeze_proposed_by": _proposer(vote, TwoPersonStep.FREEZE),
    }


def _frozen(_actor: User, vote: Vote, _now: datetime) -> dict[str, object]:
    blocked = vote.after is not None and not queries.first_tier_carried(vote)
    return {
        "papers": paper_queries.last_serial(vote.id),
        "undelivered": undelivered(vote.id),
        "blocked_by": (vote.after.id, vote.after.title) if blocked and vote.after else None,
    }


def _open(_actor: User, vote: Vote, _now: datetime) -> dict[str, object]:
    return {
        "undelivered": undelivered(vote.id),
        "extension_proposed_by": _proposer(vote, TwoPersonStep.EXTEND),
    }


def _counting(actor: User, vote: Vote, _now: datetime) -> dict[str, object]:
    progress = entry_queries.progress(vote.id, vote.count_number)
    return {
        "unchecked": progress.unchecked,
        "unread": progress.countable - progress.twice,
        "readable": readable(vote, actor.id),
        "mismatched": progress.mismatched,
        "has_entered": entry_queries.has_entered(vote.id, actor.id),
        "waiting_areas_by": _proposer(vote, TwoPersonStep.AMEND),
    }


def _announced(_actor: User, vote: Vote, _now: datetime) -> dict[str, object]:
    return {
        "open_objections": queries.open_objections(vote.id),
        "objections_until": queries.objections_until(vote),
    }


_GATHERERS = {
    VoteState.DRAFT: _draft,
    VoteState.FROZEN: _frozen,
    VoteState.OPEN: _open,
    VoteState.COUNTING: _counting,
    VoteState.ANNOUNCED: _announced,
}


def undelivered(vote_id: int) -> int:
    """Voters of the roll whom no ballot has reached."""
    query = sa.select(sa.func.count()).select_from(RollEntry)
    return db.session.scalar(query.where(RollEntry.vote_id == vote_id, ~RollEntry.delivered)) or 0


def readable(vote: Vote, user_id: int) -> int:
    """Paper ballots that this person may still read: read once by another, or by nobody."""
    standing = (
        BallotEntry.ballot_id == Ballot.id,
        BallotEntry.count_number == vote.count_number,
        ~BallotEntry.superseded,
    )
    times = sa.select(sa.func.count()).where(*standing).scalar_subquery()
    mine = sa.exists().where(*standing, BallotEntry.entered_by == user_id)
    query = sa.select(sa.func.count()).select_from(Ballot)
    return (
        db.session.scalar(
            query.where(
                Ballot.vote_id == vote.id,
                Ballot.channel == Channel.PAPER,
                Ballot.state.in_(COUNTABLE_STATES),
                times < 2,
                ~mine,
            )
        )
        or 0
    )


# ---- the steps done so far ----


@dataclass(frozen=True)
class Line:
    """One step of the course: ``state`` as ``task_row`` draws it."""

    title: Message
    state: str
    when: datetime | None = None
    who: str = ""
    detail: Message | None = None
    endpoint: str | None = None


@dataclass(frozen=True)
class _Record:
    """Everything the lines are written from."""

    vote: Vote
    approvals: Mapping[TwoPersonStep, Approval]
    run: PrintRun | None
    reached: int
    turnout: Turnout | None
    progress: EntryProgress | None
    sheets: list[TallySheet]
    objections: tuple[int, int]
    archive: Archive | None
    names: Mapping[int, str]

    def name(self, user_id: int | None) -> str:
        return self.names.get(user_id or 0, "")


def lines(vote: Vote, turnout: Turnout | None) -> list[Line]:
    """The steps of a vote with who did them and when, the next one last.

    ``turnout`` is None for those who may not see it: then figures are left out too.
    """
    if vote.state is VoteState.CANCELLED:
        return []
    record = _gather(vote, turnout)
    found = list(_until_open(record))
    if vote.opened_at is not None:
        found += _until_closed(record)
    if vote.closed_at is not None:
        found += _counts(record)
    return found


def _gather(vote: Vote, turnout: Turnout | None) -> _Record:
    approved = {a.step: a for a in votes.approvals_of(vote.id) if a.approved_by is not None}
    run = db.session.scalar(
        sa.select(PrintRun).where(PrintRun.vote_id == vote.id, PrintRun.number == 1)
    )
    sheets = list(queries.sheets(vote.id))
    archive = queries.archive_of(vote.id)
    closed = vote.closed_at is not None
    people = [vote.created_by, vote.rule_confirmed_by, vote.opened_by, vote.closed_by]
    people += [sheet.certified_by for sheet in sheets] + [sheet.announced_by for sheet in sheets]
    people += [run.made_by if run else None, archive.archived_by if archive else None]
    return _Record(
        vote=vote,
        approvals=approved,
        run=run,
        reached=0 if turnout is None else turnout.persons.denominator - undelivered(vote.id),
        turnout=turnout,
        progress=entry_queries.progress(vote.id, vote.count_number) if closed else None,
        sheets=sheets,
        objections=queries.objection_counts(vote.id),
        archive=archive,
        names=accounts.names({person for person in people if person is not None}),
    )


def _until_open(record: _Record) -> Iterator[Line]:
    vote = record.vote
    yield Line(M_("拟定事项、选定规则"), "done", vote.created_at, record.name(vote.created_by))
    confirmed = vote.rule_confirmed_at
    yield Line(
        M_("另一人确认规则"),
        "done" if confirmed else "now",
        confirmed,
        record.name(vote.rule_confirmed_by),
        endpoint="votes.check",
    )
    frozen = record.approvals.get(TwoPersonStep.FREEZE)
    if frozen is None or frozen.approver is None:
        yield Line(M_("两人核对，冻结名册"), "todo" if confirmed is None else "now")
        return
    yield Line(
        M_("两人核对，冻结名册"),
        "done",
        vote.frozen_at,
        f"{frozen.proposer.display_name}、{frozen.approver.display_name}",
        M_("指纹 %(code)s", code=vote.fingerprint),
        "ballots.roll",
    )
    run = record.run
    if run is not None:
        detail = M_("第 %(first)d 号至第 %(last)d 号", first=run.first, last=run.last)
        name = record.name(run.made_by)
        yield Line(M_("表决票编号"), "done", run.made_at, name, detail, "ballots.papers")
    else:
        yield Line(M_("表决票编号"), "now", endpoint="ballots.papers")
    opened = vote.opened_at
    state = "done" if opened else "todo"
    yield Line(M_("开始投票"), state, opened, record.name(vote.opened_by))


def _until_closed(record: _Record) -> Iterator[Line]:
    vote, turnout = record.vote, record.turnout
    extended = record.approvals.get(TwoPersonStep.EXTEND)
    if extended is not None and extended.approver is not None:
        names = f"{extended.proposer.display_name}、{extended.approver.display_name}"
        detail = M_("延长 %(n)d 天", n=vote.extension_days)
        yield Line(M_("延长投票时间"), "done", extended.approved_at, names, detail)
    state = "done" if vote.closed_at else "now"
    if turnout is not None:
        total = turnout.persons.denominator
        detail = M_("%(n)d / %(total)d 人已送达", n=record.reached, total=total)
        yield Line(M_("送达"), state, detail=detail, endpoint="ballots.delivery")
        detail = M_("%(n)d / %(total)d 人已交票", n=turnout.persons.numerator, total=total)
        taking = vote.state in (VoteState.OPEN, VoteState.COUNTING)
        where = "ballots.receive" if taking else "ballots.roll"
        yield Line(M_("收票"), state, detail=detail, endpoint=where)
    closed = "done" if vote.closed_at else "todo"
    yield Line(M_("截止投票"), closed, vote.closed_at, record.name(vote.closed_by))


def _counts(record: _Record) -> Iterator[Line]:
    vote, progress = record.vote, record.progress
    for sheet in record.sheets:
        yield from _certified(record, sheet)
    if vote.state is VoteState.COUNTING and progress is not None:
        if vote.count_number > 1:
            yield Line(M_("第 %(n)d 次计票", n=vote.count_number), "now")
        yield from _reading(record, progress)
    if vote.state in PUBLIC_STATES:
        received, open_ = record.objections
        if received:
            detail = M_("收到 %(n)d 条，%(open)d 条没有裁定", n=received, open=open_)
            state = "now" if open_ else "done"
            yield Line(M_("对结果的异议"), state, detail=detail, endpoint="counts.objections")
        archive = record.archive
        if archive is not None:
            name = record.name(archive.archived_by)
            yield Line(M_("归档"), "done", archive.archived_at, name, endpoint="counts.archive")
        else:
            yield Line(M_("归档"), "todo")


def _certified(record: _Record, sheet: TallySheet) -> Iterator[Line]:
    signed = M_(
        "唱票 %(reader)s，计票 %(counter)s，监票 %(scrutineer)s",
        reader=sheet.reader,
        counter=sheet.counter,
        scrutineer=sheet.scrutineer,
    )
    title = M_("确认计票结果")
    if len(record.sheets) > 1 or sheet.number > 1:
        title = M_("确认计票结果（第 %(n)d 版）", n=sheet.number)
    name = record.name(sheet.certified_by)
    yield Line(title, "done", sheet.certified_at, name, signed, "counts.sheet")
    if sheet.announced_at is not None:
        name = record.name(sheet.announced_by)
        yield Line(M_("公告结果"), "done", sheet.announced_at, name, endpoint="counts.announcement")
    elif record.vote.state in CERTIFIED_STATES and sheet.number == record.vote.count_number:
        yield Line(M_("公告结果"), "now")


def _reading(record: _Record, progress: EntryProgress) -> Iterator[Line]:
    if record.turnout is None:
        yield Line(M_("核对身份，两人录入"), "now")
        return
    done = progress.countable
    detail = M_("已核对，有效 %(n)d 张", n=done)
    if progress.unchecked:
        detail = M_("还有 %(n)d 张没有核对", n=progress.unchecked)
    state = "now" if progress.unchecked else "done"
    yield Line(M_("核对身份"), state, detail=detail, endpoint="ballots.check")
    detail = M_("%(n)d / %(total)d 张录满两遍", n=progress.twice, total=done)
    state = "done" if progress.twice == done else "now"
    yield Line(M_("两人录入"), state, detail=detail, endpoint="ballots.enter")
    if progress.mismatched:
        detail = M_("还有 %(n)d 张没有裁定", n=progress.mismatched)
        yield Line(M_("裁定不一致"), "now", detail=detail, endpoint="ballots.mismatches")
    yield Line(M_("确认计票结果"), "now" if progress.complete else "todo")


def progress_of(vote: Vote) -> EntryProgress:
    """How far the reading of the present count is."""
    return entry_queries.progress(vote.id, vote.count_number)


def turnout_of(vote: Vote) -> Turnout | None:
    """Turnout of a vote whose roll is frozen; None before."""
    return ballots.turnout(vote) if vote.roll_hash else None
