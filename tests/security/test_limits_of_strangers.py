"""Check 22: how often an address may fail, and how many texts of one telephone are acted on."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.limits import Limits
from app.store.contacts import find_contact
from app.store.provider_events import ProviderEvent
from app.web.application import create_app
from app.web.rate_limits import FailureLimit, PhoneLimit
from app.web.unit import EXTENSION, Services
from tests.security.twilio import DOORS, TEXT, post, text_from
from tests.web.conftest import PHONE, Api

Limit = Callable[..., Api]
NOBODY = "redis://127.0.0.1:9/0"
LATER = "/v1/calls"


@pytest.fixture
def limited(api: Api, redis_url: str) -> Iterator[Limit]:
    """The service again, with limits; each is one process of its own."""
    made: list[Limits] = []

    def build(failures: int = 0, texts: int = 0, proxies: int = 0, away: bool = False) -> Api:
        limits = Limits(NOBODY if away else redis_url, now=lambda: 1_772_000_000.0)
        made.append(limits)
        old: Services = api.app.extensions[EXTENSION]
        services = replace(
            old,
            failure_limit=FailureLimit(limits, failures),
            phone_limit=PhoneLimit(limits, texts, "a secret"),
        )
        app = create_app(replace(old.settings, trusted_proxies=proxies), services)
        return replace(api, app=app, client=app.test_client())

    yield build
    # threads that speak of Valkey into another test's log
    for limits in made:
        limits.close()


def wrong_key(client: FlaskClient, number: int, address: str = "203.0.113.7") -> int:
    headers = {"Authorization": f"Bearer pc_wrong_{number}"}
    return client.get(LATER, headers=headers, environ_base={"REMOTE_ADDR": address}).status_code


def test_wrong_keys_of_one_address_are_refused_and_looked_up_no_more(limited: Limit) -> None:
    api = limited(failures=3)
    assert [wrong_key(api.client, number) for number in range(5)] == [401, 401, 401, 429, 429]
    assert len(api.keys.asked) == 3
    assert wrong_key(api.client, 9, "203.0.113.8") == 401


def test_a_refusal_tells_when_to_come_back(limited: Limit) -> None:
    api = limited(failures=1)
    first, second = (api.client.get(LATER) for _ in range(2))
    assert first.headers["RateLimit-Policy"] == '"failures";q=1;w=60'
    assert first.headers["RateLimit"].startswith('"failures";r=0;t=')
    assert (first.status_code, second.status_code) == (401, 429)
    assert second.mimetype == "application/problem+json"
    assert second.headers["Retry-After"] == second.headers["RateLimit"].rpartition("t=")[2]


def test_a_right_key_is_never_counted_nor_held_up_by_its_neighbours(limited: Limit) -> None:
    api = limited(failures=2)
    headers = api.headers()
    asks = [api.client.get(LATER, headers=headers).status_code for _ in range(5)]
    assert [wrong_key(api.client, number, "127.0.0.1") for number in range(3)] == [401, 401, 429]
    asks += [api.client.get(LATER, headers=headers).status_code for _ in range(5)]
    assert set(asks) == {200}


def test_a_carrier_is_never_limited_by_its_address(limited: Limit) -> None:
    api = limited(failures=2)
    for path, form in DOORS.items():
        assert [post(api, path, form, signed="AAAA").status_code for _ in range(3)][-1] == 429
        assert {post(api, path, form).status_code for _ in range(5)} <= {200, 204}


def test_guessed_links_are_refused_and_right_ones_open(limited: Limit) -> None:
    api = limited(failures=2)
    token = api.invite()
    guesses = [api.client.get(f"/s/{number:022}") for number in range(3)]
    assert [guess.status_code for guess in guesses] == [404, 404, 429]
    assert guesses[1].data == guesses[0].data
    # who has tried too often is told so, whatever the link
    assert guesses[2].data == api.client.get("/s/another").data
    assert int(guesses[2].headers["Retry-After"]) > 0
    assert api.client.get(f"/s/{token}").status_code == 200


def test_all_doors_count_the_failures_of_an_address_together(limited: Limit) -> None:
    api = limited(failures=2)
    assert wrong_key(api.client, 1, "127.0.0.1") == 401
    assert api.client.get("/s/none").status_code == 404
    assert post(api, "/hooks/twilio/inbound", TEXT, signed=None).status_code == 429


@pytest.mark.parametrize(
    ("proxies", "forwarded", "other", "are_one"),
    [
        (0, "198.51.100.1", "198.51.100.2", True),  # anybody can write this header
        (1, "198.51.100.1", "198.51.100.2", False),
        (1, "6.6.6.6, 198.51.100.1", "7.7.7.7, 198.51.100.1", True),  # what the client itself wrote
        (2, "198.51.100.1, 10.0.0.1", "198.51.100.2, 10.0.0.1", False),
        (1, "2001:db8::1", "2001:db8::ffff", True),  # one network of one house
        (1, "2001:db8::1", "2001:db8:0:1::1", False),
        (1, "::ffff:198.51.100.1", "198.51.100.1", True),
        (1, "nonsense", "more nonsense", True),
        (2, "198.51.100.1", "198.51.100.2", True),  # fewer proxies than there should be
    ],
)
def test_the_address_is_the_one_that_trusted_proxies_saw(
    limited: Limit, proxies: int, forwarded: str, other: str, are_one: bool
) -> None:
    client = limited(failures=1, proxies=proxies).client
    answers = [
        client.get(LATER, headers={"X-Forwarded-For": each}).status_code for each in (forwarded, other)
    ]
    assert answers == [401, 429 if are_one else 401]


def understood(api: Api) -> list[str | None]:
    with api.sessions() as session:
        return list(session.scalars(select(ProviderEvent.understood).order_by(ProviderEvent.id)))


def test_more_texts_than_a_person_sends_are_kept_and_not_acted_on(limited: Limit) -> None:
    api = limited(texts=2)
    api.invite()
    for number, body in enumerate(("hm?", "what", "5", "5")):
        assert post(api, "/hooks/twilio/inbound", text_from(PHONE, body, number)).status_code == 200
    assert understood(api)[2:] == ["too_many", "too_many"]
    # another telephone is not held up
    post(api, "/hooks/twilio/inbound", text_from("+447700900999", "hello", 9))
    assert understood(api)[-1] == "unmatched"


def test_a_no_is_heard_however_many_texts_came_before(limited: Limit) -> None:
    api = limited(texts=1)
    api.invite()
    for number, body in enumerate(("hm?", "hm?", "hm?", "STOP")):
        post(api, "/hooks/twilio/inbound", text_from(PHONE, body, number))
    with api.sessions() as session:
        contact = find_contact(session, api.account_id, "phone", PHONE)
        assert contact is not None
        assert contact.opted_out_at is not None


def test_without_valkey_each_process_counts_alone_and_still_refuses(limited: Limit) -> None:
    one, other = (limited(failures=2, texts=1, away=True) for _ in range(2))
    for process in (one, other):
        assert [wrong_key(process.client, number) for number in range(3)] == [401, 401, 429]
    for number, process in enumerate((one, one, other)):
        post(process, "/hooks/twilio/inbound", text_from(PHONE, "hello", number))
    assert understood(one) == ["unmatched", "too_many", "unmatched"]


def shared(process: Api) -> bool:
    """What happens ten times a second."""
    limits: Limits = process.app.extensions[EXTENSION].failure_limit._limits
    return limits.share()


def test_with_valkey_processes_count_together(limited: Limit) -> None:
    one, other = (limited(failures=2) for _ in range(2))
    assert [wrong_key(one.client, number) for number in range(2)] == [401, 401]
    assert shared(one)
    assert wrong_key(other.client, 0) == 401
    assert shared(other)
    assert wrong_key(other.client, 1) == 429
