"""A quota holds over all processes that share a Valkey, and without one in each."""

import socket
from collections.abc import Callable, Iterator
from contextlib import closing
from uuid import uuid4

import pytest
import redis

from app.limits import Limits, Policy, Standing
from tests.story.running import eventually

Make = Callable[..., Limits]

THREE = Policy("default", quota=3, seconds=60)


class Clock:
    now = 1_772_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def silent() -> Iterator[str]:
    """A server that takes connections and never answers, as a frozen one does."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0"


@pytest.fixture
def who() -> str:
    """Another subject in each test: threads of tests that are over may still be telling."""
    return uuid4().hex


@pytest.fixture
def limiting(redis_url: str, clock: Clock) -> Iterator[Make]:
    """Limits whose threads end with the test: one that outlives it would speak into another one's log."""
    made: list[Limits] = []

    def make(url: str = redis_url, **options: int) -> Limits:
        made.append(Limits(url, now=clock, **options))
        return made[-1]

    yield make
    for limits in made:
        limits.close()


def test_a_quota_is_used_up_and_comes_again_with_the_next_window(
    limiting: Make, clock: Clock, who: str
) -> None:
    limits = limiting()
    first = limits.count(THREE, who)
    assert (first.allowed, first.remaining) == (True, 2)
    assert 0 < first.reset_seconds <= 60
    assert [limits.count(THREE, who).remaining for _ in range(2)] == [1, 0]
    assert limits.count(THREE, who) == Standing(False, 0, first.reset_seconds)
    clock.now += first.reset_seconds
    assert limits.count(THREE, who) == Standing(True, 2, 60)


def test_each_subject_and_each_policy_has_a_quota_of_its_own(limiting: Make, clock: Clock, who: str) -> None:
    limits = limiting()
    for _ in range(3):
        limits.count(THREE, who)
    assert not limits.count(THREE, who).allowed
    assert limits.count(THREE, who + "b").remaining == 2
    assert limits.count(Policy("other", 3, 60), who).remaining == 2


def test_subjects_do_not_all_come_back_at_once(limiting: Make, clock: Clock) -> None:
    limits = limiting()
    assert len({limits.count(THREE, str(number)).reset_seconds for number in range(20)}) > 1


def test_processes_share_a_quota(limiting: Make, clock: Clock, who: str) -> None:
    one, other = limiting(), limiting()
    one.count(THREE, who)
    assert one.share()
    assert other.count(THREE, who).remaining == 2  # not heard of it yet
    assert other.share()
    assert other.count(THREE, who).remaining == 0
    assert not other.count(THREE, who).allowed


def test_what_was_told_twice_counts_once(limiting: Make, clock: Clock, who: str) -> None:
    """A time-out leaves open whether a frozen server will read what it was sent."""
    one, other = limiting(), limiting()
    one.count(THREE, who)
    one._exchange([(tally, tally.own) for tally in one._tallies.values()])
    assert one.share()
    other.count(THREE, who)
    assert other.share()
    assert other.count(THREE, who).allowed


def test_telling_happens_by_itself(limiting: Make, redis_url: str, who: str) -> None:
    one, other = limiting(), limiting()
    for _ in range(2):
        one.count(THREE, who)
    with closing(redis.Redis.from_url(redis_url)) as valkey:
        [key] = eventually(lambda: valkey.keys(f"postcall:limit:default:{who}:*"), bool)
        eventually(lambda: valkey.hvals(key), lambda counts: counts == [b"2"])
        assert valkey.ttl(key) > 60
    other.count(THREE, who)
    eventually(lambda: other.count(THREE, who).allowed, lambda allowed: not allowed)


@pytest.mark.parametrize("away", ["down", "frozen"])
def test_without_valkey_each_process_counts_alone(
    limiting: Make, away: str, silent: str, clock: Clock, who: str
) -> None:
    limits = limiting("redis://127.0.0.1:1/0" if away == "down" else silent)
    for _ in range(3):
        assert limits.count(THREE, who).allowed
    assert limits.share() is False
    assert not limits.count(THREE, who).allowed


def test_what_was_counted_alone_is_told_when_valkey_is_back(limiting: Make, redis_url: str, who: str) -> None:
    limits, other = limiting("redis://127.0.0.1:1/0"), limiting()
    for _ in range(2):
        limits.count(THREE, who)
    assert limits.share() is False
    limits._redis_url, limits._client = redis_url, None
    assert limits.share()
    other.count(THREE, who)
    other.share()
    assert not other.count(THREE, who).allowed


def test_guessed_subjects_fill_no_memory(limiting: Make, clock: Clock) -> None:
    limits = limiting(room=10)
    for number in range(100):
        limits.count(THREE, str(number))
    assert len(limits._tallies) == 10
