"""A vote: what it asks, by which rule, of whom; its frozen roll. No choice is kept here."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.accounts.models import User
from tracker.kernel.database import BigId, JSONData, Model, Row, Tenant, term_type
from tracker.meetings.models import Motion
from tracker.notices.models import Notice
from tracker.places.models import Building, Compound, Entrance
from tracker.projects.models import Project, Stage
from tracker.votes.rules import Basis, InvalidPolicy, NonResponsePolicy
from tracker.votes.sealing import fingerprint
from tracker.votes.words import AttachmentKind, TwoPersonStep, VoteState


def _account() -> Any:
    return mapped_column(BigId, sa.ForeignKey("account.id"))


class Vote(Tenant, Model):
    """One round of voting on one or several motions with one ballot paper.

    ``compound_id`` says whose owners vote, ``building_id`` and ``entrance_id`` narrow the roll.
    ``choices``: codes of the answers printed on the ballot. ``ordinal`` is above 1 for what
    is asked on the same roll after a poll: its runoff, or the motion that decides. ``after_id``:
    this one may not open before that one has carried.
    ``closes_at`` is the published close, ``extended_to`` the one that an extension on the
    published ``extension_condition`` gave it. ``seal_key`` keeps names and rooms unreadable
    behind ``roll_hash`` (see ``sealing``); ``count_number`` grows with each recount.
    """

    __tablename__ = "vote"
    __table_args__ = (
        sa.Index(
            "uq_vote_one_running",
            "stage_id",
            "round",
            "scope",
            "ordinal",
            unique=True,
            sqlite_where=sa.text("state <> 'cancelled'"),
            postgresql_where=sa.text("state <> 'cancelled'"),
        ),
        sa.Index("ix_vote_closing", "state", "closes_at"),
        sa.CheckConstraint("closes_at > opens_at", name="opens_before_it_closes"),
        sa.CheckConstraint(
            "extended_to IS NULL OR extended_to > closes_at", name="extended_beyond_the_close"
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'cancelled') OR roll_hash <> ''", name="running_has_frozen_roll"
        ),
        sa.CheckConstraint(
            "state NOT IN ('announced', 'archived') OR announced_at IS NOT NULL",
            name="announced_has_its_time",
        ),
        sa.CheckConstraint(
            "nonresponse_policy = 'none' OR policy_clause <> ''", name="silence_needs_a_clause"
        ),
        sa.CheckConstraint(
            "rule_confirmed_by IS NULL OR rule_confirmed_by <> rule_chosen_by",
            name="rule_confirmed_by_another",
        ),
        sa.CheckConstraint(
            "announced_by IS NULL OR announced_by <> certified_by",
            name="announced_by_another",
        ),
    )

    project_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("project.id"), index=True)
    stage_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("stage.id"))
    round: Mapped[int]
    compound_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("compound.id"))
    building_id: Mapped[int | None] = mapped_column(BigId, sa.ForeignKey("building.id"))
    entrance_id: Mapped[int | None] = mapped_column(BigId, sa.ForeignKey("entrance.id"))
    scope: Mapped[str] = mapped_column(sa.String(40))
    basis: Mapped[Basis] = mapped_column(term_type(Basis), default=Basis.PERSONS)
    ordinal: Mapped[int] = mapped_column(default=1)
    title: Mapped[str] = mapped_column(sa.String(120))
    rule_id: Mapped[str] = mapped_column(sa.String(30))
    rule: Mapped[dict[str, Any]]
    rule_reason: Mapped[str] = mapped_column(sa.Text)
    rule_chosen_by: Mapped[int] = _account()
    rule_confirmed_by: Mapped[int | None] = _account()
    rule_confirmed_at: Mapped[datetime | None]
    choices: Mapped[list[Any]] = mapped_column(JSONData)
    invalid_policy: Mapped[InvalidPolicy] = mapped_column(
        term_type(InvalidPolicy), default=InvalidPolicy.TAKES_PART
    )
    nonresponse_policy: Mapped[NonResponsePolicy] = mapped_column(
        term_type(NonResponsePolicy), default=NonResponsePolicy.NONE
    )
    policy_clause: Mapped[str] = mapped_column(sa.Text, default="")
    notice_id: Mapped[int | None] = mapped_column(BigId, sa.ForeignKey("notice.id"))
    after_id: Mapped[int | None] = mapped_column(BigId, sa.ForeignKey("vote.id"))
    runoff_of_id: Mapped[int | None] = mapped_column(BigId, sa.ForeignKey("vote.id"))
    online: Mapped[bool] = mapped_column(default=False)
    identity_note: Mapped[str] = mapped_column(sa.Text, default="")
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    extension_condition: Mapped[str] = mapped_column(sa.Text, default="")
    extension_days: Mapped[int] = mapped_column(default=0)
    extended_to: Mapped[datetime | None]
    state: Mapped[VoteState] = mapped_column(term_type(VoteState), default=VoteState.DRAFT)
    roll_hash: Mapped[str] = mapped_column(sa.String(64), default="")
    seal_key: Mapped[str] = mapped_column(sa.String(64), default="")
    seal_format: Mapped[int] = mapped_column(default=2)
    count_number: Mapped[int] = mapped_column(default=1)
    frozen_at: Mapped[datetime | None]
    frozen_by: Mapped[int | None] = _account()
    opened_at: Mapped[datetime | None]
    opened_by: Mapped[int | None] = _account()
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[int | None] = _account()
    certified_at: Mapped[datetime | None]
    certified_by: Mapped[int | None] = _account()
    announced_at: Mapped[datetime | None]
    announced_by: Mapped[int | None] = _account()
    cancel_reason: Mapped[str] = mapped_column(sa.Text, default="")
    created_by: Mapped[int] = _account()
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}

    project: Mapped[Project] = relationship()
    stage: Mapped[Stage] = relationship()
    compound: Mapped[Compound] = relationship()
    building: Mapped[Building | None] = relationship()
    entrance: Mapped[Entrance | None] = relationship()
    notice: Mapped[Notice | None] = relationship()
    after: Mapped[Vote | None] = relationship(remote_side="Vote.id", foreign_keys=[after_id])
    motions: Mapped[list[VoteMotion]] = relationship(
        cascade="all, delete-orphan", order_by="VoteMotion.position"
    )
    attachments: Mapped[list[VoteAttachment]] = relationship(
        cascade="all, delete-orphan", order_by="VoteAttachment.id"
    )

    @property
    def fingerprint(self) -> str:
        """The short form of the frozen roll's hash, empty before freezing."""
        return fingerprint(self.roll_hash)

    @property
    def ends_at(self) -> datetime:
        """Until when ballots count."""
        return self.extended_to or self.closes_at


