"""What the tasks of a worker share. Made lazily: beat loads the same application and needs none of it."""

import threading
from collections.abc import Callable
from functools import cached_property
from typing import Concatenate

from celery import Celery
from sqlalchemy import exc
from sqlalchemy.orm import Session, sessionmaker

from app.broker import DELIVER
from app.channels.twilio import Twilio
from app.db import Given, Result, make_engine, make_sessions, run_unit
from app.settings import Settings
from app.store.keyring import Keyring

# the database is down, or its waits are over: no row's fault, and the next tick finds all as it was
DATABASE_TROUBLE = (exc.OperationalError, exc.TimeoutError)

# connections for the tasks' own queries, beside one per send in flight
_TASK_CONNECTIONS = 6


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

    @cached_property
    def sessions(self) -> sessionmaker[Session]:
        pool = self.settings.sends_in_flight + _TASK_CONNECTIONS
        return make_sessions(
            make_engine(self.settings.database_url, pool), Keyring(self.settings.secret_keys)
        )

    @cached_property
    def carrier(self) -> Twilio:
        limits = self.settings.carrier
        return Twilio(
            self.settings.twilio_base_url,
            limits.connect_seconds,
            limits.read_seconds,
            pool_size=self.settings.sends_in_flight + 2,
        )

    def unit(
        self, work: Callable[Concatenate[Session, Given], Result], *args: Given.args, **kwargs: Given.kwargs
    ) -> Result:
        """Run `work(session, ...)` as a unit of work, see `app.db.run_unit`."""
        return run_unit(self.sessions, work, *args, **kwargs)

    def wake_delivery(self) -> None:
        self._celery.send_task(DELIVER, retry=False, ignore_result=True, expires=10)
