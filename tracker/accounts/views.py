"""Signing in and out, one's own account, and the people of a committee."""

from __future__ import annotations

from flask import (
    Blueprint,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_babel import gettext as _
from flask_login import current_user, login_user, logout_user
from werkzeug.wrappers import Response

from tracker.accounts import mail, queries, services
from tracker.accounts.forms import (
    ChangePasswordForm,
    CommitteeForm,
    EditUserForm,
    ForgottenForm,
    ResetPasswordForm,
    SetupForm,
    SignInForm,
    UserForm,
)
from tracker.accounts.guards import actor, open_to_all, requires, signed_in
from tracker.accounts.rules import Permission, Role, may_grant
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.edge import done
from tracker.kernel.errors import Refusal
from tracker.kernel.forms import row_choices, term_choices
from tracker.kernel.safety import local_url
from tracker.notifications import queries as notifications

blueprint = Blueprint("accounts", __name__)
Answer = str | Response | tuple[str, int]


@blueprint.route("/setup", methods=["GET", "POST"])
@open_to_all
def setup() -> Answer:
    """The first visit: who are you?"""
    if queries.anybody():
        return redirect(url_for("accounts.sign_in"))
    form = SetupForm()
    form.role.choices = term_choices([Role.DIRECTOR, Role.OFFICER])
    if form.validate_on_submit():
        try:
            user = services.set_up(
                clock.now(),
                subdistrict=form.subdistrict.data,
                committee=form.committee.data,
                role=Role(form.role.data),
                display_name=form.display_name.data,
                login=form.login.data,
                password=form.password.data,
            )
            _start_session(user)
            flash(_("台账已设好。下一步：录入小区和楼栋。"), "success")
            return done(url_for("web.home"))
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    return render_template("accounts/setup.html", form=form)


@blueprint.route("/sign-in", methods=["GET", "POST"])
@open_to_all
def sign_in() -> Answer:
    """Sign in and go on to where one was headed."""
    form = SignInForm()
    if form.validate_on_submit():
        user = services.authenticate(form.login.data, form.password.data)
        if user is not None:
            _start_session(user, remember=form.remember.data)
            return redirect(local_url(request.args.get("next"), url_for("web.home")), 303)
        form.form_errors.append(_("登录名或密码不对，请再试一次。"))
    return render_template("accounts/sign_in.html", form=form)


def _start_session(user: object, *, remember: bool = False) -> None:
    session.clear()
    session.permanent = True
    login_user(user, remember=remember)


@blueprint.post("/sign-out")
@signed_in
def sign_out() -> Response:
    """Sign out on this device."""
    logout_user()
    session.clear()
    flash(_("您已退出。"), "success")
    return redirect(url_for("accounts.sign_in"), 303)


@blueprint.route("/forgotten", methods=["GET", "POST"])
@open_to_all
def forgotten() -> Answer:
    """Ask for a reset link; the answer is the same whether the account exists or not."""
    form = ForgottenForm()
    if form.validate_on_submit():
        user = queries.by_login(form.login.data)
        sends = notifications.mail_is_configured()
        if sends and user is not None and user.email and user.is_active:
            token = services.reset_token(user, _secret())
            mail.send_reset(user, url_for("accounts.reset", token=token), clock.now())
        if sends:
            flash(
                _("如果这个账号留有邮箱，重设链接已经发出；没有邮箱的请找居委会主任或街道。"),
                "success",
            )
        else:
            flash(_("这个台账没有设置发信，请居委会主任或街道当面给您重设链接。"), "error")
        return done(url_for("accounts.sign_in"))
    return render_template("accounts/forgotten.html", form=form)


def _secret() -> str:
    return str(current_app.config["SECRET_KEY"])


@blueprint.route("/reset/<token>", methods=["GET", "POST"])
@open_to_all
def reset(token: str) -> Answer:
    """Set a new password by link."""
    form = ResetPasswordForm()
    services.user_of_reset(token, _secret())
    if form.validate_on_submit():
        try:
            services.reset_password(token, _secret(), clock.now(), form.password.data)
            flash(_("密码已修改，请用新密码登录。"), "success")
            return done(url_for("accounts.sign_in"))
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    return render_template("accounts/reset.html", form=form)


@blueprint.route("/me", methods=["GET", "POST"])
@signed_in
def me() -> Answer:
    """My account: change the password."""
    form = ChangePasswordForm()
    if form.validate_on_submit():
        user = actor()
        try:
            services.change_password(
                user, clock.now(), current=form.current.data, password=form.password.data
            )
            login_user(user)
            flash(_("密码已修改，其他设备需要重新登录。"), "success")
            return done(url_for("accounts.me"))
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    return render_template("accounts/me.html", form=form)


@blueprint.post("/language")
@open_to_all
def set_language() -> Response:
    """Switch the language, for the account or for this browser."""
    language = "en" if request.form.get("language") == "en" else "zh"
    if current_user.is_authenticated:
        current_user.language = language
        db.session.commit()
    else:
        session["language"] = language
    return redirect(local_url(request.form.get("next")), 303)


@blueprint.post("/text-size")
@open_to_all
def set_text_size() -> Response:
    """Switch between normal and large text, for the account or for this browser."""
    large = request.form.get("text_size") == "large"
    if current_user.is_authenticated:
        current_user.large_text = large
        db.session.commit()
    else:
        session["large_text"] = large
    return redirect(local_url(request.form.get("next")), 303)


@blueprint.get("/people")
@requires(Permission.MANAGE_USERS)
def users() -> str:
    """The people whose accounts I manage."""
    me = actor()
    return render_template(
        "accounts/users.html",
        users=db.session.scalars(queries.visible_users(me)).all(),
        committees=queries.committees(me.subdistrict_id) if me.committee_id is None else [],
    )


@blueprint.route("/people/new", methods=["GET", "POST"])
@requires(Permission.MANAGE_USERS)
def add_user() -> Answer:
    """A new account."""
    me = actor()
    form = UserForm()
    officers = bool(queries.officers(me.subdistrict_id))
    roles = [r for r in Role if may_grant(me.role, r, officer_exists=officers)]
    form.role.choices = term_choices(roles, empty=_("请选择"))
    form.committee.choices = row_choices(
        queries.committees(me.subdistrict_id), lambda c: c.name, empty=_("街道本级")
    )
    if me.committee_id is not None:
        del form.committee
    if form.validate_on_submit():
        try:
            services.add_user(
                me,
                clock.now(),
                role=Role(form.role.data),
                committee_id=form.committee.data if form.committee else None,
                display_name=form.display_name.data,
                login=form.login.data,
                email=form.email.data or "",
                password=form.password.data,
            )
            flash(_("账号已建立，请把登录名和初始密码当面告知本人。"), "success")
            return done(url_for("accounts.users"))
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    return render_template("accounts/add_user.html", form=form)


@blueprint.route("/people/<int:user_id>", methods=["GET", "POST"])
@requires(Permission.MANAGE_USERS)
def edit_user(user_id: int) -> Answer:
    """One account."""
    user = queries.user(actor(), user_id)
    form = EditUserForm(obj=user)
    if form.validate_on_submit():
        services.edit_user(
            actor(),
            user_id,
            clock.now(),
            version=form.version.data,
            display_name=form.display_name.data,
            email=form.email.data or "",
        )
        flash(_("已保存。"), "success")
        return done(url_for("accounts.users"))
    return render_template("accounts/edit_user.html", form=form, user=user)


@blueprint.post("/people/<int:user_id>/state")
@requires(Permission.MANAGE_USERS)
def set_user_state(user_id: int) -> Response:
    """Close or reopen an account."""
    disabled = request.form.get("disabled") == "yes"
    services.set_disabled(actor(), user_id, clock.now(), disabled=disabled)
    flash(_("账号已停用。") if disabled else _("账号已恢复。"), "success")
    return done(url_for("accounts.users"))


@blueprint.post("/people/<int:user_id>/reset-link")
@requires(Permission.MANAGE_USERS)
def make_reset_link(user_id: int) -> str:
    """A link to hand over to somebody without e-mail."""
    user = queries.user(actor(), user_id)
    token = services.hand_over_reset(actor(), user_id, clock.now(), _secret())
    mail.tell_of_reset_link(user, actor(), clock.now())
    link = current_app.config["BASE_URL"] + url_for("accounts.reset", token=token)
    page = render_template("accounts/reset_link.html", user=user, link=link)
    db.session.commit()
    return page


@blueprint.route("/committees/new", methods=["GET", "POST"])
@requires(Permission.OVERSEE)
def add_committee() -> Answer:
    """A new committee of the subdistrict."""
    form = CommitteeForm()
    if form.validate_on_submit():
        try:
            services.add_committee(actor(), clock.now(), name=form.name.data)
            flash(_("居委会已建立，请为它设立主任账号。"), "success")
            return done(url_for("accounts.add_user"))
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    return render_template("accounts/add_committee.html", form=form)
