"""Rates of sampling under a quota

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sampling_rate",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("survey", sa.Text(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("agent_id", sa.Text(), nullable=False),
        sa.Column("probability", sa.Float(), nullable=False),
        sa.Column("basis", postgresql.JSONB(), nullable=False),
        sa.Column(
            "made_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("clock_now()")
        ),
        sa.CheckConstraint("probability >= 0.1 and probability <= 1", name=op.f("ck_sampling_rate_floor")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_sampling_rate_account")),
        sa.PrimaryKeyConstraint(
            "account_id", "survey", "first_day", "agent_id", name=op.f("pk_sampling_rate")
        ),
    )


def downgrade() -> None:
    op.drop_table("sampling_rate")
