"""The parts of a replayed case that are not its vote, told in a few words each.

Every function goes through the services of the screens, on the days given.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from tracker.accounts.models import User
from tracker.anthology import queries as anthology
from tracker.anthology.rules import ProblemKind
from tracker.demo.cast import Team, at
from tracker.feedback import services as feedback
from tracker.feedback.rules import FeedbackChannel, Score
from tracker.meetings import proposals
from tracker.meetings import services as meetings
from tracker.meetings.models import Motion, Option
from tracker.meetings.rules import MeetingKind, Party, ResolutionOutcome
from tracker.notices import services as notices
from tracker.notices.models import Notice
from tracker.notices.rules import Place
from tracker.opinions import services as opinions
from tracker.opinions.models import Opinion
from tracker.opinions.rules import Channel, Heard, Household, OpinionStatus, Stance
from tracker.places.models import Compound, Unit
from tracker.projects import services as projects
from tracker.projects.models import Project, Stage
from tracker.projects.queries import tasks_of
from tracker.projects.services import NewProject, StagePlan
from tracker.public import services as public
from tracker.workdays.queries import calendar
from tracker.workflow import services as workflow
from tracker.works import album, images
from tracker.works import services as works
from tracker.works.rules import PicturePhase


@dataclass(frozen=True)
class Voice:
    """What several households say in the same words, and the reply to it."""

    topic: str
    stance: Stance
    text: str
    reply: str


@dataclass(frozen=True)
class Talk:
    """A meeting held: what was said, what came of it."""

    day: date
    title: str
    minutes: str
    resolution: str
    kind: MeetingKind = MeetingKind.COUNCIL


@dataclass(frozen=True)
class Way:
    """An option as it is compared; ``why``: why it was chosen or dropped."""

    title: str
    summary: str
    why: str
    pros: str = ""
    cons: str = ""


PRESENT: Mapping[Party, int] = {
    Party.COMMITTEE: 2,
    Party.OWNERS: 3,
    Party.MANAGER: 2,
    Party.RESIDENTS: 8,
    Party.LEADERS: 2,
}


def log(
    team: Team,
    number: int,
    compound: Compound,
    start: date,
    *,
    title: str,
    problem: str,
    kind: ProblemKind,
    place: str,
    days: Mapping[str, int] | None = None,
) -> Project:
    """Log a project from a case; ``days`` where its stages took another time than the case says."""
    template = anthology.by_number(number)
    taken = {s.key: (days or {}).get(s.key, s.duration.days) for s in template.case.stages}
    leads = {"collect": team.worker.id, "implement": team.worker.id}
    return projects.log_project(
        team.director,
        at(start - timedelta(days=5), 10),
        template=template,
        compound=compound,
        new=NewProject(title, problem, kind, place, start, team.director.id),
        stages=[StagePlan(k, n, leads.get(k, team.director.id)) for k, n in taken.items()],
        calendar=calendar(),
    )


def begin(team: Team, stage: Stage, day: date) -> None:
    """Start a stage in the morning."""
    workflow.start_stage(team.director, at(day, 9), stage)


def end(team: Team, stage: Stage, day: date) -> None:
    """Tick what is left of a stage, and leave it through its gate."""
    for task in tasks_of(stage.id):
        projects.tick_task(team.worker, at(day, 15), task, done=True)
    workflow.complete_stage(team.director, at(day, 17, 30), stage)


def hear(
    team: Team,
    project: Project,
    units: Sequence[Unit],
    voices: Sequence[Voice],
    first: date,
    last: date,
) -> None:
    """Leaders hear these households at their doors; each voice is answered on the last day."""
    leaders: Mapping[int, User] = team.hands().leaders
    firsts: dict[str, Opinion] = {}
    for number, unit in enumerate(units):
        voice = voices[number % len(voices)]
        day = first + timedelta(days=number % ((last - first).days - 1))
        house = Household(unit.building_id, unit.room)
        opinion = opinions.add(
            leaders[unit.building_id],
            at(day, 19, number % 60),
            project,
            Heard(Channel.DOOR, voice.topic, voice.stance, voice.text, day, house),
        )
        if voice.text in firsts:
            opinions.merge(team.worker, at(day, 20, 30), opinion, firsts[voice.text].id)
        else:
            firsts[voice.text] = opinion
    for voice in voices:
        opinion = firsts[voice.text]
        asked = voice.stance is Stance.QUESTION
        opinions.reply(
            team.worker,
            at(last, 14),
            opinion,
            OpinionStatus.EXPLAINED if asked else OpinionStatus.ADOPTED,
            voice.reply,
            opinion.version,
        )


def meet(team: Team, project: Project, talk: Talk, place: str) -> None:
    """Call a meeting the day before, and write down what it said the same evening."""
    meeting = meetings.plan_meeting(
        team.worker,
        at(talk.day - timedelta(days=1), 10),
        project.id,
        kind=talk.kind,
        title=talk.title,
        planned_at=at(talk.day, 18, 30),
        place=place,
        agenda="一、通报走访情况\n二、逐项讨论\n三、形成意见",
    )
    meetings.hold_meeting(
        team.worker,
        at(talk.day, 21),
        meeting.id,
        at(talk.day, 18, 30),
        PRESENT,
        talk.minutes,
        [(talk.resolution, ResolutionOutcome.MAJORITY)],
        [("把会议意见带回各楼说明", team.leaders[0].id, talk.day + timedelta(days=5))],
    )


def choose(team: Team, project: Project, day: date, chosen: Way, dropped: Sequence[Way]) -> Option:
    """Compare options, choose one, and drop the others, each with its reason."""
    ours, *others = (
        proposals.add_option(
            team.worker,
            at(day, 10),
            project.id,
            title=way.title,
            summary=way.summary,
            pros=way.pros,
            cons=way.cons,
        ).id
        for way in (chosen, *dropped)
    )
    reasons = dict(zip(others, (way.why for way in dropped), strict=True))
    return proposals.choose_option(
        team.director, at(day, 21), project.id, ours, chosen.why, reasons
    )


def word(
    team: Team, project: Project, day: date, title: str, text: str, option: Option | None = None
) -> Motion:
    """Word a motion."""
    return proposals.word_motion(
        team.worker,
        at(day, 9),
        project.id,
        title=title,
        text=text,
        option_id=option.id if option else None,
    )


def post(
    team: Team,
    project: Project,
    first: date,
    last: date,
    title: str,
    body: str,
    places: Sequence[Place] | None = None,
) -> Notice:
    """Hang a notice everywhere on its first day."""
    notice = notices.draft(
        team.worker,
        at(first, 9, 30),
        project.id,
        title=title,
        body=body,
        starts_on=first,
        ends_on=last,
        places=places,
    )
    return notices.mark_posted(team.worker, at(first, 17), notice.id, None, first)


Sketch = Callable[[bool], bytes]
"""Draws a place before (False) and after (True)."""


def show(
    team: Team, project: Project, spot: str, draw: Sketch, before: tuple[date, str],
    after: tuple[date, str],
) -> None:  # fmt: skip
    """Put a pair of pictures into the album; drawn ones, marked as such."""
    for phase, (day, caption) in ((PicturePhase.BEFORE, before), (PicturePhase.AFTER, after)):
        album.add_pictures(
            team.worker,
            at(day, 16),
            project,
            photos=[images.cleaned(draw(phase is PicturePhase.AFTER))],
            phase=phase,
            spot=spot,
            caption=f"{caption}（示意图）",
            taken_on=day,
        )


def accept(team: Team, project: Project, day: date, participants: str, note: str) -> None:
    """Accept the works."""
    works.record_acceptance(
        team.director,
        at(day, 11),
        project,
        accepted_on=day,
        passed=True,
        participants=participants,
        note=note,
    )


def rate(team: Team, project: Project, first: date, comments: Mapping[int, str]) -> None:
    """Forty residents say on paper how satisfied they are."""
    scores = [Score.VERY_GOOD] * 21 + [Score.GOOD] * 12 + [Score.FAIR] * 5 + [Score.POOR] * 2
    for number, score in enumerate(scores):
        now = at(first + timedelta(days=number % 9), 20, number)
        comment = comments.get(number, "")
        feedback.answer(
            project, now, score, comment, FeedbackChannel.PAPER, None, team.worker
        )  # fmt: skip


def report(team: Team, project: Project, day: date, results: str, lessons: str) -> None:
    """Publish the replies and write down what was achieved and learnt."""
    opinions.publish_replies(team.director, at(day, 10), project)
    feedback.write_report(team.worker, at(day, 15), project, results, lessons, 0)


def look_back(team: Team, stage: Stage, day: date, review: date) -> None:
    """Begin the upkeep and set the day of the look-back."""
    begin(team, stage, day)
    projects.edit_stage(
        team.director,
        at(day, 9),
        stage,
        version=stage.version,
        lead_id=team.director.id,
        review_on=review,
    )


def finish(team: Team, project: Project, day: date) -> None:
    """Close the project and show it to residents."""
    workflow.close(team.director, at(day, 18), project)
    public.publish(team.director, at(day, 18, 30), project)
