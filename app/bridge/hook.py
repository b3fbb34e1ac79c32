"""The connection's address in the service, and what it says to a report."""

import ssl
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

import orjson
import urllib3

from app.errors import ConfigurationError

_CONNECT_SECONDS, _READ_SECONDS = 5.0, 20.0
_LONGEST_ANSWER = 64 * 1024
# nothing comes of it: the connection's events say why
IGNORED = "ignored"
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
# not about this report: the address, the secret or the moment is wrong, and the next one would hear the same
_DOOR = frozenset({401, 402, 403, 404, 405, 407, 408, 421, 425, 426, 429})
# something stands before the service and can't reach it
_AWAY = frozenset({502, 503, 504})


class Said(StrEnum):
    TAKEN = "taken"
    REFUSED = "refused"  # this report never will be taken
    FAILED = "failed"  # this report was not taken now; another may be
    CLOSED = "closed"  # none is taken now


@dataclass(frozen=True)
class Reply:
    """`detail`: for the log, no content of a report. `after`: seconds that the service asks to wait, 0 for none."""

    said: Said
    detail: str
    after: float = 0.0


class Hook:
    def __init__(self, url: str, secret: str, *, plain: bool = False) -> None:
        """Raises ConfigurationError. `plain`: http also to other hosts than this one, in clear."""
        place = urlsplit(url)
        if place.scheme not in ("http", "https") or not place.hostname or not place.path.strip("/"):
            raise ConfigurationError(f"{url} is no address of a connection: see `postcall connections add`")
        if place.scheme == "http" and place.hostname not in _LOOPBACK and not plain:
            raise ConfigurationError(
                "over plain http the secret and telephone numbers can be read on the way: take https, or "
                "say --plain-http where the network is your own"
            )
        if not secret:
            raise ConfigurationError("the connection's secret is missing: HOOK_SECRET or --secret-file")
        self._url = url
        self._headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
        self._http = urllib3.PoolManager(
            maxsize=1,
            retries=False,
            timeout=urllib3.Timeout(connect=_CONNECT_SECONDS, read=_READ_SECONDS),
            ssl_context=ssl.create_default_context(),
        )

    def post(self, body: bytes) -> Reply:
        """Never raises."""
        try:
            answer = self._http.request(
                "POST", self._url, body=body, headers=self._headers, redirect=False, preload_content=False
            )
            try:
                content = answer.read(_LONGEST_ANSWER)
            finally:
                answer.close()
        except (urllib3.exceptions.HTTPError, OSError) as error:
            return Reply(Said.CLOSED, f"not reached: {type(error).__name__}")
        return _understood(answer.status, content, answer.headers.get("Retry-After", ""))


def _understood(status: int, content: bytes, retry_after: str) -> Reply:
    if 200 <= status < 300:
        # a page that says 200 to everything is not the service: what it was told would be lost
        outcome = _outcome(content)
        return (
            Reply(Said.TAKEN, outcome) if outcome else Reply(Said.CLOSED, f"HTTP {status}, not the service's")
        )
    after = float(retry_after) if retry_after.isdigit() and len(retry_after) < 5 else 0.0
    if status in _DOOR or status in _AWAY or status < 400:
        return Reply(Said.CLOSED, f"HTTP {status}", after)
    return Reply(Said.FAILED if status >= 500 else Said.REFUSED, f"HTTP {status}", after)


def _outcome(content: bytes) -> str:
    """What the service made of it: accepted or ignored, and why; "" for an answer that isn't its."""
    try:
        told = orjson.loads(content)
    except orjson.JSONDecodeError:
        return ""
    if not isinstance(told, dict) or told.get("outcome") not in ("accepted", IGNORED):
        return ""
    return " ".join(str(told[name])[:40] for name in ("outcome", "reason") if told.get(name))
