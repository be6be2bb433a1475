"""votes go on under the procedure with papers, two readings and a certified count

What 0001 recorded stays, in the words of the new procedure:

- A vote that was closed is certified, by whoever closed it. One whose result missing areas had
  left undecided (hold) is being counted again: its areas can be supplied, its old figures stay.
- Who opened and who announced a vote is taken from the history. A rule counts as confirmed where
  one person drafted the vote and another froze it.
- Every voter of a frozen roll has a numbered paper, with the serial it had on the roll. A second
  paper of the same voter (a copy, one filled in by a tenant) is a spoilt paper of its own.
- Who recorded a ballot has read it once. Where the result stands the choices stay counted;
  in a vote that is still open, or counted again, they are a first reading and wait for a second.
- A certified count has a tally sheet with its papers and marks added up; who read aloud, counted
  and watched was not recorded then, and the sheet says so.

Rolls keep the layout they were sealed in (``seal_format`` 1), so that their hashes still hold.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC
from itertools import islice
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: tuple[str, ...] | None = None
depends_on: tuple[str, ...] | None = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
INSTANT = sa.DateTime(timezone=True)
CHUNK = 5_000


def _table(name: str, columns: str, **typed: Any) -> sa.TableClause:
    """A table as far as it is read and written here; ``typed``: columns that need a type."""
    plain = [sa.column(column) for column in columns.split()]
    return sa.table(name, *plain, *(sa.column(column, kind) for column, kind in typed.items()))


VOTE = _table(
    "vote",
    "id committee_id project_id compound_id building_id scope basis ordinal state rule_chosen_by "
    "rule_confirmed_by policy_clause identity_note extension_condition extension_days roll_hash "
    "seal_key seal_format count_number frozen_by opened_by closed_by certified_by announced_by created_by",
    online=sa.Boolean(),
    choices=JSON,
    rule_confirmed_at=INSTANT,
    frozen_at=INSTANT,
    opened_at=INSTANT,
    closed_at=INSTANT,
    certified_at=INSTANT,
    announced_at=INSTANT,
    created_at=INSTANT,
)
PROJECT = _table("project", "id compound_id")
AUDIT = _table("audit_entry", "project_id action actor_id", at=INSTANT)
MOTION = _table("vote_motion", "id vote_id position", options=JSON)
RESULT = _table("motion_result", "vote_id outcome")
ROLL = _table("roll_entry", "id vote_id serial", delivered=sa.Boolean())
RUN = _table("print_run", "id committee_id vote_id number kind first last made_by", made_at=INSTANT)
PAPER = _table(
    "paper",
    "id committee_id vote_id run_id serial code roll_entry_id state spoilt_reason spoilt_by",
    second_owner=sa.Boolean(),
    spoilt_at=INSTANT,
)
BALLOT = _table(
    "ballot",
    "id committee_id vote_id roll_entry_id paper_id channel state recorded_by checked_by "
    "supersedes_id receipt sealed",
    second_owner=sa.Boolean(),
    recorded_at=INSTANT,
    checked_at=INSTANT,
)
CHOICE = _table("ballot_choice", "id committee_id ballot_id vote_motion_id mark")
ENTRY = _table(
    "ballot_entry",
    "id committee_id vote_id ballot_id count_number number entered_by reason",
    entered_at=INSTANT,
    superseded=sa.Boolean(),
)
MARK = _table("entry_mark", "committee_id entry_id vote_motion_id mark")
SHEET = _table(
    "tally_sheet",
    "committee_id vote_id number digest reader counter scrutineer reason certified_by announced_by",
    figures=JSON,
    evidence=JSON,
    certified_at=INSTANT,
    announced_at=INSTANT,
)


def upgrade() -> None:
    """Bring the schema from 0002 to 0003, and what it holds."""
    _add_columns()
    _carry_votes()
    _number_papers()
    _carry_ballots()
    _write_sheets()
    _bind_votes()
    _bind_ballots()


def downgrade() -> None:
    """There is no way back but a backup: 0001 has no place for papers and readings."""
    raise NotImplementedError("restore the backup that was made before the upgrade")


# ---- columns, empty at first ----


def _add_columns() -> None:
    with op.batch_alter_table("vote") as vote:
        for name in ("votestate", "running_has_frozen_roll"):
            vote.drop_constraint(op.f(f"ck_vote_{name}"), type_="check")
        vote.drop_index("uq_vote_one_running")
        for name in ("compound_id", "entrance_id", "notice_id", "after_id", "runoff_of_id"):
            vote.add_column(sa.Column(name, KEY))
        for name in ("rule_chosen", "rule_confirmed", "opened", "certified", "announced"):
            vote.add_column(sa.Column(f"{name}_by", KEY))
        for name in ("rule_confirmed_at", "extended_to", "certified_at"):
            vote.add_column(sa.Column(name, INSTANT))
        for name in ("ordinal", "extension_days", "seal_format", "count_number"):
            vote.add_column(sa.Column(name, sa.BigInteger()))
        for name in ("policy_clause", "identity_note", "extension_condition"):
            vote.add_column(sa.Column(name, sa.Text()))
        vote.add_column(sa.Column("scope", sa.String(40)))
        vote.add_column(sa.Column("basis", sa.String(32)))
        vote.add_column(sa.Column("choices", JSON))
        vote.add_column(sa.Column("online", sa.Boolean()))
    with op.batch_alter_table("vote_motion") as motion:
        motion.add_column(sa.Column("options", JSON))
    with op.batch_alter_table("roll_entry") as entry:
        entry.add_column(sa.Column("delivered", sa.Boolean()))
    with op.batch_alter_table("ballot") as ballot:
        for name in ("paper_id", "box_id", "checked_by"):
            ballot.add_column(sa.Column(name, KEY))
        ballot.add_column(sa.Column("channel", sa.String(32)))
        ballot.add_column(sa.Column("second_owner", sa.Boolean()))
        ballot.add_column(sa.Column("checked_at", INSTANT))
        ballot.add_column(sa.Column("receipt", sa.String(64)))
        ballot.add_column(sa.Column("sealed", sa.Text()))
    with op.batch_alter_table("ballot_choice") as choice:
        choice.drop_constraint(op.f("ck_ballot_choice_choice"), type_="check")
        choice.drop_index("ix_ballot_choice_count")
        choice.alter_column(
            "choice",
            new_column_name="mark",
            existing_type=sa.String(32),
            type_=sa.String(120),
            existing_nullable=False,
        )
    op.create_index("ix_ballot_choice_count", "ballot_choice", ["vote_motion_id", "mark"])


# ---- votes ----


def _carry_votes() -> None:
    held = sa.exists().where(RESULT.c.vote_id == VOTE.c.id, RESULT.c.outcome == "hold")
    closed = VOTE.c.state == "closed"
    counted = sa.or_(VOTE.c.state == "announced", sa.and_(closed, ~held))
    confirmed = VOTE.c.frozen_by != VOTE.c.created_by
    op.execute(
        sa.update(VOTE).values(
            compound_id=sa.select(PROJECT.c.compound_id)
            .where(PROJECT.c.id == VOTE.c.project_id)
            .scalar_subquery(),
            basis="persons",
            ordinal=1,
            choices=["for", "against", "abstain"],
            rule_chosen_by=VOTE.c.created_by,
            rule_confirmed_by=sa.case((confirmed, VOTE.c.frozen_by)),
            rule_confirmed_at=sa.case((confirmed, VOTE.c.frozen_at)),
            policy_clause="",
            online=False,
            identity_note="",
            extension_condition="",
            extension_days=0,
            seal_format=sa.case((VOTE.c.roll_hash == "", 2), else_=1),
            count_number=sa.case((sa.and_(closed, held), 2), else_=1),
            opened_by=_actor("vote.opened", VOTE.c.opened_at),
            certified_by=sa.case((counted, VOTE.c.closed_by)),
            certified_at=sa.case((counted, VOTE.c.closed_at)),
        )
    )
    building = sa.literal("building:") + sa.cast(VOTE.c.building_id, sa.String)
    compound = sa.literal("compound:") + sa.cast(VOTE.c.compound_id, sa.String)
    announcer = _actor("vote.announced", VOTE.c.announced_at)
    op.execute(
        sa.update(VOTE).values(
            scope=sa.case((VOTE.c.building_id.is_not(None), building), else_=compound),
            state=sa.case(
                (sa.and_(closed, held), "counting"), (closed, "certified"), else_=VOTE.c.state
            ),
            # One person used to close and announce; then nobody else is named.
            announced_by=sa.case((announcer != VOTE.c.certified_by, announcer)),
        )
    )
    op.execute(sa.update(MOTION).values(options=[]))
    op.execute(sa.update(ROLL).values(delivered=False))


def _actor(action: str, at: sa.ColumnElement[Any]) -> sa.ScalarSelect[Any]:
    """Who did something to a vote, as the history has it."""
    return (
        sa.select(sa.func.min(AUDIT.c.actor_id))
        .where(AUDIT.c.project_id == VOTE.c.project_id, AUDIT.c.action == action, AUDIT.c.at == at)
        .scalar_subquery()
    )


# ---- papers ----

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXY"


def _new_code() -> str:
    """What a paper's QR code holds: ten signs that mean nothing, and one that checks them."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(10))
    total = sum((place + 2) * ALPHABET.index(sign) for place, sign in enumerate(reversed(body)))
    return body + ALPHABET[-total % len(ALPHABET)]


