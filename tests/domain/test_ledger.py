"""The ledger's arithmetic: it adds up whatever is missing, and holds one offer rate against another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.ledger import OTHER, Entry, compare, entry

counts = st.integers(0, 1000)


@given(counts, counts, counts, st.dictionaries(st.sampled_from(["too_old", "too_short"]), counts), counts)
def test_an_entry_always_adds_up(
    offered: int, unoffered: int, unanswered: int, skipped: dict[str, int], lost: int
) -> None:
    calls = offered + unanswered + sum(skipped.values()) + lost
    one = entry(
        calls=calls,
        answered=min(calls, offered + unoffered),
        offered=offered,
        invited_unanswered=unanswered,
        skipped=skipped,
    )
    assert one.calls == one.invited + sum(one.skipped.values())
    assert one.skipped.get(OTHER, 0) == lost


@given(st.lists(st.tuples(counts, counts), min_size=1, max_size=5))
def test_the_whole_less_one_is_the_others(parts: list[tuple[int, int]]) -> None:
    entries = [Entry(a + b, a + b, a, a, {"too_old": b} if b else {}) for a, b in parts]
    total = sum(entries, start=Entry())
    assert total.without(entries[0]) == sum(entries[1:], start=Entry())


@pytest.mark.parametrize(
    ("one", "others", "low", "high"),
    # Newcombe 1998, table II, method 10, rows a to h
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((0, 10), (0, 10), -0.2775, 0.2775),
        ((10, 10), (0, 20), 0.6791, 1.0),
        ((10, 10), (0, 10), 0.6075, 1.0),
    ],
)
def test_differences_are_those_of_the_paper(
    one: tuple[int, int], others: tuple[int, int], low: float, high: float
) -> None:
    found = compare(Entry(one[1], one[1], one[0], one[0]), Entry(others[1], others[1], others[0], others[0]))
    assert found is not None
    assert found.interval.low / 100 == pytest.approx(low, abs=5e-5)
    assert found.interval.high / 100 == pytest.approx(high, abs=5e-5)


def test_nothing_is_said_where_nobody_was_answered() -> None:
    assert compare(Entry(), Entry(10, 10, 5, 5)) is None
    assert compare(Entry(10, 10, 5, 5), Entry(3, 0, 0, 0)) is None


@pytest.mark.parametrize(("offered", "verdict"), [(5, "lower"), (50, "unproven"), (95, "higher")])
def test_the_verdict_is_what_the_interval_proves(offered: int, verdict: str) -> None:
    found = compare(Entry(100, 100, offered, offered), Entry(1000, 1000, 500, 500))
    assert found is not None
    assert found.verdict == verdict
