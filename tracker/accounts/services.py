"""What happens to organisations and accounts."""

from __future__ import annotations

import secrets
from datetime import datetime

from itsdangerous import BadSignature, URLSafeTimedSerializer

from tracker.accounts import passwords, queries
from tracker.accounts.models import Committee, Subdistrict, User
from tracker.accounts.rules import Role, may_grant
from tracker.audit.services import record
from tracker.kernel.database import db
from tracker.kernel.errors import FieldRefusal, NotFound, Refusal, require, require_version
from tracker.kernel.words import M_

RESET_SECONDS = 3 * 24 * 3600
"""A reset link works for three days, and only until it was used."""


def set_up(
    now: datetime,
    *,
    subdistrict: str,
    committee: str,
    role: Role,
    display_name: str,
    login: str,
    password: str,
) -> User:
    """Found the ledger: subdistrict, committee and first user.

    Raises Refusal when it has been set up already, FieldRefusal for a weak password.
    """
    require(not queries.anybody(), M_("这个台账已经设置过了，请直接登录。"))
    area = Subdistrict(name=subdistrict)
    first = Committee(subdistrict=area, name=committee)
    db.session.add_all([area, first])
    db.session.flush()
    user = _new_user(
        now,
        subdistrict_id=area.id,
        committee_id=None if role is Role.OFFICER else first.id,
        role=role,
        display_name=display_name,
        login=login,
        email="",
        password=password,
    )
    record(
        "ledger.set_up",
        M_("设置了街道和居委会"),
        actor_id=user.id,
        now=now,
        committee_id=user.committee_id,
    )
    return user


def add_committee(actor: User, now: datetime, *, name: str) -> Committee:
    """Add a committee to the officer's subdistrict; raises FieldRefusal for a name in use."""
    if name in {c.name for c in queries.committees(actor.subdistrict_id)}:
        raise FieldRefusal("name", M_("已有同名的居委会。"))
    committee = Committee(subdistrict_id=actor.subdistrict_id, name=name)
    db.session.add(committee)
    db.session.flush()
    record(
        "committee.added",
        M_("新增居委会「%(name)s」", name=name),
        actor_id=actor.id,
        now=now,
        committee_id=None,
    )
    return committee


def add_user(
    actor: User,
    now: datetime,
    *,
    role: Role,
    committee_id: int | None,
    display_name: str,
    login: str,
    email: str,
    password: str,
) -> User:
    """Create an account below the actor's reach; the new person changes the password later.

    Raises FieldRefusal for a role that may not be granted, a missing committee, a sign-in
    name in use or a weak password.
    """
    officers = queries.officers(actor.subdistrict_id)
    if not may_grant(actor.role, role, officer_exists=bool(officers)):
        raise FieldRefusal("role", M_("您不能设立这个角色的账号。"))
    if role is Role.OFFICER:
        committee_id = None
    elif actor.committee_id is not None:
        committee_id = actor.committee_id
    elif committee_id is None:
        raise FieldRefusal("committee", M_("请选择居委会。"))
    else:
        committee_id = queries.committee(actor, committee_id).id
    user = _new_user(
        now,
        subdistrict_id=actor.subdistrict_id,
        committee_id=committee_id,
        role=role,
        display_name=display_name,
        login=login,
        email=email,
        password=password,
    )
    record(
        "user.added",
        M_("新增账号，角色为%(role)s", role=role),
        actor_id=actor.id,
        now=now,
        committee_id=committee_id,
    )
    return user


def _new_user(
    now: datetime,
    *,
    subdistrict_id: int,
    committee_id: int | None,
    role: Role,
    display_name: str,
    login: str,
    email: str,
    password: str,
) -> User:
    login = login.strip().lower()
    if queries.by_login(login) is not None:
        raise FieldRefusal("login", M_("这个登录名已有人使用。"))
    passwords.check_strength(password, login)
    user = User(
        subdistrict_id=subdistrict_id,
        committee_id=committee_id,
        role=role,
        display_name=display_name,
        login=login,
        email=email or None,
        password_hash=passwords.hashed(password),
        session_key=secrets.token_hex(16),
        created_at=now,
    )
    db.session.add(user)
    db.session.flush()
    return user


