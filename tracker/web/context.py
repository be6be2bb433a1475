"""What every page knows: language, text size, navigation, banners."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, request, session, url_for
from flask_babel import get_locale, gettext
from flask_login import current_user

from tracker.accounts.rules import Permission
from tracker.kernel.forms import new_submission
from tracker.kernel.words import N_
from tracker.web import status

CHINESE, ENGLISH = "zh_Hans_CN", "en"


@dataclass(frozen=True)
class NavigationItem:
    """One entry of the main menu."""

    label: str
    url: str
    current: bool


NAVIGATION: tuple[tuple[str, str, Permission], ...] = (
    (N_("我的工作"), "dashboard.desk", Permission.VIEW_PROJECTS),
    (N_("街道总览"), "dashboard.overview", Permission.OVERSEE),
    (N_("项目"), "projects.index", Permission.VIEW_PROJECTS),
    (N_("案例库"), "anthology.index", Permission.VIEW_PROJECTS),
    (N_("居民与楼栋"), "places.index", Permission.VIEW_PLACES),
    (N_("人员"), "accounts.users", Permission.MANAGE_USERS),
)


PROJECT_TABS: tuple[tuple[str, str], ...] = (
    (N_("概况"), "workflow.project"),
    (N_("意见"), "opinions.index"),
    (N_("会议"), "meetings.index"),
    (N_("方案与事项"), "meetings.options"),
    (N_("公示"), "notices.index"),
    (N_("表决"), "votes.index"),
    (N_("施工与资金"), "works.index"),
    (N_("照片"), "works.pictures"),
    (N_("反馈"), "feedback.index"),
    (N_("提醒"), "reminders.of_project"),
    (N_("历史"), "workflow.history"),
)
"""The pages of one project; each takes ``project_id``."""


def project_tabs(project_id: int) -> list[NavigationItem]:
    """The tabs of a project's pages that this person may open."""
    here = (request.endpoint or "").split(".")[0]
    items = []
    for label, endpoint in PROJECT_TABS:
        view = current_app.view_functions.get(endpoint)
        access = getattr(view, "access", None)
        if isinstance(access, Permission) and current_user.may(access):
            same_part = endpoint.split(".")[0] == here
            twins = [e for _, e in PROJECT_TABS if e.split(".")[0] == here]
            current = request.endpoint == endpoint or (
                same_part and request.endpoint not in twins and endpoint == twins[0]
            )
            url = url_for(endpoint, project_id=project_id)
            items.append(NavigationItem(gettext(label), url, current))
    return items


def locale() -> str:
    """The language chosen by the person or the browser; Chinese unless English is asked for."""
    if current_user and current_user.is_authenticated:
        return ENGLISH if current_user.language == "en" else CHINESE
    if "language" in session:
        return ENGLISH if session["language"] == "en" else CHINESE
    # Babel's own matching gives English to a Chinese browser: it knows zh-CN only as zh_Hans_CN.
    return ENGLISH if request.accept_languages.best_match(["zh", "en"]) == "en" else CHINESE


def is_chinese() -> bool:
    """Whether the page is shown in Chinese."""
    return str(get_locale()).startswith("zh")


def _text_size() -> str:
    if current_user and current_user.is_authenticated:
        return "large" if current_user.large_text else "normal"
    return "large" if session.get("large_text") else "normal"


def _navigation() -> list[NavigationItem]:
    here = (request.endpoint or "").split(".")[0]
    items = []
    for label, endpoint, permission in NAVIGATION:
        if current_user.may(permission) and endpoint in current_app.view_functions:
            same = endpoint.split(".")[0] == here and here != "dashboard"
            current = same or request.endpoint == endpoint
            items.append(NavigationItem(gettext(label), url_for(endpoint), current))
    return items


def register(app: Flask) -> None:
    """Provide the variables of ``base.html``."""
    app.jinja_env.globals["new_submission"] = new_submission
    app.jinja_env.globals["project_tabs"] = project_tabs

    @app.context_processor
    def frame() -> dict[str, Any]:
        known = bool(current_user and current_user.is_authenticated)
        return {
            "lang": "zh-CN" if is_chinese() else "en",
            "text_size": _text_size(),
            "navigation": _navigation() if known else [],
            "unread_count": status.unread(current_user.id) if known else 0,
            "banners": status.banners(current_user) if known else [],
            "home_url": url_for("web.home"),
            "inbox_url": _inbox_url() if known else None,
            "account_url": url_for("accounts.me") if known else None,
        }


def _inbox_url() -> str | None:
    return (
        url_for("notifications.inbox")
        if "notifications.inbox" in current_app.view_functions
        else None
    )
