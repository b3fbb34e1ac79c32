"""What somebody may try who has a telephone, and what one customer can be sent."""

import importlib
import pkgutil
import re
from re import _constants as code  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

import pytest

import app
from app.store.senders import add_sender
from tests.flow.customer import Customer, asked
from tests.house import ACCOUNT_SID, AUTH_TOKEN, House

_UNBOUNDED = 1000
# a person with four questions, each repeated once, thanked, told once that it is late and that it has ended
MOST_TEXTS = 14


def test_23_countries_premium_numbers_and_caps() -> None:
    pytest.skip("the list of countries and daily caps in the database are not built yet")


def test_24_a_person_is_asked_once_in_so_many_hours(house: House) -> None:
    customer = asked(house)
    reasons = [customer.calls().skipped]
    house.pass_time(days=8)
    house.settle()
    reasons.append(customer.calls().skipped)
    assert reasons == [{"reason": "survey_open"}, {"reason": "asked_recently"}]
    assert len(customer.phone_shows) == 1
    house.pass_time(days=90)
    assert customer.calls().skipped is None


def test_24_whatever_a_customer_writes_there_is_an_end_to_what_they_get(house: House) -> None:
    customer = asked(house)
    for _ in range(3):
        customer.types("5", "hm", "I meant 4", "no, 3", "I meant 5", "what?", "HELP")
    assert 5 < len(customer.messages()) <= MOST_TEXTS


def test_25_a_forged_sender_answers_only_what_was_asked_of_that_pair_of_numbers(house: House) -> None:
    customer = asked(house)
    with house.sessions.begin() as session:
        add_sender(
            session,
            house.account("another"),
            provider_account=ACCOUNT_SID,
            auth_token=AUTH_TOKEN,
            number="+15005550009",
        )
    customer.types("5", to="+15005550009")
    house.text("5", phone="+447700900124")
    assert customer.scores == {}
    customer.types("5")
    assert customer.scores == {"csat": 5}


def patterns() -> dict[str, re.Pattern[str]]:
    """Every compiled pattern of the service, found as a value of one of its modules."""
    found = {}
    for module in pkgutil.walk_packages(app.__path__, "app."):
        if module.name.startswith(("app.run.__main__", "app.run.launch")):
            continue
        for name, value in vars(importlib.import_module(module.name)).items():
            for number, pattern in enumerate(_patterns_in(value, set())):
                found[f"{module.name}.{name}.{number}"] = pattern
    return found


def _patterns_in(value: object, seen: set[int]) -> list[re.Pattern[str]]:
    if isinstance(value, re.Pattern):
        return [value]
    if id(value) in seen or isinstance(value, str):
        return []
    seen.add(id(value))
    if isinstance(value, dict):
        value = tuple(value.values())
    if isinstance(value, (tuple, list, set, frozenset)):
        return [pattern for inner in value for pattern in _patterns_in(inner, seen)]
    fields = getattr(value, "__dict__", {}) if type(value).__module__.startswith("app.") else {}
    return [pattern for inner in fields.values() for pattern in _patterns_in(inner, seen)]


def _nested(parsed: Any, inside: bool = False) -> bool:
    """Whether a repetition without end stands in another one: the form that takes exponential time."""
    for operation, argument in parsed:
        repeats = operation in (code.MAX_REPEAT, code.MIN_REPEAT) and argument[1] >= _UNBOUNDED
        if repeats and inside:
            return True
        inner = argument if isinstance(argument, (tuple, list)) else (argument,)
        for part in inner:
            parts = part if isinstance(part, list) else [part]
            if any(isinstance(one, parser.SubPattern) and _nested(one, inside or repeats) for one in parts):
                return True
    return False


def test_26_no_pattern_repeats_within_a_repetition() -> None:
    found = patterns()
    assert len(found) > 20
    assert {
        name for name, one in found.items() if _nested(parser.parse(one.pattern, one.flags & ~re.U))
    } == set()


@pytest.mark.parametrize("pattern", ["(a+)+", "(?:a*b?)*", "((x|y+)z)*", "(a|b*?)+"])
def test_26_a_pattern_that_does_is_found(pattern: str) -> None:
    assert _nested(parser.parse(pattern))


def test_26_hostile_texts_are_read_as_cheaply_as_others(house: House) -> None:
    """Each would take years if keywords were matched by backtracking; the suite's own time-out is the check."""
    customer: Customer = asked(house)
    customer.types("a" * 100_000, "stop " * 20_000, "1 " * 50_000, "!" * 100_000 + "x", " " * 100_000 + "5")
    assert customer.understood()
