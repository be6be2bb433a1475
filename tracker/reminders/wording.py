"""The words of a reminder, in the language of whoever receives it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime

from flask import current_app
from flask_babel import force_locale, format_date, get_locale
from flask_babel import gettext as _

from tracker.kernel import clock
from tracker.kernel.forms import translate
from tracker.kernel.words import Message
from tracker.notifications import rules as notifications
from tracker.notifications.rules import Failure
from tracker.projects.rules import due_words
from tracker.reminders.queries import Person, Target
from tracker.reminders.rules import ESCALATIONS, KINDS, Audience, Occurrence, Phase
from tracker.workdays.rules import Calendar


@dataclass(frozen=True)
class Notice:
    """All that a reminder tells, before it has a language."""

    target: Target
    occurrence: Occurrence
    capacities: Sequence[Audience]
    others: Sequence[str]
    next_day: date | None
    late: bool
    today: date


@contextmanager
def language_of(person: Person) -> Iterator[None]:
    """Speak the person's language within the block."""
    with force_locale("en" if person.language == "en" else "zh_Hans_CN"):
        yield


def path_to(target: Target) -> str:
    """Where the matter is dealt with: a path, which needs no request."""
    rule = KINDS[target.kind]
    return current_app.url_map.bind("localhost").build(
        rule.endpoint, {rule.argument: target.link_id}
    )


def subject(notice: Notice, calendar: Calendar) -> str:
    """One line: the project, the matter and how far the deadline is."""
    target = notice.target
    due = due_words(target.deadline, notice.today, calendar)
    values = {"title": target.title, "due": due, "n": target.count, "when": _when(target)}
    line = translate(Message(KINDS[target.kind].subject, values))
    late = _("【补发】") if notice.late else ""
    return f"{late}{_headed(target.project_title)}{line}"


def _headed(project_title: str) -> str:
    return f"【{project_title}】"


def without_project(subject_line: str, project_title: str) -> str:
    """A subject as it is shown on the project's own page."""
    return subject_line.partition(_headed(project_title))[2] or subject_line


def body(notice: Notice, calendar: Calendar) -> str:
    """Why, what to do, by when, who else was told, and when the next comes."""
    target = notice.target
    roles = "、".join(_(role.label) for role in notice.capacities)
    lines = [_("为什么提醒您：您是%(roles)s。", roles=roles)]
    if notice.occurrence.phase in ESCALATIONS:
        lines.append(_("到期还没有完成，所以按规则告诉您。"))
    lines.append(_("要做什么：%(todo)s", todo=_(KINDS[target.kind].todo)))
    lines.append(_deadline(notice, calendar))
    if notice.others:
        lines.append(_("同时提醒了：%(names)s。", names="、".join(notice.others)))
    else:
        lines.append(_("只提醒了您。"))
    if notice.next_day is not None:
        lines.append(_("下次提醒：%(day)s 上午，办好后不再提醒。", day=day_words(notice.next_day)))
    else:
        lines.append(_("这件事不再单独提醒您。"))
    if notice.late:
        lines.append(_("提醒服务中断过，这一条没有按时发出，现在补发。"))
    return "\n".join(lines)


def _deadline(notice: Notice, calendar: Calendar) -> str:
    target = notice.target
    line: str
    if target.at is not None and notice.occurrence.phase is Phase.LEAD and target.place:
        line = _("时间地点：%(when)s，%(place)s", when=_when(target), place=target.place)
    elif notice.occurrence.phase is Phase.FOLLOW_UP:
        line = _("会议日期：%(day)s", day=day_words(target.deadline))
    else:
        line = _(
            "期限：%(day)s，%(due)s",
            day=day_words(target.deadline),
            due=translate(due_words(target.deadline, notice.today, calendar)),
        )
    return line


def letter(text: str, path: str, item_id: int) -> str:
    """The body of the e-mail: the same words, the whole address and the reminder's number."""
    link = current_app.config["BASE_URL"] + path
    number = notifications.number(item_id)
    return "\n".join([text, _("打开：%(link)s", link=link), _("提醒号 %(number)s", number=number)])


def day_words(day: date) -> str:
    """A day with its weekday and, because letters are kept, its year."""
    chinese = str(get_locale()).startswith("zh")
    return str(format_date(day, "y年M月d日 EEE" if chinese else "EEE d MMM y"))


def _when(target: Target) -> str:
    return _moment(target.at) if target.at is not None else day_words(target.deadline)


def _moment(at: datetime) -> str:
    local = at.astimezone(clock.SHANGHAI)
    return f"{day_words(local.date())} {local:%H:%M}"


def dead_letter(subject_line: str, failure: Failure, reason: str) -> tuple[str, str]:
    """Heading and text that tell a person of a letter that could not be delivered."""
    heading = _("邮件没有送达：%(subject)s", subject=subject_line)
    text = "\n".join(
        [
            _("发到您邮箱的这封邮件没有送达，内容请看站内提醒。"),
            _("原因：%(failure)s（%(reason)s）", failure=_(failure.label), reason=reason),
            _("要做什么：请核对账号里的邮箱，或请管理员检查邮件设置。"),
        ]
    )
    return heading, text


def path_of_inbox() -> str:
    """The inbox, where the same words stand."""
    return current_app.url_map.bind("localhost").build("notifications.inbox")
