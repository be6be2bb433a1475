"""What residents may read; a project that is not public is not found."""

from __future__ import annotations

from tracker.anthology.rules import StageKind
from tracker.counts import public_queries as votes
from tracker.feedback import queries as feedback
from tracker.kernel.errors import NotFound
from tracker.notices import queries as notices
from tracker.opinions import queries as opinions
from tracker.projects.models import Project
from tracker.projects.queries import by_token
from tracker.projects.rules import ProjectState
from tracker.public.rules import Visible
from tracker.votes.models import Vote
from tracker.votes.queries import votes_of
from tracker.votes.words import CERTIFIED_STATES, VoteState
from tracker.works import queries as works
from tracker.works.models import Picture


def public_project(token: str) -> Project:
    """The published project of an address; raises NotFound for any other."""
    project = by_token(token)
    if project.public_since is None:
        raise NotFound
    return project


def collecting(project: Project, kind: StageKind) -> bool:
    """Whether residents may send forms of this stage now: it is open and the project runs."""
    return project.state is ProjectState.ACTIVE and any(
        s.kind is kind and s.is_open for s in project.stages
    )


BULLETIN_STATES = (VoteState.OPEN, VoteState.COUNTING, *CERTIFIED_STATES)


def public_votes(project_id: int) -> list[Vote]:
    """The votes of a project that take ballots or took some, the latest first."""
    return [vote for vote in votes_of(project_id) if vote.state in BULLETIN_STATES]


def public_vote(project: Project, vote_id: int) -> Vote:
    """A vote of the project whose roll is frozen, or NotFound.

    Its bulletin may be looked at by whoever has the link, as the forms on posters may.
    """
    for vote in votes_of(project.id):
        if vote.id == vote_id and vote.roll_hash:
            return vote
    raise NotFound


def public_picture(project: Project, picture_id: int) -> Picture:
    """A picture of a before-and-after pair of this project; raises NotFound for any other."""
    for pair in works.picture_pairs(project.id):
        for picture in (pair.before, pair.after):
            if picture.id == picture_id:
                return picture
    raise NotFound


def visible(project: Project) -> Visible:
    """What residents see, or would see, of this project."""
    return Visible(
        notices=len(notices.posted(project.id)),
        results=sum(len(vote.results) for vote in votes.public_votes(project.id)),
        replies=len(opinions.published(project.id)),
        waiting_replies=opinions.unpublished(project.id),
        pictures=len(works.picture_pairs(project.id)),
        answers=feedback.responses(project.id),
        report=feedback.report(project.id) is not None,
    )
