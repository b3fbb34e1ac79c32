import pytest

from app.domain.intervals import wilson
from app.domain.rates import Basis, Volume, rate, rates


def test_a_rate_is_a_percentage_with_its_counts_and_wilsons_interval() -> None:
    assert rate(24, 30).to_dict() == {
        "value": 80.0,
        "numerator": 24,
        "denominator": 30,
        "interval": {"low": 62.6943, "high": 90.4949, "level": 0.95, "method": "wilson"},
    }


def test_a_rate_of_nothing_has_no_value() -> None:
    assert rate(0, 0).to_dict() == {"value": None, "numerator": 0, "denominator": 0, "interval": None}


def test_a_whole_rate_is_exact() -> None:
    assert rate(57, 100).value == 57.0


@pytest.mark.parametrize(("k", "n"), [(3, 2), (-1, 2), (1, 0)])
def test_more_than_all_or_less_than_none_is_refused(k: int, n: int) -> None:
    with pytest.raises(ValueError, match="no rate"):
        rate(k, n)


def test_the_rates_of_a_volume_are_divided_as_defined() -> None:
    month = Volume(
        calls=120, answered=100, invited=80, delivered=70, delivered_receipt=66, responded=21, completed=14
    )
    shown = rates(month)
    assert list(shown) == ["offer", "response", "completion"]
    assert (shown["offer"].numerator, shown["offer"].denominator, shown["offer"].value) == (80, 100, 80.0)
    assert (shown["response"].numerator, shown["response"].denominator) == (21, 70)
    assert shown["response"].value == 30.0
    assert (shown["completion"].numerator, shown["completion"].denominator) == (14, 21)
    assert shown["completion"].value == pytest.approx(66.6667, abs=1e-4)


def test_the_response_rate_says_what_delivered_rests_on() -> None:
    response = rates(Volume(calls=10, answered=10, invited=10, delivered=9, delivered_receipt=7))["response"]
    assert response.basis == Basis(receipt=7, assumed=2)
    assert response.to_dict()["basis"] == {"receipt": 7, "assumed": 2}


def test_rates_take_the_level_asked_for() -> None:
    offer = rates(Volume(calls=10, answered=10, invited=8), level=0.9)["offer"]
    assert offer.interval is not None
    assert offer.interval.level == 0.9
    assert offer.interval.low == pytest.approx(100 * wilson(8, 10, 0.9)[0])


def test_an_agent_without_calls_has_rates_without_values() -> None:
    assert {name: each.value for name, each in rates(Volume()).items()} == {
        "offer": None,
        "response": None,
        "completion": None,
    }


@pytest.mark.parametrize(
    "counts",
    [
        {"calls": 1, "answered": 2},
        {"calls": 2, "answered": 1, "invited": 2},
        {"delivered": 1, "responded": 2},
        {"delivered": 2, "responded": 1, "completed": 2},
        {"delivered": 1, "delivered_receipt": 2},
        {"calls": 1, "answered": 1, "invited": -1},
    ],
)
def test_counts_that_contradict_their_definitions_are_refused(counts: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="contradict"):
        Volume(**counts)
