"""Who may do what: roles, permissions, and the one table between them."""

from __future__ import annotations

from tracker.kernel.words import N_, Term


class Role(Term):
    """What a person does for the ledger."""

    OFFICER = "officer", N_("街道工作人员")
    DIRECTOR = "director", N_("居委会主任")
    WORKER = "worker", N_("居委会社工")
    BUILDING_LEADER = "building_leader", N_("楼组长")
    PARTNER = "partner", N_("业委会/物业成员")
    COUNTER = "counter", N_("计票人")
    SCRUTINEER = "scrutineer", N_("监票人")


class Permission(Term):
    """One thing that a route may ask for."""

    VIEW_PROJECTS = "view_projects", N_("查看项目")
    LOG_PROJECT = "log_project", N_("登记和编辑项目")
    RUN_STAGE = "run_stage", N_("推进阶段")
    DECIDE_STAGE = "decide_stage", N_("跳过、退回、暂停、取消和办结")
    OVERRIDE_GATE = "override_gate", N_("放行未达要求的阶段")
    DO_TASKS = "do_tasks", N_("完成分派的事项")
    RECORD_OPINION = "record_opinion", N_("登记意见")
    ANSWER_OPINION = "answer_opinion", N_("答复意见")
    HOLD_MEETING = "hold_meeting", N_("组织会议、比较方案")
    MANAGE_WORKS = "manage_works", N_("登记施工、资金和照片")
    REPORT_WORKS = "report_works", N_("上报现场检查和照片")
    PREPARE_VOTE = "prepare_vote", N_("准备表决")
    APPROVE_VOTE = "approve_vote", N_("作为第二人确认规则、冻结和延长")
    DELIVER_BALLOT = "deliver_ballot", N_("送达表决票、上门提醒")
    RECORD_BALLOT = "record_ballot", N_("收回、核对和录入表决票")
    SETTLE_ENTRY = "settle_entry", N_("裁定不一致的录入")
    CLOSE_VOTE = "close_vote", N_("开始、截止和归档表决")
    CERTIFY_COUNT = "certify_count", N_("确认计票结果")
    ANNOUNCE_RESULT = "announce_result", N_("公告表决结果、裁定异议")
    MANAGE_RULES = "manage_rules", N_("录入和确认表决规则")
    WATCH_VOTE = "watch_vote", N_("查看表决进度")
    EXPORT_EVIDENCE = "export_evidence", N_("下载表决证据包")
    PUBLISH = "publish", N_("向居民公开")
    VIEW_PLACES = "view_places", N_("查看小区楼栋")
    MANAGE_PLACES = "manage_places", N_("维护小区、楼栋和名册")
    MANAGE_USERS = "manage_users", N_("管理人员账号")
    MANAGE_CALENDAR = "manage_calendar", N_("维护工作日历")
    OVERSEE = "oversee", N_("查看街道总览")


_EVERYDAY = frozenset(
    {
        Permission.VIEW_PROJECTS,
        Permission.LOG_PROJECT,
        Permission.RUN_STAGE,
        Permission.DO_TASKS,
        Permission.RECORD_OPINION,
        Permission.ANSWER_OPINION,
        Permission.HOLD_MEETING,
        Permission.MANAGE_WORKS,
        Permission.REPORT_WORKS,
        Permission.PREPARE_VOTE,
        Permission.DELIVER_BALLOT,
        Permission.RECORD_BALLOT,
        Permission.SETTLE_ENTRY,
        Permission.WATCH_VOTE,
        Permission.VIEW_PLACES,
        Permission.MANAGE_PLACES,
    }
)

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    # The calendar moves the deadlines of all committees, so no single one changes it.
    Role.OFFICER: frozenset(
        {
            Permission.VIEW_PROJECTS,
            Permission.OVERRIDE_GATE,
            Permission.WATCH_VOTE,
            Permission.EXPORT_EVIDENCE,
            Permission.APPROVE_VOTE,
            Permission.ANNOUNCE_RESULT,
            Permission.MANAGE_RULES,
            Permission.MANAGE_USERS,
            Permission.MANAGE_CALENDAR,
            Permission.OVERSEE,
        }
    ),
    # Whoever certifies a count read none of it, so a director records no ballots.
    Role.DIRECTOR: (_EVERYDAY - {Permission.RECORD_BALLOT, Permission.SETTLE_ENTRY})
    | {
        Permission.DECIDE_STAGE,
        Permission.APPROVE_VOTE,
        Permission.CLOSE_VOTE,
        Permission.CERTIFY_COUNT,
        Permission.ANNOUNCE_RESULT,
        Permission.EXPORT_EVIDENCE,
        Permission.MANAGE_RULES,
        Permission.PUBLISH,
        Permission.MANAGE_USERS,
    },
    Role.WORKER: _EVERYDAY,
    Role.BUILDING_LEADER: frozenset(
        {
            Permission.VIEW_PROJECTS,
            Permission.DO_TASKS,
            Permission.RECORD_OPINION,
            Permission.DELIVER_BALLOT,
        }
    ),
    Role.PARTNER: frozenset(
        {Permission.VIEW_PROJECTS, Permission.DO_TASKS, Permission.REPORT_WORKS}
    ),
    Role.COUNTER: frozenset(
        {
            Permission.VIEW_PROJECTS,
            Permission.WATCH_VOTE,
            Permission.DELIVER_BALLOT,
            Permission.RECORD_BALLOT,
            Permission.SETTLE_ENTRY,
        }
    ),
    # One scrutineer settles what differs, another certifies: whoever settles has read a ballot.
    Role.SCRUTINEER: frozenset(
        {
            Permission.VIEW_PROJECTS,
            Permission.WATCH_VOTE,
            Permission.SETTLE_ENTRY,
            Permission.CERTIFY_COUNT,
            Permission.EXPORT_EVIDENCE,
        }
    ),
}

MINIMUM_PASSWORD = 10
"""Characters; length protects better than forced symbols (NIST SP 800-63B, 5.1.1)."""


def may(role: Role, permission: Permission) -> bool:
    """Whether the role includes the permission."""
    return permission in PERMISSIONS[role]


def roles_that_may(permission: Permission) -> frozenset[Role]:
    """All roles that include the permission."""
    return frozenset(role for role, held in PERMISSIONS.items() if permission in held)


def may_grant(actor: Role, granted: Role, *, officer_exists: bool) -> bool:
    """Whether a user of role ``actor`` may create a user of role ``granted``.

    Officers create directors and officers and all below them; a director staffs the own
    committee, and may name the first officer of a subdistrict that has none yet.
    """
    if actor is Role.OFFICER:
        return True
    if actor is Role.DIRECTOR:
        return granted is not Role.OFFICER or not officer_exists
    return False
