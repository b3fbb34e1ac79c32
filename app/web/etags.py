"""Conditional GET: what has not changed is neither made nor sent (RFC 9110, section 13)."""

from collections.abc import Callable
from http import HTTPStatus

from flask import Response, request

from app.web.json import dump_json


def conditional(tag: str, make: Callable[[], object]) -> Response:
    """What `make` gives as JSON, under the strong validator `tag`; 304 without a body when If-None-Match holds it.

    `make` is called only for what is sent, so `tag` has to tell of all that it says. Lists, weak tags and `*` are
    understood; a failed If-Match is answered 412.
    """
    response = Response(mimetype="application/json")
    response.set_etag(tag)
    # shared caches must not keep what one key may see, and the owner's own must ask each time
    response.cache_control.private = True
    response.cache_control.no_cache = True
    response.make_conditional(request)
    if response.status_code == HTTPStatus.OK:
        response.set_data(dump_json(make()))
    return response
