"""Legs and reports of one call, in whatever order they come, are one call with the same handlers."""

import dataclasses
from datetime import UTC, datetime, timedelta
from itertools import permutations
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.attribution import attributed
from app.domain.call import CallEnd
from app.domain.handlers import MOST_HANDLERS, Handler
from app.domain.legs import as_handler, join_handlers, join_legs
from app.domain.questionnaire import Survey

BEGIN = datetime(2026, 3, 2, 9, tzinfo=UTC)


def at(second: int) -> datetime:
    return BEGIN + timedelta(seconds=second)


def report(agent: str | None, start: int, end: int, *, leg: str | None = None, **more: Any) -> CallEnd:
    """Of an agent's leg where it is named, else of the call as a whole."""
    given = {"talk_seconds": end - start, **more}
    call = CallEnd("1", "pbx", "inbound", at(start), at(end), agent_id=agent, **given)
    return call if leg is None else dataclasses.replace(call, handlers=(as_handler(call, leg),))


def shown(handlers: tuple[Handler, ...]) -> list[tuple[str, int, int, int | None]]:
    def second(moment: datetime | None) -> int:
        return -1 if moment is None else int((moment - BEGIN).total_seconds())

    return [
        (one.agent_id, second(one.started_at), second(one.ended_at), one.talk_seconds) for one in handlers
    ]


X, Y, LAST_X = report("x", 0, 100, leg="1"), report("y", 100, 200, leg="2"), report("x", 200, 300, leg="3")
WHOLE = report("x", 0, 300, agent_name="Xenia", phone="+447700900123")


@pytest.mark.parametrize(
    ("legs", "expected"),
    [
        # an agent twice, and the caller's leg, which names the last one for all of it
        ([X, Y, LAST_X, WHOLE], [("x", 0, 100, 100), ("y", 100, 200, 100), ("x", 200, 300, 100)]),
        # without legs of their own: what overlaps is one part, and the shortest knows best
        (
            [report("x", 0, 100), report("y", 100, 200), report("y", 0, 200), report("x", 0, 100)],
            [("x", 0, 100, 100), ("y", 100, 200, 100)],
        ),
        # who worked on after hanging up is said of the same leg twice
        (
            [
                report("x", 0, 100, leg="1", talk_seconds=None),
                report("x", 0, 150, leg="1", talk_seconds=None),
                report("y", 0, 120, leg="2", talk_seconds=None),
            ],
            [("x", 0, 100, None), ("y", 0, 120, None)],
        ),
        # a consultation within a call began later and ended before it
        (
            [report("x", 0, 300, leg="1"), report("y", 100, 200, leg="2")],
            [("y", 100, 200, 100), ("x", 0, 300, 300)],
        ),
        # nobody else had it
        ([report("x", 0, 100, leg="1"), report("x", 0, 100), report(None, 0, 110)], []),
    ],
)
def test_the_handlers_of_a_call_in_every_order(legs: list[CallEnd], expected: list[Any]) -> None:
    for first, *others in permutations(legs):
        assert shown(join_legs(first, others).handlers) == expected


@pytest.mark.parametrize(
    ("rule", "agent", "talked", "wrapped"),
    [("last", "x", 100, 3), ("first", "x", 110, 1), ("longest", "y", 240, 2)],
)
def test_a_call_counts_for_the_same_one_in_every_order(
    rule: str, agent: str, talked: int, wrapped: int
) -> None:
    """And its durations are theirs, not those of whoever was reported last."""
    survey = Survey("default", 1, attribute_to=rule)
    legs = [
        report("x", 0, 110, leg="1", wrap_seconds=1),
        report("y", 110, 350, leg="2", wrap_seconds=2),
        report("x", 350, 450, leg="3", wrap_seconds=3),
        report(None, 0, 451, phone="+447700900123"),
    ]
    for first, *others in permutations(legs):
        call = attributed(join_legs(first, others, survey), survey)
        assert (call.agent_id, call.talk_seconds, call.wrap_seconds) == (agent, talked, wrapped)
        assert (call.started_at, call.ended_at, call.phone) == (at(0), at(451), "+447700900123")


def test_what_a_report_of_the_whole_knows_of_an_agent_is_added_to_their_parts() -> None:
    call = join_legs(WHOLE, [X, Y, LAST_X])
    assert [one.agent_name for one in call.handlers] == ["Xenia", None, "Xenia"]


def test_a_report_that_lists_the_handlers_is_believed() -> None:
    listed = (Handler("a", talk_seconds=5), Handler("b"), Handler("a"))
    call = dataclasses.replace(report(None, 0, 100), handlers=listed)
    for legs in permutations([call, report("b", 0, 100), report("c", 0, 10, leg="9")]):
        assert join_legs(legs[0], legs[1:]).handlers == listed


def test_what_cannot_be_true_of_a_part_is_unknown() -> None:
    call = join_legs(
        report("x", 0, 100, leg="1", talk_seconds=500), [report("y", 100, 200, leg="2", talk_seconds=150)]
    )
    assert shown(call.handlers) == [("x", 0, 100, None), ("y", -1, -1, 150)]


def test_a_call_that_goes_round_in_circles_keeps_the_last_of_them() -> None:
    parts = [Handler(f"a{n}", started_at=at(n), ended_at=at(n + 1)) for n in range(100)]
    found = join_handlers(parts)
    assert [one.agent_id for one in found] == [f"a{n}" for n in range(100 - MOST_HANDLERS, 100)]


def test_where_the_one_before_passed_it_on_to_is_not_where_the_call_went() -> None:
    """Platforms tell of an extension there, and of an agent here."""
    legs = [report("x", 0, 100, leg="1", transferred_to="102"), report("y", 100, 200, leg="2")]
    for first, *others in permutations(legs):
        call = attributed(join_legs(first, others), None)
        assert (call.agent_id, call.transferred_from, call.transferred_to) == ("y", "x", None)
    out = report("y", 100, 200, leg="2", transferred_to="+442079460000")
    assert attributed(join_legs(legs[0], [out]), None).transferred_to == "+442079460000"


_parts = st.builds(
    lambda agent, start, lasted, talked, leg: Handler(
        agent, started_at=at(start), ended_at=at(start + lasted), talk_seconds=talked, leg=leg
    ),
    agent=st.sampled_from("xyz"),
    start=st.integers(0, 20),
    lasted=st.integers(0, 10),
    talked=st.none() | st.integers(0, 10),
    leg=st.none() | st.sampled_from("123"),
)


@given(st.lists(_parts, max_size=7), st.randoms(use_true_random=False))
def test_parts_are_the_same_handlers_in_any_order_and_any_number_of_times(
    parts: list[Handler], chance: Random
) -> None:
    found = join_handlers(parts)
    again = [*parts, *parts[: len(parts) // 2]]
    chance.shuffle(again)
    assert join_handlers(again) == found
    assert {one.agent_id for one in found} == {one.agent_id for one in parts}
    assert list(found) == sorted(found, key=lambda one: one.ended_at or BEGIN)
