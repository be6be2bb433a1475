"""Forms about projects and their tasks."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateField,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import NumberRange, Optional

from tracker.anthology.rules import StageTemplate
from tracker.kernel.fields import NearDay, version_field
from tracker.kernel.forms import BaseForm, Required, RowSelect, at_most, strip


class WhatForm(BaseForm):
    """First screen: what and where."""

    title = StringField(_l("项目名称"), [Required(), at_most(120)], filters=[strip])
    problem = TextAreaField(_l("要解决什么问题"), [Required(), at_most(2000)], filters=[strip])
    problem_kind = SelectField(_l("问题类型"), [Required()], choices=[])
    compound = RowSelect(_l("小区"), [Required()])
    place = StringField(_l("具体位置"), [at_most(160)], filters=[strip])
    start = DateField(_l("开始日期"), [Required(), NearDay()])


class EditProjectForm(BaseForm):
    """What the project is about, later on."""

    version = version_field()
    title = StringField(_l("项目名称"), [Required(), at_most(120)], filters=[strip])
    problem = TextAreaField(_l("要解决什么问题"), [Required(), at_most(2000)], filters=[strip])
    problem_kind = SelectField(_l("问题类型"), [Required()], choices=[])
    place = StringField(_l("具体位置"), [at_most(160)], filters=[strip])
    lead_id = RowSelect(_l("项目负责人"), [Required()])


def stages_form(stages: tuple[StageTemplate, ...], english: bool) -> type[BaseForm]:
    """Second screen: a form class with ``days_KEY`` and ``use_KEY`` for each stage."""
    fields: dict[str, Any] = {}
    for stage in stages:
        title = stage.title.en if english else stage.title.zh
        fields[f"use_{stage.key}"] = BooleanField(title, default=True)
        fields[f"days_{stage.key}"] = IntegerField(
            title,
            [Required(), NumberRange(1, 1000, message=_l("天数在 1 到 1000 之间。"))],
        )
    return type("StagesForm", (BaseForm,), fields)


def people_form(stages: tuple[StageTemplate, ...], english: bool) -> type[BaseForm]:
    """Third screen: a form class with ``project`` and a ``lead_KEY`` for each stage."""
    fields: dict[str, Any] = {"project": RowSelect(_l("项目负责人"), [Required()])}
    for stage in stages:
        title = stage.title.en if english else stage.title.zh
        fields[f"lead_{stage.key}"] = RowSelect(title)
    return type("PeopleForm", (BaseForm,), fields)


class TaskForm(BaseForm):
    """One thing to do."""

    title = StringField(_l("事项"), [Required(), at_most(200)], filters=[strip])
    assignee_id = RowSelect(_l("谁来做"))
    due_on = DateField(_l("期限"), [Optional(), NearDay()])
    note = TextAreaField(_l("备注"), [at_most(1000)], filters=[strip], default="")


class EditTaskForm(TaskForm):
    """One thing to do, corrected."""

    version = version_field()


class StageForm(BaseForm):
    """Who leads a stage."""

    version = version_field()
    lead_id = RowSelect(_l("阶段负责人"), [Required()])
    review_on = DateField(_l("复查日期"), [Optional(), NearDay()])
