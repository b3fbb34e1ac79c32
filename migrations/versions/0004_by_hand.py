"""By hand: texts that a person had sent again or closed, and where to find who did it

Revision ID: 0004
Revises: 0003
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # nullable, or with a constant default: no row is rewritten, and the release before doesn't notice them. "If not
    # exists", since an upgrade that is cut off while an index is built has these already
    for table, column in (
        ("message", "resend_asked_at timestamp with time zone"),
        ("message", "doubted boolean default false not null"),
        ("audit", "subject_id uuid"),
    ):
        op.execute(f"alter table {table} add column if not exists {column}")
    with op.get_context().autocommit_block():
        # texts go on being sent while they are built; one that was cut off stays behind, and is good for nothing
        op.execute("drop index concurrently if exists ix_message_failed")
        op.execute("drop index concurrently if exists ix_audit_subject")
        op.create_index(
            "ix_message_failed",
            "message",
            ["account_id", "id"],
            postgresql_where="state = 'failed'",
            postgresql_concurrently=True,
        )
        op.create_index(
            "ix_audit_subject",
            "audit",
            ["account_id", "subject_id"],
            postgresql_where="subject_id is not null",
            postgresql_concurrently=True,
        )


def downgrade() -> None:
    op.drop_index("ix_audit_subject", table_name="audit")
    op.drop_index("ix_message_failed", table_name="message")
    op.drop_column("audit", "subject_id")
    op.drop_column("message", "doubted")
    op.drop_column("message", "resend_asked_at")
