"""When to remind of what, and whom."""

from __future__ import annotations

from tracker.kernel.words import N_, Term


class ReminderKind(Term):
    """What a reminder is about; one entry per kind of deadline."""

    STAGE = "stage", N_("阶段期限")
    TASK = "task", N_("事项期限")
    MEETING = "meeting", N_("会议")
    OPINION = "opinion", N_("意见答复")
    VOTE = "vote", N_("表决截止")


LEAD_WORKDAYS = (7, 3, 1, 0)
"""Reminders before a deadline, in working days."""

OVERDUE_DAILY = 5
"""So many working days in a row after a missed deadline, then weekly."""

ESCALATE_DIRECTOR = 1
ESCALATE_OFFICER = 3
"""Working days after the deadline when the director, then the subdistrict, is told."""
