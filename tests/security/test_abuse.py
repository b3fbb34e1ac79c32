"""What somebody may try who has a telephone, and what one customer can be sent."""

import importlib
import pkgutil
import re
from functools import partial
from re import _constants as code  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

import app
from app.errors import Invalid
from app.flow.accounts import change_account
from app.store.accounts import Account
from app.store.senders import add_sender
from app.store.sending_days import SendingDay
from tests.flow.customer import Customer, asked
from tests.house import ACCOUNT_SID, AUTH_TOKEN, House
from tests.store.claiming import together

_UNBOUNDED = 1000
# a person with four questions, each repeated once, thanked, told once that it is late and that it has ended
MOST_TEXTS = 14


def limit(house: House, account_id: UUID, **limits: Any) -> None:
    with house.sessions.begin() as session:
        change_account(session, session.get_one(Account, account_id).name, limits=limits)


def verdict(house: House, account_id: UUID, phone: str, **call: Any) -> str:
    """Whether the customer of that number is asked, and if not, why not."""
    received = house.hang_up(account_id, phone=phone, **call)
    return str((received.skipped or {"reason": "asked"})["reason"])


def counted(house: House, account_id: UUID) -> dict[str, int]:
    with house.sessions() as session:
        rows = session.scalars(select(SendingDay).where(SendingDay.account_id == account_id))
        return {row.range: row.n for row in rows}


def test_23_only_the_countries_of_the_list_are_texted(house: House) -> None:
    account_id = house.account()
    assert verdict(house, account_id, "+8613800138000") == "asked"
    limit(house, account_id, countries=["GB", "IE"])
    assert verdict(house, account_id, "+447700900001") == "asked"
    assert verdict(house, account_id, "+33612345678") == "country_not_allowed"
    assert verdict(house, account_id, "+12025550123") == "country_not_allowed"
    limit(house, account_id, countries=[])
    assert verdict(house, account_id, "+33612345678") == "asked"


@pytest.mark.parametrize(
    "phone", ["+449098790000", "+19002345678", "+881612345678", "+882161234567", "+33899701234"]
)
def test_23_numbers_that_earn_money_are_never_texted(house: House, phone: str) -> None:
    assert verdict(house, house.account(), phone) == "premium_number"


def test_23_a_day_has_an_end_and_another_one_follows(house: House) -> None:
    account_id = house.account()
    limit(house, account_id, daily_cap=2)
    phones = [f"+4477009{number}0001" for number in range(5)]
    assert [verdict(house, account_id, phone) for phone in phones[:3]] == ["asked", "asked", "daily_cap"]
    assert verdict(house, account_id, phones[0]) == "survey_open"  # whatever comes of it, it is not counted
    assert counted(house, account_id)[""] == 2
    house.pass_time(days=1)
    assert [verdict(house, account_id, phone) for phone in phones[2:]] == ["asked", "asked", "daily_cap"]


def test_23_neighbouring_numbers_have_a_cap_of_their_own(house: House) -> None:
    """Numbers that earn somebody money come by the block."""
    account_id = house.account()
    limit(house, account_id, daily_cap_per_range=2)
    block = [verdict(house, account_id, f"+44770090{number:04}") for number in range(4)]
    assert block == ["asked", "asked", "daily_cap", "daily_cap"]
    assert verdict(house, account_id, "+447700910001") == "asked"
    assert counted(house, account_id) == {"": 3, "+44770090": 2, "+44770091": 1}


def test_23_what_ends_at_once_is_counted_to_the_last(house: House) -> None:
    account_id = house.account()
    limit(house, account_id, daily_cap=1000)
    found: list[str] = []
    together(
        *(
            partial(lambda number: found.append(verdict(house, account_id, f"+44770090{number:04}")), number)
            for number in range(20)
        )
    )
    assert found == ["asked"] * 20
    assert counted(house, account_id) == {"": 20, "+44770090": 20}


def test_23_an_account_without_caps_counts_nothing(house: House) -> None:
    account_id = house.account()
    assert verdict(house, account_id, "+447700900001") == "asked"
    assert counted(house, account_id) == {}


@pytest.mark.parametrize(
    "limits",
    [{"countries": ["UK"]}, {"countries": ["gb"]}, {"daily_cap": -1}, {"daily_cap_per_range": 10**9}],
)
def test_23_limits_that_make_no_sense_are_refused(house: House, limits: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        limit(house, house.account(), **limits)


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
