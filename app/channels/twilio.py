"""Twilio's messages: send one, and find one whose sending came to no clear end.

Twilio knows no idempotency key, so the outcome of every request is one of four, and only what is certain is called
accepted or rejected. All else is unknown and looked up in the listing before anything is sent again.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from twilio.http import HttpClient  # type: ignore[import-untyped]
from twilio.rest import Client  # type: ignore[import-untyped]

from app.channels.http_connection import NeverSent, NoAnswer
from app.channels.lean_http import Beginner, LeanHttp, Underway
from app.channels.twilio_answers import judge, moment
from app.channels.twilio_hooks import MESSAGE_SID
from app.channels.twilio_listing import Listed, Resource, find_created, string
from app.domain.delivery import Outcome, SendResult
from app.errors import ProviderUnreadable

_API = "https://api.twilio.com/2010-04-01/Accounts/{account_sid}/Messages.json"
_LONGEST_VALIDITY_SECONDS = 36_000


@dataclass(frozen=True)
class TwilioSender:
    """Who a text comes from: a number, a messaging service, or one given number of a messaging service."""

    account_sid: str
    auth_token: str = field(repr=False)
    number: str | None
    messaging_service: str | None


class Asked:
    """A text that Twilio was asked to send, and whose answer is waited for."""

    def __init__(self, underway: Underway) -> None:
        self._underway = underway

    def fileno(self) -> int:
        """Readable when it is worth asking for the result."""
        return self._underway.fileno()

    def seconds_left(self) -> float:
        """Until it is given up."""
        return self._underway.seconds_left()

    def result(self) -> SendResult | None:
        """None while there is no answer and still time for one; waits for nothing, never raises."""
        try:
            answer = self._underway.response()
        except NoAnswer as error:
            return SendResult(Outcome.UNKNOWN, detail=str(error))
        return None if answer is None else judge(answer, MESSAGE_SID)


class Twilio:
    """Thread-safe: all senders and threads share one bounded pool of connections."""

    def __init__(self, base_url: str, connect_seconds: float, read_seconds: float, pool_size: int) -> None:
        self._http = LeanHttp(base_url, connect_seconds, read_seconds, pool_size)
        self._beginner = Beginner(self._http)

    def send(
        self, sender: TwilioSender, to: str, body: str, status_callback: str, valid_seconds: int
    ) -> SendResult:
        """Ask Twilio once to send `body`; it drops the text by itself when `valid_seconds` are over.

        Never raises for what Twilio or the network does. `status_callback` carries the attempt's id in its query:
        the first callback then names the attempt even when the answer to this request was lost.
        """
        form = _form(sender, to, body, status_callback, valid_seconds)
        try:
            answer = client_of(sender, self._http).request("POST", _messages_url(sender), data=form)
        except NeverSent as error:
            return SendResult(Outcome.NOT_SENT, detail=str(error))
        except NoAnswer as error:
            return SendResult(Outcome.UNKNOWN, detail=str(error))
        return judge(answer, MESSAGE_SID)

    def ask(
        self, sender: TwilioSender, to: str, body: str, status_callback: str, valid_seconds: int
    ) -> Asked | SendResult | None:
        """The same on a connection that is open, and without waiting for the answer.

        None, and nothing is sent, where no open one is free: `send` makes one.
        """
        form = _form(sender, to, body, status_callback, valid_seconds)
        try:
            underway = client_of(sender, self._beginner).request("POST", _messages_url(sender), data=form)
        except NoAnswer as error:
            return SendResult(Outcome.UNKNOWN, detail=str(error))
        return None if underway is None else Asked(underway)

    def find(self, sender: TwilioSender, to: str, since: datetime, until: datetime) -> list[Listed]:
        """Messages to `to` that Twilio created from `since` to `until` (give or take the clocks' skew).

        Raises ProviderUnreadable when the listing can't be had whole: an incomplete one would prove nothing, and
        what is missing from a complete one is sent again.
        """
        # Twilio's own filter on dates looks at DateSent, which is null while a message waits: so none is used
        filters: dict[str, object] = {"To": to}
        # a service's message may be listed before it has a number to be listed by
        if sender.number and not sender.messaging_service:
            filters["From"] = sender.number
        url = _messages_url(sender)
        return _with_texts(
            find_created(client_of(sender, self._http), url, filters, _MESSAGES, since=since, until=until)
        )

    def close(self) -> None:
        self._http.close()


def match(
    listed: Collection[Listed],
    *,
    to: str,
    sender: TwilioSender,
    body: str,
    token: str | None,
    owned: Collection[str],
) -> Listed | None:
    """The oldest of `listed` that is the message sought, or None.

    A text with a link is known by the link's `token`, any other by its exact `body`; `owned` are the ids that
    belong to other messages of ours, and are left out.
    """
    for message in sorted(listed, key=lambda one: (one.created_at, one.provider_id)):
        same_text = token in message.body if token else message.body == body
        if message.provider_id not in owned and message.to == to and same_text and _by(sender, message):
            return message
    return None


def client_of(sender: TwilioSender, http: HttpClient) -> Client:
    return Client(sender.account_sid, sender.auth_token, http_client=http)


def _form(
    sender: TwilioSender, to: str, body: str, status_callback: str, valid_seconds: int
) -> dict[str, object]:
    return {
        "To": to,
        "From": sender.number,
        "MessagingServiceSid": sender.messaging_service,
        "Body": body,
        "StatusCallback": status_callback,
        "ValidityPeriod": min(max(valid_seconds, 1), _LONGEST_VALIDITY_SECONDS),
        # both rewrite the text, and the text is how an unclear send is found again
        "SmartEncoded": "false",
        "ShortenUrls": "false",
    }


def _by(sender: TwilioSender, message: Listed) -> bool:
    # a message that waits for its service to pick a number has none yet; one sent without a service is listed
    # under a default one: each is compared only where both sides name it
    if sender.number and message.number:
        return sender.number == message.number
    if sender.messaging_service and message.messaging_service:
        return sender.messaging_service == message.messaging_service
    return True


def _messages_url(sender: TwilioSender) -> str:
    return _API.format(account_sid=sender.account_sid)


def _listed(record: Mapping[str, Any]) -> Listed:
    return Listed(
        provider_id=record["sid"],
        to=record["to"],
        body=string(record["body"] or ""),
        status=string(record["status"]),
        created_at=moment(string(record["date_created"])),
        error_code=None if record.get("error_code") is None else int(record["error_code"]),
        number=record.get("from"),
        messaging_service=record.get("messaging_service_sid"),
    )


_MESSAGES = Resource("messages", MESSAGE_SID, _listed)


def _with_texts(found: Collection[Listed]) -> list[Listed]:
    # an account may be told to discard its texts: such a listing can't show that ours is not in it
    if not all(message.body for message in found):
        raise ProviderUnreadable("the carrier's listing leaves out a message's text")
    return list(found)
