"""For which of its handlers a call counts."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.domain.attribution import attributed, check_handlers, choose
from app.domain.call import CallEnd
from app.domain.handlers import Handler
from app.domain.questionnaire import Survey

BEGIN = datetime(2026, 3, 2, 9, tzinfo=UTC)


def at(second: int) -> datetime:
    return BEGIN + timedelta(seconds=second)


def survey(rule: str = "last", least: int = 30) -> Survey:
    return Survey("default", 1, attribute_to=rule, attribute_min_talk_seconds=least)


def handlers(said: str) -> list[Handler]:
    """`a300 b? a5`: agents with the seconds that they talked, `?` for unknown."""
    return [Handler(one[0], talk_seconds=None if one[1:] == "?" else int(one[1:])) for one in said.split()]


@pytest.mark.parametrize(
    ("said", "last", "first", "longest"),
    [
        ("a300", (0, "last"), (0, "first"), (0, "longest")),
        ("a5", (0, "longest"), (0, "longest"), (0, "longest")),
        ("a?", (0, "last"), (0, "first"), (0, "last")),
        ("a300 b60", (1, "last"), (0, "first"), (0, "longest")),
        # too short to be asked about
        ("a300 b29", (0, "last"), (0, "first"), (0, "longest")),
        ("a300 b30", (1, "last"), (0, "first"), (0, "longest")),
        ("a10 b300", (1, "last"), (1, "first"), (1, "longest")),
        ("a10 b20 c15", (1, "longest"), (1, "longest"), (1, "longest")),
        # unknown is not short
        ("a300 b?", (1, "last"), (0, "first"), (0, "longest")),
        ("a? b300", (1, "last"), (0, "first"), (1, "longest")),
        ("a? b?", (1, "last"), (0, "first"), (1, "last")),
        ("a10 b? c5", (1, "last"), (1, "first"), (0, "longest")),
        # of two alike, the later one
        ("a60 b60", (1, "last"), (0, "first"), (1, "longest")),
        ("a0 b0", (1, "longest"), (1, "longest"), (1, "longest")),
        # who has the call twice has talked for as long as both parts together
        ("a300 b60 a5", (2, "last"), (0, "first"), (0, "longest")),
        ("a20 b100 a15", (2, "last"), (0, "first"), (1, "longest")),
        ("a50 b90 a50", (2, "last"), (0, "first"), (2, "longest")),
        ("a? b60 a5", (2, "last"), (0, "first"), (1, "longest")),
    ],
)
def test_the_rule(said: str, last: Any, first: Any, longest: Any) -> None:
    assert choose(handlers(said), survey("last")) == last
    assert choose(handlers(said), survey("first")) == first
    assert choose(handlers(said), survey("longest")) == longest


def test_the_least_talk_is_the_surveys_to_say() -> None:
    assert choose(handlers("a300 b29"), survey(least=29)) == (1, "last")
    assert choose(handlers("a300 b0"), survey(least=0)) == (1, "last")
    assert choose(handlers("a300 b29"), None) == (0, "last")  # as usual


def test_without_handlers_nobody_is_chosen_and_the_call_stays_as_it_is() -> None:
    call = CallEnd("1", "generic", "inbound", BEGIN, at(100), agent_id="a", transferred_from="z")
    assert choose([], survey()) is None
    assert attributed(call, survey()) is call


def transferred(**changes: Any) -> CallEnd:
    parts = (
        Handler("front", "Fay", "desk", "north", "reception", at(5), at(45), 40),
        Handler("ada", "Ada", "blue", "south", "billing", at(45), at(300), 250),
        Handler("bob", None, None, None, None, at(300), at(310), 10),
    )
    values = {"talk_seconds": 300, "queue": "reception", "handlers": parts, **changes}
    return CallEnd("1", "generic", "inbound", BEGIN, at(310), at(5), **values)


def test_whom_it_counts_for_is_the_calls_agent_in_all_that_follows() -> None:
    call = attributed(transferred(), survey())
    assert (call.agent_id, call.agent_name, call.team, call.vendor) == ("ada", "Ada", "blue", "south")
    assert (call.queue, call.taken_at, call.attributed_by, call.handler) == ("billing", at(45), "last", 1)
    assert (call.transferred_from, call.transferred_to, call.talk_seconds) == ("front", "bob", 300)
    assert attributed(call, survey()) == call


@pytest.mark.parametrize(
    ("rule", "least", "came_from", "went_to", "of_the_last"),
    [
        ("last", 30, "front", "bob", False),
        ("last", 10, "ada", None, True),
        ("first", 30, None, "ada", False),
    ],
)
def test_only_of_the_last_one_they_are_asked_as_the_last(
    rule: str, least: int, came_from: str | None, went_to: str | None, of_the_last: bool
) -> None:
    call = attributed(transferred(), survey(rule, least))
    assert (call.transferred_from, call.transferred_to) == (came_from, went_to)
    assert call.last_of_several is of_the_last


def test_whom_no_handler_names_is_known_from_elsewhere() -> None:
    call = attributed(transferred(transferred_from="ivr", transferred_to="voicemail"), survey("first"))
    assert (call.transferred_from, call.transferred_to) == ("ivr", "ada")
    # of one of them the handlers know better
    assert attributed(transferred(transferred_from="bob"), survey("first")).transferred_from is None


def test_a_handler_without_a_queue_leaves_the_calls() -> None:
    assert attributed(transferred(), survey(least=0)).queue == "reception"


@pytest.mark.parametrize(
    ("part", "problem"),
    [
        (Handler("a", talk_seconds=101), None),  # two clocks were rounded
        (Handler("a", talk_seconds=102), "talk_seconds"),
        (Handler("a", started_at=at(-1)), "started_at"),
        (Handler("a", ended_at=at(101)), "ended_at"),
        (Handler("a", started_at=at(50), ended_at=at(40)), "ended_at"),
        (Handler("a", started_at=at(50), ended_at=at(60), talk_seconds=11), None),
        (Handler("a", started_at=at(50), ended_at=at(60), talk_seconds=12), "talk_seconds"),
        (Handler("a", started_at=at(0), ended_at=at(100), talk_seconds=100), None),
    ],
)
def test_handlers_that_cannot_have_been(part: Handler, problem: str | None) -> None:
    found = check_handlers([Handler("b"), part], BEGIN, at(100))
    assert set(found) == ({f"handlers.1.{problem}"} if problem else set())
