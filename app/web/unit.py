"""What a request works with, and the one unit of work it does."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID

from flask import current_app
from sqlalchemy.orm import Session, sessionmaker

from app.cache import ShortCache
from app.flow.asking import Asking, read_asking
from app.metrics import Metrics
from app.settings import Settings
from app.store.direct import Singles
from app.tally import count_happened
from app.traces import NoTraces, Traces
from app.web.auth import ApiKeys
from app.web.cursors import Cursors
from app.web.rate_limits import FailureLimit, KeyLimit, PhoneLimit

EXTENSION = "postcall"


@dataclass(frozen=True)
class Services:
    """The parts that the composition hands to the web layer.

    `ring` wakes workers (without arguments those that deliver, else the named tasks); it never blocks or raises.
    `broker_answers` says within a bounded time whether the broker could be reached; it does not raise either.
    """

    settings: Settings
    sessions: sessionmaker[Session]
    singles: Singles
    ring: Callable[..., None]
    broker_answers: Callable[[], bool]
    api_keys: ApiKeys
    key_limit: KeyLimit
    failure_limit: FailureLimit
    phone_limit: PhoneLimit
    cursors: Cursors
    metrics: Metrics
    askings: ShortCache[UUID, Asking]
    traces: Traces = field(default_factory=NoTraces)


def services() -> Services:
    found: Services = current_app.extensions[EXTENSION]
    return found


@contextmanager
def unit_of_work() -> Iterator[Session]:
    """One session: committed when the block ends, rolled back when it raises.

    The commit is inside, so that nothing is answered before it is durable; ring only after the block.
    """
    with services().sessions() as session, session.begin():
        yield session


@contextmanager
def single_statements() -> Iterator[Session]:
    """The same for work whose direct statements are each whole by themselves: they are committed as they end."""
    with services().sessions() as session:
        services().singles.offered_to(session)
        yield session
        if session.in_transaction():
            session.commit()
        else:
            count_happened(session, services().metrics.count)


def asking_of(account_id: UUID) -> Asking:
    """What the account asks with; a change of its survey or sender shows after a second or so."""
    return services().askings.get(account_id, lambda: _read_asking(account_id))


def _read_asking(account_id: UUID) -> Asking:
    with unit_of_work() as session:
        return read_asking(session, account_id)
