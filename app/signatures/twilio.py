"""Twilio's signature of what it posts."""

import hmac
from collections.abc import Iterable, Mapping
from urllib.parse import urlparse

from twilio.request_validator import (  # type: ignore[import-untyped]
    RequestValidator,
    add_port,
    remove_port,
)


def signed_url(public_url: str, path: str, raw_query: bytes) -> str:
    """The URL that Twilio signed: as it was told it, not as proxies report it, the query's escapes untouched."""
    query = f"?{raw_query.decode('utf-8', 'replace')}" if raw_query else ""
    return f"{public_url.rstrip('/')}{path}{query}"


def verify(url: str, form: object, signature: str | None, tokens: Iterable[str]) -> bool:
    """Whether `form` (a mapping or werkzeug's MultiDict) was signed for `url` with one of `tokens`. Never raises.

    Twilio's form signature: base64(HMAC-SHA1(token, url + name + value of each field, sorted by name)), computed
    with or without the port. An empty form is refused: it would vouch for any body that is not a form.
    """
    if not signature or not isinstance(form, Mapping) or not form:
        return False
    given = signature.encode("utf-8", "replace")
    try:
        parsed = urlparse(url)
        urls = add_port(parsed), remove_port(parsed)
        # a sender without a token must not be opened by a signature made with an empty key
        expected = [
            RequestValidator(token).compute_signature(each, form).encode()
            for token in tokens
            if token
            for each in urls
        ]
    except (TypeError, ValueError):  # fields that are no strings, a port that is no number, lone surrogates
        return False
    return any(hmac.compare_digest(given, one) for one in expected)
