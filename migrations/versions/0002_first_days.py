"""The first days: a roster of agents, an audit of what people changed, and queues that are only tried

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "roster_entry",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("platform_agent_id", sa.Text(), nullable=False),
        sa.Column("agent_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("team", sa.Text(), nullable=True),
        sa.Column("vendor", sa.Text(), nullable=True),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_now()"), nullable=False
        ),
        sa.CheckConstraint("valid_from < valid_to", name=op.f("ck_roster_entry_period")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_roster_entry_account")),
        sa.PrimaryKeyConstraint("account_id", "id", name=op.f("pk_roster_entry")),
        sa.UniqueConstraint(
            "account_id",
            "source",
            "platform_agent_id",
            "valid_from",
            name=op.f("uq_roster_entry_account_id_source_platform_agent_id_valid_from"),
        ),
    )
    op.create_table(
        "audit",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_now()"), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_audit_account")),
        sa.PrimaryKeyConstraint("account_id", "id", name=op.f("pk_audit")),
    )
    op.create_table(
        "dry_run",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), server_default=sa.text("clock_now()"), nullable=False),
        sa.CheckConstraint("kind in ('queue', 'source')", name=op.f("ck_dry_run_kind")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_dry_run_account")),
        sa.PrimaryKeyConstraint("account_id", "kind", "name", name=op.f("pk_dry_run")),
    )
    op.create_table(
        "fact_version",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_fact_version")),
    )
    # nullable and without a default: no row is rewritten, and the release before doesn't notice it
    op.add_column("call", sa.Column("roster_entry_id", sa.Uuid(), nullable=True))
    op.add_column("call", sa.Column("reported_agent", postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    with op.get_context().autocommit_block():
        # calls go on being accepted while it is built; one that was cut off stays behind, and is good for nothing
        op.execute("drop index concurrently if exists ix_call_unmapped")
        op.create_index(
            "ix_call_unmapped",
            "call",
            ["account_id", "source", "platform_agent_id", "ended_on"],
            postgresql_where="agent_id is null and platform_agent_id is not null",
            postgresql_concurrently=True,
        )


def downgrade() -> None:
    op.drop_index("ix_call_unmapped", table_name="call")
    op.drop_column("call", "reported_agent")
    op.drop_column("call", "roster_entry_id")
    op.drop_table("fact_version")
    op.drop_table("dry_run")
    op.drop_table("audit")
    op.drop_table("roster_entry")
