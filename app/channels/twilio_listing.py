"""Twilio's listings, page by page: whole, or not at all."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urljoin, urlsplit

from twilio.http.response import Response  # type: ignore[import-untyped]
from twilio.rest import Client  # type: ignore[import-untyped]

from app.channels.twilio_answers import json_object
from app.errors import ProviderUnreadable

_PAGE_SIZE = 100
_MOST_PAGES = 20
# our clock and Twilio's may differ, and its dates are whole seconds
CLOCK_SKEW = timedelta(minutes=5)


def records(client: Client, url: str, filters: Mapping[str, object], name: str) -> Iterator[Any]:
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
