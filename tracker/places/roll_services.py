"""The import of a roll: read and show, then confirm once or give up."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from tracker.accounts.models import User
from tracker.audit.services import record
from tracker.kernel.database import db
from tracker.kernel.errors import FieldRefusal, Refusal, require
from tracker.kernel.words import M_
from tracker.places import queries, roll, roll_file, roll_plan, roll_queries, roll_writing
from tracker.places.models import Compound, RollImport
from tracker.places.roll import RollRow
from tracker.places.roll_plan import Change, Plan
from tracker.places.rules import ImportState


def preview_roll(
    actor: User, now: datetime, compound_id: int, file_name: str, data: bytes
) -> RollImport:
    """Read a roll file for a compound; nothing but the reading itself is kept.

    An earlier reading of the same person that was never confirmed is given up. Raises
    FieldRefusal on ``file`` for a file that cannot be read.
    """
    compound = queries.compound(actor, compound_id)
    try:
        read = roll.read(roll_file.tables(file_name, data))
    except roll.RollError as error:
        raise FieldRefusal("file", error.message) from error
    for earlier in roll_queries.waiting_imports(compound.id):
        if earlier.created_by == actor.id:
            _close(earlier, ImportState.DISCARDED)
    made = RollImport(
        committee_id=compound.committee_id,
        compound_id=compound.id,
        file_name=file_name[-200:],
        rows=[roll.to_json(r) for r in read.rows],
        ignored=[heading[:40] for heading in read.ignored],
        created_by=actor.id,
        created_at=now,
    )
    db.session.add(made)
    db.session.flush()
    message = M_("上传了%(compound)s的名册，待核对", compound=compound.name)
    _record(actor, now, "roll.uploaded", made, message)
    return made


def apply_roll(actor: User, now: datetime, import_id: int, skip_bad: bool) -> RollImport:
    """Write a roll into the ledger, all of it or nothing; a second time does nothing.

    ``skip_bad`` leaves out the rows with problems. Raises Refusal when there are such rows
    and it is not set, when no sound row is left, or when the import was given up.
    """
    found = roll_queries.roll_import(actor, import_id, lock=True)
    if found.state is ImportState.APPLIED:
        return found
    require(found.state is ImportState.PREVIEW, M_("这次导入已经放弃，请重新上传。"))
    rows = rows_of(found)
    bad = sum(bool(r.problems) for r in rows)
    if bad and not skip_bad:
        raise FieldRefusal(
            "skip_bad", M_("有 %(n)d 行有错误：请改正后重新上传，或勾选跳过。", n=bad)
        )
    require(bad < len(rows), M_("每一行都有错误，没有可以导入的。请改正后重新上传。"))
    # Two imports of one compound wait for each other; the second sees what the first wrote.
    compound = db.session.scalars(
        sa.select(Compound).where(Compound.id == found.compound_id).with_for_update()
    ).one()
    known = roll_queries.known(compound.id)
    plan = roll_plan.plan(rows, known)
    found.result = {c.value: plan.count(c) for c in Change} | {"bad": bad}
    found.applied_at = now
    _close(found, ImportState.APPLIED)
    message = M_(
        "导入%(compound)s的名册：新增 %(new)d 户，更新 %(changed)d 户，跳过 %(bad)d 行",
        compound=compound.name,
        new=found.result["new"],
        changed=found.result["changed"],
        bad=bad,
    )
    _record(actor, now, "roll.applied", found, message)
    roll_writing.write(plan, known, compound)
    return found


def discard_roll(actor: User, now: datetime, import_id: int) -> RollImport:
    """Give up a reading that was not confirmed; raises Refusal once it was applied."""
    found = roll_queries.roll_import(actor, import_id, lock=True)
    if found.state is ImportState.APPLIED:
        raise Refusal(M_("这份名册已经导入，不能放弃。"))
    if found.state is ImportState.PREVIEW:
        _close(found, ImportState.DISCARDED)
        _record(actor, now, "roll.discarded", found, M_("放弃了一份没有导入的名册"))
    return found


def rows_of(found: RollImport) -> list[RollRow]:
    """The rows of an import; only the bad ones, without names, once it is closed."""
    return [roll.from_json(value) for value in found.rows]


def plan_of(found: RollImport, rows: list[RollRow]) -> Plan:
    """What confirming would do now."""
    return roll_plan.plan(rows, roll_queries.known(found.compound_id))


_KEPT = ("line", "building", "entrance", "room", "problems")


def _close(found: RollImport, state: ImportState) -> None:
    """Keep of the rows only where the bad ones stood: names and numbers have done their work."""
    bad: list[dict[str, Any]] = [r for r in found.rows if r.get("problems")]
    kept = bad if state is ImportState.APPLIED else []
    found.rows = [{k: v for k, v in row.items() if k in _KEPT} for row in kept]
    found.state = state


def _record(actor: User, now: datetime, action: str, found: RollImport, message: Any) -> None:
    record(action, message, actor_id=actor.id, now=now, committee_id=found.committee_id)
