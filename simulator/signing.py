"""The signature that proves a request comes from the carrier."""

import base64
import hashlib
import hmac
from collections.abc import Mapping


def signature(auth_token: str, url: str, fields: Mapping[str, str]) -> str:
    """base64(HMAC-SHA1(token, the full URL, then each field's name and value, sorted by name)).

    Source: https://www.twilio.com/docs/usage/security#validating-requests
    """
    signed = url + "".join(name + fields[name] for name in sorted(fields))
    digest = hmac.new(auth_token.encode(), signed.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()
