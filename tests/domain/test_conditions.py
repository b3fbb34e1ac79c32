"""After which calls a survey asks: queues, tags, attributes of any kind."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.conditions import common, covers, first_match, first_misfit, has_one_of, matches
from app.domain.journey import contradictions
from app.domain.questionnaire import Survey

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.integers(min_value=10**4299, max_value=10**4301)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
PLAIN = st.text() | st.booleans() | st.integers() | st.floats(allow_nan=False)


@pytest.mark.parametrize(
    ("pattern", "queue", "meant"),
    [
        ("sales", "sales", True),
        ("Sales ", " SALES", True),
        ("sales", "sales-2", False),
        ("sales-*", "sales-2", True),
        ("sales-*", "Sales-", True),
        ("sales-*", "sales", False),
        ("sales-*", "presales-2", False),
        ("*", "anything", True),
        ("VERTRIEB-Ä*", "vertrieb-äußeres", True),
        ("stra\u00dfe", "STRASSE", True),
        ("caf\u00e9", "cafe\u0301", True),
        ("售后*", "售后服务", True),
        ("a*b", "a*b", True),
    ],
)
def test_a_queue_is_meant_by_its_name_or_how_it_begins(pattern: str, queue: str, *, meant: bool) -> None:
    assert matches(pattern, queue) is meant


def test_a_call_without_a_queue_is_of_none() -> None:
    assert first_match(["*"], None) is None


@pytest.mark.parametrize(
    ("pattern", "other", "covered"),
    [
        ("sales-*", "sales-2", True),
        ("sales-*", "sales-2*", True),
        ("sales-2*", "sales-*", False),
        ("sales", "sales*", False),
        ("Sales", "sales", True),
    ],
)
def test_a_pattern_covers_another(pattern: str, other: str, *, covered: bool) -> None:
    assert covers(pattern, other) is covered


@given(st.text(alphabet="ab*", max_size=4), st.text(alphabet="ab*", max_size=4), st.text(alphabet="ab"))
def test_whatever_is_covered_is_meant(pattern: str, other: str, queue: str) -> None:
    if covers(pattern, other) and matches(other, queue):
        assert matches(pattern, queue)


@pytest.mark.parametrize(
    ("wanted", "value", "is_one"),
    [
        (["gold"], "gold", True),
        (["gold"], " GOLD ", True),
        (["gold"], "golden", False),
        ([42], 42, True),
        ([42], 42.0, True),
        ([42], "42", True),
        (["42"], 42, True),
        ([1.5], "1.5", True),
        ([1], True, False),
        ([True], True, True),
        ([True], "True", True),
        ([True], 1, False),
        ([False], None, False),
        (["null"], None, False),
        ([""], "", True),
        (["gold", "silver"], "silver", True),
        (["gold"], ["bronze", "gold"], True),
        (["gold"], [], False),
        (["gold"], [["gold"]], False),
        (["gold"], {"gold": "gold"}, False),
        ([10**30], 10**30, True),
        ([10**30], float(10**30), False),
    ],
)
def test_values_compare_as_they_would_be_written(wanted: list[Any], value: Any, *, is_one: bool) -> None:
    assert has_one_of(wanted, value) is is_one


@pytest.mark.parametrize(
    ("attributes", "misfit"),
    [
        ({"tier": "gold", "region": "north"}, None),
        ({"TIER": "Gold", "Region": "NORTH"}, None),
        ({"tier": "gold"}, "region"),
        ({"tier": None, "region": "north"}, "tier"),
        ({"tier": "tin", "Tier": "gold", "region": "north"}, None),
        ({}, "tier"),
    ],
)
def test_every_attribute_has_to_have_one_of_its_values(
    attributes: dict[str, Any], misfit: str | None
) -> None:
    assert first_misfit({"tier": ("gold", "silver"), "region": ("north",)}, attributes) == misfit


@given(st.dictionaries(st.text(), st.lists(PLAIN, max_size=3), max_size=3), st.dictionaries(st.text(), JSON))
def test_any_attributes_are_decided_on(wanted: dict[str, list[Any]], attributes: dict[str, Any]) -> None:
    misfit = first_misfit(wanted, attributes)
    assert misfit is None or misfit in wanted


@given(PLAIN, st.lists(JSON, max_size=3))
def test_what_is_wanted_is_one_of_itself_alone_and_in_a_list(value: Any, others: list[Any]) -> None:
    assert has_one_of([value], value)
    assert has_one_of([value], [*others, value])


def test_one_of_several_tags_is_enough() -> None:
    assert common(["vip", "Refund"], ["invoice", "refund"]) == "Refund"
    assert common(["vip"], []) is None


@pytest.mark.parametrize(
    ("settings", "place"),
    [
        ({"queues": ("sales-2",), "not_queues": ("billing", "sales-*")}, "queues.0"),
        ({"queues": ("sales", "Sales")}, "queues.1"),
        ({"not_queues": ("sales", " ")}, "not_queues.1"),
        ({"queues": ("sa*les",)}, "queues.0"),
        ({"tags": ("vip", "gold"), "not_tags": ("Gold",)}, "tags.1"),
        ({"directions": ("inbound", "inbound")}, "directions.1"),
        ({"attributes": {"tier": (1, "gold", "1")}}, "attributes.tier.2"),
    ],
)
def test_a_contradiction_names_its_place(settings: dict[str, Any], place: str) -> None:
    assert list(contradictions(Survey("default", 1, **settings))) == [place]


def test_part_of_what_is_wanted_may_be_left_out() -> None:
    survey = Survey("default", 1, queues=("sales-*",), not_queues=("sales-internal",), tags=("vip",))
    assert contradictions(survey) == {}
