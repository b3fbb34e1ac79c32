"""The bell that tells open pages what is new, so that they need not ask for what is not."""

import json
import threading
from collections.abc import Callable, Iterator

from flask import Blueprint, Response
from werkzeug.exceptions import ServiceUnavailable

# each holds a thread and a connection; a page that gets none asks every two seconds instead
_MOST_STREAMS = 24
# a browser that went away is found out by writing to it
_SILENCE_SECONDS = 10.0
_TICK_SECONDS = 1.0


class Bell:
    """Counts changes by name. Thread-safe."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._counts = {"messages": 0, "mails": 0, "rings": 0, "calls": 0, "results": 0, "crowd": 0}

    def ring(self, name: str) -> None:
        with self._changed:
            self._counts[name] += 1
            self._changed.notify_all()

    def wait(self, seen: dict[str, int], seconds: float) -> dict[str, int]:
        """The counts, once they are no longer what was `seen`, or after so many seconds."""
        with self._changed:
            self._changed.wait_for(lambda: self._counts != seen, seconds)
            return dict(self._counts)


def stream_room(bell: Bell, look: Callable[[], None]) -> Blueprint:
    """`look` is called about once a second for as long as a page is open; it rings when it finds something."""
    room = Blueprint("stream", __name__)
    places = threading.BoundedSemaphore(_MOST_STREAMS)

    def told() -> Iterator[str]:
        pause = threading.Event()
        seen: dict[str, int] = {}
        silent = 0.0
        try:
            while True:
                counts = bell.wait(seen, _TICK_SECONDS)
                silent = 0.0 if counts != seen else silent + _TICK_SECONDS
                if silent in {0.0, _SILENCE_SECONDS}:
                    silent, seen = 0.0, counts
                    yield f"data: {json.dumps(counts)}\n\n"
                    # a burst of texts is one piece of news
                    pause.wait(0.1)
                look()
        finally:
            places.release()

    @room.get("/events")
    def events() -> Response:
        """Server-sent events: how often messages, mails, rings, calls, results and crowd have changed so far."""
        if not places.acquire(blocking=False):
            raise ServiceUnavailable("Too many pages are open.")
        response = Response(told(), content_type="text/event-stream")
        response.headers["Cache-Control"] = "no-store"
        return response

    return room
