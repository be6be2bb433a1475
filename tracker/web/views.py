"""Pages that belong to no capability."""

from __future__ import annotations

from flask import Blueprint, current_app, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from tracker.accounts import queries as accounts
from tracker.accounts.guards import open_to_all, signed_in
from tracker.kernel.database import db

blueprint = Blueprint("web", __name__)


@blueprint.get("/")
@open_to_all
def home() -> Response:
    """Lead to the first setup, the sign-in or the desk."""
    if not accounts.anybody():
        return redirect(url_for("accounts.setup"))
    if not current_user.is_authenticated:
        return redirect(url_for("accounts.sign_in"))
    return redirect(url_for("dashboard.desk"))


@blueprint.get("/healthz")
@open_to_all
def healthz() -> tuple[str, int]:
    """The process answers."""
    return "ok\n", 200


@blueprint.get("/readyz")
@open_to_all
def readyz() -> tuple[str, int]:
    """The process answers and reaches its database."""
    db.session.execute(db.text("SELECT 1"))
    return "ready\n", 200


@blueprint.get("/components")
@signed_in
def components() -> str:
    """The living page of all components."""
    return render_template("web/components.html", phone=current_app.config["HELP_PHONE"])
