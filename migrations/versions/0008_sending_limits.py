"""Sending limits: countries and daily caps, with what of them is used up, and calls skipped for them

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_REASONS = ("country_not_allowed", "daily_cap")


def upgrade() -> None:
    op.create_table(
        "sending_day",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("range", sa.Text(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_sending_day_account"),
        sa.PrimaryKeyConstraint("account_id", "day", "range", name="pk_sending_day"),
    )
    # nullable and without a default: no row is rewritten for them
    for table in ("fact_day", "fact_week", "fact_month"):
        for reason in _REASONS:
            op.add_column(table, sa.Column(f"skipped_{reason}", sa.Integer(), nullable=True))
    _change_shape(4)
    # a worker of the release before doesn't count them: what it would write is refused, and stays in the log
    op.execute("alter table fact_day add constraint ck_fact_day_shape check (shape = 4) not valid")
    with op.get_context().autocommit_block():
        # results are read and days rolled up while the rows that there are, all of them right, are looked through
        op.execute("alter table fact_day validate constraint ck_fact_day_shape")


def downgrade() -> None:
    op.drop_constraint("ck_fact_day_shape", "fact_day")
    _change_shape(3)
    for table in ("fact_day", "fact_week", "fact_month"):
        for reason in _REASONS:
            op.drop_column(table, f"skipped_{reason}")
    op.drop_table("sending_day")


def _change_shape(number: int) -> None:
    """Of all days, which are as they would be made now: a new column with a constant rewrites no row."""
    op.drop_column("fact_day", "shape")
    op.add_column(
        "fact_day", sa.Column("shape", sa.SmallInteger(), server_default=str(number), nullable=False)
    )
    op.alter_column("fact_day", "shape", server_default=None)
