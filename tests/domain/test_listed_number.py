"""By what a number is listed and looked for, and which flags a call bears."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.flags import AGENT_TRIGGERED, AGENTS_NUMBER, FLAGS, flags_of
from app.domain.listed_number import extension_in, keys_for, length_of, number_key, range_key
from tests.domain.test_eligibility import CALL


@pytest.mark.parametrize(
    ("raw", "extension"),
    [
        ("1234", "1234"),
        (" 201 ", "201"),
        ("sip:201@pbx.example", "201"),
        ("SIP:201@10.0.0.1:5060", "201"),
        ("tel:2001", "2001"),
        ("1", None),
        ("1234567", None),
        ("+1234", None),
        ("12*", None),
        ("٢٠١", None),
        ("sip:alice@pbx.example", None),
        ("", None),
        (None, None),
    ],
)
def test_an_extension_is_what_switchboards_report_as_theirs(raw: str | None, extension: str | None) -> None:
    assert extension_in(raw) == extension


@pytest.mark.parametrize(
    ("raw", "key"),
    [
        ("+44 20 7946 00*", "+4420794600*"),
        ("+44(20)7946-00*", "+4420794600*"),
        ("+123456*", "+123456*"),
        ("+12345*", None),
        ("4420794600*", None),
        ("+44*0794600", None),
        ("*", None),
        ("+44207946001234567*", None),
    ],
)
def test_a_range_is_the_beginning_of_a_number(raw: str, key: str | None) -> None:
    assert range_key(raw) == key


def test_a_number_that_nobody_can_text_is_known_as_it_is_written() -> None:
    assert number_key("+44 870 123 4567", None) == "+448701234567"
    assert number_key("0800 123", None) is None
    assert number_key("anything", "+447700900123") == "+447700900123"


@given(st.from_regex(r"\+[1-9][0-9]{7,13}", fullmatch=True), st.integers(7, 13))
def test_a_number_is_found_by_every_range_that_it_lies_in(number: str, length: int) -> None:
    entry = range_key(f"{number[:length]}*")
    assert entry is not None
    found = entry in keys_for(number, {length_of(entry) or 0, 99})
    assert found is (length < len(number))
    assert keys_for(number, ())[0] == number


@given(st.none() | st.text())
def test_anything_at_all_is_looked_for_or_not(raw: str | None) -> None:
    key = number_key(raw, None)
    assert key is None or key.lstrip("+").isascii()


def test_the_flags_of_a_call() -> None:
    assert flags_of(CALL, listed_as=None) == ()
    assert flags_of(CALL, listed_as="internal") == ()
    assert flags_of(replace(CALL, trigger="agent"), listed_as="agent") == (AGENTS_NUMBER, AGENT_TRIGGERED)
    assert flags_of(replace(CALL, trigger="agent"), listed_as="agent", many_calls=True) == FLAGS
