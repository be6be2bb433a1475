"""Who is signed in: Flask-Login's hooks."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from flask_login import LoginManager

from tracker.accounts.models import User
from tracker.kernel.database import db


def init_app(manager: LoginManager, app: Flask) -> None:
    """Teach Flask-Login where accounts are, and how long a session lasts."""
    manager.init_app(app)
    manager.login_view = "accounts.sign_in"
    manager.login_message = None
    manager.session_protection = "basic"
    manager.user_loader(load)
    app.config.setdefault("REMEMBER_COOKIE_DURATION", timedelta(days=14))
    app.config.setdefault("PERMANENT_SESSION_LIFETIME", timedelta(hours=12))


def load(identity: str) -> User | None:
    """The account of a session; None once the password changed or the account was closed."""
    number, _, key = identity.partition(":")
    user = db.session.get(User, int(number)) if number.isdigit() else None
    if user is None or user.session_key != key or not user.is_active:
        return None
    return user