def _number_papers() -> None:
    """One paper for each voter of a frozen roll; its serial is the voter's place on the roll."""
    first, last = sa.func.min(ROLL.c.serial), sa.func.max(ROLL.c.serial)
    op.execute(
        sa.insert(RUN).from_select(
            ["committee_id", "vote_id", "number", "kind", "first", "last", "made_by", "made_at"],
            sa.select(
                *(VOTE.c.committee_id, VOTE.c.id, sa.literal(1), sa.literal("roll"), first, last),
                sa.func.coalesce(VOTE.c.frozen_by, VOTE.c.created_by),
                sa.func.coalesce(VOTE.c.frozen_at, VOTE.c.created_at),
            )
            .join_from(VOTE, ROLL, ROLL.c.vote_id == VOTE.c.id)
            .group_by(*(VOTE.c[name] for name in _OF_RUN)),
        )
    )
    papers = (
        {
            "committee_id": row.committee_id,
            "vote_id": row.vote_id,
            "run_id": row.run_id,
            "serial": row.serial,
            "code": _new_code(),
            "roll_entry_id": row.entry_id,
            "second_owner": False,
            "state": "live",
            "spoilt_reason": "",
        }
        for row in _rows(
            sa.select(
                RUN.c.committee_id,
                RUN.c.vote_id,
                RUN.c.id.label("run_id"),
                ROLL.c.serial,
                ROLL.c.id.label("entry_id"),
            ).join_from(RUN, ROLL, ROLL.c.vote_id == RUN.c.vote_id)
        )
    )
    _insert(PAPER, papers)


