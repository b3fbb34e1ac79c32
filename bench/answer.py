"""Replies recorded in a second, through the carrier's signed hook, and what keeping the facts takes of it."""

from collections.abc import Iterator
from functools import partial
from itertools import count, islice
from urllib.parse import urlencode

from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from app.run.process import until
from app.run.services import SIMULATOR_NUMBER
from bench.calls import Reports, phone_of
from bench.load import request, run_load
from bench.place import Site, Stack, change_survey
from bench.rounds import Measured, Table, counting_cpu, interleave
from bench.scale import Scale

_AIM = 0.90
_PATH = "/hooks/twilio/inbound"
# to csat, ownership and nps; customers in China are asked the first two
_REPLIES = ("5", "4", "9")
_ROLL_UP_SECONDS = 120

# marking a cell stale then does nothing, in the database that goes without
_NO_MARKS = """
    create function no_marks() returns trigger language plpgsql as 'begin return null; end';
    create trigger no_marks before insert on stale_cell for each row execute function no_marks();
"""
# as if every text that is due had gone out
_SENT = """
    update message set state = 'accepted', accepted_at = clock_now(), provider_id = 'SM' || md5(id::text)
     where state = 'due';
    update invitation set state = 'asked', asked_at = clock_now(), close_at = clock_now() + interval '2 days'
     where state = 'scheduled';
"""


def measure(site: Site, scale: Scale) -> Iterator[Table]:
    """With the facts kept (cells marked stale, and the worker that rebuilds them beside), and without both."""
    with site.stack("answer") as keeping, site.stack("answer_alone") as alone:
        for stack in (keeping, alone):
            stack.start("web")
            change_survey(stack, {"send_hours": "any"})
        with alone.connect() as connection:
            connection.execute(_NO_MARKS)
        # of the worker's queues the one that keeps facts: what would be sent stays where it is
        keeping.run(
            "worker",
            *("celery", "-A", "workers.celery_app:celery", "worker", "-P", "threads", "-c", "4"),
            *("-Q", "default", "-l", "INFO", "--without-gossip", "--without-mingle", "--without-heartbeat"),
        )
        keeping.start("beat")
        surveys, sids = scale.of(400, 10), count()
        variants = {
            stack.name: partial(_answer, site, stack, Reports(stack.api_key), surveys, sids)
            for stack in (keeping, alone)
        }
        found = interleave(variants, scale.rounds)
        table = Table("Recording replies")
        table.add("with the facts kept", found["answer"], ceiling=found["answer_alone"], aim=_AIM)
        table.add("without", found["answer_alone"])
        yield table


def _answer(site: Site, stack: Stack, reports: Reports, surveys: int, sids: "count[int]") -> Measured:
    """Open so many surveys, which is not measured, and answer each to its end."""
    first = reports.given
    run_load(stack.port, islice(reports.to("/v1/calls"), surveys)).expect(202)
    phones = [phone_of(number) for number in range(first, first + surveys)]
    if not first:
        stack.analyze()
    with stack.connect() as connection:
        until(lambda: not connection.execute("select from stale_cell limit 1").fetchone(), _ROLL_UP_SECONDS)
    pids = {**stack.pids(*stack.processes), "database": site.postgres.process.pid}
    items, seconds, cpu, latencies = 0, 0.0, dict.fromkeys(pids, 0.0), list[float]()
    for reply in _REPLIES:
        with stack.connect() as connection:
            connection.execute(_SENT)
        texts = [_text(stack, phone, reply, next(sids)) for phone in phones]
        with counting_cpu(pids) as spent:
            load = run_load(stack.port, texts).expect(200)
        items, seconds, latencies = items + load.answered, seconds + load.seconds, latencies + load.latencies
        cpu = {part: cpu[part] + spent[part] for part in cpu}
        if reply == _REPLIES[1]:
            phones = [phone for phone in phones if not phone.startswith("+86")]
    return Measured(items, seconds, cpu, latencies)


def _text(stack: Stack, phone: str, reply: str, number: int) -> bytes:
    form = {
        "MessageSid": f"SM{number:032x}",
        "AccountSid": stack.credentials.twilio_account_sid,
        "From": phone,
        "To": SIMULATOR_NUMBER,
        "Body": reply,
        "NumMedia": "0",
    }
    url = stack.settings["PUBLIC_URL"] + _PATH
    signature = RequestValidator(stack.credentials.twilio_auth_token).compute_signature(url, form)
    headers = {"content-type": "application/x-www-form-urlencoded", "x-twilio-signature": signature}
    return request("POST", _PATH, urlencode(form).encode(), headers)
