"""The short cache: old values go, errors are not kept, room is bounded."""

import pytest

from app.cache import ShortCache


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_value_is_loaded_once_while_it_is_fresh_and_again_after() -> None:
    clock, loads = Clock(), []
    cache: ShortCache[str, int] = ShortCache(5, clock=clock)

    def load() -> int:
        loads.append(clock.now)
        return len(loads)

    assert [cache.get("a", load), cache.get("a", load)] == [1, 1]
    clock.now += 4.9
    assert cache.get("a", load) == 1
    clock.now += 0.1
    assert cache.get("a", load) == 2
    assert loads == [100.0, 105.0]


def test_none_is_a_value_too() -> None:
    cache: ShortCache[str, None] = ShortCache(5, clock=Clock())
    assert cache.get("a", lambda: None) is None
    assert cache.get("a", lambda: pytest.fail("loaded again")) is None


def test_an_error_is_passed_on_and_not_kept() -> None:
    cache: ShortCache[str, int] = ShortCache(5, clock=Clock())
    with pytest.raises(ZeroDivisionError):
        cache.get("a", lambda: 1 // 0)
    assert cache.get("a", lambda: 7) == 7


def test_the_oldest_value_makes_room_for_a_new_one() -> None:
    cache: ShortCache[int, int] = ShortCache(5, room=2, clock=Clock())
    for key in (1, 2, 3):
        cache.get(key, lambda key=key: key)  # type: ignore[misc]
    assert cache.get(2, lambda: 0) == 2
    assert cache.get(3, lambda: 0) == 3
    assert cache.get(1, lambda: 0) == 0
