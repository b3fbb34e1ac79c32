"""The rules about a call, each with what passes and what stops, and the words for it."""

from dataclasses import replace
from typing import Any

import pytest

from app.domain.call_rules import (
    transferred,
    wrong_attributes,
    wrong_direction,
    wrong_queue,
    wrong_tags,
)
from app.domain.candidate import Finding, Phone
from app.domain.channel import Channel
from app.domain.customer_rules import internal_number
from app.domain.eligibility import Rule
from tests.domain.test_eligibility import CALL, FIT, SURVEY


def found(rule: Rule, call: dict[str, Any], survey: dict[str, Any]) -> Finding:
    return rule(replace(FIT, call=replace(CALL, **call), survey=replace(SURVEY, **survey)))


@pytest.mark.parametrize(
    ("rule", "call", "survey", "says"),
    [
        (wrong_direction, {"direction": "inbound"}, {}, "inbound, asked after inbound or outbound calls"),
        (wrong_direction, {"direction": "internal"}, {"directions": ("internal",)}, "internal"),
        (wrong_queue, {"queue": None}, {}, "no queue reported, asked after any"),
        (wrong_queue, {"queue": "Sales-EU"}, {"queues": ("billing", "sales-*")}, "queue Sales-EU"),
        (wrong_queue, {"queue": None}, {"not_queues": ("billing",)}, "no queue reported, not left out"),
        (wrong_tags, {"tags": ("VIP",)}, {"tags": ("vip",)}, "tagged vip"),
        (wrong_tags, {"tags": ()}, {"not_tags": ("vip",)}, "no tag keeps it out"),
        (wrong_attributes, {"attributes": {"tier": 1}}, {"attributes": {"tier": ("1",)}}, "tier as wanted"),
        (transferred, {"transferred_from": "a-0"}, {"ask_transferred_out": False}, "asked after"),
        (transferred, {"transferred_to": "a-2"}, {"ask_transferred_in": False}, "asked after"),
    ],
)
def test_what_is_asked_after(rule: Rule, call: dict[str, Any], survey: dict[str, Any], says: str) -> None:
    passed, detail = found(rule, call, survey)
    assert passed
    assert says in detail


@pytest.mark.parametrize(
    ("rule", "call", "survey", "says"),
    [
        (wrong_direction, {"direction": "internal"}, {}, "internal, asked after inbound or outbound calls"),
        (
            wrong_direction,
            {"direction": "outbound"},
            {"directions": ("inbound",)},
            "asked after inbound calls",
        ),
        (
            wrong_queue,
            {"queue": "hr"},
            {"queues": ("billing", "sales-*")},
            "queue hr, asked after billing or sales-*",
        ),
        (wrong_queue, {"queue": None}, {"queues": ("billing",)}, "no queue reported, asked after billing"),
        (
            wrong_queue,
            {"queue": "sales-hr"},
            {"queues": ("sales-*",), "not_queues": ("sales-hr",)},
            "nobody is asked after calls of sales-hr",
        ),
        (wrong_tags, {"tags": ("x",)}, {"tags": ("vip", "gold")}, "not tagged vip or gold"),
        (wrong_tags, {"tags": ("vip", "Staff")}, {"tags": ("vip",), "not_tags": ("staff",)}, "tagged staff"),
        (
            wrong_attributes,
            {"attributes": {"tier": "the customer's secret"}},
            {"attributes": {"tier": ("gold", 2, True)}},
            "tier is not gold or 2 or true",
        ),
        (transferred, {"transferred_from": "a-0"}, {"ask_transferred_in": False}, "transferred in"),
        (transferred, {"transferred_to": "a-2"}, {"ask_transferred_out": False}, "transferred out"),
    ],
)
def test_what_is_not_asked_after(rule: Rule, call: dict[str, Any], survey: dict[str, Any], says: str) -> None:
    passed, detail = found(rule, call, survey)
    assert not passed
    assert says in detail
    assert "secret" not in detail


@pytest.mark.parametrize(
    ("rule", "survey", "known"),
    [
        (wrong_queue, {"queues": ("billing",)}, {"queue": "hr"}),
        (wrong_tags, {"tags": ("vip",)}, {"tags": ("x",)}),
        (wrong_attributes, {"attributes": {"tier": ("gold",)}}, {"attributes": {"tier": "tin"}}),
    ],
)
def test_in_the_call_what_is_not_known_yet_keeps_nobody_out(
    rule: Rule, survey: dict[str, Any], known: dict[str, Any]
) -> None:
    brought = replace(FIT, in_call=True, survey=replace(SURVEY, **survey))
    assert rule(brought).passed
    assert not rule(replace(brought, call=replace(CALL, **known))).passed


@pytest.mark.parametrize("phone", ["1234", "sip:201@pbx.example", "tel:42"])
def test_an_extension_as_the_customers_number_is_the_switchboards_own(phone: str) -> None:
    called = replace(FIT, call=replace(CALL, phone=phone), phone=Phone(None, "invalid"))
    assert not internal_number(called).passed
    by_mail = replace(called, has_email=True, senders=frozenset({Channel.EMAIL}))
    assert internal_number(by_mail).passed


def test_a_number_that_is_only_wrong_is_no_extension() -> None:
    called = replace(FIT, call=replace(CALL, phone="+44 123"), phone=Phone(None, "invalid"))
    assert internal_number(called).passed
