"""Connections: by which door platforms report calls, and what came in by each

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_NOW = sa.text("clock_now()")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "connection",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("secrets", sa.LargeBinary(), nullable=True),
        sa.Column("settings", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("created_at", _MOMENT, server_default=_NOW, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_connection_account"),
        sa.PrimaryKeyConstraint("account_id", "id", name="pk_connection"),
        sa.UniqueConstraint("id", name="uq_connection_id"),
        sa.UniqueConstraint("account_id", "name", name="uq_connection_account_id_name"),
    )
    op.create_table(
        "connection_event",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("event_key", sa.LargeBinary(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("call_id", sa.Text(), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("decide_at", _MOMENT, nullable=True),
        sa.Column("repeats", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("received_at", _MOMENT, server_default=_NOW, nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id", "connection_id"],
            ["connection.account_id", "connection.id"],
            name="fk_connection_event_connection",
        ),
        sa.PrimaryKeyConstraint("account_id", "id", name="pk_connection_event"),
        sa.UniqueConstraint(
            "account_id",
            "connection_id",
            "event_key",
            name="uq_connection_event_account_id_connection_id_event_key",
        ),
    )
    op.create_index("ix_connection_event_newest", "connection_event", ["account_id", "connection_id", "id"])
    op.create_index("ix_connection_event_received", "connection_event", ["received_at"])
    op.create_index(
        "ix_connection_event_decide",
        "connection_event",
        ["decide_at"],
        postgresql_where="decide_at is not null",
    )
    op.create_index(
        "ix_connection_event_waiting",
        "connection_event",
        ["account_id", "call_id"],
        postgresql_where="decide_at is not null",
    )


def downgrade() -> None:
    op.drop_table("connection_event")
    op.drop_table("connection")