_OF_RUN = ("committee_id", "id", "frozen_by", "created_by", "frozen_at", "created_at")


def _rows(query: sa.Select[Any]) -> Sequence[Any]:
    return op.get_bind().execute(query).all()


def _insert(table: sa.TableClause, rows: Iterable[dict[str, Any]]) -> None:
    waiting = iter(rows)
    while chunk := list(islice(waiting, CHUNK)):
        op.get_bind().execute(sa.insert(table), chunk)


# ---- ballots ----


def _carry_ballots() -> None:
    own_paper = (
        sa.select(PAPER.c.id)
        .where(PAPER.c.roll_entry_id == BALLOT.c.roll_entry_id)
        .scalar_subquery()
    )
    checked = BALLOT.c.state.not_in(("late", "voided"))
    op.execute(
        sa.update(BALLOT).values(
            paper_id=own_paper,
            channel="paper",
            second_owner=False,
            checked_at=sa.case((checked, BALLOT.c.recorded_at)),
            checked_by=sa.case((checked, BALLOT.c.recorded_by)),
            receipt="",
            sealed="",
        )
    )
    _part_papers()
    _write_receipts()
    _make_readings()


def _part_papers() -> None:
    """Give a paper of its own to each further paper that came back for one voter.

    The accepted one keeps the voter's; without one, the first that was recorded.
    """
    several = (
        sa.select(BALLOT.c.roll_entry_id)
        .where(BALLOT.c.state.in_(("accepted", "rejected", "late")))
        .group_by(BALLOT.c.roll_entry_id)
        .having(sa.func.count() > 1)
    )
    recorded = _rows(
        sa.select(BALLOT).where(BALLOT.c.roll_entry_id.in_(several)).order_by(BALLOT.c.id)
    )
    standing: dict[int, list[Any]] = defaultdict(list)
    for ballot in recorded:
        if ballot.state in ("accepted", "rejected", "late"):
            standing[ballot.roll_entry_id].append(ballot)
    further: dict[int, list[Any]] = defaultdict(list)
    for ballots in standing.values():
        kept = next((ballot for ballot in ballots if ballot.state == "accepted"), ballots[0])
        further[kept.vote_id] += [ballot for ballot in ballots if ballot is not kept]
    before = {ballot.id: ballot.supersedes_id for ballot in recorded}
    for vote_id, ballots in further.items():
        _reprint(vote_id, ballots, before)


