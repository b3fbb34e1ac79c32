"""The database: can the service run on it, and does it keep what it is given?"""

from dataclasses import dataclass

import sqlalchemy.exc
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from app.checkup.finding import Finding, failed, ok, warning
from app.checkup.settings import for_real
from app.db import migrations_state
from app.settings import Settings

_OLDEST = 150_000
# of a worker: the pool of workers/parts.py, which nothing here may import
WORKER_CONNECTIONS = 14
_NAME = "database"


@dataclass(frozen=True)
class DatabaseFacts:
    version: int  # as server_version_num
    encoding: str
    isolation: str
    read_only: bool  # a replica, or told to be
    fsync: bool
    clock_shift: str
    superuser: bool
    free_connections: int  # that an ordinary user could still open, ours counted as free
    max_connections: int
    idle_in_transaction: int  # for more than a minute


_READ = text(
    """
    select current_setting('server_version_num')::int as version,
           (select pg_encoding_to_char(encoding) from pg_database where datname = current_database()) as encoding,
           current_setting('default_transaction_isolation') as isolation,
           pg_is_in_recovery() or current_setting('default_transaction_read_only') = 'on' as read_only,
           current_setting('fsync') = 'on' as fsync,
           coalesce(current_setting('postcall.clock_shift', true), '') as clock_shift,
           (select rolsuper from pg_roles where rolname = current_user) as superuser,
           current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
               - coalesce(current_setting('reserved_connections', true), '0')::int
               - count(*) filter (where application_name <> 'postcall') as free_connections,
           current_setting('max_connections')::int as max_connections,
           count(*) filter (where state like 'idle in transaction%'
                            and state_change < now() - interval '1 minute') as idle_in_transaction
    from pg_stat_activity where backend_type = 'client backend'
    """
)


def check_database(sessions: sessionmaker[Session], settings: Settings) -> list[Finding]:
    try:
        with sessions() as session:
            session.execute(text("set local statement_timeout = '3s'"))
            facts = DatabaseFacts(**session.execute(_READ).one()._mapping)
            return [*judge_database(facts, settings), judge_migrations(_revision(session))]
    except (sqlalchemy.exc.OperationalError, sqlalchemy.exc.TimeoutError) as error:
        said = str(getattr(error, "orig", "") or "no answer").strip().splitlines()[0]
        return [failed(_NAME, f"can't be used: {said}", "Is it running, and DATABASE_URL right?")]


def _revision(session: Session) -> str | None:
    there = session.scalar(text("select to_regclass('alembic_version') is not null"))
    revision: str | None = session.scalar(text("select version_num from alembic_version")) if there else None
    return revision


def judge_migrations(revision: str | None) -> Finding:
    name, state = "migrations", migrations_state(revision)
    if state == "behind":
        at = f"the database is at {revision}" if revision else "the database is empty"
        return failed(name, f"{at}: this release can't run on it", "postcall migrate")
    if state == "ahead":
        return warning(
            name, f"{revision} is of a newer release", "Replace web and workers by the newer release"
        )
    return ok(name, f"at {revision}, the newest")


def judge_database(facts: DatabaseFacts, settings: Settings) -> list[Finding]:
    """One line where all is well, else one per trouble."""
    troubles = [*_unfit(facts), *_risky(facts, settings)]
    well = f"PostgreSQL {facts.version // 10_000}, {facts.free_connections} of {facts.max_connections} connections"
    return troubles or [ok(_NAME, f"{well} to be had")]


def _unfit(facts: DatabaseFacts) -> list[Finding]:
    found = []
    if facts.version < _OLDEST:
        found.append(failed(_NAME, f"is PostgreSQL {facts.version // 10_000}", "Use PostgreSQL 15 or newer"))
    if facts.encoding != "UTF8":
        found.append(
            failed(
                _NAME,
                f"its encoding is {facts.encoding}: not every text can be kept",
                "Make it anew: create database postcall encoding 'UTF8' template template0",
            )
        )
    if facts.isolation != "read committed":
        found.append(
            failed(
                _NAME,
                f"transactions are {facts.isolation} by default: facts would be rebuilt from old snapshots",
                "alter database ... set default_transaction_isolation = 'read committed'",
            )
        )
    if facts.read_only:
        found.append(failed(_NAME, "can only be read", "Let DATABASE_URL name the primary"))
    return found


def _risky(facts: DatabaseFacts, settings: Settings) -> list[Finding]:
    found, real = [], for_real(settings)
    if facts.clock_shift not in ("", "0"):
        found.append(
            failed(
                _NAME,
                f"its clock is shifted by {facts.clock_shift} for tests",
                "alter database ... reset postcall.clock_shift",
            )
        )
    if not facts.fsync and real:
        found.append(failed(_NAME, "fsync is off: a crash loses what was accepted", "Set fsync = on"))
    if facts.superuser and real:
        found.append(
            warning(
                _NAME,
                "the service is a superuser there",
                "Give it a role of its own that owns the database, and no more",
            )
        )
    if facts.idle_in_transaction:
        found.append(
            warning(
                _NAME,
                f"{facts.idle_in_transaction} connections have idled in a transaction for over a minute:"
                " they hold locks",
                "select * from pg_stat_activity where state like 'idle in transaction%'",
            )
        )
    web, worker = 2 * settings.web_db_pool, 2 * WORKER_CONNECTIONS
    if facts.free_connections < web + worker:
        found.append(
            failed(
                _NAME,
                f"{facts.free_connections} connections can be had: two web processes take {web},"
                f" two workers {worker}",
                "Raise max_connections, or lower WEB_DB_POOL",
            )
        )
    return found
