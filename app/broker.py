"""The broker is a doorbell: it wakes workers early. What has to be done, and when, stands in the database.

Tasks are published by name, so that nothing here imports the workers.
"""

import threading
from collections.abc import Callable

from celery import Celery

from app.failpoints import failpoint
from app.log import get_logger
from app.settings import Settings

log = get_logger(__name__)

DELIVER = "postcall.deliver"
LOOK_UP = "postcall.look_up"
LOOK_UP_DOUBTS = "postcall.look_up_doubts"
RECOVER = "postcall.recover"
CLOSE = "postcall.close"
ROLL_UP = "postcall.roll_up"
SET_RATES = "postcall.set_rates"
WRITE_DOWN = "postcall.write_down"
TIDY = "postcall.tidy"

DELIVERY_QUEUE = "delivery"
DEFAULT_QUEUE = "default"

# Seconds between ticks. A tick that finds nothing costs one short query; a tick that finds the task running
# already does nothing.
_TICKS = {
    DELIVER: 2.0,
    LOOK_UP: 5.0,
    LOOK_UP_DOUBTS: 60.0,
    RECOVER: 3.0,
    CLOSE: 5.0,
    ROLL_UP: 2.0,
    SET_RATES: 60.0,  # a week's rates, made soon after it has begun wherever the account is
    WRITE_DOWN: 10.0,
    TIDY: 3600.0,
}
_OF_DELIVERY = (DELIVER, LOOK_UP, LOOK_UP_DOUBTS, RECOVER)

# Workers that were away for days are to find no pile: an hour's ticks are done with in seconds. Not sooner, for a
# host whose clock is minutes ahead would throw away each of them, and never send anything.
EXPIRES_SECONDS = 3600.0

_BELL_SECONDS = 0.1


def make_celery(settings: Settings) -> Celery:
    """The Celery application, for workers, for beat and for the doorbell."""
    celery = Celery("postcall", broker=settings.broker_url)
    celery.conf.update(
        # early acknowledgement: the sweeps recover what a dead worker held, and a task that kills its worker
        # is not redelivered to kill the next
        task_acks_late=False,
        task_ignore_result=True,
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        worker_send_task_events=False,
        task_default_queue=DEFAULT_QUEUE,
        task_routes=dict.fromkeys(_OF_DELIVERY, DELIVERY_QUEUE),
        task_serializer="json",
        accept_content=["json"],
        broker_connection_retry_on_startup=True,
        broker_pool_limit=10,
        # a frozen Redis would hang a default connection for more than a minute
        broker_transport_options={
            "visibility_timeout": 3600,
            "max_connections": 64,
            "socket_timeout": 10,
            "socket_connect_timeout": 2,
            "socket_keepalive": True,
            "health_check_interval": 10,
        },
        timezone="UTC",
        beat_max_loop_interval=1,
        beat_schedule={
            name: {"task": name, "schedule": seconds, "options": {"expires": EXPIRES_SECONDS}}
            for name, seconds in _TICKS.items()
        },
    )
    return celery


class Doorbell:
    """Wakes workers at most once per 100 ms, from a thread of its own: a caller never waits for the broker.

    A ring while one is being published is kept for the next. A ring that can't be published is dropped and
    counted by `on_error`: beat will knock within seconds.
    """

    def __init__(self, settings: Settings, on_error: Callable[[], None] = lambda: None) -> None:
        self._celery = make_celery(settings)
        self._celery.conf.broker_transport_options = {
            "socket_timeout": 1,
            "socket_connect_timeout": 1,
            "max_retries": 0,
        }
        self._on_error = on_error
        self._comes = failpoint("ring")
        self._wanted: set[str] = set()
        self._lock = threading.Lock()
        self._rung = threading.Event()
        self._thread: threading.Thread | None = None

    def ring(self, *tasks: str) -> None:
        """Never blocks on the broker, never raises."""
        self._comes("")
        with self._lock:
            self._wanted.update(tasks or (DELIVER,))
            if self._thread is None:
                # started by the first ring: a server that forks after loading the app keeps no dead thread
                self._thread = threading.Thread(target=self._run, name="doorbell", daemon=True)
                self._thread.start()
        self._rung.set()

    def _run(self) -> None:
        pause = threading.Event()
        while True:
            self._rung.wait()
            self._rung.clear()
            with self._lock:
                wanted, self._wanted = self._wanted, set()
            for task in sorted(wanted):
                self._publish(task)
            pause.wait(_BELL_SECONDS)

    def _publish(self, task: str) -> None:
        try:
            self._celery.send_task(task, retry=False, ignore_result=True, expires=EXPIRES_SECONDS)
        except Exception as error:  # whatever the broker's client raises, the row is in the database
            self._on_error()
            log.warning("doorbell not heard", task=task, error=type(error).__name__)


def broker_answers(settings: Settings) -> bool:
    """Whether the broker takes a connection within a second."""
    celery = Celery("postcall-health", broker=settings.broker_url)
    celery.conf.broker_transport_options = {"socket_timeout": 1, "socket_connect_timeout": 1}
    try:
        with celery.connection_for_write(connect_timeout=1) as connection:
            connection.ensure_connection(max_retries=1, interval_start=0, interval_step=0, timeout=1)
    except Exception:  # any failure is the answer "no"
        return False
    return True
