"""Customers: everything that is held about a person is found by index, and what was invited unanswered is counted

Accepting calls, sending and answering go on while the indexes are built.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# as they stood then, like all that a migration names
_REASONS = (
    *("ask_false", "survey_off", "not_answered", "too_old", "too_short", "no_contact", "masked_phone"),
    *("invalid_phone", "no_sender", "sampled_out", "opted_out", "survey_open", "asked_recently"),
    *("outside_hours", "dry_run", "country_not_allowed", "daily_cap"),
)
_REST = "n - invited - " + " - ".join(f"coalesce(skipped_{reason}, 0)" for reason in _REASONS)
_FACTS = ("fact_day", "fact_week", "fact_month")
_INDEXES = (
    ("ix_call_phone_contact", "call", ["account_id", "phone_contact_id"], "phone_contact_id is not null"),
    ("ix_call_email_contact", "call", ["account_id", "email_contact_id"], "email_contact_id is not null"),
    ("ix_call_customer_ref", "call", ["account_id", "customer_ref"], "customer_ref is not null"),
    (
        "ix_call_named",
        "call",
        ["account_id", "ended_on"],
        "customer_name is not null or customer_ref is not null or attributes <> '{}'",
    ),
    ("ix_contact_kept", "contact", ["account_id", "look_again_at"], "address <> ''"),
    ("ix_answer_words", "answer", ["account_id", "answered_at"], "words is not null"),
    (
        "ix_provider_event_kept",
        "provider_event",
        ["account_id", "received_at"],
        "content is not null",
    ),
    ("ix_connection_event_call", "connection_event", ["account_id", "call_id"], "content is not null"),
)


def upgrade() -> None:
    for table in _FACTS:
        op.execute(f"alter table {table} add column if not exists invited_unanswered integer")
        # what the columns that there were don't explain
        op.execute(
            f"update {table} set invited_unanswered = {_REST}"  # noqa: S608  # made of this file's own names
            f" where metric = 'volume' and definition = '1' and {_REST} <> 0"
        )
    # nobody who is there already loses anything by an upgrade: it is theirs to say how long they keep it
    op.execute(
        """
        update account set settings = settings || '{"retention": {"verbatims": null, "contacts": null}}'
        where not settings ? 'retention'
        """
    )
    # nullable and without a default: no row is rewritten for it
    op.execute("alter table contact add column if not exists look_again_at timestamptz")
    op.execute("alter table call add column if not exists forgotten_at timestamptz")
    with op.get_context().autocommit_block():
        for name, table, columns, where in _INDEXES:
            # one that was cut off stays behind, and is good for nothing
            op.execute(f"drop index concurrently if exists {name}")
            op.create_index(
                name, table, columns, postgresql_where=sa.text(where), postgresql_concurrently=True
            )
        # ix_provider_event_kept stands in its place
        op.execute("drop index concurrently if exists ix_provider_event_received")


def downgrade() -> None:
    op.create_index(
        "ix_provider_event_received",
        "provider_event",
        ["received_at"],
        postgresql_where="content is not null",
    )
    for name, table, *_ in reversed(_INDEXES):
        op.drop_index(name, table_name=table)
    op.execute("update account set settings = settings - 'retention'")
    op.drop_column("call", "forgotten_at")
    op.drop_column("contact", "look_again_at")
    for table in _FACTS:
        op.drop_column(table, "invited_unanswered")
