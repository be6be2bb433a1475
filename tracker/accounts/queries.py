"""Finding organisations and people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from tracker.accounts.models import Committee, Subdistrict, User
from tracker.accounts.rules import Role
from tracker.kernel.database import db
from tracker.kernel.errors import NotFound


def anybody() -> bool:
    """Whether the installation has been set up."""
    return db.session.scalar(sa.select(sa.exists().where(User.id > 0))) or False


def by_login(login: str) -> User | None:
    """The account with this sign-in name, whatever its case."""
    return db.session.scalar(sa.select(User).where(User.login == login.strip().lower()))


def visible_users(actor: User) -> sa.Select[User]:
    """Accounts that ``actor`` may manage: the whole subdistrict, or the own committee."""
    query = sa.select(User).options(joinedload(User.committee)).order_by(User.role, User.id)
    if actor.committee_id is None:
        return query.where(User.subdistrict_id == actor.subdistrict_id)
    return query.where(User.committee_id == actor.committee_id)


def user(actor: User, user_id: int) -> User:
    """One account that ``actor`` may manage; raises NotFound for any other."""
    found: User | None = db.session.scalar(visible_users(actor).where(User.id == user_id))
    if found is None:
        raise NotFound
    return found


def committees(subdistrict_id: int) -> Sequence[Committee]:
    """All committees of a subdistrict."""
    query = sa.select(Committee).where(Committee.subdistrict_id == subdistrict_id)
    return db.session.scalars(query.order_by(Committee.id)).all()


def committee(actor: User, committee_id: int) -> Committee:
    """A committee ``actor`` may see; raises NotFound for any other."""
    found = db.session.get(Committee, committee_id)
    if found is None or found.subdistrict_id != actor.subdistrict_id:
        raise NotFound
    if actor.committee_id not in (None, committee_id):
        raise NotFound
    return found


def staff(committee_id: int, roles: Iterable[Role] | None = None) -> Sequence[User]:
    """Active people of a committee, in the order of their roles."""
    query = sa.select(User).where(User.committee_id == committee_id, User.disabled_at.is_(None))
    if roles is not None:
        query = query.where(User.role.in_(list(roles)))
    return db.session.scalars(query.order_by(User.id)).all()


def officers(subdistrict_id: int) -> Sequence[User]:
    """Active officers of a subdistrict."""
    query = sa.select(User).where(
        User.subdistrict_id == subdistrict_id,
        User.role == Role.OFFICER,
        User.disabled_at.is_(None),
    )
    return db.session.scalars(query.order_by(User.id)).all()


def subdistrict_named(name: str) -> Subdistrict | None:
    """The subdistrict of this name."""
    return db.session.scalar(sa.select(Subdistrict).where(Subdistrict.name == name))


def names(user_ids: Iterable[int]) -> dict[int, str]:
    """Display names by account id."""
    rows = db.session.execute(
        sa.select(User.id, User.display_name).where(User.id.in_(list(user_ids)))
    )
    return {row.id: row.display_name for row in rows}
