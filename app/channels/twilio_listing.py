"""Twilio's listings, page by page: whole, or not at all."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urljoin, urlsplit

from twilio.http.response import Response  # type: ignore[import-untyped]
from twilio.rest import Client  # type: ignore[import-untyped]

from app.channels.twilio_answers import json_object
from app.errors import ProviderUnreadable

_PAGE_SIZE = 100
_MOST_PAGES = 20
# our clock and Twilio's may differ, and its dates are whole seconds
_CLOCK_SKEW = timedelta(minutes=5)


@dataclass(frozen=True)
class Listed:
    """One message or call as Twilio lists it. A sender not assigned yet has no number."""

    provider_id: str
    to: str
    body: str
    status: str
    created_at: datetime
    error_code: int | None
    number: str | None = None
    messaging_service: str | None = None


@dataclass(frozen=True)
class Resource:
    """What is listed: `name` of the list in its pages, form of its ids, and how a record is read.

    `read` may raise KeyError, TypeError and ValueError.
    """

    name: str
    sid: re.Pattern[str]
    read: Callable[[Mapping[str, Any]], Listed]


def find_created(
    client: Client,
    url: str,
    filters: Mapping[str, object],
    resource: Resource,
    *,
    since: datetime,
    until: datetime,
) -> list[Listed]:
    """Those to `filters["To"]` that Twilio created from `since` to `until`, give or take the clocks' skew.

    Raises ProviderUnreadable when the listing can't be had whole, or holds anything that can't be read.
    """
    found: dict[str, Listed] = {}
    for record in _records(client, url, filters, resource.name):
        one = _read(record, filters["To"], resource)
        if one and since - _CLOCK_SKEW <= one.created_at <= until + _CLOCK_SKEW:
            found[one.provider_id] = one
    return list(found.values())


def _read(record: object, to: object, resource: Resource) -> Listed | None:
    """None when it is to somebody else."""
    try:
        if not isinstance(record, dict):
            raise ValueError
        if string(record["to"]) != to:
            return None
        if not resource.sid.fullmatch(string(record["sid"])):
            raise ValueError
        return resource.read(record)
    except (KeyError, TypeError, ValueError) as error:
        raise ProviderUnreadable(
            f"the carrier's listing of {resource.name} holds one that can't be read"
        ) from error


def _records(client: Client, url: str, filters: Mapping[str, object], name: str) -> Iterator[Any]:
    """All records of the listing at `url`, whose pages hold them under `name`.

    Raises ProviderUnreadable when it can't be had whole: an incomplete one would prove nothing, and what is missing
    from a complete one is sent again.
    """
    following, params = url, {**filters, "PageSize": _PAGE_SIZE}
    for _ in range(_MOST_PAGES):
        page = _page(client.request("GET", following, params=params), name)
        yield from page[name]
        if not page["next_page_uri"]:
            return
        following, params = _next_url(url, page["next_page_uri"]), {}
    raise ProviderUnreadable(f"the carrier's listing goes on after {_MOST_PAGES} pages")


def string(value: object) -> str:
    """Raises ValueError for anything else."""
    if not isinstance(value, str):
        raise ValueError
    return value


def _page(answer: Response, name: str) -> dict[str, Any]:
    content = json_object(answer.text)
    if answer.status_code != 200:
        raise ProviderUnreadable(f"the carrier's listing answered HTTP {answer.status_code}")
    if not isinstance(content.get(name), list) or "next_page_uri" not in content:
        raise ProviderUnreadable("the carrier's listing is not one")
    return content


def _next_url(first: str, next_page: object) -> str:
    """The next page's URL, which must be of the same resource on the same host as the first."""
    try:
        url = urljoin(first, string(next_page))
        if urlsplit(url)[:3] == urlsplit(first)[:3]:
            return url
    except ValueError:
        pass
    raise ProviderUnreadable("the carrier's listing goes on elsewhere")
