"""The worker that keeps the facts."""

import time
from functools import partial

from celery import Celery

from app.broker import ROLL_UP
from app.flow.roll_up import roll_up
from workers.parts import WorkerParts, alone

_BATCH = 500
# the thread is given back after this long; beat calls again
_SECONDS = 20.0


def roll_up_all(parts: WorkerParts) -> None:
    until = time.monotonic() + _SECONDS
    while parts.unit(roll_up, _BATCH) == _BATCH and time.monotonic() < until:
        pass


def register(celery: Celery, parts: WorkerParts) -> None:
    celery.task(name=ROLL_UP)(alone(partial(roll_up_all, parts)))
