"""A person over all their addresses, and caps: per customer, and of what goes out on a day

Accepting calls and sending go on while the indexes are built.

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_COLUMNS = (
    ("call", "customer_contact_id", "uuid"),
    ("contact", "recent_asks", "timestamptz[]"),
    ("contact", "opted_out_through", "uuid"),
    ("contact", "many_calls_since", "timestamptz"),
)
_INDEXES = (
    ("ix_contact_customer_ref", ["account_id", "customer_ref"], "customer_ref is not null"),
    ("ix_contact_many_calls", ["account_id", "id"], "many_calls_since is not null"),
)
# A no that was said before was kept for the addresses of one call. Now it is the person's: of those that a ref
# joins, all. What stands for no name at all joins nobody, and neither does what stands for very many addresses.
_SPREAD = """
    with said as (
        select distinct on (account_id, customer_ref) account_id, customer_ref, id, opted_out_at from contact
        where opted_out_at is not null and customer_ref !~ '^[0[:punct:][:space:]]*$'
          and lower(customer_ref) not in
              ('unknown', 'anonymous', 'none', 'null', 'na', 'n/a', 'undefined', 'guest', 'customer', 'test')
        order by account_id, customer_ref, opted_out_at
    )
    update contact c set opted_out_at = s.opted_out_at, opted_out_through = s.id
    from said s
    where c.account_id = s.account_id and c.customer_ref = s.customer_ref and c.opted_out_at is null
      and 50 >= (select count(*) from contact o
                 where o.account_id = s.account_id and o.customer_ref = s.customer_ref)
"""


def upgrade() -> None:
    # nullable and without a default: no row is rewritten for them
    for table, column, kind in _COLUMNS:
        op.execute(f"alter table {table} add column if not exists {column} {kind}")
    op.execute("alter table sending_day add column if not exists sent integer not null default 0")
    if "sending_permit" not in sa.inspect(op.get_bind()).get_table_names():
        op.create_table(
            "sending_permit",
            sa.Column("account_id", sa.Uuid(), nullable=False),
            sa.Column("day", sa.Date(), nullable=False),
            sa.Column("invitation_id", sa.Uuid(), nullable=False),
            sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_sending_permit_account"),
            sa.PrimaryKeyConstraint("account_id", "day", "invitation_id", name="pk_sending_permit"),
        )
    with op.get_context().autocommit_block():
        for name, columns, where in _INDEXES:
            # one that was cut off stays behind, and is good for nothing
            op.execute(f"drop index concurrently if exists {name}")
            op.create_index(
                name, "contact", columns, postgresql_where=sa.text(where), postgresql_concurrently=True
            )
        op.execute(_SPREAD)


def downgrade() -> None:
    for name, *_ in reversed(_INDEXES):
        op.drop_index(name, table_name="contact")
    op.drop_table("sending_permit")
    op.drop_column("sending_day", "sent")
    for table, column, _ in reversed(_COLUMNS):
        op.drop_column(table, column)
