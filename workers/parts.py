"""What the tasks of a worker share. Made lazily: beat loads the same application and needs none of it."""

import threading
from collections.abc import Callable
from functools import cached_property
from typing import Concatenate

from celery import Celery
from sqlalchemy import exc
from sqlalchemy.orm import Session, sessionmaker

from app.broker import DELIVER, EXPIRES_SECONDS
from app.cache import ShortCache
from app.channels.carriers import Carriers
from app.db import Given, Result, make_engine, make_sessions, run_unit
from app.failpoints import failpoint, watch_commits
from app.flow.envelopes import SenderCache
from app.metrics import Metrics
from app.settings import Settings
from app.store.keyring import Keyring
from app.tally import tally
from app.traces import Traces, make_traces, span

# the database is down, or its waits are over: no row's fault, and the next tick finds all as it was
DATABASE_TROUBLE = (exc.OperationalError, exc.TimeoutError)

# a task gives the worker's thread back after this long; a drain asks to be called again, beat calls the others
TASK_SECONDS = 30.0
# units that wait for their turn run so many at a time
_IN_TURN = 8
# for the drain and the other tasks, beside those in turn
_TASK_CONNECTIONS = 6
_SENDER_SECONDS = 1.0


def alone(work: Callable[[], None]) -> Callable[[], None]:
    """`work`, which does nothing while it is running in this process already: slow ticks must not pile up."""
    running = threading.Lock()

    def tick() -> None:
        if running.acquire(blocking=False):
            try:
                work()
            finally:
                running.release()

    return tick


class WorkerParts:
    def __init__(self, settings: Settings, celery: Celery) -> None:
        self.settings = settings
        self._celery = celery
        self._turns = threading.Semaphore(_IN_TURN)
        self.senders: SenderCache = ShortCache(_SENDER_SECONDS)
        self.claimed, self.begun, self.answered = map(failpoint, ("claimed", "begun", "answered"))

    @cached_property
    def sessions(self) -> sessionmaker[Session]:
        engine = make_engine(self.settings.database_url, _IN_TURN + _TASK_CONNECTIONS)
        self.traces.watch(engine)
        sessions = make_sessions(engine, Keyring(self.settings.secret_keys))
        watch_commits(sessions)
        tally(sessions, self.metrics.count)
        return sessions

    @cached_property
    def traces(self) -> Traces:
        return make_traces(self.settings.traces, "worker")

    @cached_property
    def metrics(self) -> Metrics:
        return Metrics()

    def open_door(self) -> None:
        """Let a worker's figures be read where they can't be at the web service's: in a container of its own."""
        if self.settings.worker_metrics_port:
            self.metrics.serve(self.settings.worker_metrics_port)

    @cached_property
    def carriers(self) -> Carriers:
        settings = self.settings
        return Carriers(
            settings.twilio_base_url,
            settings.carrier,
            pool_size=settings.sends_in_flight + 2,
            outbound_allow=settings.outbound_allow,
        )

    def unit(
        self, work: Callable[Concatenate[Session, Given], Result], *args: Given.args, **kwargs: Given.kwargs
    ) -> Result:
        """Run `work(session, ...)` as a unit of work, see `app.db.run_unit`."""
        with span(self.traces, getattr(work, "__name__", "unit of work")):
            return run_unit(self.sessions, work, *args, **kwargs)

    def unit_in_turn(
        self, work: Callable[Concatenate[Session, Given], Result], *args: Given.args, **kwargs: Given.kwargs
    ) -> Result:
        """The same for one of many that may come at once: they wait for each other and not for a connection, which
        they would have to get within seconds."""
        with self._turns:
            return self.unit(work, *args, **kwargs)

    def wake_delivery(self) -> None:
        self._celery.send_task(DELIVER, retry=False, ignore_result=True, expires=EXPIRES_SECONDS)
