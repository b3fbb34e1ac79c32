"""Sending by Twilio: what goes over the wire, and what every kind of answer comes to."""

import threading
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from twilio.http.http_client import TwilioHttpClient  # type: ignore[import-untyped]
from twilio.rest import Client  # type: ignore[import-untyped]

from app.channels.twilio import Twilio, TwilioSender
from app.domain.delivery import Outcome, SendResult
from app.errors import ConfigurationError
from tests.channels.carrier import (
    ACCOUNT,
    CALLBACK,
    CUSTOMER,
    MESSAGE,
    SENDER,
    SERVICE,
    TEXT,
    Answer,
    Carrier,
    Request,
    send,
)


def error(code: int, status: int = 400) -> Answer:
    body = {
        "code": code,
        "message": f"not for {CUSTOMER}",
        "more_info": "https://www.twilio.com/docs",
        "status": status,
    }
    return Answer(status, body)


def test_a_text_goes_out_with_every_field_that_the_promise_needs(carrier: Carrier, twilio: Twilio) -> None:
    assert send(twilio) == SendResult(Outcome.ACCEPTED, provider_id=MESSAGE, http_status=201)
    (request,) = carrier.requests
    assert (request.method, request.path) == ("POST", f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json")
    assert request.form == {
        "To": [CUSTOMER],
        "From": ["+15005550006"],
        "Body": [TEXT],
        "StatusCallback": [CALLBACK],
        "ValidityPeriod": ["600"],
        "SmartEncoded": ["false"],
        "ShortenUrls": ["false"],
    }
    assert request.headers["Authorization"] == "Basic " + b64encode(f"{ACCOUNT}:a token".encode()).decode()


def test_a_messaging_service_sends_and_may_be_told_its_number(carrier: Carrier, twilio: Twilio) -> None:
    send(twilio, TwilioSender(ACCOUNT, "a token", None, SERVICE))
    send(twilio, TwilioSender(ACCOUNT, "a token", "+15005550006", SERVICE))
    by_service, by_both = (request.form for request in carrier.requests)
    assert by_service["MessagingServiceSid"] == by_both["MessagingServiceSid"] == [SERVICE]
    assert "From" not in by_service
    assert by_both["From"] == ["+15005550006"]


@pytest.mark.parametrize(
    ("seconds", "sent"), [(-5, "1"), (0, "1"), (1, "1"), (36_000, "36000"), (86_400, "36000")]
)
def test_a_text_is_valid_for_as_long_as_twilio_allows(
    carrier: Carrier, twilio: Twilio, seconds: int, sent: str
) -> None:
    send(twilio, valid_seconds=seconds)
    assert carrier.requests[0].form["ValidityPeriod"] == [sent]


def test_the_request_is_the_one_that_the_librarys_own_create_makes(carrier: Carrier, twilio: Twilio) -> None:
    class Redirected(TwilioHttpClient):  # type: ignore[misc]
        def request(self, method: str, url: str, *args: Any, **options: Any) -> Any:
            return super().request(
                method, url.replace("https://api.twilio.com", carrier.url), *args, **options
            )

    http = Redirected()
    Client(ACCOUNT, "a token", http_client=http).messages.create(
        to=CUSTOMER,
        from_="+15005550006",
        body=TEXT,
        status_callback=CALLBACK,
        validity_period=600,
        smart_encoded=False,
        shorten_urls=False,
    )
    http.session.close()
    send(twilio)
    theirs, ours = carrier.requests
    assert (theirs.method, theirs.path, theirs.query, theirs.form) == (
        ours.method,
        ours.path,
        ours.query,
        ours.form,
    )
    of_transport = {"Host", "Connection", "Content-Length", "Accept-Encoding"}
    assert {name: value for name, value in theirs.headers.items() if name not in of_transport} == {
        name: value for name, value in ours.headers.items() if name not in of_transport
    }


def test_a_stand_in_may_live_under_a_path(carrier: Carrier) -> None:
    twilio = Twilio(carrier.url + "/twilio/", connect_seconds=5, read_seconds=5, pool_size=1)
    send(twilio)
    twilio.close()
    assert carrier.requests[0].path.startswith("/twilio/2010-04-01/Accounts/")


@pytest.mark.parametrize("base_url", ["", "api.twilio.com", "ftp://127.0.0.1", "http://"])
def test_a_base_url_that_names_no_web_server_is_a_configuration_error(base_url: str) -> None:
    with pytest.raises(ConfigurationError):
        Twilio(base_url, connect_seconds=1, read_seconds=1, pool_size=1)


def test_a_senders_token_is_not_shown(carrier: Carrier) -> None:
    assert "a token" not in repr(SENDER)


@pytest.mark.parametrize(
    ("code", "status"), [(21211, 400), (21610, 400), (21614, 400), (21408, 400), (20003, 401), (20404, 404)]
)
def test_twilios_own_refusal_is_a_rejection_with_its_code(
    carrier: Carrier, twilio: Twilio, code: int, status: int
) -> None:
    carrier.play(error(code, status))
    result = send(twilio)
    assert (result.outcome, result.code, result.http_status) == (Outcome.REJECTED, code, status)
    assert CUSTOMER[1:] not in result.detail


@pytest.mark.parametrize(
    "body", [{"code": 20429, "message": "Too Many Requests", "status": 429}, b"<h1>Slow down"]
)
def test_too_many_requests_is_a_rejection_whoever_says_it(
    carrier: Carrier, twilio: Twilio, body: Any
) -> None:
    carrier.play(Answer(429, body, {"Retry-After": "7"}))
    result = send(twilio)
    assert (result.outcome, result.http_status, result.retry_after) == (Outcome.REJECTED, 429, 7.0)
    assert result.code == (20429 if isinstance(body, dict) else None)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("0", 0), ("1.5", 1.5), ("999999999", 86_400), ("-3", None), ("soon", None), ("", None), ("nan", None)],
)
def test_retry_after_is_read_when_it_makes_sense(
    carrier: Carrier, twilio: Twilio, header: str, seconds: float | None
) -> None:
    carrier.play(Answer(429, {}, {"Retry-After": header}))
    assert send(twilio).retry_after == seconds


