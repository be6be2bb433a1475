"""The vote of case 6: 324 households, two motions on one paper, counted on 2021-11-08.

301 ballots count: 237 of 301 are 78.7 % and 274 of 301 are 91.0 %, as published. Two more papers
were refused, two came after the close, nineteen did not come back.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from tracker.ballots import printing_services
from tracker.ballots.rules import RejectReason
from tracker.counts.services import Signers
from tracker.demo import balloting
from tracker.demo.balloting import Days
from tracker.demo.cast import Cast, at
from tracker.demo.sketches import agreement
from tracker.demo.slips import Slip, came_back, slips
from tracker.notices.models import Notice
from tracker.projects.models import Project
from tracker.votes import check_services, queries
from tracker.votes import services as votes
from tracker.votes.models import Vote
from tracker.votes.rules import InvalidPolicy
from tracker.votes.services import Draft
from tracker.votes.words import AttachmentKind

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
    hands, days = cast.hands(), Days(at(date(2021, 10, 19), 10), at(date(2021, 10, 29), 10))
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
    vote = votes.prepare(cast.worker, days.prepared, project, draft)
    _check_roll(cast, vote)
    balloting.freeze(hands, days, vote)
    printing_services.reprint(
        cast.worker, at(date(2021, 10, 29), 17), vote.id, paper="77", reason="裁切时裁坏"
    )
    signers = Signers("业委会副主任", "计票人甲", "监票人")
    return balloting.vote_on(hands, days, vote, said(), signers)


def _check_roll(cast: Cast, vote: Vote) -> None:
    """The texts are published with the vote; an objection to the roll is heard and answered."""
    for name in ("车辆管理制度", "社区智能门禁合作协议"):
        check_services.attach(
            cast.worker,
            at(date(2021, 10, 19), 11),
            vote.id,
            kind=AttachmentKind.TEXT,
            name=f"{name}（示意）.pdf",
            data=agreement(name),
        )
    check_services.object_to_roll(
        cast.worker,
        at(date(2021, 10, 22), 16),
        vote.id,
        received_on=date(2021, 10, 22),
        text="8 号楼一户说面积与产证不符，请核对。",
    )
    check_services.answer_roll_objection(
        cast.worker,
        at(date(2021, 10, 25), 10),
        vote.id,
        1,
        upheld=False,
        answer="已与产证复印件核对，名册所载面积无误，当面说明。",
    )


def said() -> dict[int, Slip]:
    """What came back, by serial. Who said what is arithmetic, not anybody's choice."""
    serials = came_back(ROLL, BACK)
    aside = {serials[place] for place in (*REFUSED, *LATE)}
    counted = slips([s for s in serials if s not in aside], (PARKING, GATE), MISREAD)
    blank = Slip(("abstain", "abstain"))
    refused = {serials[p]: replace(blank, rejected=reason) for p, reason in REFUSED.items()}
    late = {serials[place]: replace(blank, late=True) for place in LATE}
    return dict(sorted({**counted, **refused, **late}.items()))
