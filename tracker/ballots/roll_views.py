"""The frozen roll with what was delivered and what came back; names are masked, choices unknown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
from flask import make_response, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from tracker.accounts.guards import requires
from tracker.accounts.rules import Permission
from tracker.ballots import paper_queries, roll_queries
from tracker.ballots.blueprint import blueprint
from tracker.ballots.models import Ballot
from tracker.ballots.paper_views import page, vote_with_roll
from tracker.ballots.receiving_forms import RollFilter
from tracker.ballots.roll_file import workbook
from tracker.ballots.roll_queries import RollRow
from tracker.ballots.rules import manner
from tracker.kernel import clock
from tracker.kernel.forms import row_choices, translate
from tracker.kernel.paging import paginate
from tracker.places.rules import building_label, masked_name
from tracker.votes.models import RollEntry, Vote

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get("/votes/<int:vote_id>/roll")
@requires(Permission.WATCH_VOTE)
def roll(vote_id: int) -> str:
    """The roll by serial."""
    vote = vote_with_roll(vote_id)
    form = _filter(vote)
    query, filtered = _chosen(vote, form)
    entries = paginate(query)
    return page(
        "roll",
        vote,
        form=form,
        filtered=filtered,
        entries=entries,
        rows=roll_queries.roll_rows(entries.items),
    )


@blueprint.get("/votes/<int:vote_id>/roll.xlsx")
@requires(Permission.WATCH_VOTE)
def roll_export(vote_id: int) -> Response:
    """The same rows as a table for Excel or WPS."""
    vote = vote_with_roll(vote_id)
    query, _filtered = _chosen(vote, _filter(vote))
    headings = [_("票号"), _("房号"), _("表决权人"), _("面积（平方米）"), _("送达"), _("收票")]
    data = workbook(
        _("名册"), headings, (8, 30, 12, 14, 36, 36), _cells(roll_queries.all_rows(query))
    )
    response = make_response(data)
    response.mimetype = XLSX
    name = f"roll-{vote.id}-{clock.today():%Y%m%d}.xlsx"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _cells(rows: Iterable[RollRow]) -> Iterator[list[object]]:
    for row in rows:
        yield [
            row.entry.serial,
            row.rooms,
            masked_name(row.entry.name),
            None if row.entry.area is None else Decimal(row.entry.area) / 100,
            _delivered(row),
            "；".join(_came_back(ballot) for ballot in row.ballots) or _("未收回"),
        ]


def _delivered(row: RollRow) -> str:
    if row.standing is None:
        unsaid: str = _("已送达") if row.entry.delivered else _("未送达")
        return unsaid
    said = translate(manner(row.standing.way, row.standing.outcome))
    if row.standing.recipient:
        said = f"{said}，{_(row.standing.recipient.label)}"
    return f"{said} {_when(row.standing.at)}"


def _came_back(ballot: Ballot) -> str:
    said: str = _(ballot.state.label)
    if ballot.reject_reason:
        said = f"{said}（{_(ballot.reject_reason.label)}）"
    return f"{said} {_when(ballot.received_at)}"


def _when(instant: datetime) -> str:
    return f"{instant.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M}"


def _filter(vote: Vote) -> RollFilter:
    form = RollFilter(request.args)
    form.building.choices = row_choices(
        paper_queries.buildings_on_roll(vote.id),
        lambda building: building_label(building.number),
        empty=_("全部楼栋"),
    )
    form.which.choices = [
        SelectChoice("", _("全部")),
        SelectChoice("undelivered", _("还没送达")),
        SelectChoice("unreturned", _("还没交票")),
    ]
    return form


def _chosen(vote: Vote, form: RollFilter) -> tuple[sa.Select[RollEntry], bool]:
    """The part of the roll asked for, and whether it is a part; nonsense narrows nothing."""
    valid = form.validate()
    building = form.building.data if valid else None
    which = form.which.data if valid else ""
    query = roll_queries.roll(vote.id, building, which)
    return query, bool(building or which)
