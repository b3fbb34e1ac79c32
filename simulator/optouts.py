"""Who texted STOP to whom. The carrier keeps its own list, whatever the service does about it.

Words and behaviour of default opt-out handling: https://help.twilio.com/articles/223134027
"""

import threading

_STOP = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"})
_START = frozenset({"START", "UNSTOP", "YES"})
_HELP = frozenset({"HELP", "INFO"})

_STOPPED = (
    "You have successfully been unsubscribed. You will not receive any more messages from this number. "
    "Reply START to resubscribe."
)
_STARTED = (
    "You have successfully been re-subscribed to messages from this number. "
    "Reply HELP for help. Reply STOP to unsubscribe."
)
_HELPED = "Reply STOP to unsubscribe. Msg&Data Rates May Apply."


class OptOuts:
    """Thread-safe set of blocked (sender, phone) pairs."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._blocked: set[tuple[str, str]] = set()

    def blocks(self, sender: str, phone: str) -> bool:
        with self._lock:
            return (sender, phone) in self._blocked

    def hear(self, sender: str, phone: str, body: str) -> str | None:
        """Take in what `phone` texted to `sender`; returns the carrier's own reply, if it makes one.

        Only a text that is one of the words alone counts, and only a change is confirmed.
        """
        word, pair = body.strip().upper(), (sender, phone)
        with self._lock:
            if word in _STOP and pair not in self._blocked:
                self._blocked.add(pair)
                return _STOPPED
            if word in _START and pair in self._blocked:
                self._blocked.remove(pair)
                return _STARTED
        return _HELPED if word in _HELP else None
