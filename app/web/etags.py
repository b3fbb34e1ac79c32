"""Conditional GET: a strong validator over the bytes that would be sent (RFC 9110, section 13)."""

import hashlib

from flask import Response, request

from app.web.json import json_response


def conditional(value: object) -> Response:
    """`value` as JSON with its ETag; 304 without a body when If-None-Match holds it.

    Lists, weak tags and `*` are understood; a failed If-Match is answered 412.
    """
    response = json_response(value)
    response.set_etag(hashlib.sha256(response.get_data()).hexdigest()[:32])
    # shared caches must not keep what one key may see, and the owner's own must ask each time
    response.cache_control.private = True
    response.cache_control.no_cache = True
    response.make_conditional(request)
    return response
