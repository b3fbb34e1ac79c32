"""What `celery -A workers.celery_app:celery` loads: the worker's parts, made when the worker starts.

The one module with effects at import, since that is how Celery finds its application.
"""

from celery.signals import worker_init

from app.broker import make_celery
from app.log import configure_logging
from app.settings import load_settings
from workers import delivery, recordings, roll_ups, sampling, upkeep
from workers.parts import WorkerParts

settings = load_settings()
configure_logging(settings.log_level)
celery = make_celery(settings)
parts = WorkerParts(settings, celery)
for room in (delivery, recordings, roll_ups, sampling, upkeep):
    room.register(celery, parts)


@worker_init.connect(weak=False)
def open_door(**_: object) -> None:
    """Beat loads this too, and has nothing to show."""
    parts.open_door()
