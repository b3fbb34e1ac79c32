"""The main job: accounts, calls, invitations, messages, answers and facts

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


# The time that everything is compared with. The shift is set by tests alone, per database; it is a setting and
# not a table, so that the function can be inlined and an index on a due time still serves.
CLOCK = """
create function clock_now() returns timestamptz language sql stable parallel safe as $$
    select statement_timestamp()
        + coalesce(nullif(current_setting('postcall.clock_shift', true), ''), '0')::interval
$$
"""

# Which transaction changed a row last: a reader who pages by it, and stops before the oldest running
# transaction, never passes a row that is still to be committed.
TOUCH = """
create function touch() returns trigger language plpgsql as $$
begin
    new.updated_at := clock_now();
    new.change := pg_current_xact_id()::text::bigint;
    return new;
end
$$
"""


def cell(table: str) -> None:
    """Days and months are cells of the same shape."""
    op.create_table(
        table,
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("agent_id", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("vendor", sa.Text(), nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("survey", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("metric", sa.Text(), nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.Column("n", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("v0", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("v1", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("v2", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("v3", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("v4", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("v5", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("v6", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("v7", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("v8", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("v9", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("v10", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("weight", sa.Double(), server_default=sa.text("0"), nullable=False),
        sa.Column("weight_squared", sa.Double(), server_default=sa.text("0"), nullable=False),
        sa.Column("weight_top", sa.Double(), server_default=sa.text("0"), nullable=False),
        sa.Column("weight_bottom", sa.Double(), server_default=sa.text("0"), nullable=False),
        sa.Column("weight_value", sa.Double(), server_default=sa.text("0"), nullable=False),
        sa.Column("answered", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("invited", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("delivered", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("delivered_receipt", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("responded", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("completed", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("talk_seconds", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("talk_n", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("hold_seconds", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("hold_n", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("wrap_seconds", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("wrap_n", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("wait_seconds", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("wait_n", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "rebuilt_at", sa.DateTime(timezone=True), server_default=sa.text("clock_now()"), nullable=False
        ),
        sa.CheckConstraint(
            "completed <= responded and responded <= delivered and delivered_receipt <= delivered",
            name=op.f("ck_" + table + "_heard_within"),
        ),
        sa.CheckConstraint(
            "invited <= answered and answered <= n", name=op.f("ck_" + table + "_asked_within")
        ),
        sa.PrimaryKeyConstraint(
            "account_id",
            "agent_id",
            "day",
            "team",
            "vendor",
            "queue",
            "survey",
            "channel",
            "metric",
            "definition",
            name=op.f("pk_" + table),
        ),
    )
    op.create_index(f"ix_{table}_period", table, ["account_id", "day"])


def upgrade() -> None:
    op.execute(CLOCK)
    op.execute(TOUCH)
    op.create_table(
        "account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("brand", sa.Text(), nullable=False),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("hotline", sa.Text(), nullable=True),
        sa.Column("default_region", sa.Text(), nullable=True),
        sa.Column("default_language", sa.Text(), nullable=False),
        sa.Column("settings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_now()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("name", name=op.f("uq_account_name")),
    )
    op.create_table(
        "agent",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("team", sa.Text(), nullable=True),
        sa.Column("vendor", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("account_id", "id", name=op.f("pk_agent")),
    )
    op.create_table(
        "call",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("call_id", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("platform_agent_id", sa.Text(), nullable=True),
        sa.Column("agent_id", sa.Text(), nullable=True),
        sa.Column("agent_name", sa.Text(), nullable=True),
        sa.Column("team", sa.Text(), nullable=True),
        sa.Column("vendor", sa.Text(), nullable=True),
        sa.Column("queue", sa.Text(), nullable=True),
        sa.Column("contact_reason", sa.Text(), nullable=True),
        sa.Column("phone_contact_id", sa.Uuid(), nullable=True),
        sa.Column("email_contact_id", sa.Uuid(), nullable=True),
        sa.Column("customer_name", sa.LargeBinary(), nullable=True),
        sa.Column("customer_ref", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("timezone", sa.Text(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=False),
        sa.Column("is_answered", sa.Boolean(), nullable=False),
        sa.Column("talk_seconds", sa.Integer(), nullable=True),
        sa.Column("wait_seconds", sa.Integer(), nullable=True),
        sa.Column("hold_seconds", sa.Integer(), nullable=True),
        sa.Column("wrap_seconds", sa.Integer(), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("transferred_from", sa.Text(), nullable=True),
        sa.Column("trigger", sa.Text(), nullable=False),
        sa.Column("is_test", sa.Boolean(), nullable=False),
        sa.Column("ask", sa.Boolean(), nullable=False),
        sa.Column("tags", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("attributes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("body_hash", sa.LargeBinary(), nullable=False),
        sa.Column(
            "received_at", sa.DateTime(timezone=True), server_default=sa.text("clock_now()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("account_id", "id", name=op.f("pk_call")),
        sa.UniqueConstraint(
            "account_id", "source", "call_id", name=op.f("uq_call_account_id_source_call_id")
        ),
    )
    op.create_index("ix_call_agent_day", "call", ["account_id", "agent_id", "ended_on"], unique=False)
    op.create_table(
        "contact",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("lookup", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=False),
        sa.Column("customer_ref", sa.Text(), nullable=True),
        sa.Column("last_asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asked_by_invitation", sa.Uuid(), nullable=True),
        sa.Column("open_invitation", sa.Uuid(), nullable=True),
        sa.Column("nps_asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opted_out_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_now()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("account_id", "id", name=op.f("pk_contact")),
    )
    op.create_index("ix_contact_lookup", "contact", ["account_id", "lookup"], unique=False)
    op.create_table(
        "event",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_now()"), nullable=False
        ),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("account_id", "id", name=op.f("pk_event")),
    )
    op.create_index("ix_event_created_at", "event", ["created_at"], unique=False)
    cell("fact_day")
    cell("fact_month")
    op.create_table(
        "provider_event",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("event_key", sa.Text(), nullable=False),
        sa.Column("provider_id", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("code", sa.Integer(), nullable=True),
        sa.Column("invitation_id", sa.Uuid(), nullable=True),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        sa.Column("understood", sa.Text(), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column(
            "received_at", sa.DateTime(timezone=True), server_default=sa.text("clock_now()"), nullable=False
        ),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("account_id", "id", name=op.f("pk_provider_event")),
        sa.UniqueConstraint(
            "account_id",
            "provider",
            "kind",
            "event_key",
            name=op.f("uq_provider_event_account_id_provider_kind_event_key"),
        ),
    )
    op.create_index(
        "ix_provider_event_invitation", "provider_event", ["account_id", "invitation_id"], unique=False
    )
    op.create_index(
        "ix_provider_event_provider_id", "provider_event", ["account_id", "provider_id"], unique=False
    )
    op.create_index(
        "ix_provider_event_received",
        "provider_event",
        ["received_at"],
        unique=False,
        postgresql_where="content is not null",
    )
    op.create_table(
        "sending_pause",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), server_default=sa.text("clock_now()"), nullable=False),
        sa.PrimaryKeyConstraint("scope", name=op.f("pk_sending_pause")),
    )
    op.create_table(
        "stale_cell",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("agent_id", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_now()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("account_id", "id", name=op.f("pk_stale_cell")),
    )
    op.create_index("ix_stale_cell_id", "stale_cell", ["id"], unique=False)
    op.create_table(
        "api_key",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("key_hash", sa.LargeBinary(), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("agent_id", sa.Text(), nullable=True),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_now()"), nullable=False
        ),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_api_key_account")),
        sa.PrimaryKeyConstraint("account_id", "id", name=op.f("pk_api_key")),
        sa.UniqueConstraint("account_id", "prefix", name=op.f("uq_api_key_account_id_prefix")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_api_key_key_hash")),
    )
    op.create_table(
        "invitation",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=True),
        sa.Column("sender_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("skip_reason", sa.Text(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("survey_key", sa.Text(), nullable=True),
        sa.Column("survey_version", sa.Integer(), nullable=True),
        sa.Column("questions", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("probability", sa.Double(), nullable=False),
        sa.Column("trigger", sa.Text(), nullable=False),
        sa.Column("decision", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("not_after", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivered_basis", sa.Text(), nullable=True),
        sa.Column("responded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("edit_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("close_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_now()"), nullable=False
        ),
        sa.Column(
            "updated_at", sa.DateTime(timezone=True), server_default=sa.text("clock_now()"), nullable=False
        ),
        sa.Column(
            "change",
            sa.BigInteger(),
            server_default=sa.text("pg_current_xact_id()::text::bigint"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "(state = 'skipped') = (skip_reason is not null)", name=op.f("ck_invitation_skipped_has_reason")
        ),
        sa.CheckConstraint(
            "(delivered_at is null) = (delivered_basis is null)",
            name=op.f("ck_invitation_delivered_has_basis"),
        ),
        sa.CheckConstraint(
            "completed_at is null or responded_at is not null",
            name=op.f("ck_invitation_completed_within_responded"),
        ),
        sa.CheckConstraint(
            "responded_at is null or delivered_at is not null",
            name=op.f("ck_invitation_responded_within_delivered"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id", "call_id"], ["call.account_id", "call.id"], name=op.f("fk_invitation_call")
        ),
        sa.PrimaryKeyConstraint("account_id", "id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("account_id", "call_id", name=op.f("uq_invitation_account_id_call_id")),
    )
    op.create_index(
        "ix_invitation_change",
        "invitation",
        ["account_id", "change", "id"],
        unique=False,
        postgresql_where="responded_at IS NOT NULL",
    )
    op.create_index(
        "ix_invitation_close",
        "invitation",
        ["close_at"],
        unique=False,
        postgresql_where="close_at IS NOT NULL",
    )
    op.create_index(
        "ix_invitation_contact", "invitation", ["account_id", "contact_id", "created_at"], unique=False
    )
    op.create_table(
        "sender",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("provider_account", sa.Text(), nullable=False),
        sa.Column("credentials", sa.LargeBinary(), nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("messaging_service", sa.Text(), nullable=True),
        sa.Column("opt_out_suffix", sa.Text(), nullable=True),
        sa.Column("per_second", sa.Double(), nullable=False),
        sa.Column("burst", sa.Integer(), nullable=False),
        sa.Column(
            "next_free_at", sa.DateTime(timezone=True), server_default=sa.text("clock_now()"), nullable=False
        ),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_now()"), nullable=False
        ),
        sa.CheckConstraint("per_second > 0 and burst >= 1", name=op.f("ck_sender_pace")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_sender_account")),
        sa.PrimaryKeyConstraint("account_id", "id", name=op.f("pk_sender")),
    )
    op.create_index("ix_sender_provider_account", "sender", ["provider_account"], unique=False)
    op.create_table(
        "survey_version",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("definition", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_now()"), nullable=False
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_survey_version_account")),
        sa.PrimaryKeyConstraint("account_id", "key", "version", name=op.f("pk_survey_version")),
    )
    op.create_table(
        "answer",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("invitation_id", sa.Uuid(), nullable=False),
        sa.Column("question_key", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("metric", sa.Text(), nullable=True),
        sa.Column("value", sa.Integer(), nullable=True),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.Column("scale", sa.Text(), nullable=True),
        sa.Column("wording_version", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("flags", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("provider_event_id", sa.Uuid(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id", "invitation_id"],
            ["invitation.account_id", "invitation.id"],
            name=op.f("fk_answer_invitation"),
        ),
        sa.PrimaryKeyConstraint("account_id", "id", name=op.f("pk_answer")),
        sa.UniqueConstraint(
            "account_id",
            "invitation_id",
            "question_key",
            "revision",
            name=op.f("uq_answer_account_id_invitation_id_question_key_revision"),
        ),
    )
    op.create_index(
        "uq_answer_current",
        "answer",
        ["account_id", "invitation_id", "question_key"],
        unique=True,
        postgresql_where="is_current",
    )
    op.create_table(
        "message",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("invitation_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("sender_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("question_key", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("wording_version", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("send_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("not_after", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claim_id", sa.Uuid(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claims", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("resent", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("empty_looks", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("next_look_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("provider_id", sa.Text(), nullable=True),
        sa.Column("provider_status", sa.Text(), nullable=True),
        sa.Column("error_code", sa.Integer(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("crossed_opt_out", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_now()"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["account_id", "contact_id"],
            ["contact.account_id", "contact.id"],
            name=op.f("fk_message_contact"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id", "invitation_id"],
            ["invitation.account_id", "invitation.id"],
            name=op.f("fk_message_invitation"),
        ),
        sa.PrimaryKeyConstraint("account_id", "id", name=op.f("pk_message")),
    )
    op.create_index(
        "ix_message_attention",
        "message",
        ["state", "account_id"],
        unique=False,
        postgresql_where="state in ('in_doubt', 'quarantined')",
    )
    op.create_index(
        "ix_message_contact",
        "message",
        ["account_id", "contact_id"],
        unique=False,
        postgresql_where="state in ('due', 'claimed')",
    )
    op.create_index(
        "ix_message_due",
        "message",
        ["sender_id", "account_id", "due_at"],
        unique=False,
        postgresql_where="state = 'due'",
    )
    op.create_index("ix_message_invitation", "message", ["account_id", "invitation_id"], unique=False)
    op.create_index(
        "ix_message_lease", "message", ["lease_until"], unique=False, postgresql_where="state = 'claimed'"
    )
    op.create_index(
        "ix_message_look", "message", ["next_look_at"], unique=False, postgresql_where="state = 'unknown'"
    )
    op.create_index(
        "ix_message_window", "message", ["send_before"], unique=False, postgresql_where="state = 'due'"
    )
    op.create_index(
        "uq_message_provider_id",
        "message",
        ["account_id", "provider_id"],
        unique=True,
        postgresql_where="provider_id is not null",
    )
    op.create_index(
        "uq_message_token_hash",
        "message",
        ["token_hash"],
        unique=True,
        postgresql_where="token_hash is not null",
    )
    op.create_table(
        "sender_account",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("sender_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_now()"), nullable=False
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_sender_account_account")),
        sa.ForeignKeyConstraint(
            ["owner_id", "sender_id"],
            ["sender.account_id", "sender.id"],
            name=op.f("fk_sender_account_sender"),
        ),
        sa.PrimaryKeyConstraint("account_id", "sender_id", name=op.f("pk_sender_account")),
    )
    op.create_table(
        "attempt",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column(
            "started_at", sa.DateTime(timezone=True), server_default=sa.text("clock_now()"), nullable=False
        ),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("http_status", sa.Integer(), nullable=True),
        sa.Column("code", sa.Integer(), nullable=True),
        sa.Column("provider_id", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id", "message_id"],
            ["message.account_id", "message.id"],
            name=op.f("fk_attempt_message"),
        ),
        sa.PrimaryKeyConstraint("account_id", "id", name=op.f("pk_attempt")),
        sa.UniqueConstraint(
            "account_id", "message_id", "number", name=op.f("uq_attempt_account_id_message_id_number")
        ),
    )

    op.execute("create trigger touch before update on invitation for each row execute function touch()")


def downgrade() -> None:
    op.drop_table("attempt")
    op.drop_table("sender_account")
    op.drop_index("uq_message_token_hash", table_name="message", postgresql_where="token_hash is not null")
    op.drop_index("uq_message_provider_id", table_name="message", postgresql_where="provider_id is not null")
    op.drop_index("ix_message_window", table_name="message", postgresql_where="state = 'due'")
    op.drop_index("ix_message_look", table_name="message", postgresql_where="state = 'unknown'")
    op.drop_index("ix_message_lease", table_name="message", postgresql_where="state = 'claimed'")
    op.drop_index("ix_message_invitation", table_name="message")
    op.drop_index("ix_message_due", table_name="message", postgresql_where="state = 'due'")
    op.drop_index("ix_message_contact", table_name="message", postgresql_where="state in ('due', 'claimed')")
    op.drop_index(
        "ix_message_attention", table_name="message", postgresql_where="state in ('in_doubt', 'quarantined')"
    )
    op.drop_table("message")
    op.drop_index("uq_answer_current", table_name="answer", postgresql_where="is_current")
    op.drop_table("answer")
    op.drop_table("survey_version")
    op.drop_index("ix_sender_provider_account", table_name="sender")
    op.drop_table("sender")
    op.drop_index("ix_invitation_contact", table_name="invitation")
    op.drop_index("ix_invitation_close", table_name="invitation", postgresql_where="close_at IS NOT NULL")
    op.drop_index(
        "ix_invitation_change", table_name="invitation", postgresql_where="responded_at IS NOT NULL"
    )
    op.drop_table("invitation")
    op.drop_table("api_key")
    op.drop_index("ix_stale_cell_id", table_name="stale_cell")
    op.drop_table("stale_cell")
    op.drop_table("sending_pause")
    op.drop_index(
        "ix_provider_event_received", table_name="provider_event", postgresql_where="content is not null"
    )
    op.drop_index("ix_provider_event_provider_id", table_name="provider_event")
    op.drop_index("ix_provider_event_invitation", table_name="provider_event")
    op.drop_table("provider_event")
    op.drop_index("ix_fact_month_period", table_name="fact_month")
    op.drop_table("fact_month")
    op.drop_index("ix_fact_day_period", table_name="fact_day")
    op.drop_table("fact_day")
    op.drop_index("ix_event_created_at", table_name="event")
    op.drop_table("event")
    op.drop_index("ix_contact_lookup", table_name="contact")
    op.drop_table("contact")
    op.drop_index("ix_call_agent_day", table_name="call")
    op.drop_table("call")
    op.drop_table("agent")
    op.drop_table("account")
    op.execute("drop function touch()")
    op.execute("drop function clock_now()")
