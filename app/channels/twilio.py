"""Twilio's messages: send one, and find one whose sending came to no clear end.

Twilio knows no idempotency key, so the outcome of every request is one of four, and only what is certain is called
accepted or rejected. All else is unknown and looked up in the listing before anything is sent again.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

import orjson
from twilio.http.response import Response  # type: ignore[import-untyped]
from twilio.rest import Client  # type: ignore[import-untyped]

from app.channels.lean_http import LeanHttp, NeverSent, NoAnswer
from app.channels.twilio_hooks import MESSAGE_SID
from app.domain.delivery import Outcome, SendResult
from app.errors import ProviderUnreadable

_API = "https://api.twilio.com/2010-04-01/Accounts/{account_sid}/Messages.json"
_LONGEST_VALIDITY_SECONDS = 36_000
_LONGEST_RETRY_AFTER_SECONDS = 86_400.0
_PAGE_SIZE = 100
_MOST_PAGES = 20
# our clock and Twilio's may differ, and its dates are whole seconds
_CLOCK_SKEW = timedelta(minutes=5)


@dataclass(frozen=True)
class TwilioSender:
    """Who a text comes from: a number, a messaging service, or one given number of a messaging service."""

    account_sid: str
    auth_token: str = field(repr=False)
    number: str | None
    messaging_service: str | None


@dataclass(frozen=True)
class Listed:
    """One message as Twilio lists it. A sender not assigned yet has no number."""

    provider_id: str
    to: str
    body: str
    status: str
    created_at: datetime
    error_code: int | None
    number: str | None = None
    messaging_service: str | None = None


class Twilio:
    """Thread-safe: all senders and threads share one bounded pool of connections."""

    def __init__(self, base_url: str, connect_seconds: float, read_seconds: float, pool_size: int) -> None:
        self._http = LeanHttp(base_url, connect_seconds, read_seconds, pool_size)

    def send(
        self, sender: TwilioSender, to: str, body: str, status_callback: str, valid_seconds: int
    ) -> SendResult:
        """Ask Twilio once to send `body`; it drops the text by itself when `valid_seconds` are over.

        Never raises for what Twilio or the network does. `status_callback` carries the attempt's id in its query:
        the first callback then names the attempt even when the answer to this request was lost.
        """
        form = {
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
        try:
            answer = self._client(sender).request("POST", _messages_url(sender), data=form)
        except NeverSent as error:
            return SendResult(Outcome.NOT_SENT, detail=str(error))
        except NoAnswer as error:
            return SendResult(Outcome.UNKNOWN, detail=str(error))
        return _judge(answer)

    def find(self, sender: TwilioSender, to: str, since: datetime, until: datetime) -> list[Listed]:
        """Messages to `to` that Twilio created from `since` to `until` (give or take the clocks' skew).

        Raises ProviderUnreadable when the listing can't be had whole: an incomplete one would prove nothing, and
        what is missing from a complete one is sent again.
        """
        # Twilio's own filter on dates looks at DateSent, which is null while a message waits: so none is used
        filters: dict[str, object] = {"To": to, "PageSize": _PAGE_SIZE}
        # a service's message may be listed before it has a number to be listed by
        if sender.number and not sender.messaging_service:
            filters["From"] = sender.number
        first = url = _messages_url(sender)
        client = self._client(sender)
        found: dict[str, Listed] = {}
        for _ in range(_MOST_PAGES):
            page = _page(client.request("GET", url, params=filters))
            for record in page["messages"]:
                message = _listed(record, to)
                if message and since - _CLOCK_SKEW <= message.created_at <= until + _CLOCK_SKEW:
                    found[message.provider_id] = message
            if not page["next_page_uri"]:
                return _with_texts(found.values())
            url, filters = _next_url(first, page["next_page_uri"]), {}
        raise ProviderUnreadable(f"the carrier's listing goes on after {_MOST_PAGES} pages")

    def close(self) -> None:
        self._http.close()

    def _client(self, sender: TwilioSender) -> Client:
        return Client(sender.account_sid, sender.auth_token, http_client=self._http)


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


def _by(sender: TwilioSender, message: Listed) -> bool:
    # a message that waits for its service to pick a number has none yet; one sent without a service is listed
    # under a default one: each is compared only where both sides name it
    if sender.number and message.number:
        return sender.number == message.number
    if sender.messaging_service and message.messaging_service:
        return sender.messaging_service == message.messaging_service
    return True


def _judge(answer: Response) -> SendResult:
    status = answer.status_code
    content = _object(answer.text)
    code = _error_code(content)
    retry_after = _retry_after(answer.headers.get("Retry-After"))
    if 200 <= status < 300:
        sid = content.get("sid")
        if isinstance(sid, str) and MESSAGE_SID.fullmatch(sid):
            return SendResult(Outcome.ACCEPTED, provider_id=sid, http_status=status)
        outcome, detail = Outcome.UNKNOWN, f"HTTP {status} without a message's id"
    elif status == 429:
        # refused at the door, by Twilio or by what stands before it: never processed
        outcome, detail = Outcome.REJECTED, "HTTP 429: too many requests"
    elif 400 <= status < 500 and status != 408 and code is not None:
        outcome, detail = Outcome.REJECTED, f"HTTP {status}, code {code}"
    else:
        # A 4xx without Twilio's code is the page of something in between, which may answer so after passing the
        # request on. Looking it up costs minutes; calling it rejected could lose the text or send it twice.
        outcome, detail = Outcome.UNKNOWN, f"HTTP {status}, {f'code {code}' if code else 'no code of Twilio'}"
    return SendResult(outcome, code=code, http_status=status, retry_after=retry_after, detail=detail)


def _object(text: str) -> dict[str, Any]:
    """The JSON object in `text`, or an empty one."""
    try:
        content = orjson.loads(text)
    except orjson.JSONDecodeError:
        return {}
    return content if isinstance(content, dict) else {}


def _error_code(content: Mapping[str, Any]) -> int | None:
    """Twilio's code: five digits or more, which tells it from a gateway's JSON that repeats the HTTP status."""
    code = content.get("code")
    return code if isinstance(code, int) and code >= 10_000 else None


def _retry_after(header: str | None) -> float | None:
    """Seconds of a Retry-After header, which holds either seconds or a date (RFC 9110, 10.2.3)."""
    if header is None:
        return None
    try:
        if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", header.strip()):
            seconds = float(header)
        else:
            seconds = (_moment(header) - datetime.now(UTC)).total_seconds()
    except ValueError:
        return None
    return min(max(seconds, 0.0), _LONGEST_RETRY_AFTER_SECONDS)


def _messages_url(sender: TwilioSender) -> str:
    return _API.format(account_sid=sender.account_sid)


def _page(answer: Response) -> dict[str, Any]:
    content = _object(answer.text)
    if answer.status_code != 200:
        raise ProviderUnreadable(f"the carrier's listing answered HTTP {answer.status_code}")
    if not isinstance(content.get("messages"), list) or "next_page_uri" not in content:
        raise ProviderUnreadable("the carrier's listing is not one")
    return content


def _next_url(first: str, next_page: object) -> str:
    """The next page's URL, which must be of the same resource on the same host as the first."""
    try:
        url = urljoin(first, _string(next_page))
        if urlsplit(url)[:3] == urlsplit(first)[:3]:
            return url
    except ValueError:
        pass
    raise ProviderUnreadable("the carrier's listing goes on elsewhere")


def _listed(record: object, to: str) -> Listed | None:
    """A record of the listing, or None when it is a message to somebody else."""
    try:
        if not isinstance(record, dict):
            raise ValueError
        if _string(record["to"]) != to:
            return None
        if not MESSAGE_SID.fullmatch(_string(record["sid"])):
            raise ValueError
        return Listed(
            provider_id=record["sid"],
            to=to,
            body=_string(record["body"] or ""),
            status=_string(record["status"]),
            created_at=_moment(_string(record["date_created"])),
            error_code=None if record.get("error_code") is None else int(record["error_code"]),
            number=record.get("from"),
            messaging_service=record.get("messaging_service_sid"),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ProviderUnreadable("the carrier's listing holds a message that can't be read") from error


def _with_texts(found: Collection[Listed]) -> list[Listed]:
    # an account may be told to discard its texts: such a listing can't show that ours is not in it
    if not all(message.body for message in found):
        raise ProviderUnreadable("the carrier's listing leaves out a message's text")
    return list(found)


def _string(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError
    return value


def _moment(text: str) -> datetime:
    """An RFC 2822 date. Raises ValueError for anything else."""
    try:
        moment = parsedate_to_datetime(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError from error
