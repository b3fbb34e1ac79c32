"""Handlers: who had a call, and for whom it counts

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_OF_THE_CALL = (("transferred_to", "text"), ("taken_at", "timestamptz"), ("attributed_by", "text"))


def upgrade() -> None:
    # nullable and without a default: no row is rewritten for them
    for name, kind in _OF_THE_CALL:
        op.execute(f"alter table call add column if not exists {name} {kind}")
    time = sa.DateTime(timezone=True)
    op.create_table(
        "call_handler",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("platform_agent_id", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Text()) for name in ("agent_name", "team", "vendor", "queue")),
        *(sa.Column(name, time) for name in ("started_at", "ended_at")),
        sa.Column("talk_seconds", sa.Integer()),
        *(sa.Column(name, sa.Boolean(), nullable=False) for name in ("chosen", "counts")),
        sa.PrimaryKeyConstraint("account_id", "call_id", "position", name="pk_call_handler"),
        sa.ForeignKeyConstraint(
            ["account_id", "call_id"], ["call.account_id", "call.id"], name="fk_call_handler_call"
        ),
    )


def downgrade() -> None:
    op.drop_table("call_handler")
    for name, _ in reversed(_OF_THE_CALL):
        op.drop_column("call", name)
