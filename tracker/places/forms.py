"""Forms about compounds, buildings, units and the roll."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, SelectField, SelectMultipleField, StringField
from wtforms.validators import ValidationError

from tracker.kernel.fields import reason_field, version_field
from tracker.kernel.forms import (
    BaseForm,
    Required,
    RowSelect,
    at_most,
    strip,
    translate,
)
from tracker.places.rules import AreaError, area_of, building_number, entrance_number, room_number


def _short(read: Any) -> Any:
    """A number of a place, at most twenty characters once its 号楼 or 室 is taken off."""

    def check(_form: Any, field: Any) -> None:
        if len(read(field.data or "")) > 20:
            raise ValidationError(_l("最多 %(n)d 个字，请写短一些。", n=20))

    return check


def _area(_form: Any, field: Any) -> None:
    if field.data:
        try:
            area_of(field.data)
        except AreaError as error:
            raise ValidationError(translate(error.message)) from error


class CompoundForm(BaseForm):
    """A compound."""

    name = StringField(_l("小区名称"), [Required(), at_most(80)], filters=[strip])
    address = StringField(_l("地址"), [at_most(160)], filters=[strip], default="")


class EditCompoundForm(CompoundForm):
    """A compound, corrected."""

    version = version_field()


class GridForm(BaseForm):
    """A grid."""

    name = StringField(_l("微网格名称"), [Required(), at_most(60)], filters=[strip])


class EditGridForm(GridForm):
    """A grid, corrected."""

    version = version_field()


class BuildingForm(BaseForm):
    """A building."""

    number = StringField(_l("楼号"), [Required(), _short(building_number)], filters=[strip])
    grid = RowSelect(_l("微网格"))


class EditBuildingForm(BuildingForm):
    """A building, corrected."""

    version = version_field()


class EntranceForm(BaseForm):
    """An entrance."""

    number = StringField(_l("门洞号"), [Required(), _short(entrance_number)], filters=[strip])


class EditEntranceForm(EntranceForm):
    """An entrance, corrected."""

    version = version_field()


class UnitForm(BaseForm):
    """A unit; ``area`` is text in square metres."""

    room = StringField(_l("室号"), [Required(), _short(room_number)], filters=[strip])
    entrance = RowSelect(_l("门洞"))
    area = StringField(_l("专有面积（㎡）"), [_area], filters=[strip], default="")
    area_source = StringField(_l("面积来源"), [at_most(80)], filters=[strip], default="")
    person = RowSelect(_l("表决权人"))
    new_person = StringField(_l("新的表决权人"), [at_most(80)], filters=[strip], default="")
    co_owned = BooleanField(_l("几人共有"))


class EditUnitForm(UnitForm):
    """A unit, corrected."""

    version = version_field()


class PersonForm(BaseForm):
    """A voting person, corrected; the number itself is not shown again."""

    version = version_field()
    name = StringField(_l("姓名或单位名称"), [Required(), at_most(80)], filters=[strip])
    kind = SelectField(_l("类型"), [Required()], choices=[])
    phone = StringField(_l("新的电话"), [at_most(30)], filters=[strip], default="")
    drop_phone = BooleanField(_l("删除电话"))


class RemoveForm(BaseForm):
    """Why something is taken off the list."""

    reason = reason_field(_l("原因"))


class MergeForm(BaseForm):
    """Another voting person who is the same one."""

    other = RowSelect(_l("另一位表决权人"), [Required(_l("请选择。"))])


class LeaderForm(BaseForm):
    """The buildings of a building leader."""

    buildings = SelectMultipleField(_l("负责的楼"), coerce=int, choices=[])


class RollForm(BaseForm):
    """A roll to read."""

    file = FileField(_l("名册文件"), [FileRequired(_l("请选择一个文件。"))])


class ConfirmRollForm(BaseForm):
    """Confirm an import."""

    skip_bad = BooleanField()


class SearchForm(BaseForm):
    """Find in a list; sent by GET."""

    class Meta:
        csrf = False

    submission = None
    q = StringField(_l("查找"), filters=[strip], default="")
    missing = BooleanField(_l("只看缺面积的"))