def authenticate(login: str, password: str) -> User | None:
    """The active account with this name and password, or None; never says which was wrong."""
    user = queries.by_login(login)
    stored = user.password_hash if user else None
    # Argon2 takes its time on purpose; SQLite's write lock must not wait for it.
    db.session.rollback()
    if not passwords.matches(stored, password):
        return None
    return user if user is not None and user.is_active else None


def change_password(user: User, now: datetime, *, current: str, password: str) -> None:
    """Change one's own password; other sessions end. Raises FieldRefusal."""
    if not passwords.matches(user.password_hash, current):
        raise FieldRefusal("current", M_("现在的密码不对。"))
    _set_password(user, user.id, now, password)


def hand_over_reset(actor: User, user_id: int, now: datetime, secret: str) -> str:
    """A reset link's token for somebody without e-mail; that it was made is on record.

    Whoever makes the link could use it, so the history says who did, and the view tells the
    person.
    """
    user = queries.user(actor, user_id)
    record(
        "user.reset_link_made",
        M_("为账号「%(login)s」生成了重设密码的链接", login=user.login),
        actor_id=actor.id,
        now=now,
        committee_id=user.committee_id,
    )
    return reset_token(user, secret)


def reset_password(token: str, secret: str, now: datetime, password: str) -> User:
    """Set a new password by a reset link; raises Refusal for a spent or late link."""
    user = user_of_reset(token, secret)
    # Whoever holds the link sets it: the history must not say that the person did.
    _set_password(user, None, now, password)
    return user


def _set_password(user: User, actor_id: int | None, now: datetime, password: str) -> None:
    passwords.check_strength(password, user.login)
    user.password_hash = passwords.hashed(password)
    user.session_key = secrets.token_hex(16)
    by_link = M_("用链接重设了账号「%(login)s」的密码", login=user.login)
    said = M_("修改了登录密码") if actor_id is not None else by_link
    record(
        "user.password_changed",
        said,
        actor_id=actor_id,
        now=now,
        committee_id=user.committee_id,
    )


def reset_token(user: User, secret: str) -> str:
    """A link's token: it dies when the password changes, because it carries its trace."""
    return _signer(secret).dumps([user.id, user.password_hash[-12:]])


def user_of_reset(token: str, secret: str) -> User:
    """The account a reset link is for; raises Refusal when the link is no longer good."""
    spent = Refusal(M_("这个重设链接已失效，请重新申请。"))
    try:
        user_id, trace = _signer(secret).loads(token, max_age=RESET_SECONDS)
    except BadSignature as error:
        raise spent from error
    user = db.session.get(User, user_id)
    if user is None or not user.is_active or user.password_hash[-12:] != trace:
        raise spent
    return user


def _signer(secret: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret, salt="password reset")


def set_disabled(actor: User, user_id: int, now: datetime, *, disabled: bool) -> User:
    """Close or reopen an account; what it did stays. Nobody closes the own account."""
    user = queries.user(actor, user_id)
    require(user.id != actor.id, M_("不能停用自己的账号。"))
    user.disabled_at = now if disabled else None
    user.session_key = secrets.token_hex(16)
    record(
        "user.disabled" if disabled else "user.enabled",
        M_("停用了一个账号") if disabled else M_("恢复了一个账号"),
        actor_id=actor.id,
        now=now,
        committee_id=user.committee_id,
    )
    return user


def edit_user(
    actor: User, user_id: int, now: datetime, *, version: int, display_name: str, email: str
) -> User:
    """Change name and address of an account. Raises Stale when somebody else was faster."""
    user = queries.user(actor, user_id)
    require_version(user.version, version)
    user.version += 1
    user.display_name, user.email = display_name, email or None
    record(
        "user.edited",
        M_("修改了一个账号的姓名或邮箱"),
        actor_id=actor.id,
        now=now,
        committee_id=user.committee_id,
    )
    return user


def known(user_id: int) -> User:
    """An account by its id; raises NotFound."""
    user = db.session.get(User, user_id)
    if user is None:
        raise NotFound
    return user
