"""Calls accepted in a second: key, validation, decision and durable commit, against the bare necessities."""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from statistics import median

import redis

from app.run.services import web_server
from bench.calls import Reports
from bench.load import Load, run_load
from bench.place import Site, Stack, change_survey
from bench.rounds import Measured, Table, counting_cpu, interleave, median_rate
from bench.scale import Scale

_AIM = 0.50
# a text may go out within three days: at whatever hour this runs, each customer is asked and not skipped
_SURVEY = {"send_hours": "lawful", "send_within_seconds": 3 * 86_400}


def measure(site: Site, scale: Scale) -> Iterator[Table]:
    """Accepting, and the same HTTP server doing less and less of it."""
    with site.stack("accept") as service, site.stack("ceiling") as ceiling:
        service.start("web")
        change_survey(service, _SURVEY)
        ceiling.run(
            "ceiling",
            *web_server("bench.ceiling:from_environment", ceiling.port),
            ready="web",
            BENCH_API_KEY=ceiling.api_key,
        )
        yield _measure(site, scale, service, ceiling)


def _measure(site: Site, scale: Scale, service: Stack, ceiling: Stack) -> Table:
    reports, loads = Reports(service.api_key), list[Load]()

    def variant(
        stack: Stack, process: str, path: str, seconds: float = scale.seconds, per_second: float | None = None
    ) -> Measured:
        pids = {"web": stack.processes[process].pid, "database": site.postgres.process.pid}
        with counting_cpu(pids) as cpu:
            load = run_load(stack.port, reports.to(path), seconds=seconds, per_second=per_second).expect(202)
        loads.append(load)
        return Measured(load.answered, load.seconds, cpu, load.latencies)

    doors: dict[str, Callable[[], Measured]] = {
        "accepting": partial(variant, service, "web", "/v1/calls"),
        "written": partial(variant, ceiling, "ceiling", "/written"),
        "validated": partial(variant, ceiling, "ceiling", "/validated"),
        "bare": partial(variant, ceiling, "ceiling", "/bare"),
    }
    for stack, path in ((service, "/v1/calls"), (ceiling, "/written")):
        run_load(stack.port, islice(reports.to(path), scale.of(2000, 20))).expect(202)
        stack.analyze()
    messages = _broker_messages(site)
    found = interleave(doors, scale.rounds)
    messages = _broker_messages(site) - messages
    half = median_rate(found["accepting"]) / 2
    paced = [variant(service, "web", "/v1/calls", 2 * scale.seconds, half) for _ in range(scale.rounds)]
    table = Table("Accepting calls")
    table.add("whole stack", found["accepting"], ceiling=found["written"], aim=_AIM)
    table.add("validation and one raw statement", found["written"], ceiling=found["bare"])
    table.add("validation alone", found["validated"], ceiling=found["bare"])
    table.add("a bare 202", found["bare"])
    table.add("whole stack against a bare 202", found["accepting"], ceiling=found["bare"])
    table.add("whole stack at half of its rate", paced)
    calls = sum(measured.items for measured in found["accepting"])
    seconds = sum(measured.seconds for measured in found["accepting"])
    table.note(
        f"Broker messages: {messages} for more than {calls:,} calls, which is {messages / seconds:.0f} a second at"
        " most (10 for each process), whatever the rate."
    )
    own = median(1000 * load.own_cpu / load.answered for load in loads)
    table.note(f"Making the load took {own:.3f} ms of CPU per request, on the same processors.")
    return table


def _broker_messages(site: Site) -> int:
    """Messages published since the server started: each is one LPUSH."""
    with redis.Redis.from_url(site.valkey.url) as client:
        pushes = client.info("commandstats").get("cmdstat_lpush", {"calls": 0})
        return int(pushes["calls"])
