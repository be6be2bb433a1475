"""Votes of today, one in each state, so that every page of a vote has something on it.

Five buildings of a small compound vote side by side on their stairs: one result is announced and
objected to, one waits for its announcement, one is being counted, one is open, one has its papers
on their way. A sixth vote is being prepared and has faults to find. Dates count from the day the
demonstration is made.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from tracker.anthology.rules import ProblemKind
from tracker.ballots import online_services
from tracker.ballots.models import Ballot
from tracker.counts import objection_services
from tracker.counts import services as counts
from tracker.counts.services import Signers
from tracker.demo import balloting, bringing, telling
from tracker.demo.balloting import Days, Hands, Slips
from tracker.demo.bringing import Boxes
from tracker.demo.cast import ROOMS, Cast, House, at, give_buildings, import_roll
from tracker.demo.slips import Slip, came_back, slips
from tracker.notices.models import Notice
from tracker.places import queries as places
from tracker.places import services
from tracker.places.models import Building, Compound
from tracker.projects.models import Project
from tracker.votes import services as votes
from tracker.votes.models import Vote
from tracker.votes.rules import Choice, InvalidPolicy
from tracker.votes.services import Draft, Scope
from tracker.workflow import services as workflow

HOUSES = tuple(House(str(number), ROOMS) for number in range(1, 6))
SKIPPED = "示例项目，从后面的阶段开始演示"
SIGNERS = Signers("业委会委员", "计票人甲", "监票人")


def make(cast: Cast, today: date) -> None:
    """Two projects in a compound of 60 households."""
    now = at(today - timedelta(days=50), 10)
    compound = services.add_compound(
        cast.worker, now, name="正文花园二期（示例）", address="政立路 1590 弄"
    )
    import_roll(cast.worker, now, compound, HOUSES)
    give_buildings(cast.director, now, compound, cast.leaders[0], HOUSES)
    _stairs(cast, compound, today)
    _racks(cast, compound, today)


def _project(cast: Cast, compound: Compound, today: date, title: str, problem: str) -> Project:
    """A project whose vote stage has begun."""
    project = telling.log(
        cast,
        6,
        compound,
        today - timedelta(days=45),
        title=title,
        problem=problem,
        kind=ProblemKind.CIVILITY,
        place=compound.name,
    )
    for stage in project.stages[:2]:
        now = at(today - timedelta(days=40), 9)
        workflow.skip_stage(cast.director, now, stage, reason=SKIPPED)
    telling.begin(cast, project.stages[2], today - timedelta(days=35))
    return project


# ---- five buildings ----


@dataclass(frozen=True)
class Stairs:
    """What the votes share."""

    cast: Cast
    hands: Hands
    project: Project
    notice: Notice
    motions: list[int]
    today: date

    def days(self, frozen: int) -> Days:
        """Prepared some days before it was frozen, both counted from today."""
        day = self.today - timedelta(days=frozen)
        return Days(prepared=at(day - timedelta(days=5), 9), frozen=at(day, 9))

    def draft(self, house: Building, opens: int, closes: int, *, online: bool = False) -> Draft:
        """The vote of a building; days from today, negative ones gone by."""
        return Draft(
            online=online,
            identity_note="当面核对身份证和产证后交付凭证，不登记证件号码" if online else "",
            title=f"{house.number} 号楼楼道整修",
            motion_ids=self.motions,
            rule_id="sh_part_major",
            rule_reason="改建本楼共用部位并筹集资金，由本楼业主按四分之三表决。",
            invalid_policy=InvalidPolicy.TAKES_PART,
            opens_at=at(self.today + timedelta(days=opens), 9),
            closes_at=at(self.today + timedelta(days=closes), 12),
            scope=Scope(house.compound_id, house.id),
            notice_id=self.notice.id,
            extension_condition="截止时参与不足三分之二的，延长一次。",
            extension_days=7,
        )

    def frozen(self, draft: Draft, days: Days) -> Vote:
        """Prepared, confirmed, frozen and printed."""
        vote = votes.prepare(self.cast.worker, days.prepared, self.project, draft)
        balloting.freeze(self.hands, days, vote)
        return vote


def _stairs(cast: Cast, compound: Compound, today: date) -> None:
    project = _project(
        cast,
        compound,
        today,
        "二期楼道整修：逐楼表决",
        "墙面剥落、扶手松动，各楼意见不一。",
    )
    notice = telling.post(
        cast,
        project,
        today - timedelta(days=34),
        today - timedelta(days=14),
        "关于楼道整修的公示",
        "整修内容、分摊办法、名册核对和计票办法公示如下。各楼分别表决、分别计票。",
    )
    wording = (
        ("粉刷墙面、更换扶手和感应灯", "是否同意整修本楼楼道？"),
        ("按面积分摊费用", "是否同意整修费用按专有部分面积分摊？"),
    )
    motions = [
        telling.word(cast, project, today - timedelta(days=34), title, text).id
        for title, text in wording
    ]
    stairs = Stairs(cast, cast.hands(), project, notice, motions, today)
    steps: tuple[Callable[[Stairs, Building], None], ...] = (
        _announced,
        _counted,
        _counting,
        _open,
        _printed,
    )
    for step, house in zip(steps, places.buildings(compound.id), strict=True):
        step(stairs, house)


def _announced(stairs: Stairs, house: Building) -> None:
    """Announced some days ago; an objection waits for its ruling."""
    days, said = stairs.days(19), _said(12)
    vote = stairs.frozen(stairs.draft(house, -17, -6), days)
    ballots, boxes = _voted(stairs, days, vote, said, 11)
    balloting.close(stairs.hands, vote, said, boxes, ballots)
    balloting.read(stairs.hands, vote, ballots, said)
    balloting.certify(stairs.hands, vote, SIGNERS)
    objection_services.record_objection(
        stairs.cast.worker,
        at(stairs.today - timedelta(days=2), 16),
        vote.id,
        received_on=stairs.today - timedelta(days=2),
        text="第二项的票数和唱票时记的差一票，请复核。",
    )


def _counted(stairs: Stairs, house: Building) -> None:
    """Certified two days ago; the director has not announced it yet."""
    days, said = stairs.days(15), _said(11)
    vote = stairs.frozen(stairs.draft(house, -13, -2), days)
    ballots, boxes = _voted(stairs, days, vote, said, 11)
    balloting.close(stairs.hands, vote, said, boxes, ballots)
    balloting.read(stairs.hands, vote, ballots, said)
    certified = vote.closes_at + timedelta(hours=4)
    counts.certify(stairs.cast.scrutineer, certified, vote.id, signers=SIGNERS)


def _counting(stairs: Stairs, house: Building) -> None:
    """Closed yesterday; one counter has read all, the other most, and two readings differ."""
    hands, days, said = stairs.hands, stairs.days(13), _said(10, misread=(2, 6))
    vote = stairs.frozen(stairs.draft(house, -11, -1), days)
    ballots, boxes = _voted(stairs, days, vote, said, 10)
    balloting.close(hands, vote, said, boxes, ballots)
    first, second = hands.counters
    now = vote.closes_at + timedelta(hours=2)
    balloting.enter(first, now, vote, ballots, said, second=False)
    most = dict(list(ballots.items())[:7])
    balloting.enter(second, now, vote, most, said, second=True)


def _open(stairs: Stairs, house: Building) -> None:
    """Half of the ballots are back, one of them online; one voter has a pass and has not voted."""
    days = stairs.days(9)
    vote = stairs.frozen(stairs.draft(house, -4, 5, online=True), days)
    _voted(stairs, days, vote, _said(5), 3)
    evening = at(stairs.today - timedelta(days=2), 19)
    first, second, *_ = sorted(set(bringing.voters(vote)) - set(_said(5)))
    told = "在家当面核对身份证和产证"
    _made, secret = online_services.issue_pass(
        stairs.cast.worker, evening, vote.id, voter=str(first), told=told
    )
    marks = {motion.id: Choice.FOR.value for motion in vote.motions}
    online_services.cast(evening + timedelta(minutes=40), secret, marks)
    online_services.issue_pass(stairs.cast.worker, evening, vote.id, voter=str(second), told=told)


def _printed(stairs: Stairs, house: Building) -> None:
    """The papers are on their way; voting opens the day after tomorrow."""
    vote = stairs.frozen(stairs.draft(house, 2, 12), stairs.days(3))
    evening = at(stairs.today - timedelta(days=2), 18, 30)
    bringing.deliver(stairs.hands.leaders, vote, evening, silent=(), at_most=2)


def _voted(
    stairs: Stairs, days: Days, vote: Vote, said: Slips, evenings: int
) -> tuple[dict[int, Ballot], Boxes]:
    """Delivered, opened, and collected on so many evenings."""
    balloting.bring(stairs.hands, days, vote, said)
    boxes = balloting.open_vote(stairs.hands, vote)
    return balloting.collect(stairs.hands, vote, said, boxes, evenings), boxes


def _said(back: int, misread: tuple[int, ...] = ()) -> dict[int, Slip]:
    for_, shared = {"for": back - 1, "against": 1}, {"for": back - 2, "against": 1, "abstain": 1}
    return slips(came_back(12, back), (for_, shared), misread)


# ---- one that is not ready ----


def _racks(cast: Cast, compound: Compound, today: date) -> None:
    """Two questions in one, no 反对 on the paper, no notice, a rule nobody confirmed."""
    project = _project(
        cast,
        compound,
        today,
        "二期晒衣架和健身角",
        "没有地方晒被子，老人想有处活动。",
    )
    motion = telling.word(
        cast,
        project,
        today - timedelta(days=3),
        "晒衣架和健身角",
        "是否同意在 2 号楼前装晒衣架，是否同意在 3 号楼后建健身角？",
    )
    saturday = today + timedelta(days=28 + (5 - today.weekday()) % 7)
    draft = Draft(
        title="晒衣架和健身角表决",
        motion_ids=[motion.id],
        rule_id="ord",
        rule_reason="使用共有部分，按一般事项。",
        invalid_policy=InvalidPolicy.TAKES_PART,
        opens_at=at(saturday - timedelta(days=8), 9),
        closes_at=at(saturday, 12),
        choices=(Choice.FOR, Choice.ABSTAIN),
    )
    votes.prepare(cast.worker, at(today - timedelta(days=2), 15), project, draft)