class VoteMotion(Tenant, Model):
    """A motion as it stands on the ballot: copied, so that later edits do not reach it.

    ``options`` of a poll: {"key": "A", "label": "…"} in the order of the ballot; empty for a
    question answered with the vote's ``choices``.
    """

    __tablename__ = "vote_motion"
    __table_args__ = (sa.UniqueConstraint("vote_id", "position"),)

    vote_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("vote.id"))
    motion_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("motion.id"))
    position: Mapped[int]
    title: Mapped[str] = mapped_column(sa.String(120))
    text: Mapped[str] = mapped_column(sa.Text)
    options: Mapped[list[Any]] = mapped_column(JSONData, default=list)
    motion: Mapped[Motion] = relationship()


class VoteAttachment(Tenant, Model):
    """A file published with the motions. ``name`` is what people call it, ``path`` where it is."""

    __tablename__ = "vote_attachment"

    vote_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("vote.id"), index=True)
    kind: Mapped[AttachmentKind] = mapped_column(term_type(AttachmentKind))
    name: Mapped[str] = mapped_column(sa.String(120))
    path: Mapped[str] = mapped_column(sa.String(120))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(sa.String(64))
    added_by: Mapped[int] = _account()
    added_at: Mapped[datetime]


class Approval(Tenant, Model):
    """A step that one person proposed and another approved (``sealing.digest`` of what).

    ``details`` of an extension: the new close. Withdrawn proposals stay.
    """

    __tablename__ = "vote_approval"
    __table_args__ = (
        sa.Index(
            "uq_vote_approval_one_open",
            "vote_id",
            "step",
            unique=True,
            sqlite_where=sa.text("approved_by IS NULL AND withdrawn_at IS NULL"),
            postgresql_where=sa.text("approved_by IS NULL AND withdrawn_at IS NULL"),
        ),
        sa.CheckConstraint(
            "approved_by IS NULL OR approved_by <> proposed_by", name="approved_by_another"
        ),
    )

    vote_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("vote.id"))
    step: Mapped[TwoPersonStep] = mapped_column(term_type(TwoPersonStep))
    digest: Mapped[str] = mapped_column(sa.String(64))
    details: Mapped[dict[str, Any]]
    reason: Mapped[str] = mapped_column(sa.Text, default="")
    proposed_by: Mapped[int] = _account()
    proposed_at: Mapped[datetime]
    approved_by: Mapped[int | None] = _account()
    approved_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    proposer: Mapped[User] = relationship(foreign_keys=proposed_by)
    approver: Mapped[User | None] = relationship(foreign_keys=approved_by)


