"""What a route demands of its visitor, declared on the route itself.

A route that declares nothing does not start: ``check_every_route`` sees to it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from flask import Flask, abort
from flask_login import current_user

from tracker.accounts.models import User
from tracker.accounts.rules import Permission
from tracker.kernel.extensions import login_manager

P = ParamSpec("P")
R = TypeVar("R")

_LIBRARY_ENDPOINTS = frozenset({"static", "bootstrap.static"})


def requires(permission: Permission) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Only signed-in people whose role includes ``permission``; others get 403."""

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            if not current_user.is_authenticated:
                return login_manager.unauthorized()  # type: ignore[no-any-return]
            if not current_user.may(permission):
                abort(403)
            return view(*args, **kwargs)

        guarded.access = permission  # type: ignore[attr-defined]
        return guarded

    return decorate


def signed_in(view: Callable[P, R]) -> Callable[P, R]:
    """Anybody with an account."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        if not current_user.is_authenticated:
            return login_manager.unauthorized()  # type: ignore[no-any-return]
        return view(*args, **kwargs)

    guarded.access = "signed_in"  # type: ignore[attr-defined]
    return guarded


def open_to_all(view: Callable[P, R]) -> Callable[P, R]:
    """Anybody at all; the page shows nothing that is not public."""
    view.access = "open"  # type: ignore[attr-defined]
    return view


def check_every_route(app: Flask) -> None:
    """Raise RuntimeError for a route that declares no access."""
    bare = [
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.endpoint not in _LIBRARY_ENDPOINTS
        and not hasattr(app.view_functions[rule.endpoint], "access")
    ]
    if bare:
        raise RuntimeError(f"routes without declared access: {', '.join(sorted(bare))}")


def actor() -> User:
    """The signed-in person, as services expect it."""
    user: User = current_user._get_current_object()
    return user


def declared_access(app: Flask) -> dict[str, Any]:
    """Endpoint to declared access, for the table of permissions and its test."""
    return {
        rule.endpoint: getattr(app.view_functions[rule.endpoint], "access", None)
        for rule in app.url_map.iter_rules()
        if rule.endpoint not in _LIBRARY_ENDPOINTS
    }
