"""Phone numbers in the spellings that platforms send."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.channels.phone import read_phone
from app.domain.candidate import Phone


@pytest.mark.parametrize(
    ("raw", "region", "e164"),
    [
        ("+44 20 7946 0958", None, "+442079460958"),
        ("tel:+86-138-1234-5678", None, "+8613812345678"),
        ("020 7946 0958", "GB", "+442079460958"),
        ("13812345678", "CN", "+8613812345678"),
        ("13812345678", "cn", "+8613812345678"),
        ("008613812345678", "GB", "+8613812345678"),
        ("＋８６１３８１２３４５６７８", None, "+8613812345678"),
        ("+1 (212) 555-0123", None, "+12125550123"),
        ("+44 20 7946 0958 x12", None, "+442079460958"),
    ],
)
def test_a_number_is_read_in_any_usual_spelling(raw: str, region: str | None, e164: str) -> None:
    phone = read_phone(raw, region)
    assert (phone.e164, phone.problem) == (e164, None)


@pytest.mark.parametrize(
    ("number", "region"),
    [
        ("+447700900123", "GB"),  # reserved for drama in the United Kingdom
        ("+15005550006", "US"),  # Twilio's own test number
        ("+15551234567", "US"),
        ("+12025550100", "US"),
        ("+33639980001", "FR"),
        ("+61491570156", "AU"),
        ("+8613800138000", "CN"),
    ],
)
def test_numbers_made_for_examples_can_be_used(number: str, region: str) -> None:
    phone = read_phone(number)
    assert (phone.e164, phone.problem, phone.region) == (number, None, region)


@pytest.mark.parametrize(
    "raw",
    [
        "138****1234",
        "+86138****1234",
        "138xxxx1234",
        "138XXXX1234",
        "138••••1234",
        "xxxx",
        "Anonymous",
        "anonymous@anonymous.invalid",
        '"Anonymous" <sip:anonymous@anonymous.invalid>',
        "withheld",
        "RESTRICTED",
        "unknown",
        "Private Number",
        "unavailable",
        "匿名",
        "+266696687",
        "+7378742833",
        "+86282452253",
    ],
)
def test_a_hidden_number_is_masked(raw: str) -> None:
    assert read_phone(raw, "CN") == Phone(None, "masked")


@pytest.mark.parametrize("raw", [None, "", "   ", "\n"])
def test_no_number_is_missing(raw: str | None) -> None:
    assert read_phone(raw) == Phone(None, "missing")


@pytest.mark.parametrize(
    ("raw", "region"),
    [
        ("13812345678", None),  # national, and of which country?
        ("13812345678", "XX"),
        ("1001", "GB"),  # an extension
        ("95588", "CN"),  # a bank's hotline
        ("+8695588", None),
        ("0000000000", "US"),
        ("+999123456", None),
        ("+4479111234567", None),
        ("+447911", None),
        ("hello", "GB"),
        ("+", None),
        ("+1" + "2" * 500, None),
        ("\0", "GB"),
        ("\ud83d", "GB"),
    ],
)
def test_what_is_no_customers_number_is_invalid(raw: str, region: str | None) -> None:
    assert read_phone(raw, region) == Phone(None, "invalid")


@pytest.mark.parametrize(
    "raw",
    [
        "+19005550123",  # premium rate
        "+449098790000",
        "+448456001234",  # shared cost
        "+447012345678",  # a personal number
        "+15332005000",
        "+447640123456",  # a pager
        "+443001234567",  # a company's, from everywhere
        "+33806123456",
        "+80012345678",  # of no country
        "+88216123456",  # satellite
        "+979123456789",  # premium rate everywhere
    ],
)
def test_numbers_that_cost_more_than_others_or_are_no_persons_are_premium(raw: str) -> None:
    found = read_phone(raw)
    assert (found.e164, found.problem) == (None, "premium")


@pytest.mark.parametrize("raw", ["+18005550199", "+12025550142", "+447624123456", "+8613800138000"])
def test_toll_free_and_ordinary_numbers_are_not(raw: str) -> None:
    assert read_phone(raw).e164 == raw


def test_a_landline_is_left_to_the_carrier() -> None:
    assert read_phone("+861012345678").e164 == "+861012345678"


@pytest.mark.parametrize(
    ("number", "timezones"),
    [
        ("+8613812345678", ("Asia/Shanghai",)),
        ("+12125550123", ("America/New_York",)),
        ("+4915112345678", ("Europe/Berlin",)),
        ("+18005550100", ()),
        ("+15551234567", ()),
    ],
)
def test_a_number_tells_its_time_zones_or_nothing(number: str, timezones: tuple[str, ...]) -> None:
    assert read_phone(number).timezones == timezones


@given(raw=st.text(max_size=80), region=st.none() | st.sampled_from(["GB", "CN", "US", "??"]))
def test_any_text_is_a_number_or_a_problem(raw: str, region: str | None) -> None:
    phone = read_phone(raw, region)
    assert (phone.e164 is None) == (phone.problem in ("masked", "invalid", "missing"))
    if phone.e164 is not None:
        assert phone.e164[0] == "+"
        assert phone.e164[1:].isascii()
        assert phone.e164[1:].isdigit()
        assert phone.region is not None
        assert read_phone(phone.e164, region).e164 == phone.e164
