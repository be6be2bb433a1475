"""What every page knows: language, text size, navigation, banners."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, request, session, url_for
from flask_login import current_user

from tracker.accounts.rules import Permission
from tracker.anthology.rules import StageKind
from tracker.kernel.forms import new_submission, translate
from tracker.kernel.sentences import say
from tracker.kernel.words import N_
from tracker.projects.models import Stage
from tracker.web import filters, language, status
from tracker.workflow.pages import HistoryRow, stage_light, stage_note


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
    (N_("表决规则"), "votes.rules", Permission.MANAGE_RULES),
    (N_("工作日历"), "workdays.index", Permission.MANAGE_CALENDAR),
)


PROJECT_TABS: tuple[tuple[str, str], ...] = (
    (N_("概况"), "workflow.project"),
    (N_("意见"), "opinions.index"),
    (N_("会议"), "meetings.index"),
    (N_("方案与事项"), "meetings.options"),
    (N_("公示"), "notices.index"),
    (N_("表决"), "counts.index"),
    (N_("施工与资金"), "works.index"),
    (N_("照片"), "works.pictures"),
    (N_("反馈"), "feedback.index"),
    (N_("提醒"), "reminders.of_project"),
    (N_("历史"), "workflow.history"),
)
"""The pages of one project; each takes ``project_id``."""

_OF_THE_VOTE = ("votes", "ballots")
"""Capabilities whose pages stand under the tab of ``counts``."""

_PARTS_OF_A_PROJECT = frozenset(
    (*_OF_THE_VOTE, *(endpoint.split(".")[0] for _, endpoint in PROJECT_TABS))
)

_RULE_BOOK = frozenset(
    ("votes.rules", "votes.rule_versions", "votes.rule_entry", "votes.enter_rule")
)
"""Pages of no project, though others of their capability are."""


_UNDER_TAB: Mapping[str, tuple[str, ...]] = {
    "works.pictures": ("picture",),
    "meetings.options": ("option", "motion"),
    "workflow.history": ("history",),
}
"""Words in an endpoint that tell a capability's second tab from its first."""


def _tab_of(endpoint: str) -> str:
    part = endpoint.split(".")[0]
    part = "counts" if part in _OF_THE_VOTE else part
    same = [tab for _, tab in PROJECT_TABS if tab.split(".")[0] == part]
    for tab in same:
        if any(word in endpoint for word in _UNDER_TAB.get(tab, ())):
            return tab
    return same[0] if same else ""


def project_tabs(project_id: int) -> list[NavigationItem]:
    """The tabs of a project's pages that this person may open."""
    here = _tab_of(request.endpoint or "")
    items = []
    for label, endpoint in PROJECT_TABS:
        if _may_open(endpoint):
            url = url_for(endpoint, project_id=project_id)
            items.append(NavigationItem(say(label), url, endpoint == here))
    return items


STAGE_PAGES: Mapping[StageKind, tuple[str, ...]] = {
    StageKind.COLLECT: ("opinions.index", "opinions.coverage"),
    StageKind.DELIBERATE: ("meetings.index", "meetings.options"),
    StageKind.APPROVE: ("works.index",),
    StageKind.VOTE: ("notices.index", "counts.index"),
    StageKind.IMPLEMENT: ("works.index", "works.pictures", "notices.index"),
    StageKind.FEEDBACK: ("feedback.index", "opinions.index"),
}
"""Where the work of a stage is done."""

_PAGE_WORDS = {**{e: w for w, e in PROJECT_TABS}, "opinions.coverage": N_("听取意见的覆盖")}


def stage_pages(stage: Stage) -> list[NavigationItem]:
    """The pages on which a stage's work is recorded."""
    return [
        NavigationItem(
            say(_PAGE_WORDS[endpoint]), url_for(endpoint, project_id=stage.project_id), False
        )
        for endpoint in STAGE_PAGES.get(stage.kind, ())
        if _may_open(endpoint)
    ]


def _may_open(endpoint: str) -> bool:
    access = getattr(current_app.view_functions.get(endpoint), "access", None)
    return isinstance(access, Permission) and current_user.may(access)


def history_items(rows: Iterable[HistoryRow]) -> list[dict[str, str]]:
    """History rows as the timeline macro wants them."""
    return [
        {
            "when": filters.moment(row.at),
            "who": row.who or say("系统或居民"),
            "what": translate(row.sentence),
        }
        for row in rows
    ]


def _text_size() -> str:
    if current_user and current_user.is_authenticated:
        return "large" if current_user.large_text else "normal"
    return "large" if session.get("large_text") else "normal"


def _navigation() -> list[NavigationItem]:
    here = (request.endpoint or "").split(".")[0]
    if request.endpoint in _RULE_BOOK:
        here = "votes"
    elif here in _PARTS_OF_A_PROJECT:
        here = "projects"
    elif request.endpoint == "accounts.me":
        here = ""  # one's own account is not among the people one manages
    items = []
    for label, endpoint, permission in NAVIGATION:
        if current_user.may(permission) and endpoint in current_app.view_functions:
            same = endpoint.split(".")[0] == here and here != "dashboard"
            current = same or request.endpoint == endpoint
            items.append(NavigationItem(say(label), url_for(endpoint), current))
    return items


def register(app: Flask) -> None:
    """Provide the variables of ``base.html``."""
    app.jinja_env.globals.update(
        new_submission=new_submission,
        project_tabs=project_tabs,
        stage_pages=stage_pages,
        stage_light=stage_light,
        stage_note=stage_note,
        history_items=history_items,
        permission=Permission,
    )

    @app.context_processor
    def frame() -> dict[str, Any]:
        known = bool(current_user and current_user.is_authenticated)
        return {
            "lang": "zh-CN" if language.is_chinese() else "en",
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
