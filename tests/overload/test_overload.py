"""Ten times what the machine can take: the rest is refused at once, and what was accepted is there."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice

import pytest

from bench.load import run_load
from tests.overload.conftest import Web

pytestmark = pytest.mark.xdist_group("overload")

SECONDS = 2.0
MANY = 400  # connections, of the 1,024 that granian takes
# what a container of web may use (compose.yaml, deploy/kubernetes)
MOST_BYTES = 512 * 2**20


@contextmanager
def watched(web: Web) -> Iterator[dict[str, list[bool]]]:
    """Asks like a monitor meanwhile, one time after the other."""
    seen: dict[str, list[bool]] = {"/healthz": [], "/readyz": []}
    over = threading.Event()

    def ask() -> None:
        while not over.wait(0.05):
            for path, answers in seen.items():
                answers.append(web.answers(path))

    monitor = threading.Thread(target=ask)
    monitor.start()
    try:
        yield seen
    finally:
        over.set()
        monitor.join()


def test_ten_times_the_traffic_is_refused_and_nothing_accepted_is_lost(web: Web) -> None:
    reports = web.reports.to("/v1/calls")
    before = len(web.call_ids())
    calm = run_load(web.port, reports, connections=8, seconds=1.0).expect(202)
    many = int(10 * SECONDS * calm.answered / calm.seconds)
    with watched(web) as seen:
        storm = run_load(
            web.port,
            islice(reports, many),
            connections=MANY,
            per_second=many / SECONDS,
        )
    assert storm.answered == many
    assert set(storm.statuses) == {202, 503}
    assert len(web.call_ids()) - before == calm.answered + storm.statuses[202]
    assert seen["/healthz"]
    assert all(seen["/healthz"])
    assert all(seen["/readyz"])
    assert web.resident_bytes() < MOST_BYTES
    # and it is over when it is over
    run_load(web.port, islice(reports, 20), connections=2).expect(202)
