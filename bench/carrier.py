"""A carrier that does nothing but wait: Twilio's answer to a message, some milliseconds after the request.

A process of its own, lean enough (one event loop, no HTTP library) never to be what a benchmark measures. It counts
what it was sent, so that a benchmark can also say that every text came exactly once. It calls nobody back.

    python -m bench.carrier PORT LATENCY_MS     # GET /tally tells what came since it was last asked
"""

import asyncio
import itertools
import json
import os
import sys
import time
from collections import Counter
from functools import partial

from app.run.ports import LOOPBACK

_ANSWER = (
    '{"account_sid": "AC00000000000000000000000000000000", "api_version": "2010-04-01", "body": "Hello",'
    ' "date_created": "Thu, 24 Aug 2023 05:01:45 +0000", "date_sent": null,'
    ' "date_updated": "Thu, 24 Aug 2023 05:01:45 +0000", "direction": "outbound-api", "error_code": null,'
    ' "error_message": null, "from": "+15005550006", "messaging_service_sid": null, "num_media": "0",'
    ' "num_segments": "1", "price": null, "price_unit": null, "sid": "SM%032x", "status": "queued",'
    ' "subresource_uris": {"media": "/2010-04-01/Accounts/AC00000000000000000000000000000000/Messages/Media.json"},'
    ' "to": "+15005550009", "uri": "/2010-04-01/Accounts/AC00000000000000000000000000000000/Messages.json"}'
)
_CREATED = (
    "HTTP/1.1 201 CREATED\r\nContent-Type: application/json;charset=utf-8\r\n"
    "Date: Thu, 24 Aug 2023 05:01:45 GMT\r\nConnection: keep-alive\r\nTwilio-Concurrent-Requests: 1\r\n"
    "Twilio-Request-Id: RQ00000000000000000000000000000000\r\nTwilio-Request-Duration: 0.050\r\n"
    f"X-API-Domain: api.twilio.com\r\nContent-Length: {len(_ANSWER % 0)}\r\n\r\n{_ANSWER}"
)
_LENGTH, _END = b"content-length: ", b"\r\n\r\n"


class Tally:
    """What came: how often each text (told apart by whom it goes to), how many at once, and over what time."""

    def __init__(self) -> None:
        self.texts: Counter[bytes] = Counter()
        self.under_way = 0
        self.most_at_once = 0
        self._first = 0.0
        self._last = 0.0

    def take(self, form: bytes) -> None:
        self._first = self._first or time.monotonic()
        self.texts[form.partition(b"To=")[2].partition(b"&")[0]] += 1
        self.under_way += 1
        self.most_at_once = max(self.most_at_once, self.under_way)

    def answered(self) -> None:
        self._last = time.monotonic()
        self.under_way -= 1

    def told(self) -> bytes:
        """As JSON; from here on it counts from nothing again."""
        told = {
            "texts": len(self.texts),
            "requests": self.texts.total(),
            "most_at_once": self.most_at_once,
            "seconds": self._last - self._first,
        }
        self.__init__()  # type: ignore[misc]
        return json.dumps(told).encode()


class _Line(asyncio.Protocol):
    """One connection, one request at a time on it."""

    def __init__(self, tally: Tally, ids: "itertools.count[int]", seconds: float) -> None:
        self._tally = tally
        self._ids = ids
        self._seconds = seconds
        self._buffer = b""
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - a TCP connection's is
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, blank, form = self._buffer.partition(_END)
        if not blank:
            return
        if head.startswith(b"GET"):
            self._buffer, told = b"", self._tally.told()
            self._transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(told), told))
        elif len(form) >= int(head.lower().partition(_LENGTH)[2].partition(b"\r\n")[0]):
            self._buffer = b""
            self._tally.take(form)
            asyncio.get_running_loop().call_later(self._seconds, self._answer)

    def _answer(self) -> None:
        self._tally.answered()
        self._transport.write((_CREATED % next(self._ids)).encode())


async def serve(port: int, seconds: float) -> None:
    loop = asyncio.get_running_loop()
    tally = Tally()
    # no two runs give the same id: the service notices when a carrier does
    ids = itertools.count(int.from_bytes(os.urandom(8), "big") << 64)
    server = await loop.create_server(partial(_Line, tally, ids, seconds), LOOPBACK, port, backlog=1024)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), float(sys.argv[2]) / 1000))
