"""The few facts that stand in the frame of every page."""

from __future__ import annotations

from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext as _

from tracker.accounts.models import User
from tracker.accounts.rules import Permission
from tracker.kernel import clock
from tracker.notifications import queries as notifications
from tracker.reminders import queries as reminders
from tracker.reminders.services import PLAN_JOB


@dataclass(frozen=True)
class Banner:
    """A line above the page; ``url`` leads to where it is mended."""

    kind: str
    text: str
    url: str | None = None
    link_text: str | None = None


def unread(user_id: int) -> int:
    """Unread messages in the inbox."""
    return notifications.unread(user_id)


def banners(user: User) -> list[Banner]:
    """What everybody should know now."""
    found = []
    if notifications.is_stale(PLAN_JOB, clock.now()):
        text = _("提醒服务没有在运行，到期提醒暂时发不出来。请告诉管理员；恢复后会补发。")
        found.append(Banner("error", text))
    if user.may(Permission.MANAGE_CALENDAR):
        years = reminders.unannounced_years(user, clock.today())
        if years:
            text = _(
                "%(years)s 年的放假安排还没有导入，期限暂按周一至周五估算。",
                years=f"{years[0]}—{years[-1]}" if len(years) > 1 else years[0],
            )
            url = url_for("workdays.index", year=years[0])
            found.append(Banner("warning", text, url, _("去导入")))
    return found