def _reprint(vote_id: int, ballots: Sequence[Any], before: dict[int, int | None]) -> None:
    connection = op.get_bind()
    run = connection.execute(sa.select(RUN).where(RUN.c.vote_id == vote_id)).one()
    made = {
        "committee_id": run.committee_id,
        "vote_id": vote_id,
        "number": run.number + 1,
        "kind": "reprint",
        "first": run.last + 1,
        "last": run.last + len(ballots),
        "made_by": run.made_by,
        "made_at": min(ballot.recorded_at for ballot in ballots),
    }
    [run_id] = connection.execute(sa.insert(RUN).values(made).returning(RUN.c.id)).one()
    for serial, ballot in enumerate(ballots, start=run.last + 1):
        paper = {
            "committee_id": run.committee_id,
            "vote_id": vote_id,
            "run_id": run_id,
            "serial": serial,
            "code": _new_code(),
            "roll_entry_id": ballot.roll_entry_id,
            "second_owner": False,
            "state": "spoilt",
            "spoilt_reason": "升级前登记的同一表决权人的另一张票",
            "spoilt_at": ballot.recorded_at,
            "spoilt_by": ballot.recorded_by,
        }
        [paper_id] = connection.execute(sa.insert(PAPER).values(paper).returning(PAPER.c.id)).one()
        same = list(_chain(ballot.id, before))
        connection.execute(sa.update(BALLOT).where(BALLOT.c.id.in_(same)).values(paper_id=paper_id))


def _chain(ballot_id: int | None, before: dict[int, int | None]) -> Iterator[int]:
    """A record, the one it corrected, and so on to the first."""
    while ballot_id is not None:
        yield ballot_id
        ballot_id = before.get(ballot_id)


def _write_receipts() -> None:
    """A receipt for each standing record, as it is made when a paper is received."""
    standing = _rows(
        sa.select(
            BALLOT.c.id, BALLOT.c.vote_id, BALLOT.c.recorded_at, VOTE.c.seal_key, PAPER.c.serial
        )
        .join_from(BALLOT, VOTE, VOTE.c.id == BALLOT.c.vote_id)
        .join(PAPER, PAPER.c.id == BALLOT.c.paper_id)
        .where(BALLOT.c.state.not_in(("superseded", "voided")))
    )
    if standing:
        op.get_bind().execute(
            sa.update(BALLOT)
            .where(BALLOT.c.id == sa.bindparam("ballot"))
            .values(receipt=sa.bindparam("digest")),
            [{"ballot": row.id, "digest": _receipt(row)} for row in standing],
        )


def _receipt(row: Any) -> str:
    # SQLite gives instants without their zone, which is UTC.
    zone = row.recorded_at.tzinfo or UTC
    at = row.recorded_at.replace(tzinfo=zone).astimezone(UTC).isoformat(timespec="microseconds")
    content = f"receipt|{row.vote_id}|{row.serial}|{at}"
    return hmac.new(row.seal_key.encode(), content.encode(), hashlib.sha256).hexdigest()


