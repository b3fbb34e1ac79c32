"""Sending, with a carrier that takes 50 ms: against what so many requests in flight could do at most.

The worker is the real one, started as `make run` starts it; every text must reach the carrier exactly once and be
recorded. Beside it stands the way that was not taken: a Celery task for each message.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from signal import SIGTERM

import urllib3
from celery import Celery

from app.broker import DELIVER, DELIVERY_QUEUE
from app.run import process
from app.run.options import CHECKOUT
from app.run.ports import LOOPBACK, free_port
from app.run.process import Command, until
from app.run.services import python_command
from bench.due import Backlog
from bench.place import Site, Stack
from bench.rounds import Measured, Table, counting_cpu, interleave, ratio
from bench.scale import Scale

_LATENCY_MS = 50
_FEW, _MANY = 50, 100  # requests in flight: the default, and twice that
_SEND_ONE = "bench.send_one"  # see one_task
_MOST_SECONDS = 120.0
_THREADS = (
    *("worker", "-P", "threads", "-Q", DELIVERY_QUEUE, "-l", "INFO"),
    *("--without-gossip", "--without-mingle", "--without-heartbeat"),
)

_LEFT = """
select exists (select from message where state = 'due') or exists (select from message where state = 'claimed')
"""
_NOT_RECORDED = """
select count(*) from message m join invitation i on i.account_id = m.account_id and i.id = m.invitation_id
where m.purpose = 'ask' and (m.state, i.state) not in (('accepted', 'asked'), ('cancelled', 'scheduled'))
"""


class Worker:
    """A worker on a stack of its own, idle until its backlog is filled and it is told."""

    def __init__(self, site: Site, stack: Stack, carrier: str, count: int, *, a_task_each: bool) -> None:
        self._site = site
        self._stack = stack
        self._carrier = carrier
        self._count = count
        self._a_task_each = a_task_each
        self._backlog = Backlog(stack)
        self._celery = Celery(broker=stack.settings["REDIS_URL"])
        self._http = urllib3.PoolManager(retries=False, timeout=5)
        self.memory = 0

    def measure(self) -> Measured:
        """Fill, tell, and wait until all is recorded. Raises ValueError for a text that was lost or doubled."""
        ids = self._backlog.add(self._count)
        self._tally()
        pids = {**self._stack.pids("worker"), "database": self._site.postgres.process.pid}
        with counting_cpu(pids) as cpu, self._stack.connect() as connection:
            if self._a_task_each:
                for message_id in ids:
                    self._tell(_SEND_ONE, str(self._backlog.account_id), str(message_id))
            else:
                self._tell(DELIVER)
            until(lambda: connection.execute(_LEFT).fetchone() == (False,), _MOST_SECONDS)
        tally = self._tally()
        with self._stack.connect() as connection:
            (not_recorded,) = connection.execute(_NOT_RECORDED).fetchone() or (None,)
        if (tally["texts"], tally["requests"], not_recorded) != (self._count, self._count, 0):
            raise ValueError(f"of {self._count} texts: {tally} at the carrier, {not_recorded} not recorded")
        self.memory = max(self.memory, self._stack.processes["worker"].resident_bytes())
        return Measured(self._count, tally["seconds"], cpu)

    def _tell(self, task: str, *arguments: str) -> None:
        self._celery.send_task(task, arguments, queue=DELIVERY_QUEUE, ignore_result=True)

    def _tally(self) -> dict[str, float]:
        tally: dict[str, float] = self._http.request("GET", f"{self._carrier}/tally").json()
        return tally


def measure(site: Site, scale: Scale) -> Iterator[Table]:
    with ExitStack() as running:
        carrier = running.enter_context(_carrier(site))

        def worker(name: str, in_flight: int, count: int, *, a_task_each: bool = False) -> Worker:
            stack = running.enter_context(
                site.stack(name, TWILIO_BASE_URL=carrier, SENDS_IN_FLIGHT=str(in_flight))
            )
            if a_task_each:
                stack.run("worker", "celery", "-A", "bench.one_task:celery", *_THREADS, "-c", str(in_flight))
            else:
                stack.start("worker")
            return Worker(site, stack, carrier, count, a_task_each=a_task_each)

        workers = {
            "few": worker("deliver_few", _FEW, scale.of(4_000, 40)),
            "many": worker("deliver_many", _MANY, scale.of(6_000, 200)),
            "few_tasks": worker("deliver_few_tasks", _FEW, scale.of(800, 40), a_task_each=True),
            "many_tasks": worker("deliver_many_tasks", _MANY, scale.of(800, 200), a_task_each=True),
        }
        found = interleave({name: one.measure for name, one in workers.items()}, scale.rounds)
    table = Table(f"Texts sent by one worker, {_LATENCY_MS} ms carrier")
    for name, what, in_flight, aim in (
        ("few", f"the drain, {_FEW} in flight", _FEW, 0.6),
        ("many", f"the drain, {_MANY} in flight", _MANY, 0.6),
        ("few_tasks", f"a task for each, {_FEW} threads", _FEW, None),
        ("many_tasks", f"a task for each, {_MANY} threads", _MANY, None),
    ):
        table.add(what, found[name], ceiling=1000 * in_flight / _LATENCY_MS, aim=aim)
    for name, in_flight in (("few", _FEW), ("many", _MANY)):
        times = ratio(found[name], found[f"{name}_tasks"])
        table.note(f"{in_flight} in flight: {times:.1f} times as many as by a task for each (aim: 5).")
    memory = ", ".join(f"{one.memory / 2**20:.0f} MiB" for one in workers.values())
    table.note(f"Memory of each worker afterwards, in this order: {memory}.")
    yield table


@contextmanager
def _carrier(site: Site) -> Iterator[str]:
    """The stand-in carrier's address; it runs for as long as the block."""
    port = free_port()
    command = Command(python_command("bench.carrier", str(port), str(_LATENCY_MS)), {}, cwd=CHECKOUT)
    running = process.start(command, name="carrier", log=site.place.log("carrier"))
    try:
        yield f"http://{LOOPBACK}:{port}"
    finally:
        running.stop(SIGTERM, 2)
