"""The rule book: every rule that may decide a vote, where it comes from, and who entered it."""

from __future__ import annotations

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from tracker.accounts.guards import actor, requires
from tracker.accounts.rules import Permission
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.edge import done, refused
from tracker.kernel.errors import NotFound, Refusal
from tracker.votes import figures, offers, rule_queries, rule_services
from tracker.votes.blueprint import Answer, blueprint
from tracker.votes.rule_forms import THRESHOLDS, RuleForm
from tracker.votes.rule_services import RuleDraft
from tracker.votes.rules import Base, Basis, Rule
from tracker.votes.words import Confidence


@blueprint.get("/rules")
@requires(Permission.VIEW_PROJECTS)
def rules() -> str:
    """All rules, shipped and entered, with what each asks and how surely that is known."""
    subdistrict = actor().subdistrict_id
    today = clock.today()
    entries = rule_queries.entries(subdistrict)
    book = rule_queries.book(subdistrict, today)
    return render_template(
        "votes/rules.html",
        groups=offers.grouped({key: version.rule for key, version in book.items()}),
        sources={key: version.entry for key, version in book.items()},
        waiting=[row for row in entries if row.confirmed_by is None and row.withdrawn_at is None],
        entered={row.key for row in entries},
        today=today,
        explained=figures.explained,
        confidence=Confidence,
        may_manage=actor().may(Permission.MANAGE_RULES),
    )


@blueprint.route("/rules/new", methods=["GET", "POST"])
@requires(Permission.MANAGE_RULES)
def enter_rule() -> Answer:
    """A rule of one's own, or with ``?key=`` a new version of one."""
    key = request.args.get("key")
    earlier = _earlier(key)
    form = RuleForm()
    form.offer()
    if not form.is_submitted():
        form.basis.data, form.base.data = Basis.PERSONS.value, Base.PARTICIPANTS.value
        if earlier is not None:
            form.show(earlier)
    if form.validate_on_submit():
        try:
            made = rule_services.enter_rule(actor(), clock.now(), _draft(key, form))
            flash(_("规则已录入，等另一个人确认。"), "success")
            return done(url_for("votes.rule_entry", entry_id=made.id))
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    return render_template("votes/enter_rule.html", form=form, earlier=earlier)


def _earlier(key: str | None) -> Rule | None:
    """What a new version begins with, None for a rule of one's own; NotFound for a wrong key."""
    if key is None:
        return None
    found = rule_queries.to_start_from(actor().subdistrict_id, key)
    if found is None:
        raise NotFound
    return found


def _draft(key: str | None, form: RuleForm) -> RuleDraft:
    return RuleDraft(
        key=key,
        title=form.title.data,
        roll=form.roll.data,
        source=form.source.data,
        confidence=Confidence(form.confidence.data),
        reason=form.reason.data,
        in_force_from=form.in_force_from.data,
        in_force_to=form.in_force_to.data,
        base=Base(form.base.data),
        basis=Basis(form.basis.data),
        advisory=form.advisory.data,
        notice_days=form.notice_days.data or 0,
        **{name: form.threshold(name) for name in THRESHOLDS},
    )


@blueprint.get("/rules/<key>/versions")
@requires(Permission.VIEW_PROJECTS)
def rule_versions(key: str) -> str:
    """One rule: the version shipped and all that were entered, with who did."""
    subdistrict = actor().subdistrict_id
    entries = [row for row in rule_queries.entries(subdistrict) if row.key == key]
    shipped = rule_queries.shipped(key)
    if not entries and shipped is None:
        raise NotFound
    return render_template(
        "votes/rule_versions.html",
        key=key,
        entries=[(row, Rule.from_dict(row.rule)) for row in entries],
        shipped=shipped,
        standing=rule_queries.offered(subdistrict, clock.today()).get(key),
        explained=figures.explained,
        confidence=Confidence,
        may_manage=actor().may(Permission.MANAGE_RULES),
    )


@blueprint.get("/rules/entries/<int:entry_id>")
@requires(Permission.VIEW_PROJECTS)
def rule_entry(entry_id: int) -> str:
    """One version as it was entered, for whoever confirms it."""
    entry = rule_queries.entry(actor(), entry_id)
    return render_template(
        "votes/rule_entry.html",
        entry=entry,
        rule=Rule.from_dict(entry.rule),
        explained=figures.explained,
        confidence=Confidence,
        may_manage=actor().may(Permission.MANAGE_RULES),
    )


@blueprint.post("/rules/entries/<int:entry_id>/confirm")
@requires(Permission.MANAGE_RULES)
def confirm_entry(entry_id: int) -> Response:
    """Agree, as another person, that the rule stands as its source has it."""
    target = url_for("votes.rule_entry", entry_id=entry_id)
    try:
        rule_services.confirm_rule(actor(), clock.now(), entry_id)
        flash(_("规则已确认，可以选用。"), "success")
        return done(target)
    except Refusal as refusal:
        return refused(refusal, target)


@blueprint.post("/rules/entries/<int:entry_id>/withdraw")
@requires(Permission.MANAGE_RULES)
def withdraw_entry(entry_id: int) -> Response:
    """Offer a version no more."""
    target = url_for("votes.rule_entry", entry_id=entry_id)
    try:
        rule_services.withdraw_rule(actor(), clock.now(), entry_id)
        flash(_("规则已撤回，不再供选用；已有的表决不受影响。"), "success")
        return done(target)
    except Refusal as refusal:
        return refused(refusal, target)
