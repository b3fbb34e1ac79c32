"""Asking Twilio about a text whose sending came to no clear end, and telling ours from the others."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from app.channels.twilio import Twilio, TwilioSender, match
from app.channels.twilio_listing import Listed
from app.errors import ProviderUnreadable
from tests.channels.carrier import ACCOUNT, CUSTOMER, MESSAGE, SENDER, SERVICE, Answer, Carrier, Request

SINCE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
UNTIL = SINCE + timedelta(minutes=1)
PATH = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"


def record(number: int = 1, created_at: datetime = SINCE, **fields: Any) -> dict[str, Any]:
    return {
        "sid": f"SM{number:032x}",
        "to": CUSTOMER,
        "from": SENDER.number,
        "messaging_service_sid": None,
        "body": "How was it?",
        "status": "sent",
        "date_created": format_datetime(created_at),
        "date_sent": None,
        "error_code": None,
        **fields,
    }


def listing(*records: dict[str, Any], next_page: Any = None) -> Answer:
    return Answer(200, {"messages": list(records), "next_page_uri": next_page, "page": 0})


def sids(found: list[Listed]) -> set[int]:
    return {int(one.provider_id[2:], 16) for one in found}


def find(twilio: Twilio, sender: TwilioSender = SENDER) -> list[Listed]:
    return twilio.find(sender, CUSTOMER, SINCE, UNTIL)


def test_a_listed_text_comes_with_what_tells_it_apart(carrier: Carrier, twilio: Twilio) -> None:
    carrier.play(listing(record(7, status="undelivered", error_code=30003)))
    assert find(twilio) == [
        Listed(
            provider_id=f"SM{7:032x}",
            to=CUSTOMER,
            body="How was it?",
            status="undelivered",
            created_at=SINCE,
            error_code=30003,
            number=SENDER.number,
        )
    ]


def test_the_listing_is_asked_for_by_the_two_numbers_and_by_no_date(carrier: Carrier, twilio: Twilio) -> None:
    carrier.play(listing())
    assert find(twilio) == []
    (request,) = carrier.requests
    assert (request.method, request.path) == ("GET", PATH)
    assert request.query == {"To": [CUSTOMER], "From": [SENDER.number], "PageSize": ["100"]}
    assert request.headers["Authorization"].startswith("Basic ")


@pytest.mark.parametrize("number", [None, "+15005550006"])
def test_a_service_is_not_asked_for_by_a_number(carrier: Carrier, twilio: Twilio, number: str | None) -> None:
    carrier.play(listing())
    find(twilio, TwilioSender(ACCOUNT, "a token", number, SERVICE))
    assert set(carrier.requests[0].query) == {"To", "PageSize"}


def test_only_the_window_counts_with_room_for_clocks_that_differ(carrier: Carrier, twilio: Twilio) -> None:
    skew = timedelta(minutes=5)
    carrier.play(
        listing(
            record(1, SINCE - skew - timedelta(seconds=1)),
            record(2, SINCE - skew),
            record(3, UNTIL + skew),
            record(4, UNTIL + skew + timedelta(seconds=1)),
            record(5, date_created="Mon, 02 Mar 2026 01:00:30 -0800"),
        )
    )
    assert sids(find(twilio)) == {2, 3, 5}


def test_texts_to_others_are_left_out_when_the_filter_is_ignored(carrier: Carrier, twilio: Twilio) -> None:
    carrier.play(listing(record(1, to="+15005550001", body=None), record(2)))
    assert sids(find(twilio)) == {2}


def test_all_pages_are_read_with_credentials_and_a_repeated_text_counts_once(
    carrier: Carrier, twilio: Twilio
) -> None:
    carrier.play(
        listing(record(1), record(2), next_page=f"{PATH}?To=%2B8613800138000&Page=1&PageToken=PASM2"),
        listing(record(2), record(3), next_page=f"https://api.twilio.com{PATH}?Page=2"),
        listing(record(4), next_page=""),
    )
    assert sids(find(twilio)) == {1, 2, 3, 4}
    _, second, third = carrier.requests
    assert second.query == {"To": [CUSTOMER], "Page": ["1"], "PageToken": ["PASM2"]}
    assert third.query == {"Page": ["2"]}
    assert {request.headers["Authorization"] for request in carrier.requests} == {
        carrier.requests[0].headers["Authorization"]
    }


def test_a_listing_without_end_is_given_up(carrier: Carrier, twilio: Twilio) -> None:
    def play(request: Request) -> Answer:
        return listing(record(), next_page=f"{PATH}?Page={int(request.query.get('Page', ['0'])[0]) + 1}")

    carrier.play(play)
    with pytest.raises(ProviderUnreadable):
        find(twilio)
    assert len(carrier.requests) == 20


@pytest.mark.parametrize(
    "next_page",
    [
        "https://elsewhere.example" + PATH,
        "http://api.twilio.com" + PATH,
        "//elsewhere.example" + PATH,
        "/2010-04-01/Accounts/AC" + "9" * 32 + "/Messages.json?Page=1",
        "/2010-04-01/Accounts.json",
        "https://[",
        7,
    ],
)
def test_a_listing_that_goes_on_elsewhere_is_not_followed(
    carrier: Carrier, twilio: Twilio, next_page: Any
) -> None:
    carrier.play(listing(record(), next_page=next_page))
    with pytest.raises(ProviderUnreadable):
        find(twilio)
    assert len(carrier.requests) == 1


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(Answer(500, {"code": 20500}), id="500"),
        pytest.param(Answer(401, {"code": 20003}), id="401"),
        pytest.param(Answer(429, {"code": 20429}), id="429"),
        pytest.param(Answer(302, b"", {"Location": PATH}), id="redirect"),
        pytest.param(Answer(200, b"<h1>Maintenance"), id="no JSON"),
        pytest.param(Answer(200, b'{"messages": ['), id="broken JSON"),
        pytest.param(Answer(200, b'{"messages": [], "next_page_uri": null, "x": "\xff"}'), id="no UTF-8"),
        pytest.param(Answer(200, []), id="an array"),
        pytest.param(Answer(200, {"messages": []}), id="no word on further pages"),
        pytest.param(Answer(200, {"next_page_uri": None}), id="no messages"),
        pytest.param(Answer(200, {"messages": {}, "next_page_uri": None}), id="messages that are no list"),
        pytest.param(Answer(200, {"messages": [], "next_page_uri": None}, lacks=2), id="cut short"),
        pytest.param(Answer(hangs_up=True), id="hangs up"),
        pytest.param(listing(record(date_created=None)), id="a text without a date"),
        pytest.param(listing(record(date_created="yesterday")), id="a text of an unreadable date"),
        pytest.param(
            listing(record(date_created="Mon, 02 Mar 99999999999 09:00:00 +0000")), id="an absurd date"
        ),
        pytest.param(listing(record(date_created=5)), id="a date that is a number"),
        pytest.param(listing(record(sid="SM1")), id="a text without a proper sid"),
        pytest.param(listing(record(to=None)), id="a text to nobody"),
        pytest.param(listing(record(body=5)), id="a text that is a number"),
        pytest.param(listing(record(status=None)), id="a text without a status"),
        pytest.param(listing(record(error_code="?")), id="an unreadable code"),
        pytest.param(listing(record(body="")), id="a text that was discarded"),
        pytest.param(listing({"sid": MESSAGE}), id="half a record"),
        pytest.param(listing("SM1"), id="no record"),  # type: ignore[arg-type]
    ],
)
def test_a_listing_that_is_not_whole_proves_nothing(carrier: Carrier, twilio: Twilio, answer: Answer) -> None:
    carrier.play(answer)
    with pytest.raises(ProviderUnreadable) as refused:
        find(twilio)
    assert CUSTOMER[1:] not in str(refused.value)
    assert len(carrier.requests) == 1


def test_a_broken_second_page_spoils_the_first(carrier: Carrier, twilio: Twilio) -> None:
    carrier.play(listing(record(1), next_page=f"{PATH}?Page=1"), Answer(500, b""))
    with pytest.raises(ProviderUnreadable):
        find(twilio)


def test_a_discarded_text_out_of_the_window_does_no_harm(carrier: Carrier, twilio: Twilio) -> None:
    carrier.play(listing(record(1), record(2, SINCE - timedelta(days=1), body="")))
    assert sids(find(twilio)) == {1}


def test_a_carrier_that_can_not_be_reached_proves_nothing() -> None:
    twilio = Twilio("http://127.0.0.1:1", connect_seconds=5, read_seconds=5, pool_size=1)
    with pytest.raises(ProviderUnreadable):
        find(twilio)
    twilio.close()


def listed(nth: int, **fields: Any) -> Listed:
    return Listed(
        **{
            "provider_id": f"SM{nth:032x}",
            "to": CUSTOMER,
            "body": "How was it?",
            "status": "sent",
            "created_at": SINCE + timedelta(seconds=nth),
            "error_code": None,
            "number": SENDER.number,
            **fields,
        }
    )


def matched(
    *choice: Listed,
    sender: TwilioSender = SENDER,
    body: str = "How was it?",
    token: str | None = None,
    owned: set[str] | None = None,
) -> int | None:
    one = match(choice, to=CUSTOMER, sender=sender, body=body, token=token, owned=owned or set())
    return int(one.provider_id[2:], 16) if one else None


def test_a_text_without_a_link_is_known_by_its_exact_words() -> None:
    assert matched(listed(1, body="How was it? 1-5"), listed(2, body="how was it?"), listed(3)) == 3
    assert matched(listed(1, body="How was it? 1-5")) is None


def test_a_text_with_a_link_is_known_by_its_token_whatever_became_of_its_words() -> None:
    ours = listed(2, body='Sent from a trial account - "How was it?" https://x.example/s/t0k3n')
    assert matched(listed(1), ours, token="t0k3n") == 2
    assert matched(listed(1), token="t0k3n") is None


def test_a_text_that_belongs_to_another_message_is_left_alone() -> None:
    assert matched(listed(1), listed(2), owned={f"SM{1:032x}"}) == 2
    assert matched(listed(1), owned={f"SM{1:032x}"}) is None


def test_of_several_the_oldest_is_ours() -> None:
    assert matched(listed(3), listed(1), listed(2)) == 1


def test_a_text_to_another_number_is_not_ours() -> None:
    assert matched(listed(1, to="+15005550001")) is None


def test_a_text_from_another_number_is_not_ours() -> None:
    assert matched(listed(1, number="+15005550001")) is None


def test_a_service_is_known_by_its_own_id_even_before_it_has_chosen_a_number() -> None:
    service = TwilioSender(ACCOUNT, "a token", None, SERVICE)
    assert matched(listed(1, number=None, messaging_service=SERVICE), sender=service) == 1
    assert matched(listed(1, messaging_service="MG" + "9" * 32), sender=service) is None


def test_a_number_of_no_service_is_known_even_under_the_default_service_it_is_listed_with() -> None:
    assert matched(listed(1, messaging_service=SERVICE)) == 1
