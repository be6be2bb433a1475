"""What the form of a vote offers: rules, rolls, notices, and what is usual."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from flask_babel import gettext as _
from wtforms.fields.choices import SelectChoice

from tracker.kernel import clock
from tracker.kernel.words import N_
from tracker.notices.models import Notice
from tracker.notices.rules import days_hung
from tracker.places.rules import building_label, entrance_label
from tracker.projects.models import Project
from tracker.votes import queries, rule_queries
from tracker.votes.rules import Rule
from tracker.votes.services import Scope
from tracker.workdays.queries import calendar
from tracker.workdays.rules import Calendar

USUAL_DAYS = 14
"""Calendar days of voting suggested: two weekends, so that those who work away can vote."""

_OPENING, _CLOSING = time(9), time(17)


# ---- rules ----


def rules(project: Project) -> dict[str, Rule]:
    """The rules that may be chosen, the one usual for the project's kind first.

    Rules with a blank text or out of force on every day the vote may close are left out; the
    service looks at the very day.
    """
    offered = rule_queries.choosable(project.committee.subdistrict_id, clock.today())
    usual = project.vote_rule
    return dict(sorted(offered.items(), key=lambda item: item[0] != usual))


@dataclass(frozen=True)
class RuleGroup:
    """Rules of one kind under a heading."""

    heading: str
    rules: dict[str, Rule]


def grouped(offered: Mapping[str, Rule]) -> list[RuleGroup]:
    """The rules by what their result does: decide, advise, or rank preferences."""
    groups: dict[str, dict[str, Rule]] = {
        N_("共同决定"): {},
        N_("意愿征询，仅供参考"): {},
        N_("在几个候选项中选"): {},
    }
    deciding, advising, choosing = groups.values()
    for key, rule in offered.items():
        group = choosing if rule.is_poll else advising if rule.advisory else deciding
        group[key] = rule
    return [RuleGroup(heading, found) for heading, found in groups.items() if found]


# ---- whose owners vote ----


def scope_key(
    compound_id: int, building_id: int | None = None, entrance_id: int | None = None
) -> str:
    """A scope as the value of its choice."""
    return "-".join(str(part) for part in (compound_id, building_id, entrance_id) if part)


def scope_of(key: str) -> Scope:
    """Read what ``scope_key`` wrote."""
    return Scope(*(int(part) for part in key.split("-")))


def scopes(project: Project) -> dict[str, list[tuple[str, str]]]:
    """Compounds of the committee with their buildings and entrances, the project's own first.

    A compound is a group, headed by its name.
    """
    groups: dict[int, list[tuple[str, str]]] = {}
    names: dict[int, str] = {}
    compounds = queries.compounds_of(project.committee_id)
    for compound in sorted(compounds, key=lambda c: c.id != project.compound_id):
        names[compound.id] = compound.name
        whole = _("%(name)s（整个小区）", name=compound.name)
        groups[compound.id] = [(scope_key(compound.id), whole)]
    entrances: dict[int, list[Any]] = {}
    for entrance in queries.committee_entrances(project.committee_id):
        entrances.setdefault(entrance.building_id, []).append(entrance)
    for building in queries.committee_buildings(project.committee_id):
        group = groups[building.compound_id]
        called = f"{names[building.compound_id]} {building_label(building.number)}"
        group.append((scope_key(building.compound_id, building.id), called))
        for entrance in entrances.get(building.id, ()):
            key = scope_key(building.compound_id, building.id, entrance.id)
            group.append((key, f"{called}{entrance_label(entrance.number)}"))
    return {names[compound_id]: group for compound_id, group in groups.items()}


# ---- notices and times ----


def notices(project: Project) -> list[SelectChoice]:
    """The posted notices, each with how long it has hung everywhere."""
    posted = queries.posted_notices(project.id)
    today = clock.today()
    return [
        SelectChoice("", _("还没有公示")),
        *(
            SelectChoice(
                notice.id,
                _(
                    "%(title)s（已公示 %(n)d 天，至 %(day)s）",
                    title=notice.title,
                    n=_hung(notice, today),
                    day=notice.ends_on.isoformat(),
                ),
            )
            for notice in posted
        ),
    ]


def _hung(notice: Notice, today: date) -> int:
    places = [place.posted_on for place in notice.places]
    return days_hung(notice.starts_on, notice.ends_on, places, today)


@dataclass(frozen=True)
class UsualTimes:
    """When a vote would usually be held; nothing without a posted notice."""

    notice_id: int | None = None
    opens_at: datetime | None = None
    closes_at: datetime | None = None


def usual_times(project: Project, now: datetime) -> UsualTimes:
    """The day after the latest notice, and a close two weeks later on a day that is worked."""
    posted = queries.posted_notices(project.id)
    if not posted:
        return UsualTimes()
    return voting_after(posted[0].id, posted[0].ends_on, clock.local_date(now), calendar())


def voting_after(notice_id: int, ends_on: date, today: date, days: Calendar) -> UsualTimes:
    """From nine in the morning after the notice, or tomorrow, to five on a working day."""
    opens = max(ends_on, today) + timedelta(days=1)
    closes = opens + timedelta(days=USUAL_DAYS)
    while not days.is_workday(closes):
        closes += timedelta(days=1)
    return UsualTimes(notice_id, clock.at_local(opens, _OPENING), clock.at_local(closes, _CLOSING))
