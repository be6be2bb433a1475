"""What a person sees when something is not to be had."""

from __future__ import annotations

from flask import Flask, current_app, render_template, request
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from tracker.kernel import edge
from tracker.kernel.database import db
from tracker.kernel.errors import NotFound, Reason, Refusal, Stale
from tracker.kernel.forms import translate
from tracker.kernel.safety import local_url

Answer = tuple[str, int] | Response | tuple[str, int, dict[str, str]]


def page(status: int, title: str, text: str, reasons: tuple[Reason, ...] = ()) -> tuple[str, int]:
    """Render the one error page."""
    shown = render_template(
        "errors/error.html",
        status=status,
        title=title,
        text=text,
        reasons=reasons,
        back=local_url(request.referrer),
    )
    return shown, status


def register(app: Flask) -> None:
    """Attach the error handlers."""
    app.register_error_handler(Refusal, _refused)
    app.register_error_handler(NotFound, _missing)
    app.register_error_handler(404, _missing)
    app.register_error_handler(403, _forbidden)
    app.register_error_handler(405, _missing)
    app.register_error_handler(413, _too_large)
    app.register_error_handler(CSRFError, _expired)
    app.register_error_handler(Stale, _stale)
    app.register_error_handler(StaleDataError, _stale)
    app.register_error_handler(IntegrityError, _collided)
    app.register_error_handler(OperationalError, _database_away)
    app.register_error_handler(500, _broken)


def _refused(refusal: Refusal) -> Answer:
    db.session.rollback()
    return page(409, _("现在还不能这样做"), _("请先处理下面的事情："), refusal.reasons)


def _missing(_error: Exception) -> Answer:
    db.session.rollback()
    return page(404, _("没有找到这一页"), _("地址可能写错了，或者这条记录不属于您的居委会。"))


def _forbidden(_error: Exception) -> Answer:
    return page(403, _("您的账号不能做这件事"), _("如果工作需要，请找居委会主任或街道开通。"))


def _too_large(_error: Exception) -> Answer:
    return page(413, _("文件太大"), _("一次最多上传 16 MB。请把照片缩小或分次上传。"))


def _expired(_error: HTTPException) -> Answer:
    return page(
        400, _("页面放得太久了"), _("请返回上一页，刷新后重新提交；已填的内容请先复制保存。")
    )


def _stale(_error: Exception) -> Answer:
    db.session.rollback()
    return page(409, _("内容已被别人改动"), translate(Stale.message))


def _collided(error: IntegrityError) -> Answer:
    """Two people did the same at once: the schema kept one, the other is told politely."""
    db.session.rollback()
    location = edge.repeated()
    if location is not None:
        return location
    current_app.logger.warning("refused by the schema: %s", type(error.orig).__name__)
    return page(409, _("别人刚刚做了同样的事"), _("为避免重复，这一次没有保存。请返回核对。"))


def _database_away(error: OperationalError) -> Answer:
    db.session.rollback()
    # The first line names the trouble; later lines may quote a statement and its values.
    current_app.logger.error("database unavailable: %s", str(error.orig).splitlines()[0])
    text, status = page_without_database(503)
    return text, status, {"Retry-After": "15"}


def _broken(_error: Exception) -> Answer:
    return page_without_database(500)


def page_without_database(status: int) -> tuple[str, int]:
    """A page that needs neither database nor session: it runs no context processor."""
    template = current_app.jinja_env.get_template("errors/500.html")
    english = request.accept_languages.best_match(["zh", "en"]) == "en"
    return template.render(lang="en" if english else "zh-CN"), status
