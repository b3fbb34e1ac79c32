"""The survey page: what a telephone loads of it, how soon it comes, and what keeping an answer takes."""

import re
from collections.abc import Iterator
from functools import partial
from itertools import cycle, islice
from urllib.parse import urlencode

import urllib3

from app.run.ports import LOOPBACK
from app.store.keyring import Keyring
from bench.calls import Reports
from bench.load import request, run_load
from bench.place import Site, Stack, change_survey
from bench.rounds import Measured, Table, counting_cpu, interleave, median_rate
from bench.scale import Scale

# each survey's answers in turn, and each time around another value of the same questions
_ANSWERS = (("csat", (5, 4, 3)), ("ownership", (5, 4, 3)), ("fcr", (1, 2, 3)), ("nps", (10, 9, 8)))
_FORM = {"content-type": "application/x-www-form-urlencoded"}
_STYLE = "/static/survey.css"


def measure(site: Site, scale: Scale) -> Iterator[Table]:
    """Opening it, against the same service handing out a file; answering it, against opening it."""
    with site.stack("page") as stack:
        stack.start("web")
        change_survey(stack, {"send_hours": "any", "link": True})
        yield _measure(site, scale, stack, _links(stack, scale.of(1000, 10)))


def _links(stack: Stack, surveys: int) -> list[str]:
    """The paths of so many open surveys, as if the texts with them had gone out."""
    run_load(stack.port, islice(Reports(stack.api_key).to("/v1/calls"), surveys)).expect(202)
    stack.analyze()
    with stack.connect() as connection:
        ids = [
            message_id
            for (message_id,) in connection.execute(
                "select m.id from message m join invitation i on i.account_id = m.account_id"
                " and i.id = m.invitation_id where m.token_hash is not null and m.state = 'due'"
            )
        ]
    keyring = Keyring(stack.settings["SECRET_KEYS"])
    return [f"/s/{keyring.token(message_id)}" for message_id in ids]


def _measure(site: Site, scale: Scale, stack: Stack, links: list[str]) -> Table:
    pids = {**stack.pids("web"), "database": site.postgres.process.pid}
    opened = cycle([request("GET", link) for link in links])
    answers = _answers(links)

    def variant(
        requests: Iterator[bytes],
        status: int,
        seconds: float = scale.seconds,
        per_second: float | None = None,
    ) -> Measured:
        with counting_cpu(pids) as cpu:
            load = run_load(stack.port, requests, seconds=seconds, per_second=per_second).expect(status)
        return Measured(load.answered, load.seconds, cpu, load.latencies)

    found = interleave(
        {
            "opening": partial(variant, opened, 200),
            "keeping": partial(variant, answers, 204),
            "file": partial(variant, cycle([request("GET", _STYLE)]), 200),
        },
        scale.rounds,
    )
    half = median_rate(found["opening"]) / 2
    paced = [variant(opened, 200, 2 * scale.seconds, half) for _ in range(scale.rounds)]
    table = Table("The survey page")
    table.add("opening it", found["opening"], ceiling=found["file"])
    table.add("opening it at half of its rate", paced)
    table.add("keeping an answer as it is given", found["keeping"], ceiling=found["opening"])
    table.add("its stylesheet, a file", found["file"])
    table.note(_sizes(stack, links[0]))
    table.note("p50 and p99 are to the last byte: a page is sent in one piece once all of it is known.")
    return table


def _answers(links: list[str]) -> Iterator[bytes]:
    for turn in cycle(range(3)):
        for question, values in _ANSWERS:
            body = urlencode({"part": 1, question: values[turn]}).encode()
            for link in links:
                yield request("POST", link, body, _FORM)


def _sizes(stack: Stack, link: str) -> str:
    """What a browser loads at the first look, as it goes over the line."""
    page = _load(stack, link)
    paths = dict.fromkeys(re.findall(r'(?:src|href)="(/[^"]+)"', page.decode()))
    sizes = {"the page": len(page), **{path.rpartition("/")[2]: len(_load(stack, path)) for path in paths}}
    parts = ", ".join(f"{name} {size / 1000:.1f}" for name, size in sizes.items())
    whole = f"{len(sizes)} requests and {sum(sizes.values()) / 1000:.1f} KB"
    return f"A first look is {whole}, not compressed: {parts}."


def _load(stack: Stack, path: str) -> bytes:
    answer = urllib3.request("GET", f"http://{LOOPBACK}:{stack.port}{path}", retries=False)
    if answer.status != 200:
        raise ValueError(f"{path} was answered {answer.status}")
    return answer.data
