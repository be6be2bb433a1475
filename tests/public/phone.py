"""A voter's phone with a pass, at a vote in some state, and the office behind it."""

from __future__ import annotations

from tests.factories import votes
from tests.factories.online import ONLINE, pass_for, states
from tests.factories.people import NOW
from tests.factories.votes import DURING, Scene
from tracker.accounts.models import User
from tracker.kernel.database import db
from tracker.votes.models import Vote


class Phone:
    """A voter's phone with a pass, at an open vote."""

    def __init__(self, app, browse, make=votes.running, prepare=None, **fields):
        self.app = app
        self.visitor = browse()
        with app.app_context():
            of = votes.scene()
            vote = make(of, **{**ONLINE, **fields})
            self.vote_id = vote.id
            self.motions = votes.motions_of(vote)
            now = NOW if make is votes.frozen else DURING
            self.secret = pass_for(of, vote, now=now)
            if prepare:
                prepare(of, vote)
            db.session.commit()
            self.people = {
                name: getattr(of, name).id
                for name in ("director", "worker", "counter", "scrutineer", "officer")
            }
        self.url = f"/v/{self.secret}"

    def answers(self, *values):
        given = values if len(values) > 1 else values * len(self.motions)
        return {f"mark_{m}": value for m, value in zip(self.motions, given, strict=True)}

    def send(self, step, *values, expect=200, **fields):
        given = {"step": step, **self.answers(*values), **fields}
        return self.visitor.post(self.url, expect=expect, **given)

    def office(self, do):
        """Let the office do something to the vote, and give back what came of it."""
        with self.app.app_context():
            vote = db.session.get(Vote, self.vote_id)
            people = {name: db.session.get(User, id_) for name, id_ in self.people.items()}
            found = do(Scene(**people, project=vote.project), vote)
            db.session.commit()
            return found

    def ballots(self):
        with self.app.app_context():
            return states(db.session.get(Vote, self.vote_id))
