"""The vote of case 6: 324 households, two motions on one paper, counted on 2021-11-08.

301 ballots count: 237 of 301 are 78.7 % and 274 of 301 are 91.0 %, as published. Two more papers
were refused, two came after the close, nineteen did not come back.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from tracker.ballots.rules import RejectReason
from tracker.counts.services import Signers
from tracker.demo import balloting
from tracker.demo.balloting import Days
from tracker.demo.cast import Cast, at
from tracker.demo.slips import Slip, came_back, slips
from tracker.notices.models import Notice
from tracker.projects.models import Project
from tracker.votes import queries
from tracker.votes.models import Vote
from tracker.votes.rules import InvalidPolicy
from tracker.votes.services import Draft

COUNT_DAY = date(2021, 11, 8)
ROLL, BACK = 324, 305
PARKING = {"for": 237, "against": 46, "abstain": 12, "invalid": 6}
GATE = {"for": 274, "against": 18, "abstain": 6, "invalid": 3}

REFUSED = {40: RejectReason.TENANT, 190: RejectReason.UNSIGNED}
"""By place among the papers that came back."""

LATE = (117, 288)
MISREAD = (23, 151, 240)
"""Places at which the second counter slips."""


def hold(cast: Cast, project: Project, notice: Notice) -> Vote:
    """Carry the vote from its draft to the announcement."""
    draft = Draft(
        title="车辆管理制度和智能门禁协议表决",
        motion_ids=[motion.id for motion in queries.worded_motions(project)],
        rule_id="ord",
        rule_reason="制定管理规约、使用共有部分的普通事项，按参与表决人数和面积过半数决定。",
        invalid_policy=InvalidPolicy.TAKES_PART,
        opens_at=at(date(2021, 11, 2), 9),
        closes_at=at(COUNT_DAY, 12),
        notice_id=notice.id,
    )
    days = Days(prepared=at(date(2021, 10, 19), 10), frozen=at(date(2021, 10, 29), 10))
    signers = Signers("业委会副主任", "计票人甲", "监票人")
    return balloting.carry(cast.hands(), days, project, draft, said(), signers)


def said() -> dict[int, Slip]:
    """What came back, by serial. Who said what is arithmetic, not anybody's choice."""
    serials = came_back(ROLL, BACK)
    aside = {serials[place] for place in (*REFUSED, *LATE)}
    counted = slips([s for s in serials if s not in aside], (PARKING, GATE), MISREAD)
    blank = Slip(("abstain", "abstain"))
    refused = {serials[p]: replace(blank, rejected=reason) for p, reason in REFUSED.items()}
    late = {serials[place]: replace(blank, late=True) for place in LATE}
    return dict(sorted({**counted, **refused, **late}.items()))
