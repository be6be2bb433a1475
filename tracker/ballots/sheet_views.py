"""The ballots themselves, for printing: A4, with a stub to tear off. No mark shows a choice."""

from __future__ import annotations

from flask import request
from flask_babel import gettext as _
from wtforms.fields.choices import SelectChoice

from tracker.accounts.guards import requires
from tracker.accounts.rules import Permission
from tracker.ballots import paper_queries
from tracker.ballots.blueprint import blueprint
from tracker.ballots.codes import grouped
from tracker.ballots.paper_forms import SheetsFilter
from tracker.ballots.paper_queries import Batch
from tracker.ballots.paper_views import PRINTING, page, vote_with_roll
from tracker.ballots.rules import fits_half_a_sheet
from tracker.kernel import clock
from tracker.kernel.errors import require
from tracker.kernel.forms import row_choices
from tracker.kernel.paging import paginate
from tracker.kernel.qr import qr_code
from tracker.kernel.words import M_
from tracker.places.rules import building_label
from tracker.votes import figures
from tracker.votes import queries as votes
from tracker.votes.models import Vote
from tracker.votes.rules import Choice, NonResponsePolicy

SHEETS_AT_ONCE = 200
"""Ballots on one page: as many as a printer takes in one go."""

ONE, TWO = "one", "two"


@blueprint.get("/votes/<int:vote_id>/sheets")
@requires(Permission.PREPARE_VOTE)
def sheets(vote_id: int) -> str:
    """A batch of ballots: a building, a print run, a range of serials."""
    vote = vote_with_roll(vote_id)
    require(vote.state in PRINTING, M_("表决%(state)s，现在不印票。", state=vote.state))
    require(
        paper_queries.last_serial(vote_id) > 0,
        M_("表决票还没有编号。"),
    )
    form = _filter(vote)
    batch = Batch()
    if form.validate():
        batch = Batch(form.building.data, form.run.data, form.first.data, form.last.data)
    rule = votes.rule_of(vote)
    halves = fits_half_a_sheet([motion.text for motion in vote.motions], _answers(vote))
    return page(
        "sheets",
        vote,
        form=form,
        filtered=batch != Batch(),
        papers=paginate(paper_queries.to_print(vote_id, batch), per_page=SHEETS_AT_ONCE),
        two=form.layout.data == TWO or (form.layout.data == "" and halves),
        rule=rule,
        figures=figures,
        answers=[Choice(code) for code in vote.choices],
        closes=f"{vote.ends_at.astimezone(clock.SHANGHAI):%H:%M}",
        counts_silence=vote.nonresponse_policy is not NonResponsePolicy.NONE,
        qr_code=qr_code,
        grouped=grouped,
    )


def _answers(vote: Vote) -> int:
    """Lines of boxes to tick, and of the warning about silence."""
    boxes = sum(len(motion.options) or 1 for motion in vote.motions)
    return boxes + (2 if vote.nonresponse_policy is not NonResponsePolicy.NONE else 0)


def _filter(vote: Vote) -> SheetsFilter:
    form = SheetsFilter(request.args)
    form.building.choices = row_choices(
        paper_queries.buildings_on_roll(vote.id),
        lambda building: building_label(building.number),
        empty=_("全部"),
    )
    form.run.choices = row_choices(
        paper_queries.print_runs(vote.id),
        lambda run: _(
            "第 %(n)d 批（%(kind)s，%(first)d–%(last)d 号）",
            n=run.number,
            kind=_(run.kind.label),
            first=run.first,
            last=run.last,
        ),
        empty=_("全部"),
    )
    form.layout.choices = [
        SelectChoice("", _("按篇幅")),
        SelectChoice(ONE, _("一张")),
        SelectChoice(TWO, _("两张")),
    ]
    return form
