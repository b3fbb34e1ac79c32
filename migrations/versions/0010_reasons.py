"""More reasons for which a customer is not asked: columns of the facts

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_REASONS = (
    "wrong_direction",
    "wrong_queue",
    "wrong_tags",
    "wrong_attributes",
    "transferred",
    "excluded",
    "internal_number",
    "agents_number",
    "premium_number",
    "suppressed",
    "no_consent",
    "customer_cap",
    "agent_cap",
    "survey_cap",
)


def upgrade() -> None:
    # nullable and without a default: no row is rewritten for them
    for table in ("fact_day", "fact_week", "fact_month"):
        for reason in _REASONS:
            op.add_column(table, sa.Column(f"skipped_{reason}", sa.Integer(), nullable=True))
    _change_shape(5)
    # a worker of the release before doesn't count them: what it would write is refused, and stays in the log
    op.execute("alter table fact_day add constraint ck_fact_day_shape check (shape = 5) not valid")
    with op.get_context().autocommit_block():
        # results are read and days rolled up while the rows that there are, all of them right, are looked through
        op.execute("alter table fact_day validate constraint ck_fact_day_shape")


def downgrade() -> None:
    op.drop_constraint("ck_fact_day_shape", "fact_day")
    _change_shape(4)
    op.execute("alter table fact_day add constraint ck_fact_day_shape check (shape = 4)")
    for table in ("fact_day", "fact_week", "fact_month"):
        for reason in _REASONS:
            op.drop_column(table, f"skipped_{reason}")


def _change_shape(number: int) -> None:
    """Of all days, which are as they would be made now: a new column with a constant rewrites no row."""
    op.drop_column("fact_day", "shape")
    op.add_column(
        "fact_day", sa.Column("shape", sa.SmallInteger(), server_default=str(number), nullable=False)
    )
    op.alter_column("fact_day", "shape", server_default=None)
