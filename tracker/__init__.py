"""共议台账: a ledger for neighbourhood governance projects."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Flask, request
from flask_login import current_user

import config
from tracker import blueprints, cli
from tracker import schema as schema  # registers all tables
from tracker.accounts import session as account_session
from tracker.accounts.guards import check_every_route
from tracker.kernel import edge
from tracker.kernel.addresses import RowId
from tracker.kernel.database import db, keep_sqlite_honest, reading
from tracker.kernel.extensions import babel, bootstrap, csrf, login_manager, migrate
from tracker.web import assets, context, errors, filters, language

ROOT = Path(__file__).resolve().parent.parent


def create_app(settings: config.Settings | None = None, **overrides: Any) -> Flask:
    """Build the application.

    ``settings`` are read from the environment when not given; ``overrides`` are Flask
    settings for tests. Raises config.SettingsError for a setting that cannot work.
    """
    app = Flask(
        "tracker",
        root_path=str(ROOT / "tracker"),
        template_folder=ROOT / "templates",
        static_url_path=assets.address(ROOT / "tracker" / "static"),
    )
    app.config.update((settings or config.load()).flask())
    app.config.update(overrides)
    app.session_interface = assets.SessionOfPages()
    app.url_map.converters["int"] = RowId
    app.url_map.strict_slashes = False
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    _extensions(app)
    for blueprint in blueprints.ALL:
        app.register_blueprint(blueprint)
    errors.register(app)
    filters.register(app)
    context.register(app)
    cli.register(app)
    _around_requests(app)
    check_every_route(app)
    return app


def _extensions(app: Flask) -> None:
    db.init_app(app)
    with app.app_context():
        keep_sqlite_honest(db.engine)
    migrate.init_app(app, db, directory=str(ROOT / "migrations"), render_as_batch=True)
    babel.init_app(
        app,
        locale_selector=language.locale,
        default_translation_directories=str(ROOT / "tracker" / "translations"),
    )
    bootstrap.init_app(app)
    csrf.init_app(app)
    account_session.init_app(login_manager, app)


def _around_requests(app: Flask) -> None:
    @app.before_request
    def promise_not_to_write() -> None:
        reading.set(request.method in ("GET", "HEAD", "OPTIONS"))

    @app.before_request
    def answer_a_repeated_form() -> Any:
        return edge.repeated()

    @app.teardown_request
    def forget_the_promise(_error: BaseException | None) -> None:
        reading.set(False)

    @app.after_request
    def harden(response: Any) -> Any:
        response.headers.setdefault(
            "Content-Security-Policy",
            "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; "
            "base-uri 'self'; form-action 'self'; frame-ancestors 'none'",
        )
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "same-origin")
        if request.endpoint in assets.ENDPOINTS:
            assets.keep(app, request.endpoint, response)
        elif current_user and not current_user.is_anonymous:  # asks no database after a commit
            response.headers.setdefault("Cache-Control", "no-store")
        return response
