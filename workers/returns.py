"""What is on its way to the carrier, and what of it has come back."""

import select
import socket
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Protocol

from app.domain.delivery import SendResult
from app.flow.deliver_messages import Sent
from app.flow.envelopes import Envelope


class Asked(Protocol):
    """A request under way, see `app.channels.twilio.Asked`."""

    def fileno(self) -> int: ...

    def seconds_left(self) -> float: ...

    def result(self) -> SendResult | None: ...


class Returns:
    """One thread expects requests and waits for all of them at once; any thread may bring what it has done itself.

    Fifty threads that each wait for one answer cost more than all the answers, and hold up the one that records.
    """

    def __init__(self, answered: Callable[[str], None]) -> None:
        """`answered` is told the body of each text whose answer has come."""
        self._answered = answered
        # in the order in which they were made, which is that of their deadlines
        self._asked: dict[int, tuple[Envelope, Asked]] = {}
        # None for a message that is done with
        self._brought: SimpleQueue[Sent | None] = SimpleQueue()
        self._bell, self._ringer = socket.socketpair()
        self._bell.setblocking(False)
        self._ringer.setblocking(False)
        self._waiting = select.poll()
        self._waiting.register(self._bell, select.POLLIN)

    def expect(self, envelope: Envelope, asked: Asked) -> None:
        self._asked[asked.fileno()] = envelope, asked
        self._waiting.register(asked.fileno(), select.POLLIN)

    def bring(self, sent: Sent | None) -> None:
        self._brought.put(sent)
        # full: it is ringing already
        with suppress(BlockingIOError):
            self._ringer.send(b"!")

    def take(self, seconds: float) -> list[Sent | None]:
        """All that have come back; as soon as there is one, empty after `seconds`."""
        ready = [number for number, _ in self._waiting.poll(seconds * 1000)]
        with suppress(BlockingIOError):
            self._bell.recv(4096)
        for number, (_, asked) in self._asked.items():
            if asked.seconds_left() > 0:
                break
            ready.append(number)
        back: list[Sent | None] = [sent for number in ready if (sent := self._landed(number))]
        with suppress(Empty):
            while True:
                back.append(self._brought.get_nowait())
        return back

    def close(self) -> None:
        self._bell.close()
        self._ringer.close()

    def _landed(self, number: int) -> Sent | None:
        if number not in self._asked:
            return None
        envelope, asked = self._asked[number]
        result = asked.result()
        if result is None:
            return None
        del self._asked[number]
        self._waiting.unregister(number)
        self._answered(envelope.claimed.body)
        return Sent(envelope, result)
