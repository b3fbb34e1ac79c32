"""Phone: surveys on the telephone, and the comments that were spoken in them

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_NOW = sa.text("clock_now()")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "phone_survey",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("invitation_id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        sa.Column("provider_account", sa.Text(), nullable=False),
        sa.Column("call_sid", sa.Text(), nullable=False),
        sa.Column("answered_by", sa.Text(), nullable=True),
        sa.Column("turn", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("place", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("step", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("awaits_report", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("created_at", _MOMENT, server_default=_NOW, nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id", "invitation_id"],
            ["invitation.account_id", "invitation.id"],
            name="fk_phone_survey_invitation",
        ),
        sa.PrimaryKeyConstraint("account_id", "id", name="pk_phone_survey"),
        sa.UniqueConstraint("account_id", "call_sid", name="uq_phone_survey_account_id_call_sid"),
    )
    op.create_index("ix_phone_survey_invitation", "phone_survey", ["account_id", "invitation_id"])
    op.create_index(
        "uq_phone_survey_message_id",
        "phone_survey",
        ["account_id", "message_id"],
        unique=True,
        postgresql_where="message_id is not null",
    )
    op.create_table(
        "recording",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("phone_survey_id", sa.Uuid(), nullable=False),
        sa.Column("invitation_id", sa.Uuid(), nullable=False),
        sa.Column("recording_sid", sa.Text(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("awaits", sa.Text(), nullable=False),
        sa.Column("is_written", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("keep", sa.Boolean(), nullable=False),
        sa.Column("audio", sa.LargeBinary(), nullable=True),
        sa.Column("tries", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("next_move_at", _MOMENT, nullable=True),
        sa.Column("created_at", _MOMENT, server_default=_NOW, nullable=False),
        sa.Column("ended_at", _MOMENT, nullable=True),
        sa.CheckConstraint("(state = 'kept') = (audio is not null)", name="ck_recording_kept_has_audio"),
        sa.ForeignKeyConstraint(
            ["account_id", "phone_survey_id"],
            ["phone_survey.account_id", "phone_survey.id"],
            name="fk_recording_phone_survey",
        ),
        sa.PrimaryKeyConstraint("account_id", "id", name="pk_recording"),
        sa.UniqueConstraint("account_id", "recording_sid", name="uq_recording_account_id_recording_sid"),
    )
    op.create_index(
        "ix_recording_next_move", "recording", ["next_move_at"], postgresql_where="next_move_at is not null"
    )
    op.create_index("ix_recording_phone_survey", "recording", ["account_id", "phone_survey_id"])
    op.create_index("ix_recording_kept", "recording", ["created_at"], postgresql_where="audio is not null")


def downgrade() -> None:
    op.drop_table("recording")
    op.drop_table("phone_survey")