def _make_readings() -> None:
    """Whoever recorded a ballot has read it once; choices not yet certified are no more than that.

    In a vote that is counted again it is the first reading of the new count.
    """
    op.execute(
        sa.insert(ENTRY).from_select(
            [
                *("committee_id", "vote_id", "ballot_id", "count_number", "number"),
                *("entered_by", "entered_at", "reason", "superseded"),
            ],
            sa.select(
                BALLOT.c.committee_id,
                BALLOT.c.vote_id,
                BALLOT.c.id,
                VOTE.c.count_number,
                sa.literal(1),
                BALLOT.c.recorded_by,
                BALLOT.c.recorded_at,
                sa.literal(""),
                sa.false(),
            )
            .join_from(BALLOT, VOTE, VOTE.c.id == BALLOT.c.vote_id)
            .where(sa.exists().where(CHOICE.c.ballot_id == BALLOT.c.id)),
        )
    )
    op.execute(
        sa.insert(MARK).from_select(
            ["committee_id", "entry_id", "vote_motion_id", "mark"],
            sa.select(
                CHOICE.c.committee_id, ENTRY.c.id, CHOICE.c.vote_motion_id, CHOICE.c.mark
            ).join_from(CHOICE, ENTRY, ENTRY.c.ballot_id == CHOICE.c.ballot_id),
        )
    )
    unsettled = (
        sa.select(BALLOT.c.id)
        .join_from(BALLOT, VOTE, VOTE.c.id == BALLOT.c.vote_id)
        .where(VOTE.c.state.in_(("open", "counting")))
    )
    op.execute(sa.delete(CHOICE).where(CHOICE.c.ballot_id.in_(unsettled)))


# ---- tally sheets ----


def _write_sheets() -> None:
    """Add up the papers and marks of each certified vote; who signed was not recorded."""
    votes = _rows(
        sa.select(
            *(VOTE.c[name] for name in ("id", "committee_id", "certified_by", "certified_at")),
            *(VOTE.c[name] for name in ("announced_by", "announced_at")),
        ).where(VOTE.c.state.in_(("certified", "announced")))
    )
    _insert(SHEET, (_sheet(vote) for vote in votes))


