"""What happens to voting persons."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from tracker.accounts.models import User
from tracker.audit.services import record
from tracker.kernel.database import db
from tracker.kernel.errors import FieldRefusal, NotFound, require, require_version
from tracker.kernel.words import M_, Message
from tracker.places import queries, rules
from tracker.places.models import Unit, VotingPerson
from tracker.places.rules import VoterKind


def edit_person(
    actor: User,
    now: datetime,
    person_id: int,
    *,
    version: int,
    name: str,
    kind: VoterKind,
    phone: str = "",
    drop_phone: bool = False,
) -> VotingPerson:
    """Correct name, kind and telephone number: an empty ``phone`` keeps the present one.

    Raises FieldRefusal for a number that is none, or that is to be deleted at once; Stale
    when somebody else changed the person.
    """
    person = queries.person(actor, person_id)
    require_version(person.version, version)
    number = rules.phone_number(phone) if phone else person.phone
    if phone and number is None:
        raise FieldRefusal("phone", M_("只填一个电话号码，不要别的字。"))
    if phone and drop_phone:
        raise FieldRefusal("drop_phone", M_("填了新号码就不要勾选删除。"))
    person.name, person.kind = rules.person_name(name), kind
    person.phone = None if drop_phone else number
    message = M_("修改了%(compound)s一位表决权人的登记", compound=person.compound.name)
    _record(actor, now, "person.edited", person, message)
    return person


def merge_persons(actor: User, now: datetime, keep_id: int, other_id: int) -> VotingPerson:
    """Make two voting persons one: all units go to the one kept, the other is forgotten.

    One owner of several units is one person, and the areas add up (Judicial Interpretation
    on 建筑物区分所有权, 9). Raises Refusal for the same person twice, NotFound for a person
    of another compound.
    """
    keep, other = queries.person(actor, keep_id), queries.person(actor, other_id)
    require(keep.id != other.id, M_("请选另一位表决权人。"))
    if keep.compound_id != other.compound_id:
        raise NotFound
    moved = db.session.scalars(sa.select(Unit).where(Unit.voting_person_id == other.id)).all()
    for unit in moved:
        unit.voting_person = keep
    keep.phone = keep.phone or other.phone
    db.session.flush()
    db.session.delete(other)
    db.session.flush()
    message = M_(
        "%(compound)s合并了同一位表决权人，%(n)d 户改归其名下",
        compound=keep.compound.name,
        n=len(moved),
    )
    _record(actor, now, "person.merged", keep, message)
    return keep


def forget_unless_voting(person_id: int) -> None:
    """Delete a voting person without units: the ledger holds no name that votes for nothing."""
    voting = sa.select(Unit.id).where(Unit.voting_person_id == VotingPerson.id).exists()
    db.session.execute(sa.delete(VotingPerson).where(VotingPerson.id == person_id, ~voting))


def _record(
    actor: User, now: datetime, action: str, person: VotingPerson, message: Message
) -> None:
    record(action, message, actor_id=actor.id, now=now, committee_id=person.committee_id)