class RollObjection(Tenant, Model):
    """What somebody says is wrong on the roll before it is frozen, and the answer."""

    __tablename__ = "roll_objection"
    __table_args__ = (
        sa.UniqueConstraint("vote_id", "number"),
        sa.CheckConstraint("(answered_on IS NULL) = (upheld IS NULL)", name="answered_either_way"),
    )

    vote_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("vote.id"))
    number: Mapped[int]
    received_on: Mapped[date]
    text: Mapped[str] = mapped_column(sa.Text)
    recorded_by: Mapped[int] = _account()
    answer: Mapped[str] = mapped_column(sa.Text, default="")
    upheld: Mapped[bool | None]
    answered_on: Mapped[date | None]
    answered_by: Mapped[int | None] = _account()


class RuleEntry(Row, Model):
    """A rule as a subdistrict entered it: a blank one filled in, or one of its own.

    ``number`` counts the versions of a ``key``. It is offered once another person confirmed it.
    """

    __tablename__ = "rule_entry"
    __table_args__ = (
        sa.UniqueConstraint("subdistrict_id", "key", "number"),
        sa.CheckConstraint(
            "confirmed_by IS NULL OR confirmed_by <> entered_by", name="confirmed_by_another"
        ),
        sa.CheckConstraint(
            "(confirmed_by IS NULL) = (confirmed_at IS NULL)", name="confirmed_at_a_time"
        ),
    )

    subdistrict_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("subdistrict.id"))
    key: Mapped[str] = mapped_column(sa.String(30))
    number: Mapped[int]
    rule: Mapped[dict[str, Any]]
    reason: Mapped[str] = mapped_column(sa.Text)
    entered_by: Mapped[int] = _account()
    entered_at: Mapped[datetime]
    confirmed_by: Mapped[int | None] = _account()
    confirmed_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    author: Mapped[User] = relationship(foreign_keys=entered_by)
    confirmer: Mapped[User | None] = relationship(foreign_keys=confirmed_by)


class RollEntry(Tenant, Model):
    """One voter on the frozen roll. ``area`` in 0.01 m², None when missing.

    ``delivered``: a ballot reached the voter, with proof; kept here so that the count need not
    look through the deliveries.
    """

    __tablename__ = "roll_entry"
    __table_args__ = (
        sa.UniqueConstraint("vote_id", "serial"),
        sa.UniqueConstraint("vote_id", "person_code"),
        sa.CheckConstraint("area IS NULL OR area > 0", name="area_positive"),
    )

    vote_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("vote.id"))
    serial: Mapped[int]
    person_code: Mapped[str] = mapped_column(sa.String(40))
    name: Mapped[str] = mapped_column(sa.String(80))
    area: Mapped[int | None]
    building_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("building.id"))
    delivered: Mapped[bool] = mapped_column(default=False)
    building: Mapped[Building] = relationship()
    units: Mapped[list[RollUnit]] = relationship(
        cascade="all, delete-orphan", order_by="RollUnit.id"
    )


class RollUnit(Tenant, Model):
    """A unit as it stood when the roll was frozen."""

    __tablename__ = "roll_unit"
    __table_args__ = (sa.UniqueConstraint("vote_id", "unit_id"),)

    vote_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("vote.id"))
    roll_entry_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("roll_entry.id"), index=True)
    unit_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("unit.id"))
    label: Mapped[str] = mapped_column(sa.String(60))
    area: Mapped[int | None]
    area_source: Mapped[str] = mapped_column(sa.String(80))
