"""Lean facts: skipped calls are counted beside the calls, and weeks stand between days and months

In one transaction: nobody reads facts of which half are old. Reading results and rolling up wait for it, some ten
seconds for each million cells of days; accepting calls, sending and answering do not touch these tables.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# as they stood then, like all that a migration names
_REASONS = (
    *("ask_false", "survey_off", "not_answered", "too_old", "too_short", "no_contact", "masked_phone"),
    *("invalid_phone", "no_sender", "sampled_out", "opted_out", "survey_open", "asked_recently"),
    *("outside_hours", "dry_run"),
)
_KEYS = "account_id, agent_id, day, team, vendor, queue, survey, channel"
_SUMS = (
    "n",
    *(f"v{value}" for value in range(11)),
    *("weight", "weight_squared", "weight_top", "weight_bottom", "weight_value"),
    *("answered", "invited", "delivered", "delivered_receipt", "responded", "completed"),
    *("talk_seconds", "talk_n", "hold_seconds", "hold_n", "wrap_seconds", "wrap_n", "wait_seconds", "wait_n"),
    *(f"skipped_{reason}" for reason in _REASONS),
)
_WEEK = "date_trunc('month', day)::date + 7 * least((extract(day from day)::int - 1) / 7, 3)"
_MONTH = "date_trunc('month', day)::date"


def upgrade() -> None:
    # nullable and without a default: no row is rewritten for them
    for table in ("fact_day", "fact_month"):
        for reason in _REASONS:
            op.add_column(table, sa.Column(f"skipped_{reason}", sa.Integer(), nullable=True))
        op.drop_index(f"ix_{table}_period", table_name=table)
    op.execute("create table fact_week (like fact_day including defaults)")
    for constraint in (
        "constraint pk_fact_week primary key (account_id, agent_id, day, team, vendor, queue, survey, channel,"
        " metric, definition)",
        "constraint ck_fact_week_asked_within check (invited <= answered and answered <= n)",
        "constraint ck_fact_week_heard_within check (completed <= responded and responded <= delivered and"
        " delivered_receipt <= delivered)",
    ):
        op.execute(f"alter table fact_week add {constraint}")
    # Without a default, once all are given it: what a worker of before would write without weeks is refused, and
    # stays in the log for those of now
    op.add_column("fact_day", sa.Column("shape", sa.SmallInteger(), server_default="3", nullable=False))
    op.alter_column("fact_day", "shape", server_default=None)
    _fold()
    op.execute("delete from fact_day where metric like 'skip.%'")
    _sum("fact_week", "fact_day", _WEEK)
    op.execute("truncate fact_month")
    _sum("fact_month", "fact_week", _MONTH)
    for table in ("fact_day", "fact_week", "fact_month"):
        op.create_index(f"ix_{table}_period", table, ["account_id", "day", "metric", "definition"])


def _fold() -> None:
    counts = ", ".join(f"max(n) filter (where metric = 'skip.{reason}') as {reason}" for reason in _REASONS)
    op.execute(
        f"""
        update fact_day f set {", ".join(f"skipped_{reason} = s.{reason}" for reason in _REASONS)}
        from (select {_KEYS}, {counts} from fact_day where metric like 'skip.%' group by {_KEYS}) s
        where f.metric = 'volume' and f.definition = '1'
          and {" and ".join(f"f.{key} = s.{key}" for key in _KEYS.split(", "))}
        """  # noqa: S608  # made of this file's own names
    )


def _sum(table: str, parts: str, first_day: str) -> None:
    op.execute(
        f"""
        insert into {table} ({_KEYS}, metric, definition, rebuilt_at, {", ".join(_SUMS)})
        select {_KEYS.replace("day", f"{first_day} as first_day")}, metric, definition,
               max(rebuilt_at), {", ".join(f"sum({name})" for name in _SUMS)}
        from {parts}
        group by {_KEYS.replace("day", "first_day")}, metric, definition
        order by first_day, agent_id
        """  # noqa: S608  # as above
    )


def downgrade() -> None:
    op.drop_table("fact_week")
    op.drop_column("fact_day", "shape")
    for table in ("fact_day", "fact_month"):
        op.drop_index(f"ix_{table}_period", table_name=table)
        op.execute(
            f"""
            insert into {table} ({_KEYS}, metric, definition, n)
            select {_KEYS}, 'skip.' || s.reason, '1', s.n
            from {table} cross join lateral (
                values {", ".join(f"('{reason}', skipped_{reason})" for reason in _REASONS)}
            ) s (reason, n)
            where metric = 'volume' and s.n > 0
            """  # noqa: S608  # as above
        )
        for reason in _REASONS:
            op.drop_column(table, f"skipped_{reason}")
        op.create_index(f"ix_{table}_period", table, ["account_id", "day"])
