"""Pages of reading ballots: one by one, and a building at a time.

No page here shows a choice that somebody else entered, or whether two readings agree.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from tracker.accounts.guards import actor, requires
from tracker.accounts.rules import Permission
from tracker.ballots import entering_services, entry_queries
from tracker.ballots.blueprint import blueprint
from tracker.ballots.entry_forms import BatchForm, EntryForm, typed_keys, typed_rows
from tracker.ballots.marks import Key, keys_of
from tracker.ballots.models import Ballot
from tracker.ballots.reading_services import Unreadable, mark_field, require_counting
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.edge import done
from tracker.kernel.errors import Refusal
from tracker.kernel.forms import new_submission
from tracker.kernel.paging import paginate
from tracker.kernel.words import Message
from tracker.votes import queries as votes
from tracker.votes.models import RollEntry, Vote, VoteMotion

Answer = str | Response

ROWS = 40
"""Papers on one page of a batch: as many as lie in one pile."""


def rooms(entry: RollEntry) -> str:
    """The rooms of a voter: 3号楼101室、5号楼202室."""
    return "、".join(unit.label for unit in entry.units)


def page(template: str, vote: Vote, **values: Any) -> str:
    """A page about the ballots of a vote, in the frame of its project."""
    return render_template(
        f"ballots/{template}.html", project=vote.project, vote=vote, rooms=rooms, **values
    )


@dataclass(frozen=True)
class Question:
    """A motion as it is asked of a reader: its field, its keys, and what was typed so far."""

    motion: VoteMotion
    field: str
    keys: list[Key]
    typed: str = ""
    wrong: Message | None = None


def questions(
    motions: Iterable[VoteMotion],
    vote: Vote,
    typed: Mapping[int, str],
    wrong: Mapping[str, Message],
) -> list[Question]:
    """The motions as they are asked, with what was typed and what is wrong with it."""
    method = votes.rule_of(vote).method
    return [
        Question(
            motion,
            mark_field(motion.id),
            keys_of(method, vote.choices, motion.options),
            typed.get(motion.id, ""),
            wrong.get(mark_field(motion.id)),
        )
        for motion in motions
    ]


@blueprint.route("/votes/<int:vote_id>/ballots/enter", methods=["GET", "POST"])
@requires(Permission.RECORD_BALLOT)
def enter(vote_id: int) -> Answer:
    """Read one paper after the other; with a serial alone, see whether it is to be read."""
    form = EntryForm()
    typed = typed_keys(request.form)
    wrong: Mapping[str, Message] = {}
    if form.validate_on_submit() and any(typed.values()):
        try:
            entering_services.enter_paper(
                actor(), clock.now(), vote_id, paper=form.paper.data, typed=typed
            )
            # Told by the next page from the record, not by a flash: the cookie stays as it is.
            return done(url_for("ballots.enter", vote_id=vote_id, entered=1))
        except Unreadable as refusal:
            db.session.rollback()
            wrong = refusal.fields
    vote = votes.vote(actor(), vote_id)
    require_counting(vote)
    asked = form.paper.data if form.is_submitted() else request.args.get("paper", "")[:60]
    found: Ballot | None = None
    if asked and "paper" not in wrong:
        try:
            found = entering_services.readable(actor(), vote, asked)
        except Refusal as refusal:
            wrong = {"paper": refusal.reasons[0].message, **wrong}
    form.paper.process_data(asked)
    return page(
        "enter",
        vote,
        form=form,
        found=found,
        wrong=wrong,
        questions=questions(vote.motions, vote, typed, wrong),
        method=votes.rule_of(vote).method,
        share=entry_queries.share(vote, actor().id),
        last=entry_queries.last_read(vote, actor().id),
        just_now="entered" in request.args,
    )


@blueprint.route("/votes/<int:vote_id>/ballots/batch", methods=["GET", "POST"])
@requires(Permission.RECORD_BALLOT)
def batch(vote_id: int) -> Answer:
    """Read the papers of a building in one go; rows that cannot stand come back as typed."""
    form = BatchForm()
    typed = typed_rows(request.form)
    wrong: Mapping[int, Mapping[str, Message]] = {}
    if form.validate_on_submit() and typed:
        outcome = entering_services.enter_batch(actor(), clock.now(), vote_id, typed=typed)
        wrong = {ballot: _told(refusal) for ballot, refusal in outcome.wrong.items()}
        if outcome.entered:
            flash(_("已录入 %(n)d 张。", n=len(outcome.entered)), "success")
            # The rows that were right stand, whatever becomes of the others.
            answer = done(request.full_path)
            if not wrong:
                return answer
            form.submission.data = new_submission()
        db.session.rollback()
    elif form.is_submitted():
        form.form_errors.append(_("请至少录入一张票。"))
    vote = votes.vote(actor(), vote_id)
    require_counting(vote)
    buildings = entry_queries.by_building(vote, actor().id)
    chosen = _building(buildings)
    left = entry_queries.to_read(vote, actor().id, chosen.building_id if chosen else None)
    pager = None if wrong else paginate(left, per_page=ROWS)
    rows = pager.items if pager else entry_queries.among(left, list(wrong))
    return page(
        "batch",
        vote,
        form=form,
        buildings=buildings,
        chosen=chosen,
        rows=rows,
        pager=pager,
        typed=typed,
        wrong=wrong,
        gone=entry_queries.with_rooms(list(set(wrong) - {row.id for row in rows})),
        questions=questions(vote.motions, vote, {}, {}),
        method=votes.rule_of(vote).method,
    )


def _building(buildings: list[entry_queries.BuildingWork]) -> entry_queries.BuildingWork | None:
    """The building asked for; else the first in which something is left."""
    asked = request.args.get("building", type=int)
    by_id = {work.building_id: work for work in buildings}
    left = [work for work in buildings if work.left] or buildings
    return by_id.get(asked or 0) or (left[0] if left else None)


def _told(refusal: Refusal) -> Mapping[str, Message]:
    """What is wrong with a row, by field; "" is the row itself."""
    if isinstance(refusal, Unreadable):
        return refusal.fields
    return {"": refusal.reasons[0].message}
