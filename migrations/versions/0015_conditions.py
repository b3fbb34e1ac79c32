"""Listed numbers, exclusions, flags

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_NOW = sa.text("clock_now()")


def _moment(name: str, **options: object) -> "sa.Column[object]":
    return sa.Column(name, sa.DateTime(timezone=True), **options)  # type: ignore[arg-type]


def upgrade() -> None:
    op.create_table(
        "listed_number",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.LargeBinary(), nullable=False),
        sa.Column("length", sa.Integer(), nullable=True),
        sa.Column("agent_id", sa.Text(), nullable=True),
        sa.Column("listed_by", sa.Text(), nullable=False),
        _moment("listed_at", server_default=_NOW, nullable=False),
        sa.CheckConstraint("kind in ('internal', 'test', 'agent')", name="ck_listed_number_kind"),
        sa.CheckConstraint("agent_id is null or kind = 'agent'", name="ck_listed_number_agent_of_agents"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_listed_number_account"),
        sa.PrimaryKeyConstraint("account_id", "id", name="pk_listed_number"),
    )
    op.create_index(
        "ix_listed_number_length",
        "listed_number",
        ["account_id", "length"],
        postgresql_where=sa.text("length is not null"),
    )
    op.create_table(
        "exclusion",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        _moment("starts_at", nullable=False),
        _moment("ends_at", nullable=False),
        sa.Column("queues", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        _moment("made_at", server_default=_NOW, nullable=False),
        _moment("ended_at", nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("taken_back", sa.Integer(), server_default="0", nullable=False),
        _moment("applied_at", nullable=True),
        sa.CheckConstraint("ends_at > starts_at", name="ck_exclusion_ends_after_start"),
        sa.CheckConstraint("(ended_at is null) = (ended_by is null)", name="ck_exclusion_ended_by_somebody"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_exclusion_account"),
        sa.PrimaryKeyConstraint("account_id", "id", name="pk_exclusion"),
    )
    op.create_index("ix_exclusion_period", "exclusion", ["account_id", "ends_at"])
    op.create_index(
        "ix_exclusion_waiting", "exclusion", ["made_at"], postgresql_where=sa.text("applied_at is null")
    )
    # a constant: no row is rewritten for it
    op.add_column(
        "call",
        sa.Column("flags", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    )
    with op.get_context().autocommit_block():
        # calls are reported meanwhile; one that was cut off stays behind, and is good for nothing
        op.execute("drop index concurrently if exists ix_call_flagged")
        op.create_index(
            "ix_call_flagged",
            "call",
            ["account_id", "id"],
            postgresql_where=sa.text("flags <> '{}'"),
            postgresql_concurrently=True,
        )


def downgrade() -> None:
    op.drop_index("ix_call_flagged", "call")
    op.drop_column("call", "flags")
    op.drop_table("exclusion")
    op.drop_table("listed_number")
