"""Suppression and consent: two lists of an account's, and the proof of each change to what a contact allows

Accepting calls and sending go on while the indexes are built.

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_COLUMNS = ("suppressed_at", "consented_at", "consent_withdrawn_at")
_INDEXES = (
    ("ix_contact_suppressed", "suppressed_at is not null"),
    ("ix_contact_consented", "consented_at is not null or consent_withdrawn_at is not null"),
)


def upgrade() -> None:
    # nullable and without a default: no row is rewritten for them
    for column in _COLUMNS:
        op.execute(f"alter table contact add column if not exists {column} timestamptz")
    if "contact_change" not in sa.inspect(op.get_bind()).get_table_names():
        _create_contact_change()
    with op.get_context().autocommit_block():
        for name, where in _INDEXES:
            # one that was cut off stays behind, and is good for nothing
            op.execute(f"drop index concurrently if exists {name}")
            op.create_index(
                name,
                "contact",
                ["account_id", "id"],
                postgresql_where=sa.text(where),
                postgresql_concurrently=True,
            )


def _create_contact_change() -> None:
    op.create_table(
        "contact_change",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.Column("detail", JSONB(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id", "contact_id"],
            ["contact.account_id", "contact.id"],
            name="fk_contact_change_contact",
        ),
        sa.PrimaryKeyConstraint("account_id", "id", name="pk_contact_change"),
    )
    op.create_index("ix_contact_change_contact", "contact_change", ["account_id", "contact_id", "id"])


def downgrade() -> None:
    for name, _ in reversed(_INDEXES):
        op.drop_index(name, table_name="contact")
    op.drop_table("contact_change")
    for column in reversed(_COLUMNS):
        op.drop_column("contact", column)