def _sheet(vote: Any) -> dict[str, Any]:
    figures = _figures(vote.id)
    plain = json.dumps(figures, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return {
        "committee_id": vote.committee_id,
        "vote_id": vote.id,
        "number": 1,
        "figures": figures,
        "evidence": {},
        "digest": hashlib.sha256(plain.encode()).hexdigest(),
        **dict.fromkeys(("reader", "counter", "scrutineer"), "未记录"),
        "reason": "",
        "certified_by": vote.certified_by,
        "certified_at": vote.certified_at,
        "announced_by": vote.announced_by,
        "announced_at": vote.announced_at,
    }


def _figures(vote_id: int) -> dict[str, Any]:
    printed = _rows(sa.select(sa.func.count()).where(PAPER.c.vote_id == vote_id))[0][0]
    by_state = sa.select(BALLOT.c.state, sa.func.count()).where(BALLOT.c.vote_id == vote_id)
    states: dict[str, int] = dict(map(tuple, _rows(by_state.group_by(BALLOT.c.state))))
    motions: dict[str, dict[str, int]] = {}
    for position, mark, number in _rows(
        sa.select(MOTION.c.position, CHOICE.c.mark, sa.func.count())
        .join_from(MOTION, CHOICE, CHOICE.c.vote_motion_id == MOTION.c.id)
        .join(BALLOT, BALLOT.c.id == CHOICE.c.ballot_id)
        .where(MOTION.c.vote_id == vote_id, BALLOT.c.state == "accepted")
        .group_by(MOTION.c.position, CHOICE.c.mark)
    ):
        motions.setdefault(str(position), {})[mark] = number
    for (position,) in _rows(sa.select(MOTION.c.position).where(MOTION.c.vote_id == vote_id)):
        motions.setdefault(str(position), {})
    accepted = states.get("accepted", 0)
    rejected = states.get("rejected", 0) + states.get("late", 0)
    return {
        "printed": printed,
        "returned": accepted + rejected,
        "unreturned": printed - accepted - rejected,
        **dict.fromkeys(("spare", "spoilt", "merged", "online"), 0),
        "accepted": accepted,
        "rejected": rejected,
        "motions": motions,
    }


# ---- what the columns must hold from now on ----


def _codes(column: str, *codes: str) -> str:
    return f"{column} IN ({', '.join(repr(code) for code in codes)})"


def _bind_votes() -> None:
    with op.batch_alter_table("vote") as vote:
        for name in (
            *("compound_id", "scope", "basis", "ordinal", "rule_chosen_by", "choices"),
            *("policy_clause", "online", "identity_note", "extension_condition"),
            *("extension_days", "seal_format", "count_number"),
        ):
            vote.alter_column(name, nullable=False)
        for column, referred in (
            ("compound_id", "compound"),
            ("entrance_id", "entrance"),
            ("notice_id", "notice"),
            ("after_id", "vote"),
            ("runoff_of_id", "vote"),
            ("rule_chosen_by", "account"),
            ("rule_confirmed_by", "account"),
            ("opened_by", "account"),
            ("certified_by", "account"),
            ("announced_by", "account"),
        ):
            name = op.f(f"fk_vote_{column}_{referred}")
            vote.create_foreign_key(name, referred, [column], ["id"])
        vote.create_index(
            "uq_vote_one_running",
            ["stage_id", "round", "scope", "ordinal"],
            unique=True,
            sqlite_where=sa.text("state <> 'cancelled'"),
            postgresql_where=sa.text("state <> 'cancelled'"),
        )
        for name, condition in VOTE_CHECKS.items():
            vote.create_check_constraint(op.f(f"ck_vote_{name}"), condition)
    with op.batch_alter_table("vote_motion") as motion:
        motion.alter_column("options", nullable=False)
    with op.batch_alter_table("roll_entry") as entry:
        entry.alter_column("delivered", nullable=False)
    with op.batch_alter_table("motion_result") as result:
        result.alter_column("outcome", existing_type=sa.String(32), nullable=True)


VOTE_CHECKS = {
    "votestate": _codes(
        "state",
        *("draft", "frozen", "open", "counting", "certified", "announced", "archived", "cancelled"),
    ),
    "basis": _codes("basis", "persons", "households"),
    "extended_beyond_the_close": "extended_to IS NULL OR extended_to > closes_at",
    "running_has_frozen_roll": "state IN ('draft', 'cancelled') OR roll_hash <> ''",
    "announced_has_its_time": (
        "state NOT IN ('announced', 'archived') OR announced_at IS NOT NULL"
    ),
    "silence_needs_a_clause": "nonresponse_policy = 'none' OR policy_clause <> ''",
    "rule_confirmed_by_another": (
        "rule_confirmed_by IS NULL OR rule_confirmed_by <> rule_chosen_by"
    ),
    "announced_by_another": "announced_by IS NULL OR announced_by <> certified_by",
}


def _bind_ballots() -> None:
    with op.batch_alter_table("ballot") as ballot:
        for name in ("channel", "second_owner", "receipt", "sealed"):
            ballot.alter_column(name, nullable=False)
        ballot.alter_column("recorded_by", nullable=True)
        for column, referred in (
            ("paper_id", "paper"),
            ("box_id", "ballot_box"),
            ("checked_by", "account"),
        ):
            name = op.f(f"fk_ballot_{column}_{referred}")
            ballot.create_foreign_key(name, referred, [column], ["id"])
        ballot.create_index(op.f("ix_ballot_receipt"), ["receipt"])
        ballot.create_index(
            "uq_ballot_one_per_paper",
            ["paper_id"],
            unique=True,
            sqlite_where=sa.text(ONE_PER_PAPER),
            postgresql_where=sa.text(ONE_PER_PAPER),
        )
        for name in ("ballotstate", "rejectreason", "rejected_has_reason"):
            ballot.drop_constraint(op.f(f"ck_ballot_{name}"), type_="check")
        for name, condition in BALLOT_CHECKS.items():
            ballot.create_check_constraint(op.f(f"ck_ballot_{name}"), condition)


ONE_PER_PAPER = "paper_id IS NOT NULL AND state NOT IN ('superseded', 'voided')"
BALLOT_CHECKS = {
    "channel": _codes("channel", "paper", "online"),
    "ballotstate": _codes(
        "state",
        *("returned", "accepted", "co_owner", "rejected", "late"),
        *("withdrawn", "superseded", "voided"),
    ),
    "rejectreason": _codes(
        "reject_reason",
        *("tenant", "unsigned", "no_proxy", "copy", "void_paper", "duplicate", "unreadable"),
    ),
    "rejected_has_reason": (
        "state IN ('superseded', 'voided') OR (state = 'rejected') = (reject_reason IS NOT NULL)"
    ),
}
