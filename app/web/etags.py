"""Conditional GET: a strong validator over the bytes that would be sent (RFC 9110, section 13)."""

import hashlib
from collections.abc import Callable
from http import HTTPStatus

from flask import Response, request

from app.web.json import dump_json, json_response


def conditional(value: object) -> Response:
    """`value` as JSON with its ETag; 304 without a body when If-None-Match holds it.

    Lists, weak tags and `*` are understood; a failed If-Match is answered 412.
    """
    response = json_response(value)
    return _condition(response, hashlib.sha256(response.get_data()).hexdigest()[:32])


def conditional_by(tag: str, make: Callable[[], object]) -> Response:
    """The same where the tag is known beforehand: `make` is called only for what is sent."""
    response = _condition(Response(mimetype="application/json"), tag)
    if response.status_code == HTTPStatus.OK:
        response.set_data(dump_json(make()))
    return response


def _condition(response: Response, tag: str) -> Response:
    response.set_etag(tag)
    # shared caches must not keep what one key may see, and the owner's own must ask each time
    response.cache_control.private = True
    response.cache_control.no_cache = True
    response.make_conditional(request)
    return response
