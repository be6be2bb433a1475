"""new tables: rules entered, papers, readings, counts"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: tuple[str, ...] | None = None
depends_on: tuple[str, ...] | None = None


def upgrade() -> None:
    """Bring the schema from 0001 to 0002."""
    op.create_table(
        "attempt",
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
    )
    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attempt_at"), ["at"], unique=False)
        batch_op.create_index("ix_attempt_source", ["kind", "source", "at"], unique=False)

    op.create_table(
        "rule_entry",
        sa.Column(
            "subdistrict_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("key", sa.String(length=30), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("rule", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column(
            "entered_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "confirmed_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "(confirmed_by IS NULL) = (confirmed_at IS NULL)",
            name=op.f("ck_rule_entry_confirmed_at_a_time"),
        ),
        sa.CheckConstraint(
            "confirmed_by IS NULL OR confirmed_by <> entered_by",
            name=op.f("ck_rule_entry_confirmed_by_another"),
        ),
        sa.ForeignKeyConstraint(
            ["confirmed_by"], ["account.id"], name=op.f("fk_rule_entry_confirmed_by_account")
        ),
        sa.ForeignKeyConstraint(
            ["entered_by"], ["account.id"], name=op.f("fk_rule_entry_entered_by_account")
        ),
        sa.ForeignKeyConstraint(
            ["subdistrict_id"],
            ["subdistrict.id"],
            name=op.f("fk_rule_entry_subdistrict_id_subdistrict"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_entry")),
        sa.UniqueConstraint(
            "subdistrict_id", "key", "number", name=op.f("uq_rule_entry_subdistrict_id_key_number")
        ),
    )
    op.create_table(
        "ballot_box",
        sa.Column("vote_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.String(length=80), nullable=False),
        sa.Column("seal_number", sa.String(length=40), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "sealed_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("seal_whole", sa.Boolean(), nullable=True),
        sa.Column("opening_note", sa.String(length=200), nullable=False),
        sa.Column(
            "committee_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "(opened_at IS NULL) = (seal_whole IS NULL)",
            name=op.f("ck_ballot_box_opened_with_its_seal"),
        ),
        sa.ForeignKeyConstraint(
            ["committee_id"], ["committee.id"], name=op.f("fk_ballot_box_committee_id_committee")
        ),
        sa.ForeignKeyConstraint(
            ["opened_by"], ["account.id"], name=op.f("fk_ballot_box_opened_by_account")
        ),
        sa.ForeignKeyConstraint(
            ["sealed_by"], ["account.id"], name=op.f("fk_ballot_box_sealed_by_account")
        ),
        sa.ForeignKeyConstraint(["vote_id"], ["vote.id"], name=op.f("fk_ballot_box_vote_id_vote")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ballot_box")),
        sa.UniqueConstraint("vote_id", "number", name=op.f("uq_ballot_box_vote_id_number")),
    )
    with op.batch_alter_table("ballot_box", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_ballot_box_committee_id"), ["committee_id"], unique=False
        )

    op.create_table(
        "print_run",
        sa.Column("vote_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "roll",
                "spare",
                "reprint",
                name="runkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("made_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "committee_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("last >= first", name=op.f("ck_print_run_serials_in_order")),
        sa.ForeignKeyConstraint(
            ["committee_id"], ["committee.id"], name=op.f("fk_print_run_committee_id_committee")
        ),
        sa.ForeignKeyConstraint(
            ["made_by"], ["account.id"], name=op.f("fk_print_run_made_by_account")
        ),
        sa.ForeignKeyConstraint(["vote_id"], ["vote.id"], name=op.f("fk_print_run_vote_id_vote")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_print_run")),
        sa.UniqueConstraint("vote_id", "number", name=op.f("uq_print_run_vote_id_number")),
    )
    with op.batch_alter_table("print_run", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_print_run_committee_id"), ["committee_id"], unique=False
        )

    op.create_table(
        "result_objection",
        sa.Column("vote_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("receipt", sa.String(length=20), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column(
            "recorded_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "ruling",
            sa.Enum(
                "dismissed",
                "recount",
                "corrected",
                name="ruling",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("ruling_text", sa.Text(), nullable=False),
        sa.Column("ruled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ruled_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "committee_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "ruling IS NULL OR ruling_text <> ''",
            name=op.f("ck_result_objection_ruled_with_reasons"),
        ),
        sa.CheckConstraint(
            "(ruling IS NULL) = (ruled_at IS NULL)",
            name=op.f("ck_result_objection_ruled_at_a_time"),
        ),
        sa.ForeignKeyConstraint(
            ["committee_id"],
            ["committee.id"],
            name=op.f("fk_result_objection_committee_id_committee"),
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["account.id"], name=op.f("fk_result_objection_recorded_by_account")
        ),
        sa.ForeignKeyConstraint(
            ["ruled_by"], ["account.id"], name=op.f("fk_result_objection_ruled_by_account")
        ),
        sa.ForeignKeyConstraint(
            ["vote_id"], ["vote.id"], name=op.f("fk_result_objection_vote_id_vote")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_result_objection")),
        sa.UniqueConstraint("receipt", name=op.f("uq_result_objection_receipt")),
        sa.UniqueConstraint("vote_id", "number", name=op.f("uq_result_objection_vote_id_number")),
    )
    with op.batch_alter_table("result_objection", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_result_objection_committee_id"), ["committee_id"], unique=False
        )

    op.create_table(
        "roll_objection",
        sa.Column("vote_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column(
            "recorded_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("upheld", sa.Boolean(), nullable=True),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column(
            "answered_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "committee_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "(answered_on IS NULL) = (upheld IS NULL)",
            name=op.f("ck_roll_objection_answered_either_way"),
        ),
        sa.ForeignKeyConstraint(
            ["answered_by"], ["account.id"], name=op.f("fk_roll_objection_answered_by_account")
        ),
        sa.ForeignKeyConstraint(
            ["committee_id"],
            ["committee.id"],
            name=op.f("fk_roll_objection_committee_id_committee"),
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["account.id"], name=op.f("fk_roll_objection_recorded_by_account")
        ),
        sa.ForeignKeyConstraint(
            ["vote_id"], ["vote.id"], name=op.f("fk_roll_objection_vote_id_vote")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roll_objection")),
        sa.UniqueConstraint("vote_id", "number", name=op.f("uq_roll_objection_vote_id_number")),
    )
    with op.batch_alter_table("roll_objection", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_roll_objection_committee_id"), ["committee_id"], unique=False
        )

    op.create_table(
        "tally_sheet",
        sa.Column("vote_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column(
            "figures", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column(
            "evidence", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column("reader", sa.String(length=60), nullable=False),
        sa.Column("counter", sa.String(length=60), nullable=False),
        sa.Column("scrutineer", sa.String(length=60), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column(
            "certified_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("certified_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "announced_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("announced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "committee_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "announced_by IS NULL OR announced_at IS NOT NULL",
            name=op.f("ck_tally_sheet_announced_at_a_time"),
        ),
        sa.CheckConstraint(
            "announced_by IS NULL OR announced_by <> certified_by",
            name=op.f("ck_tally_sheet_announced_by_another"),
        ),
        sa.ForeignKeyConstraint(
            ["announced_by"], ["account.id"], name=op.f("fk_tally_sheet_announced_by_account")
        ),
        sa.ForeignKeyConstraint(
            ["certified_by"], ["account.id"], name=op.f("fk_tally_sheet_certified_by_account")
        ),
        sa.ForeignKeyConstraint(
            ["committee_id"], ["committee.id"], name=op.f("fk_tally_sheet_committee_id_committee")
        ),
        sa.ForeignKeyConstraint(["vote_id"], ["vote.id"], name=op.f("fk_tally_sheet_vote_id_vote")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tally_sheet")),
        sa.UniqueConstraint("vote_id", "number", name=op.f("uq_tally_sheet_vote_id_number")),
    )
    with op.batch_alter_table("tally_sheet", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_tally_sheet_committee_id"), ["committee_id"], unique=False
        )

    op.create_table(
        "vote_approval",
        sa.Column("vote_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "step",
            sa.Enum(
                "freeze",
                "extend",
                "amend",
                name="twopersonstep",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column(
            "details", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column(
            "proposed_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "approved_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "committee_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "approved_by IS NULL OR approved_by <> proposed_by",
            name=op.f("ck_vote_approval_approved_by_another"),
        ),
        sa.ForeignKeyConstraint(
            ["approved_by"], ["account.id"], name=op.f("fk_vote_approval_approved_by_account")
        ),
        sa.ForeignKeyConstraint(
            ["committee_id"], ["committee.id"], name=op.f("fk_vote_approval_committee_id_committee")
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by"], ["account.id"], name=op.f("fk_vote_approval_proposed_by_account")
        ),
        sa.ForeignKeyConstraint(
            ["vote_id"], ["vote.id"], name=op.f("fk_vote_approval_vote_id_vote")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vote_approval")),
    )
    with op.batch_alter_table("vote_approval", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_vote_approval_committee_id"), ["committee_id"], unique=False
        )
        batch_op.create_index(
            "uq_vote_approval_one_open",
            ["vote_id", "step"],
            unique=True,
            sqlite_where=sa.text("approved_by IS NULL AND withdrawn_at IS NULL"),
            postgresql_where=sa.text("approved_by IS NULL AND withdrawn_at IS NULL"),
        )

    op.create_table(
        "vote_archive",
        sa.Column("vote_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("custodian", sa.String(length=60), nullable=False),
        sa.Column("place", sa.String(length=120), nullable=False),
        sa.Column("contents", sa.Text(), nullable=False),
        sa.Column("keep_until", sa.Date(), nullable=False),
        sa.Column(
            "archived_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "committee_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["archived_by"], ["account.id"], name=op.f("fk_vote_archive_archived_by_account")
        ),
        sa.ForeignKeyConstraint(
            ["committee_id"], ["committee.id"], name=op.f("fk_vote_archive_committee_id_committee")
        ),
        sa.ForeignKeyConstraint(
            ["vote_id"], ["vote.id"], name=op.f("fk_vote_archive_vote_id_vote")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vote_archive")),
        sa.UniqueConstraint("vote_id", name=op.f("uq_vote_archive_vote_id")),
    )
    with op.batch_alter_table("vote_archive", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_vote_archive_committee_id"), ["committee_id"], unique=False
        )

    op.create_table(
        "vote_attachment",
        sa.Column("vote_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "text",
                "clause",
                name="attachmentkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("path", sa.String(length=120), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("added_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "committee_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["added_by"], ["account.id"], name=op.f("fk_vote_attachment_added_by_account")
        ),
        sa.ForeignKeyConstraint(
            ["committee_id"],
            ["committee.id"],
            name=op.f("fk_vote_attachment_committee_id_committee"),
        ),
        sa.ForeignKeyConstraint(
            ["vote_id"], ["vote.id"], name=op.f("fk_vote_attachment_vote_id_vote")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vote_attachment")),
    )
    with op.batch_alter_table("vote_attachment", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_vote_attachment_committee_id"), ["committee_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_vote_attachment_vote_id"), ["vote_id"], unique=False)

    op.create_table(
        "box_handover",
        sa.Column("box_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("giver", sa.String(length=60), nullable=False),
        sa.Column("taker", sa.String(length=60), nullable=False),
        sa.Column("seal_whole", sa.Boolean(), nullable=False),
        sa.Column(
            "recorded_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "committee_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["box_id"], ["ballot_box.id"], name=op.f("fk_box_handover_box_id_ballot_box")
        ),
        sa.ForeignKeyConstraint(
            ["committee_id"], ["committee.id"], name=op.f("fk_box_handover_committee_id_committee")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["account.id"], name=op.f("fk_box_handover_recorded_by_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_box_handover")),
    )
    with op.batch_alter_table("box_handover", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_box_handover_box_id"), ["box_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_box_handover_committee_id"), ["committee_id"], unique=False
        )

    op.create_table(
        "online_pass",
        sa.Column("vote_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "roll_entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("told", sa.String(length=200), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "issued_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("first_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "committee_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["committee_id"], ["committee.id"], name=op.f("fk_online_pass_committee_id_committee")
        ),
        sa.ForeignKeyConstraint(
            ["issued_by"], ["account.id"], name=op.f("fk_online_pass_issued_by_account")
        ),
        sa.ForeignKeyConstraint(
            ["roll_entry_id"],
            ["roll_entry.id"],
            name=op.f("fk_online_pass_roll_entry_id_roll_entry"),
        ),
        sa.ForeignKeyConstraint(["vote_id"], ["vote.id"], name=op.f("fk_online_pass_vote_id_vote")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_online_pass")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_online_pass_secret_hash")),
    )
    with op.batch_alter_table("online_pass", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_online_pass_committee_id"), ["committee_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_online_pass_roll_entry_id"), ["roll_entry_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_online_pass_vote_id"), ["vote_id"], unique=False)
        batch_op.create_index(
            "uq_online_pass_one_valid",
            ["roll_entry_id"],
            unique=True,
            sqlite_where=sa.text("revoked_at IS NULL"),
            postgresql_where=sa.text("revoked_at IS NULL"),
        )

    op.create_table(
        "paper",
        sa.Column("vote_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("serial", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column(
            "roll_entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("second_owner", sa.Boolean(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "live",
                "spare",
                "spoilt",
                name="paperstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("spoilt_reason", sa.String(length=200), nullable=False),
        sa.Column("spoilt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("spoilt_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "committee_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "state <> 'live' OR roll_entry_id IS NOT NULL",
            name=op.f("ck_paper_live_belongs_to_somebody"),
        ),
        sa.CheckConstraint(
            "state <> 'spare' OR roll_entry_id IS NULL",
            name=op.f("ck_paper_spare_belongs_to_nobody"),
        ),
        sa.CheckConstraint(
            "state <> 'spoilt' OR spoilt_reason <> ''", name=op.f("ck_paper_spoilt_has_reason")
        ),
        sa.ForeignKeyConstraint(
            ["committee_id"], ["committee.id"], name=op.f("fk_paper_committee_id_committee")
        ),
        sa.ForeignKeyConstraint(
            ["roll_entry_id"], ["roll_entry.id"], name=op.f("fk_paper_roll_entry_id_roll_entry")
        ),
        sa.ForeignKeyConstraint(
            ["run_id"], ["print_run.id"], name=op.f("fk_paper_run_id_print_run")
        ),
        sa.ForeignKeyConstraint(
            ["spoilt_by"], ["account.id"], name=op.f("fk_paper_spoilt_by_account")
        ),
        sa.ForeignKeyConstraint(["vote_id"], ["vote.id"], name=op.f("fk_paper_vote_id_vote")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper")),
        sa.UniqueConstraint("code", name=op.f("uq_paper_code")),
        sa.UniqueConstraint("vote_id", "serial", name=op.f("uq_paper_vote_id_serial")),
    )
    with op.batch_alter_table("paper", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_paper_committee_id"), ["committee_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_paper_roll_entry_id"), ["roll_entry_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_paper_run_id"), ["run_id"], unique=False)
        batch_op.create_index("ix_paper_vote_state", ["vote_id", "state"], unique=False)

    op.create_table(
        "reminder_visit",
        sa.Column("vote_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "roll_entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "met",
                "absent",
                "later",
                "moved",
                name="visitoutcome",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "visited_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "committee_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["committee_id"],
            ["committee.id"],
            name=op.f("fk_reminder_visit_committee_id_committee"),
        ),
        sa.ForeignKeyConstraint(
            ["roll_entry_id"],
            ["roll_entry.id"],
            name=op.f("fk_reminder_visit_roll_entry_id_roll_entry"),
        ),
        sa.ForeignKeyConstraint(
            ["visited_by"], ["account.id"], name=op.f("fk_reminder_visit_visited_by_account")
        ),
        sa.ForeignKeyConstraint(
            ["vote_id"], ["vote.id"], name=op.f("fk_reminder_visit_vote_id_vote")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder_visit")),
    )
    with op.batch_alter_table("reminder_visit", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_reminder_visit_committee_id"), ["committee_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_reminder_visit_roll_entry_id"), ["roll_entry_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_reminder_visit_vote_id"), ["vote_id"], unique=False)

    op.create_table(
        "ballot_delivery",
        sa.Column("vote_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "roll_entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("paper_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "way",
            sa.Enum(
                "hand",
                "post",
                "notice",
                "online",
                name="deliveryway",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "outcome",
            sa.Enum(
                "signed",
                "refused",
                "sent",
                "absent",
                name="deliveryoutcome",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "recipient",
            sa.Enum(
                "owner",
                "co_owner",
                "proxy",
                "tenant",
                name="recipient",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("delivered", sa.Boolean(), nullable=False),
        sa.Column("proof", sa.String(length=200), nullable=False),
        sa.Column("proof_path", sa.String(length=120), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "served_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded", sa.Boolean(), nullable=False),
        sa.Column("correction_reason", sa.String(length=200), nullable=False),
        sa.Column(
            "committee_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "delivered = (outcome <> 'absent')",
            name=op.f("ck_ballot_delivery_absent_is_not_delivered"),
        ),
        sa.CheckConstraint(
            "outcome <> 'signed' OR recipient IS NOT NULL",
            name=op.f("ck_ballot_delivery_signed_by_somebody"),
        ),
        sa.CheckConstraint(
            "recipient IS NULL OR recipient <> 'tenant'",
            name=op.f("ck_ballot_delivery_no_tenant_receives"),
        ),
        sa.ForeignKeyConstraint(
            ["committee_id"],
            ["committee.id"],
            name=op.f("fk_ballot_delivery_committee_id_committee"),
        ),
        sa.ForeignKeyConstraint(
            ["paper_id"], ["paper.id"], name=op.f("fk_ballot_delivery_paper_id_paper")
        ),
        sa.ForeignKeyConstraint(
            ["roll_entry_id"],
            ["roll_entry.id"],
            name=op.f("fk_ballot_delivery_roll_entry_id_roll_entry"),
        ),
        sa.ForeignKeyConstraint(
            ["served_by"], ["account.id"], name=op.f("fk_ballot_delivery_served_by_account")
        ),
        sa.ForeignKeyConstraint(
            ["vote_id"], ["vote.id"], name=op.f("fk_ballot_delivery_vote_id_vote")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ballot_delivery")),
    )
    with op.batch_alter_table("ballot_delivery", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_ballot_delivery_committee_id"), ["committee_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_ballot_delivery_roll_entry_id"), ["roll_entry_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_ballot_delivery_vote_id"), ["vote_id"], unique=False)
        batch_op.create_index(
            "uq_ballot_delivery_one_standing",
            ["roll_entry_id"],
            unique=True,
            sqlite_where=sa.text("delivered AND NOT superseded"),
            postgresql_where=sa.text("delivered AND NOT superseded"),
        )

    op.create_table(
        "ballot_entry",
        sa.Column("vote_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "ballot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("count_number", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column(
            "entered_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("superseded", sa.Boolean(), nullable=False),
        sa.Column(
            "committee_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "number < 3 OR reason <> ''", name=op.f("ck_ballot_entry_settled_with_reason")
        ),
        sa.CheckConstraint("number BETWEEN 1 AND 3", name=op.f("ck_ballot_entry_two_and_a_judge")),
        sa.ForeignKeyConstraint(
            ["ballot_id"], ["ballot.id"], name=op.f("fk_ballot_entry_ballot_id_ballot")
        ),
        sa.ForeignKeyConstraint(
            ["committee_id"], ["committee.id"], name=op.f("fk_ballot_entry_committee_id_committee")
        ),
        sa.ForeignKeyConstraint(
            ["entered_by"], ["account.id"], name=op.f("fk_ballot_entry_entered_by_account")
        ),
        sa.ForeignKeyConstraint(
            ["vote_id"], ["vote.id"], name=op.f("fk_ballot_entry_vote_id_vote")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ballot_entry")),
    )
    with op.batch_alter_table("ballot_entry", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_ballot_entry_committee_id"), ["committee_id"], unique=False
        )
        batch_op.create_index(
            "ix_ballot_entry_progress", ["vote_id", "count_number", "number"], unique=False
        )
        batch_op.create_index(
            "uq_ballot_entry_number",
            ["ballot_id", "count_number", "number"],
            unique=True,
            sqlite_where=sa.text("NOT superseded"),
            postgresql_where=sa.text("NOT superseded"),
        )
        batch_op.create_index(
            "uq_ballot_entry_person",
            ["ballot_id", "count_number", "entered_by"],
            unique=True,
            sqlite_where=sa.text("NOT superseded"),
            postgresql_where=sa.text("NOT superseded"),
        )

    op.create_table(
        "entry_mark",
        sa.Column("entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "vote_motion_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("mark", sa.String(length=120), nullable=False),
        sa.Column(
            "committee_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["committee_id"], ["committee.id"], name=op.f("fk_entry_mark_committee_id_committee")
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["ballot_entry.id"], name=op.f("fk_entry_mark_entry_id_ballot_entry")
        ),
        sa.ForeignKeyConstraint(
            ["vote_motion_id"],
            ["vote_motion.id"],
            name=op.f("fk_entry_mark_vote_motion_id_vote_motion"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry_mark")),
        sa.UniqueConstraint(
            "entry_id", "vote_motion_id", name=op.f("uq_entry_mark_entry_id_vote_motion_id")
        ),
    )
    with op.batch_alter_table("entry_mark", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_entry_mark_committee_id"), ["committee_id"], unique=False
        )


def downgrade() -> None:
    """Take the changes back."""
    op.drop_table("entry_mark")
    op.drop_table("ballot_entry")
    op.drop_table("ballot_delivery")
    op.drop_table("reminder_visit")
    op.drop_table("paper")
    op.drop_table("online_pass")
    op.drop_table("box_handover")
    op.drop_table("vote_attachment")
    op.drop_table("vote_archive")
    op.drop_table("vote_approval")
    op.drop_table("tally_sheet")
    op.drop_table("roll_objection")
    op.drop_table("result_objection")
    op.drop_table("print_run")
    op.drop_table("ballot_box")
    op.drop_table("rule_entry")
    op.drop_table("attempt")
