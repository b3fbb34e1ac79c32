"""Channels: senders of other kinds than texts, addresses that take no mail, and messages that are claimed alone

Revision ID: 0005
Revises: 0004
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # nullable, or with a constant default: no row is rewritten, and the release before doesn't notice them
    for table, column in (
        ("sender", "settings jsonb default '{}' not null"),
        ("contact", "undeliverable_at timestamp with time zone"),
    ):
        op.execute(f"alter table {table} add column if not exists {column}")
    with op.get_context().autocommit_block():
        # texts go on being sent while it is built; one that was cut off stays behind, and is good for nothing
        op.execute("drop index concurrently if exists ix_message_suspect")
        op.create_index(
            "ix_message_suspect",
            "message",
            ["due_at"],
            postgresql_where="state = 'due' and claims >= 2",
            postgresql_concurrently=True,
        )


def downgrade() -> None:
    op.drop_index("ix_message_suspect", table_name="message")
    op.drop_column("contact", "undeliverable_at")
    op.drop_column("sender", "settings")
