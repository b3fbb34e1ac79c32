"""How often somebody may ask: fixed windows, counted in the process and shared through Valkey afterwards.

A request is decided on what this process knows and waits for nobody. A thread of its own tells Valkey ten times a
second how many this process let in, and reads how many the others did: that is how far together they may exceed a
quota. While Valkey is away each process counts alone.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from uuid import uuid4
from zlib import crc32

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from app.log import get_logger

log = get_logger(__name__)

_SHARE_SECONDS = 0.1
_AWAY_SECONDS = 1.0
_ROOM = 10_000


@dataclass(frozen=True)
class Policy:
    """At most `quota` requests of one subject in each window of `seconds`."""

    name: str
    quota: int
    seconds: int


@dataclass(frozen=True)
class Standing:
    """Whether this request is let in, how many more would be, and in how many whole seconds all are again."""

    allowed: bool
    remaining: int
    reset_seconds: int


@dataclass
class _Tally:
    """One subject in one window: let in by this process, as Valkey was told, and by the other processes."""

    key: str
    window: int
    seconds: int
    own: int = 0
    told: int = 0
    others: int = 0


class Limits:
    """Safe among threads. `now`: seconds since the epoch; processes share a window by their clocks."""

    def __init__(self, redis_url: str, *, now: Callable[[], float] = time.time, room: int = _ROOM) -> None:
        self._redis_url = redis_url
        self._now = now
        self._room = room
        self._name = uuid4().hex
        self._lock = threading.Lock()
        self._sharing = threading.Lock()
        self._tallies: OrderedDict[tuple[str, str], _Tally] = OrderedDict()
        self._fresh = threading.Event()
        self._thread: threading.Thread | None = None
        self._client: redis.Redis | None = None
        self._away = False
        self._closed = False

    def count(self, policy: Policy, subject: str) -> Standing:
        """Count one request of `subject`, unless its quota is used up. Never blocks on Valkey, never raises."""
        # windows begin at another moment for each subject, or all who were refused would come back at once
        window, passed = divmod(self._now() + crc32(subject.encode()) % policy.seconds, policy.seconds)
        with self._lock:
            tally = self._tally(policy, subject, int(window))
            used = tally.own + tally.others
            allowed = used < policy.quota
            if allowed:
                tally.own += 1
                used += 1
        if allowed and not self._fresh.is_set():
            self._wake()
        return Standing(allowed, max(0, policy.quota - used), ceil(policy.seconds - passed))

    def is_spent(self, policy: Policy, subject: str) -> bool:
        """Whether the next request of `subject` would be refused. Counts nothing."""
        window = int((self._now() + crc32(subject.encode()) % policy.seconds) // policy.seconds)
        with self._lock:
            tally = self._tallies.get((policy.name, subject))
            return tally is not None and tally.window == window and tally.own + tally.others >= policy.quota

    def _tally(self, policy: Policy, subject: str, window: int) -> _Tally:
        known = self._tallies.get((policy.name, subject))
        if known is not None and known.window == window:
            return known
        key = f"postcall:limit:{policy.name}:{subject}:{window}"
        tally = self._tallies[policy.name, subject] = _Tally(key, window, policy.seconds)
        self._tallies.move_to_end((policy.name, subject))
        if len(self._tallies) > self._room:
            self._tallies.popitem(last=False)
        return tally

    def _wake(self) -> None:
        with self._lock:
            if self._thread is None:
                # started by the first request: a server that forks after loading the app keeps no dead thread
                self._thread = threading.Thread(target=self._run, name="limits", daemon=True)
                self._thread.start()
        self._fresh.set()

    def _run(self) -> None:
        pause = threading.Event()
        while True:
            self._fresh.wait()
            if self._closed:
                return
            self._fresh.clear()
            if not self.share():
                self._fresh.set()
            pause.wait(_AWAY_SECONDS if self._away else _SHARE_SECONDS)

    def close(self) -> None:
        """End the thread; waits for an exchange that is under way, which a second bounds."""
        self._closed = True
        self._fresh.set()
        if self._thread is not None:
            self._thread.join()

    def share(self) -> bool:
        """Tell Valkey what was let in here, and learn what was elsewhere; False when it can't be reached."""
        # one at a time: a second client made in the same moment would close the first one's connection under it
        with self._sharing:
            return self._share()

    def _share(self) -> bool:
        with self._lock:
            untold = [(tally, tally.own) for tally in self._tallies.values() if tally.own > tally.told]
        if not untold:
            return True
        try:
            others = self._exchange(untold)
        except redis.RedisError as error:
            if not self._away:
                log.warning("limits are counted per process", error=type(error).__name__)
            self._away = True
            return False
        self._away = False
        with self._lock:
            for (tally, own), count in zip(untold, others, strict=True):
                tally.told, tally.others = own, count
        return True

    def _exchange(self, untold: list[tuple[_Tally, int]]) -> list[int]:
        # each process writes its own sum, and never adds to one: what was sent to a frozen server and sent again
        # counts once
        if self._client is None:
            self._client = redis.Redis.from_url(
                self._redis_url, socket_timeout=1, socket_connect_timeout=1, retry=Retry(NoBackoff(), 0)
            )
        pipe = self._client.pipeline(transaction=False)
        for tally, own in untold:
            pipe.hset(tally.key, self._name, str(own))
            pipe.expire(tally.key, 2 * tally.seconds)
            pipe.hvals(tally.key)
        answers = pipe.execute()
        return [sum(map(int, counts)) - own for counts, (_, own) in zip(answers[2::3], untold, strict=True)]