def test_retry_after_may_be_a_date(carrier: Carrier, twilio: Twilio) -> None:
    moment = format_datetime(datetime.now(UTC) + timedelta(minutes=2), usegmt=True)
    carrier.play(Answer(429, {}, {"Retry-After": moment}))
    assert 100 < (send(twilio).retry_after or 0) <= 120


def test_30_threads_share_4_connections_and_each_gets_its_own_answer(carrier: Carrier) -> None:
    def play(request: Request) -> Answer:
        ending = int(request.form["To"][0][-2:])
        if ending % 2:
            return Answer(429, {"code": 20429}, {"Retry-After": str(ending)})
        return Answer(201, {"sid": f"SM{ending:032x}"})

    carrier.play(play)
    twilio = Twilio(carrier.url, connect_seconds=10, read_seconds=10, pool_size=4)
    together = threading.Barrier(30)

    def send_to(ending: int) -> SendResult:
        together.wait(10)
        return send(twilio, to=f"+155501{ending:02}")

    with ThreadPoolExecutor(30) as pool:
        results = list(pool.map(send_to, range(30)))
    twilio.close()
    for ending, result in enumerate(results):
        if ending % 2:
            assert (result.outcome, result.retry_after) == (Outcome.REJECTED, float(ending))
        else:
            assert (result.outcome, result.provider_id) == (Outcome.ACCEPTED, f"SM{ending:032x}")
    assert len(carrier.requests) == 30
    assert carrier.connections <= 4


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(error(20500, 500), id="500 of Twilio"),
        pytest.param(Answer(502, b"<h1>Bad gateway"), id="502 of a proxy"),
        pytest.param(Answer(503, b"", {"Retry-After": "9"}), id="503"),
        pytest.param(Answer(400, b"<h1>Bad request"), id="400 without a code"),
        pytest.param(
            Answer(404, {"code": 404, "message": "no route"}), id="404 of a gateway that speaks JSON"
        ),
        pytest.param(Answer(403, {"code": "21610"}), id="403 with a code that is no number"),
        pytest.param(error(20408, 408), id="408"),
        pytest.param(Answer(301, b"", {"Location": "/elsewhere"}), id="301"),
        pytest.param(Answer(204, b""), id="204"),
        pytest.param(Answer(201, b'{"sid": "SM0a0a0a'), id="201 with half an object"),
        pytest.param(Answer(201, b""), id="201 with nothing"),
        pytest.param(Answer(201, b"\xff\xfe{}"), id="201 that is not text"),
        pytest.param(Answer(201, [MESSAGE]), id="201 with an array"),
        pytest.param(Answer(201, b"[" * 100_000), id="201 that nests deep"),
        pytest.param(Answer(201, {"status": "queued"}), id="201 without a sid"),
        pytest.param(Answer(201, {"sid": "SM123"}), id="201 with a short sid"),
        pytest.param(Answer(201, {"sid": MESSAGE + "\n"}), id="201 with a sid and a line break"),
        pytest.param(Answer(201, {"sid": "CA" + "0a" * 16}), id="201 with the sid of a call"),
        pytest.param(Answer(201, {"sid": 5}), id="201 with a number for a sid"),
        pytest.param(
            Answer(201, {"sid": MESSAGE}, {"Content-Length": "9999"}, closes=True), id="201 cut short"
        ),
        pytest.param(Answer(lacks=5), id="201 that lacks its end"),
        pytest.param(Answer(201, {"sid": MESSAGE, "body": "x" * 2_200_000}), id="201 without end"),
        pytest.param(Answer(hangs_up=True), id="hangs up after reading"),
    ],
)
def test_what_is_not_certain_is_unknown(carrier: Carrier, twilio: Twilio, answer: Answer) -> None:
    carrier.play(answer, Answer())
    assert send(twilio).outcome is Outcome.UNKNOWN
    assert len(carrier.requests) == 1, "tried again, or followed a redirect"
    # and the next one is none the worse for it
    assert send(twilio).outcome is Outcome.ACCEPTED


@pytest.mark.parametrize("answer", [Answer(stalls=True), Answer(drips=True)], ids=["says nothing", "drips"])
def test_an_answer_that_is_not_whole_in_time_is_unknown(carrier: Carrier, answer: Answer) -> None:
    carrier.play(answer)
    twilio = Twilio(carrier.url, connect_seconds=5, read_seconds=0.3, pool_size=1)
    result = send(twilio)
    twilio.close()
    assert result.outcome is Outcome.UNKNOWN


def test_a_503_keeps_its_retry_after(carrier: Carrier, twilio: Twilio) -> None:
    carrier.play(Answer(503, b"", {"Retry-After": "9"}))
    assert send(twilio).retry_after == 9.0
