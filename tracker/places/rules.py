"""What places are called, how a room is written, how an area is read."""

from __future__ import annotations

import re
from functools import lru_cache

from tracker.kernel.words import M_, N_, Message, Term


class VoterKind(Term):
    """A developer's unsold units together are one person (Judicial Interpretation, 9)."""

    PERSON = "person", N_("个人")
    ORGANISATION = "organisation", N_("单位")
    DEVELOPER = "developer", N_("开发商")


class ImportState(Term):
    """A roll file between reading and writing."""

    PREVIEW = "preview", N_("待确认")
    APPLIED = "applied", N_("已导入")
    DISCARDED = "discarded", N_("已放弃")


AREA_SOURCES = ("不动产权证", "不动产登记簿", "商品房买卖合同", "测绘报告", "业主申报")
"""Offered beside the field; another source may be written in."""

LARGEST_AREA = 100_000_000
"""In 0.01 m²: a million square metres is a slip of the pen, not a flat."""


class AreaError(ValueError):
    """The text is no area; ``message`` says why."""

    def __init__(self, message: Message) -> None:
        self.message = message
        super().__init__(str(message))


_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff]")
_BUILDING_WORDS = re.compile(r"(号楼|楼栋|楼|栋|幢|座|号)$")
_ENTRANCE_WORDS = re.compile(r"(号门洞|号门|门洞|单元|门|号)$")
_ROOM_WORDS = re.compile(r"(号室|室|号)$")
_AREA_UNIT = re.compile(r"(㎡|m²|m2|平方米|平米|平方)$", re.IGNORECASE)


def half_width(text: str) -> str:
    """Full-width letters, digits and signs as half-width ones; outer spaces removed.

    Not NFKC: that would also replace rare characters of people's names.
    """
    if text.isascii():
        return text.strip()
    return _INVISIBLE.sub("", text.translate(_FULL_WIDTH)).strip()


def _squeezed(text: str) -> str:
    return "".join(half_width(text).split())


@lru_cache(maxsize=4096)
def _bare_number(text: str, words: re.Pattern[str]) -> str:
    bare = words.sub("", text.removeprefix("第")) or text
    return bare.lstrip("0") or "0" if bare.isdigit() else bare.upper()


def building_number(text: str) -> str:
    """The bare number of a building: 3号楼, 3栋, 3幢 and 03 are all ``3``."""
    return _bare_number(_squeezed(text), _BUILDING_WORDS)


def entrance_number(text: str) -> str:
    """The bare number of an entrance: 2门洞, 2单元 and 2号门 are all ``2``; empty for none."""
    squeezed = _squeezed(text)
    return _bare_number(squeezed, _ENTRANCE_WORDS) if squeezed else ""


def room_number(text: str) -> str:
    """The bare number of a room: 101室 is ``101``; leading zeros count."""
    squeezed = _squeezed(text)
    return (_ROOM_WORDS.sub("", squeezed) or squeezed).upper()


def building_position(number: str) -> int:
    """A sort key that puts 2 before 10; names without digits come last."""
    digits = re.search(r"\d{1,9}", number)
    return int(digits.group()) if digits else 10_000


def building_label(number: str) -> str:
    """How a building is called: 3 is 3号楼, A is A栋, a name stays as it is."""
    if number.isdigit():
        return f"{number}号楼"
    return f"{number}栋" if number.isascii() else number


def entrance_label(number: str) -> str:
    """How an entrance is called: 2 is 2门洞, a name stays as it is."""
    return f"{number}门洞" if number.isascii() else number


def unit_label(building: str, entrance: str, room: str) -> str:
    """How a unit is called: 3号楼101室, or 3号楼2门洞101室."""
    door = entrance_label(entrance) if entrance else ""
    number = f"{room}室" if room.isascii() else room
    return f"{building_label(building)}{door}{number}"


def person_name(text: str) -> str:
    """A name as it is compared and kept: 张 三 is 张三, spaces between Latin words stay."""
    joined = " ".join(half_width(text).split())
    return re.sub(r"(?<=[^\x00-\x7f]) | (?=[^\x00-\x7f])", "", joined)


def masked_name(name: str, kind: VoterKind = VoterKind.PERSON) -> str:
    """A person's name for screens: 张**. Organisations are not private and stay readable."""
    return f"{name[:1]}**" if kind is VoterKind.PERSON else name


def masked_phone(phone: str | None) -> str:
    """A telephone number for screens: 138****5678; empty for none."""
    if not phone:
        return ""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 11 else f"****{phone[-2:]}"


def phone_number(text: str) -> str | None:
    """A telephone number without spaces and hyphens, or None when the text is none."""
    bare = re.sub(r"[\s\-()]", "", half_width(text))
    return bare if re.fullmatch(r"\+?[0-9]{5,15}", bare) else None


def area_of(text: str) -> int:
    """Square metres with at most two decimals as whole 0.01 m².

    Raises AreaError for anything else, for zero, and for more than a million m².
    """
    bare = _AREA_UNIT.sub("", _squeezed(text)).replace(",", "")
    if re.fullmatch(r"-[0-9.]+", bare):
        raise AreaError(M_("面积必须大于 0。"))
    match = re.fullmatch(r"([0-9]{1,12})(?:\.([0-9]*))?", bare)
    if match is None:
        raise AreaError(M_("面积只填数字，例如 88.50。"))
    decimals = (match.group(2) or "").rstrip("0")
    if len(decimals) > 2:
        raise AreaError(M_("面积最多两位小数。"))
    area = int(match.group(1)) * 100 + int(decimals.ljust(2, "0"))
    if area == 0:
        raise AreaError(M_("面积必须大于 0。"))
    if area > LARGEST_AREA:
        raise AreaError(M_("面积太大，请核对是否以平方米为单位。"))
    return area


def area_text(area: int | None) -> str:
    """An area as it stands in a field: 8850 is 88.50, None is empty."""
    return "" if area is None else f"{area // 100}.{area % 100:02d}"
