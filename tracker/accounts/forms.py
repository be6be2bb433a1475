"""Forms about people."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, PasswordField, RadioField, SelectField, StringField
from wtforms.validators import Email, EqualTo, Optional, Regexp

from tracker.kernel.fields import version_field
from tracker.kernel.forms import BaseForm, Required, RowSelect, at_most, strip

_LOGIN = Regexp(r"^[A-Za-z0-9._-]{3,40}$", message=_l("3 至 40 个字母、数字、点、横线或下划线。"))


class SignInForm(BaseForm):
    """Sign in."""

    login = StringField(_l("登录名"), [Required()], filters=[strip])
    password = PasswordField(_l("密码"), [Required()])
    remember = BooleanField(_l("在这台电脑上保持登录"))


class SetupForm(BaseForm):
    """The first visit."""

    subdistrict = StringField(_l("街道名称"), [Required(), at_most(80)], filters=[strip])
    committee = StringField(_l("居委会名称"), [Required(), at_most(80)], filters=[strip])
    role = RadioField(_l("您的角色"), default="director")
    display_name = StringField(_l("您的称呼"), [Required(), at_most(60)], filters=[strip])
    login = StringField(_l("登录名"), [Required(), _LOGIN], filters=[strip])
    password = PasswordField(_l("密码"), [Required()])
    repeat = PasswordField(
        _l("再输一遍密码"),
        [Required(), EqualTo("password", message=_l("两次输入的密码不一样。"))],
    )


class UserForm(BaseForm):
    """A new account."""

    role = SelectField(_l("角色"), [Required()], choices=[])
    committee = RowSelect(_l("居委会"))
    display_name = StringField(_l("称呼"), [Required(), at_most(60)], filters=[strip])
    login = StringField(_l("登录名"), [Required(), _LOGIN], filters=[strip])
    email = StringField(
        _l("邮箱"), [Optional(), Email(message=_l("邮箱写得不对。")), at_most(200)], filters=[strip]
    )
    password = PasswordField(_l("初始密码"), [Required()])


class EditUserForm(BaseForm):
    """Name and address of an account."""

    version = version_field()
    display_name = StringField(_l("称呼"), [Required(), at_most(60)], filters=[strip])
    email = StringField(
        _l("邮箱"), [Optional(), Email(message=_l("邮箱写得不对。")), at_most(200)], filters=[strip]
    )


class CommitteeForm(BaseForm):
    """A new committee."""

    name = StringField(_l("居委会名称"), [Required(), at_most(80)], filters=[strip])


class ChangePasswordForm(BaseForm):
    """One's own password."""

    current = PasswordField(_l("现在的密码"), [Required()])
    password = PasswordField(_l("新密码"), [Required()])
    repeat = PasswordField(
        _l("再输一遍新密码"),
        [Required(), EqualTo("password", message=_l("两次输入的密码不一样。"))],
    )


class ResetPasswordForm(BaseForm):
    """A new password by link."""

    password = PasswordField(_l("新密码"), [Required()])
    repeat = PasswordField(
        _l("再输一遍新密码"),
        [Required(), EqualTo("password", message=_l("两次输入的密码不一样。"))],
    )


class ForgottenForm(BaseForm):
    """Ask for a reset link."""

    login = StringField(_l("登录名"), [Required()], filters=[strip])
